/**
 * Measures which share of a matrix product's speed the stages of training reach, of the operations that a plan counts:
 * `deno run -A test/pipeline/plan/calibration.ts` prints them. The product is measured before and after every few steps, so
 * that what else the machine does counts on both sides.
 *
 * @module
 */

import { parseConfig } from "../../../src/model/mod.ts";
import { openExperiment, parseProfile, planGraphs, sourceTree, train } from "../../../src/pipeline/mod.ts";
import { prefillSizes } from "../../../src/rl/mod.ts";
import { matrixProductSpeed, openRuntime } from "../../../src/runtime/mod.ts";
import { Store } from "../../../src/store.ts";

/** Steps between two measurements of the product, and how often. */
const EACH = 4, BLOCKS = 3;

/** The stages that are measured. */
const stages = ["rollout", "score", "update"] as const;

/** A mean. */
function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Trains the embedded model for some steps; what they took, the lengths that there were, and the product's speeds. */
async function measure(): Promise<string[]> {
  const path = "benchmarks/profiles/embedded.json", base = parseProfile(await Deno.readTextFile(path), path);
  const { probe: _, ...training } = base.training, { promptsPerStep, groupSize, updatesPerStep } = training;
  const runtime = openRuntime({ provider: "cpu", threads: base.threads }), speeds: number[] = [];
  const directory = await Deno.makeTempDir(), sources = await sourceTree(".");
  const run = async (steps: number) => {
    const profile = { ...base, training: { ...training, steps, checkpointEvery: EACH } };
    const files = { model: String(profile.model), datasets: {} };
    const experiment = await openExperiment({ profile, root: ".", provider: "cpu", files, sources });
    const quiet = { onProgress: () => undefined, onNotice: () => undefined };
    const record = await train(
      { experiment, store: new Store(directory), provider: "cpu", ...quiet },
      "grpo",
      1,
    );
    return { record, prompts: experiment.training.prompts };
  };
  try {
    for (let block = 1;; block++) {
      speeds.push(await matrixProductSpeed(runtime));
      const { record: { seconds, metrics }, prompts } = await run(block * EACH);
      speeds.push(await matrixProductSpeed(runtime));
      if (block < BLOCKS) continue;
      const prompt = mean(prompts.map(({ length }) => length)), steps = metrics.length;
      const response = mean(metrics.map(({ responseLength }) => responseLength));
      const uniform = mean(metrics.map(({ zeroVarianceGroups }) => zeroVarianceGroups));
      const graphs = planGraphs(base, parseConfig(await Deno.readTextFile(`${base.model}/config.json`)));
      const sizes = { batch: 1, sequence: Math.round(prompt + response - 1) };
      const capacity = Math.round(prompt + response / 2), responses = steps * promptsPerStep * groupSize;
      const { rows, piece, slots } = prefillSizes(
        { maxPromptTokens: base.maxPromptTokens, batch: base.rolloutBatch },
        base.threads,
      );
      const pass = graphs.prefill({ batch: rows, piece, prompt_slots: slots }).productOperations /
        (rows * piece);
      // Two of each group's first update are scored, and all with an advantage of the others.
      const scored = 2 / groupSize + (1 - 2 / groupSize) * (1 - 1 / updatesPerStep) * (1 - uniform);
      const operations = {
        rollout: responses * response * graphs.rollout({ batch: 4, capacity }).productOperations / 4 +
          steps * promptsPerStep * (prompt - 1) * pass,
        score: responses * scored * graphs.evaluation(sizes).productOperations,
        update: responses * (1 - uniform) * graphs.full.training(sizes).productOperations,
      };
      return [
        `product ${(mean(speeds) / 1e9).toFixed(1)} GFLOP/s (${
          speeds.map((speed) => (speed / 1e9).toFixed(1)).join(", ")
        })`,
        `prompts of ${prompt.toFixed(1)} and responses of ${response.toFixed(1)} tokens, ${
          (100 * uniform).toFixed(0)
        } % of groups without an advantage`,
        ...stages.map((stage) => {
          const took = seconds.reduce((sum, step) => sum + step[stage], 0);
          return `${stage} ${took.toFixed(1)} s, ${
            (100 * operations[stage] / took / mean(speeds)).toFixed(0)
          } % of the product`;
        }),
      ];
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

if (import.meta.main) Deno.stdout.writeSync(new TextEncoder().encode(`${(await measure()).join("\n")}\n`));
