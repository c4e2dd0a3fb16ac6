import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Rows } from "../../../src/rl/masked.ts";
import {
  klEstimatorNames,
  klEstimators,
  klNumbers,
  objectiveOf,
  type ObjectiveSettings,
  tokenCorrections,
} from "../../../src/rl/mod.ts";
import { sum } from "../../../src/tensor/mod.ts";
import { assertClose, computeLoss } from "../evaluate.ts";

const logprobs: Rows = [[-1, -0.5, -3], [-2, -0.1, -1.7]];
const oldLogprobs: Rows = [[-1.2, -2.6, -2.4], [-2.1, -0.1, -0.2]];
const referenceLogprobs: Rows = [[-0.7, -0.9, -3], [-4, -0.3, -1]];
const advantages: Rows = [[1, 2, -1], [-0.5, 0, 3]];
const weights: Rows = [[0.2, 0.1, 0], [0.3, 0.3, 0.1]];
const metricWeights: Rows = [[0.2, 0.2, 0], [0.2, 0.2, 0.2]];
const matrices = { logprobs, oldLogprobs, referenceLogprobs, advantages, weights, metricWeights };

function compute(objective: ObjectiveSettings, kl?: Parameters<typeof objectiveOf>[0]["kl"], changes = {}) {
  return computeLoss({ ...matrices, ...changes }, "logprobs", ({ referenceLogprobs, ...tokens }) => {
    const { loss, metrics } = objectiveOf({ objective, kl })({ ...tokens, extra: () => referenceLogprobs });
    return { loss, ...metrics };
  });
}

/** A number at every token, row after row. */
function tokens(value: (i: number, t: number) => number): number[] {
  return logprobs.flatMap((row, i) => Array.from(row, (_, t) => value(i, t)));
}
const at = (rows: Rows, i: number, t: number): number => rows[i]?.[t] ?? NaN;
const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

Deno.test("the objective reinforce is −A log π, with the gradient −A", async () => {
  const { loss, gradient, clipFraction } = await compute({ kind: "reinforce" });
  assertClose(gradient, tokens((i, t) => -at(weights, i, t) * at(advantages, i, t)));
  assertClose(loss, [
    total(tokens((i, t) => -at(weights, i, t) * at(advantages, i, t) * at(logprobs, i, t))),
  ]);
  assertEquals(clipFraction, Float64Array.of(0));
});

Deno.test("the objective cispo weighs log π by a bounded ratio, and no token loses its gradient", async () => {
  const ratio = (i: number, t: number): number => Math.exp(at(logprobs, i, t) - at(oldLogprobs, i, t));
  for (const [clipLow, clipHigh] of [[undefined, 5], [0.5, 1]] as const) {
    const bounded = (i: number, t: number): number =>
      Math.min(1 + clipHigh, Math.max(clipLow === undefined ? 0 : 1 - clipLow, ratio(i, t)));
    const found = await compute({ kind: "cispo", clipLow, clipHigh });
    const slope = tokens((i, t) => -at(weights, i, t) * at(advantages, i, t) * bounded(i, t));
    assertClose(found.gradient, slope);
    assertClose(found.loss, [
      total(slope.map((value, j) => value * (tokens((i, t) => at(logprobs, i, t))[j] ?? NaN))),
    ]);
    const share = (acts: (i: number, t: number) => boolean): number =>
      total(tokens((i, t) => acts(i, t) && at(advantages, i, t) !== 0 ? at(metricWeights, i, t) : 0));
    assertClose(found.clipFraction, [share((i, t) => ratio(i, t) > 1 + clipHigh)]);
    assertClose(found.clipFractionLower, [
      clipLow === undefined ? 0 : share((i, t) => ratio(i, t) < 1 - clipLow),
    ]);
  }
});

Deno.test("a divergence in the loss adds its value and its gradient times the coefficient", async () => {
  const objective = { kind: "clip", clipLow: 0.2, clipHigh: 0.2, dualClip: 10 } as const,
    plain = await compute(objective);
  for (const estimator of klEstimatorNames) {
    const found = await compute(objective, { estimator, coefficient: 0.3 });
    const alone = await computeLoss(
      { logprobs, referenceLogprobs },
      "logprobs",
      (t) => ({ loss: sum(klEstimators[estimator](t.logprobs, t.referenceLogprobs)) }),
    );
    const values = tokens((i, t) => klNumbers[estimator](at(logprobs, i, t), at(referenceLogprobs, i, t)));
    const weight = tokens((i, t) => at(weights, i, t));
    assertClose(alone.loss, [total(values)]);
    assertClose(found.loss, [
      (plain.loss?.[0] ?? NaN) + 0.3 * total(values.map((v, j) => v * (weight[j] ?? NaN))),
    ]);
    assertClose(
      found.gradient,
      weight.map((w, j) => (plain.gradient?.[j] ?? NaN) + 0.3 * w * (alone.gradient?.[j] ?? NaN)),
    );
    assertClose(found.kl, [
      total(values.map((v, j) => v * (tokens((i, t) => at(metricWeights, i, t))[j] ?? NaN))),
    ]);
  }
});

Deno.test("klNumbers bound as the traced estimates do", () => {
  assertEquals(klNumbers.k3(-100, -1), 10);
  assertAlmostEquals(klNumbers.k3(-1, -100), Math.exp(-20) + 20 - 1 > 10 ? 10 : NaN);
  assertEquals(klNumbers.k3(-2, -2), 0);
});

Deno.test("a weight on the advantages is a weight on the loss of every objective", async () => {
  const factor = [[0.5, 2, 1], [0.25, 1, 0]];
  const scaled = (rows: Rows): Rows =>
    rows.map((row, i) => Array.from(row, (value, t) => value * at(factor, i, t)));
  const objectives: ObjectiveSettings[] = [
    { kind: "clip", clipLow: 0.2, clipHigh: 0.28, dualClip: 3 },
    { kind: "cispo", clipHigh: 1 },
    { kind: "reinforce" },
  ];
  for (const objective of objectives) {
    const first = await compute(objective, undefined, { advantages: scaled(advantages) });
    const second = await compute(objective, undefined, { weights: scaled(weights) });
    assertClose(first.loss, second.loss ?? []);
    assertClose(first.gradient, second.gradient ?? []);
  }
});

Deno.test("tokenCorrections() truncates or drops importance weights, and tells what they were", () => {
  const old = [[0, Math.log(3)], [Math.log(0.25)]], sampler = [[0, 0], [0]];
  const of = (settings: Parameters<typeof tokenCorrections>[2]) => tokenCorrections(old, sampler, settings);
  const rows = (weights: readonly Float64Array[]) =>
    weights.map((row) => Array.from(row, (w) => +w.toFixed(12)));
  const truncated = of({ kind: "truncate", most: 2 });
  assertEquals(rows(truncated.weights), [[1, 2], [0.25]]);
  assertEquals([truncated.least, +truncated.most.toFixed(12), truncated.cut], [0.25, 3, 1 / 3]);
  assertAlmostEquals(truncated.mean, 4.25 / 3);
  const masked = of({ kind: "mask", least: 0.5, most: 5 });
  assertEquals(rows(masked.weights), [[1, 3], [0]]);
  assertEquals(rows(of({ kind: "none" }).weights), [[1, 1], [1]]);
  const { weights: empty, ...numbers } = tokenCorrections([], [], { kind: "truncate", most: 2 });
  assertEquals([empty, numbers], [[], { least: 1, mean: 1, most: 1, cut: 0 }]);
  assert(truncated.weights.length === 2);
});
