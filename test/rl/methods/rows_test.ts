import { assert, assertEquals, assertLess } from "@std/assert";
import { policyParameters } from "../../../src/artifact/mod.ts";
import {
  methods,
  partOf,
  type StepMetrics,
  stepPhase,
  type TokenTargets,
  tokenWeights,
} from "../../../src/rl/mod.ts";
import type { ProfileMethod } from "../../../src/pipeline/mod.ts";
import { randomBatch, relativeDifference } from "../tiny_model.ts";
import { changed, config, type OpenRow, openRow, profileOf } from "./row_lab.ts";

/** Rows that no table has, for what the others leave out. */
const others: readonly ProfileMethod[] = [
  { name: "kl-in-loss", row: "grpo", kl: { in: "loss", estimator: "k3-straight", coefficient: 0.1 } },
  { name: "kl-in-reward", row: "reinforce_pp", kl: { in: "reward", estimator: "k1", coefficient: 0.1 } },
  { name: "layer-kl", row: "bupo", kl: { in: "loss", estimator: "k2", coefficient: 0.1 } },
  { name: "tis", row: "grpo", correction: { kind: "truncate", most: 2 } },
  { name: "shuffled", row: "bupo_normed", rewards: { shuffled: true, right: 0.7 } },
];

/** All numbers of a step, those within objects too. */
function numbersOf(metrics: StepMetrics): [string, number][] {
  return Object.entries(metrics).flatMap(([name, value]): [string, number][] => {
    if (typeof value === "object") return Object.entries(value);
    return typeof value === "number" ? [[name, value]] : [];
  });
}

/** Does the gradient of each policy that a row trains depend on how its batch is cut, or on the order? */
async function checkMicroBatches({ learner, settings, beside, row }: OpenRow): Promise<void> {
  const { sequences: ragged, targets, tokens } = randomBatch(10, config.vocabularySize, 3);
  // Some share their prompt, and so a row where the loss allows it.
  const prompt = [3, 4, 5, 6, 7, 8];
  const sequences = ragged.map((sequence, i) => i < 6 ? { ...sequence, prompt } : sequence);
  const masks = sequences.map(({ response }) => response.map(() => 1));
  const weights = tokenWeights(masks, row.loss.reduction, { length: 14 });
  const perSequence = tokenWeights(masks, "sequence-mean", { sequences: 1 });
  // Ratios near 1 for a bound of 3e-4, and beyond it.
  const own = await learner.score(sequences, 512);
  const full = targets.map((target, i): TokenTargets => ({
    ...target,
    oldLogprobs: own[i]?.logprobs.map((logprob, t) => logprob + 0.3 * Math.sin(i + 3 * t)) ?? [],
    referenceLogprobs: target.oldLogprobs ?? [],
    weights: Array.from(weights[i] ?? []),
    sequenceWeights: Array.from(perSequence[i] ?? []),
  }));
  const reversed = <T>(list: readonly T[]): T[] => list.toReversed();
  for (const policy of new Set([1, 3].map((step) => stepPhase(settings, step).policy))) {
    const { metrics: { loss } } = await learner.accumulate(policy, sequences, full, tokens, 4096);
    const whole = await learner.gradients(policy);
    assert(
      [...whole.values()].some((values) => values.some((value) => value !== 0)),
      `${policy}: no gradient`,
    );
    for (const size of [20, 64]) {
      const cut = await learner.accumulate(policy, reversed(sequences), reversed(full), tokens, size);
      assertLess(
        Math.abs((cut.metrics.loss ?? NaN) - (loss ?? NaN)),
        1e-5 * Math.max(1, Math.abs(loss ?? 0)),
      );
      assertLess(relativeDifference(await learner.gradients(policy), whole), 2e-6, `${policy} by ${size}`);
    }
  }
  if (!beside.critic) return;
  const values = sequences.map(({ response }, i) => ({
    oldValues: response.map((_, t) => Math.cos(i + t)),
    returns: response.map((_, t) => Math.sin(i * t)),
    weights: response.map(() => 1 / tokens),
  }));
  await beside.critic.accumulate("full", sequences, values, tokens, 4096);
  const whole = await beside.critic.gradients("full");
  await beside.critic.accumulate("full", reversed(sequences), reversed(values), tokens, 20);
  assertLess(relativeDifference(await beside.critic.gradients("full"), whole), 2e-6);
}

for (const method of [...Object.keys(methods) as (keyof typeof methods)[], ...others]) {
  const name = typeof method === "string" ? method : method.name;
  Deno.test(`${name} moves what its phases let move, goes on from a saved state, and has one gradient`, async () => {
    const profile = profileOf(method), run = await openRow(profile), metrics: StepMetrics[] = [];
    let before = await run.state(), saved: typeof before | undefined;
    for (let step = 1; step <= 4; step++) {
      const told = await run.step(step, metrics), after = await run.state();
      for (const [what, value] of numbersOf(told)) assert(Number.isFinite(value), `${what} of step ${step}`);
      assertEquals(told.skippedUpdates, 0);
      const { policy, moves } = stepPhase(run.settings, step);
      const expected = [...policyParameters(config, policy).keys()].filter((parameter) => {
        return moves[partOf(parameter, run.settings.internalLayer)] !== 0;
      });
      assertEquals(changed(before, after), expected.sort(), `step ${step}`);
      metrics.push(told);
      const { resets, after: begins } = stepPhase(run.settings, step);
      if (resets && step === begins + 1) {
        const steps = Number(after.get("model.embed_tokens.weight_steps")?.data[0]);
        assertEquals(steps, run.settings.updatesPerStep, "counters begin anew");
      }
      if (step === 2) saved = after;
      before = after;
    }
    await checkMicroBatches(run);
    await run.dispose();
    const again = await openRow(profile, saved), later = metrics.slice(0, 2);
    for (let step = 3; step <= 4; step++) later.push(await again.step(step, later));
    assertEquals(later, metrics);
    assertEquals(await again.state(), before);
    await again.dispose();
  });
}
