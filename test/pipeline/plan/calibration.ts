/**
 * Measures which share of a matrix product's speed the stages of training reach: `deno run -A
 * test/pipeline/plan/calibration.ts` prints it. The product is measured before and after every few steps, so that what else
 * the machine does counts on both sides.
 *
 * @module
 */

import { graphCost } from "../../../src/tensor/mod.ts";
import { evaluationGraph, prefillGraph, rolloutGraph, trainingGraph } from "../../../src/artifact/mod.ts";
import { attentionBlock, plainLayout } from "../../../src/model/mod.ts";
import { openExperiment, parseProfile, type StageContext, train } from "../../../src/pipeline/mod.ts";
import { longestRow, losses, objectiveOf } from "../../../src/rl/mod.ts";
import { matrixProductSpeed, openRuntime } from "../../../src/runtime/mod.ts";
import { Store } from "../../../src/store.ts";

const [name = "embedded", blocks = "3"] = Deno.args, EACH = 4;
const path = `benchmarks/profiles/${name}.json`;
const base = parseProfile(await Deno.readTextFile(path), path);
const { probe: _, ...training } = base.training;
const directory = await Deno.makeTempDir(),
  sums = { rollout: 0, score: 0, update: 0 },
  tokens = { count: 0, share: 0 };
const speeds: number[] = [];
const measured = { prompt: 0, response: 0, uniform: 0, steps: 0 };
try {
  const runtime = openRuntime({ provider: "cpu", threads: base.threads });
  for (let block = 1; block <= Number(blocks); block++) {
    speeds.push(await matrixProductSpeed(runtime));
    const profile = { ...base, training: { ...training, steps: block * EACH, checkpointEvery: EACH } };
    const file = (): Promise<string> => Promise.reject(new RangeError("no data set is needed"));
    const experiment = await openExperiment({
      profile,
      root: ".",
      provider: "cpu",
      files: { model: String(profile.model), file } as never,
      sources: { digest: "s", commit: "c", dirty: false } as never,
    });
    const context: StageContext = {
      experiment,
      store: new Store(directory),
      provider: "cpu",
      onProgress: () => undefined,
      onNotice: () => undefined,
    };
    const record = await train(context, "grpo", 1);
    speeds.push(await matrixProductSpeed(runtime));
    for (const seconds of record.seconds.slice(-EACH)) {
      for (const stage of ["rollout", "score", "update"] as const) sums[stage] += seconds[stage];
    }
    for (const { responseLength, zeroVarianceGroups, tokens: sampled } of record.metrics.slice(-EACH)) {
      measured.response += responseLength;
      measured.uniform += zeroVarianceGroups;
      measured.steps++;
      tokens.count += sampled;
    }
    const { prompts } = experiment.training;
    measured.prompt = prompts.reduce((sum, { length }) => sum + length, 0) / prompts.length;
    if (block < Number(blocks)) continue;
    const { config } = experiment.model, layout = { ...plainLayout, onHost: true };
    const speed = speeds.reduce((a, b) => a + b) / speeds.length, steps = measured.steps;
    const response = measured.response / steps, prompt = measured.prompt, uniform = measured.uniform / steps;
    const attention = attentionBlock(longestRow(profile)), { promptsPerStep, groupSize } = training;
    const evaluation = graphCost(evaluationGraph(config, 3, layout, attention));
    const full = graphCost(trainingGraph({
      config,
      policy: "full",
      objective: objectiveOf(losses[profile.loss]),
      layout,
      attentionBlock: attention,
      checkpointing: false,
    }));
    const sizes = { batch: 1, sequence: Math.round(prompt + response - 1) };
    const decode = graphCost(rolloutGraph(config, layout, "float32"))({
      batch: 64,
      capacity: Math.round(prompt + response / 2),
    })
      .productOperations / 64;
    const pass =
      graphCost(prefillGraph(config, layout, "float32"))({ batch: 32, piece: 28, prompt_slots: 28 })
        .productOperations / 32 / 28;
    const responses = promptsPerStep * groupSize * steps;
    const operations = {
      rollout: tokens.count * decode + promptsPerStep * steps * (prompt - 1) * pass,
      score: responses * (0.25 + 0.75 * 0.5 * (1 - uniform)) * evaluation(sizes).productOperations,
      update: responses * (1 - uniform) * full(sizes).productOperations,
    };
    console.log(JSON.stringify(
      {
        product: `${(speed / 1e9).toFixed(1)} GFLOP/s (${
          speeds.map((one) => (one / 1e9).toFixed(1)).join(", ")
        })`,
        prompt: prompt.toFixed(1),
        response: response.toFixed(1),
        uniform: uniform.toFixed(3),
        ...Object.fromEntries(
          (Object.keys(sums) as (keyof typeof sums)[]).map((stage) => [
            stage,
            `${sums[stage].toFixed(2)} s, ${
              (operations[stage] / sums[stage] / speed).toFixed(3)
            } of the product`,
          ]),
        ),
      },
      undefined,
      1,
    ));
  }
} finally {
  await Deno.remove(directory, { recursive: true });
}
