import { assertEquals } from "@std/assert";
import { crossEntropyLoss, policyLoss, sequencePolicyLoss } from "../../../src/rl/loss/objective.ts";
import { tokenWeights } from "../../../src/rl/loss/reduction.ts";
import { stopGradient } from "../../../src/tensor/mod.ts";
import { assertClose, computeLoss } from "../evaluate.ts";

const mask = [[1, 1, 1, 0], [1, 0, 1, 1], [1, 1, 0, 0], [0, 0, 0, 0]];

const tokens = {
  logprobs: [[-1.1, -0.2, -2.5, -9], [-0.4, -9, -1.6, -0.9], [-3.1, -0.7, -9, -9], [-9, -9, -9, -9]],
  oldLogprobs: [[-1.2, -0.6, -2.4, -9], [-0.5, -9, -1.2, -1.3], [-2.2, -3.2, -9, -9], [-9, -9, -9, -9]],
  advantages: [[1, 1, 1, 0], [-0.5, 0, -0.5, -0.5], [-2, -2, 0, 0], [0, 0, 0, 0]],
  weights: tokenWeights(mask, "sequence-mean"),
  metricWeights: tokenWeights(mask, "token-mean"),
  sequenceWeights: tokenWeights(mask, "sequence-mean", { sequences: 1 }),
};

type Tokens = typeof tokens;

function rowsOf(start: number, end: number): Tokens {
  return Object.fromEntries(
    Object.entries(tokens).map(([name, rows]) => [name, rows.slice(start, end)]),
  ) as Tokens;
}

const settings = { clipLow: 0.2, clipHigh: 0.28, dualClip: 3 };

const losses = { policyLoss, sequencePolicyLoss };

for (const [name, trace] of Object.entries(losses)) {
  const compute = (part: Tokens) =>
    computeLoss(part, "logprobs", (inputs) => {
      const { loss, metrics } = trace(inputs, settings);
      return { loss, ...metrics };
    });

  Deno.test(`${name}() adds up to the whole batch when it is cut into micro-batches`, async () => {
    const whole = await compute(tokens);
    const parts = [await compute(rowsOf(0, 1)), await compute(rowsOf(1, 4))];
    for (const output of ["loss", "clipFraction", "clipFractionLower", "approxKl"]) {
      assertClose([parts.reduce((sum, part) => sum + (part[output]?.[0] ?? NaN), 0)], whole[output] ?? []);
    }
    assertClose(parts.flatMap((part) => [...part["gradient"] ?? []]), whole["gradient"] ?? []);
  });
}

Deno.test("policyLoss() has the gradient that finite differences give", async () => {
  const at = async (logprobs: number[][]) => {
    const { loss, gradient } = await computeLoss(
      { ...tokens, logprobs },
      "logprobs",
      (inputs) => ({ loss: policyLoss(inputs, settings).loss }),
    );
    return { loss: loss?.[0] ?? NaN, gradient: gradient ?? new Float64Array() };
  };
  const { gradient } = await at(tokens.logprobs), step = 1e-6;
  for (const [i, t] of [[0, 0], [0, 1], [1, 0], [1, 3], [2, 0], [2, 1]] as const) {
    const moved = (by: number) =>
      tokens.logprobs.map((row, j) => row.map((value, u) => j === i && u === t ? value + by : value));
    const slope = ((await at(moved(step))).loss - (await at(moved(-step))).loss) / (2 * step);
    assertClose([gradient[4 * i + t] ?? NaN], [slope], 1e-8);
  }
});

Deno.test("policyLoss() has the policy gradient when the old log-probabilities are the stopped ones", async () => {
  const { loss, gradient, clipFraction } = await computeLoss(tokens, "logprobs", (inputs) => {
    const { loss, metrics } = policyLoss(
      { ...inputs, oldLogprobs: stopGradient(inputs.logprobs) },
      settings,
    );
    return { loss, clipFraction: metrics.clipFraction };
  });
  const expected = tokens.weights.flatMap((row, i) =>
    Array.from(row, (weight, t) => -weight * (tokens.advantages[i]?.[t] ?? 0))
  );
  assertClose(gradient, expected);
  assertClose(loss, [expected.reduce((sum, value) => sum + value, 0)]);
  assertEquals([...clipFraction ?? []], [0]);
});

Deno.test("policyLoss() halves the gradient when the dual clip ties with the surrogate", async () => {
  const one = {
    logprobs: [[-1]],
    oldLogprobs: [[-1]],
    advantages: [[-2]],
    weights: [[1]],
    metricWeights: [[1]],
  };
  const { loss, gradient, clipFractionLower } = await computeLoss(one, "logprobs", (inputs) => {
    const { loss, metrics } = policyLoss(inputs, { ...settings, dualClip: 1 });
    return { loss, clipFractionLower: metrics.clipFractionLower };
  });
  assertEquals([loss?.[0], gradient?.[0], clipFractionLower?.[0]], [2, 1, 0]);
});

Deno.test("policyLoss() is not bounded below -A r when there is no dual clip", async () => {
  const far = {
    logprobs: [[-1]],
    oldLogprobs: [[-4]],
    advantages: [[-2]],
    weights: [[1]],
    metricWeights: [[1]],
  };
  const { loss, clipFractionLower } = await computeLoss(far, "logprobs", (inputs) => {
    const { loss, metrics } = policyLoss(inputs, { clipLow: 0.2, clipHigh: 0.2 });
    return { loss, clipFractionLower: metrics.clipFractionLower };
  });
  assertClose(loss, [2 * Math.exp(3)]);
  assertEquals(clipFractionLower?.[0], 0);
});

Deno.test("crossEntropyLoss() is the weighted mean of -log p and its gradient minus the weights", async () => {
  const { logprobs, weights } = tokens;
  const { loss, gradient } = await computeLoss(
    { logprobs, weights },
    "logprobs",
    (inputs) => ({ loss: crossEntropyLoss(inputs) }),
  );
  const perSequence = [(1.1 + 0.2 + 2.5) / 3, (0.4 + 1.6 + 0.9) / 3, (3.1 + 0.7) / 2];
  assertClose(loss, [perSequence.reduce((sum, value) => sum + value, 0) / 3]);
  assertClose(gradient, weights.flatMap((row) => [...row]).map((weight) => -weight));
});
