import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, TensorProto_DataType as ElementType } from "onnx-buf";
import { artifactDigests, buildArtifacts } from "../../../src/artifact/mod.ts";
import { initializeWeights, type ParameterLayout, plainLayout, readTensors } from "../../../src/model/mod.ts";
import { type Learner, losses, methods, type TrainerSettings, trainStep } from "../../../src/rl/mod.ts";
import { computesIn } from "../../../src/runtime/mod.ts";
import { LossScale } from "../../../src/rl/training/loss_scale.ts";
import {
  objective,
  openLearner,
  openSampler,
  optimizer,
  randomBatch,
  relativeDifference,
  runtime,
  tinyConfig,
} from "../tiny_model.ts";

const half: ParameterLayout = { precision: "float16", largestTensor: Infinity };
/** 11 rows of 32 float32 numbers. */
const cut: ParameterLayout = { precision: "float32", largestTensor: 11 * 32 * 4 };

const { sequences, targets, tokens } = randomBatch(13, 40);

async function gradientsOf(learner: Learner, policy: "full" | 2): Promise<Map<string, Float32Array>> {
  await learner.accumulate(policy, sequences, targets, tokens, 200);
  return await learner.gradients(policy);
}

async function weightsOf(learner: Learner): Promise<Map<string, Float32Array>> {
  const tensors = await readTensors(learner.weights());
  return new Map([...tensors].map(([name, { data }]) => [name, data as Float32Array]));
}

Deno.test("an embedding in blocks of rows computes what it computes in one piece", async () => {
  for (const tied of [true, false]) {
    const config = tinyConfig({ tied }), whole = await openLearner(config);
    const parts = await openLearner(config, { layout: cut });
    assertEquals(
      Object.keys(parts.parameters).filter((name) => name.includes(".rows_")).length,
      tied ? 4 : 8,
    );
    const [expected, actual] = [await whole.score(sequences, 200), await parts.score(sequences, 200)];
    expected.forEach((scores, i) => {
      for (const name of ["logprobs", "entropy", "layerLogprobs", "layerEntropy"] as const) {
        scores[name].forEach((value, t) => assertAlmostEquals(actual[i]?.[name][t] ?? NaN, value, 2e-6));
      }
    });
    for (const policy of [2, "full"] as const) {
      const gradients = await gradientsOf(whole, policy);
      assertLess(relativeDifference(await gradientsOf(parts, policy), gradients), 1e-6);
    }
    const [a, b] = [await whole.step("full", 1e-3), await parts.step("full", 1e-3)];
    assertAlmostEquals(a.gradientNorm, b.gradientNorm, 1e-6);
    assertAlmostEquals(a.updateNorm, b.updateNorm, 1e-6);
    // AdamW's first steps are ± the learning rate, also where a gradient is next to 0.
    assertLess(relativeDifference(await weightsOf(parts), await weightsOf(whole)), 1e-4);
    // A state is the same whatever the blocks: one continues where the other stopped.
    const state = await readTensors(parts.state());
    assertEquals([...state.keys()], [...whole.state().entries.keys()]);
    const continued = await openLearner(config, { weights: state });
    for (const [name, tensor] of await readTensors(continued.state())) {
      assertEquals(tensor, state.get(name), name);
    }
    for (const learner of [whole, parts, continued]) await learner.dispose();
  }
});

Deno.test("blocks of whole chunks give the same bits", async () => {
  const config = tinyConfig({ layers: 2, vocabulary: 20_000 });
  const layout = { precision: "float32", largestTensor: 8192 * 32 * 4 } as const;
  const whole = { ...plainLayout, onHost: false };
  const batch = randomBatch(3, 20_000);
  const [a, b] = [await openLearner(config, { layout: whole }), await openLearner(config, { layout })];
  assertEquals(await b.score(batch.sequences, 200), await a.score(batch.sequences, 200));
  for (const learner of [a, b]) await learner.dispose();
});

Deno.test("a sampler takes the same tokens from an embedding in blocks", async () => {
  const config = tinyConfig({ tied: false });
  const requests = Array.from({ length: 9 }, (_, i) => ({ prompt: [3, 1 + i], problem: i, sample: 0 }));
  const sample = async (layout: ParameterLayout) => {
    const learner = await openLearner(config, { layout });
    const sampler = await openSampler(config, {}, undefined, layout);
    const rollouts = await sampler.sample(learner.parameters, requests, [1, 2]);
    await sampler.dispose();
    await learner.dispose();
    return rollouts.map(({ response }) => response);
  };
  assertEquals(await sample(cut), await sample(plainLayout));
});

Deno.test("float16 scores and gradients are float32's up to its rounding", async () => {
  const config = tinyConfig(),
    whole = await openLearner(config),
    halves = await openLearner(config, { layout: half });
  const [expected, actual] = [await whole.score(sequences, 200), await halves.score(sequences, 200)];
  let largest = 0;
  expected.forEach(({ logprobs }, i) => {
    logprobs.forEach((value, t) => {
      largest = Math.max(largest, Math.abs(value - (actual[i]?.logprobs[t] ?? NaN)));
    });
  });
  assertLess(largest, 1e-2);
  assertGreater(largest, 0, "float16 was not used");
  for (const policy of ["full", 2] as const) {
    const difference = relativeDifference(
      await gradientsOf(halves, policy),
      await gradientsOf(whole, policy),
    );
    // A token whose ratio lies at the clip bound falls to the other side of it.
    assertLess(difference, 3e-2);
    assertGreater(difference, 1e-5, "float16 was not used");
  }
  for (const learner of [whole, halves]) await learner.dispose();
});

Deno.test("an update whose float16 gradient overflows changes nothing and halves the loss's scale", async () => {
  const learner = await openLearner(tinyConfig(), { layout: half }),
    before = await readTensors(learner.state());
  assertEquals(learner.lossScale, 65_536);
  const huge = targets.map((target) => ({ ...target, weights: target.weights.map(() => 1e4) }));
  await learner.accumulate("full", sequences, huge, tokens, 200);
  assertEquals((await learner.step("full", 1e-3)).overflowed, true);
  assertEquals(learner.lossScale, 32_768);
  const after = await readTensors(learner.state());
  assertEquals([...(after.get("loss_scale")?.data ?? [])].map(Number), [32_768, 0]);
  for (const [name, tensor] of before) if (name !== "loss_scale") assertEquals(after.get(name), tensor, name);
  // What overflowed is gone with the next sum, and the copies that layers read are those of the parameters.
  const { metrics: { loss } } = await learner.accumulate("full", sequences, targets, tokens, 200);
  const { overflowed, gradientNorm, updateNorm } = await learner.step("full", 1e-3);
  assertEquals([overflowed, Number.isFinite(gradientNorm), updateNorm > 0], [false, true, true]);
  const again = await openLearner(tinyConfig(), {
    weights: await readTensors(learner.state()),
    layout: half,
  });
  assertEquals(again.lossScale, 32_768);
  assertEquals(await again.score(sequences, 200), await learner.score(sequences, 200));
  const plain = await openLearner(tinyConfig());
  const { metrics: reference } = await plain.accumulate("full", sequences, targets, tokens, 200);
  assertAlmostEquals(loss ?? NaN, reference.loss ?? Infinity, 1e-3);
  for (const each of [learner, again, plain]) await each.dispose();
});

Deno.test("LossScale halves at an overflow, doubles after 400 updates without, and goes on from what it stored", () => {
  let scale = new LossScale();
  for (let i = 0; i < 399; i++) scale.note(false);
  assertEquals(scale.value, 65_536);
  scale = new LossScale(scale.stored);
  scale.note(false);
  assertEquals(scale.value, 131_072);
  for (let i = 0; i < 40; i++) scale.note(true);
  assertEquals(scale.value, 1);
  for (let i = 0; i < 399; i++) scale.note(false);
  scale.note(true);
  for (let i = 0; i < 399; i++) scale.note(false);
  assertEquals(scale.value, 1);
});

Deno.test("trainStep() counts overflows apart from updates without an advantage", async () => {
  const config = tinyConfig();
  const settings: TrainerSettings = {
    method: methods.bupo,
    loss: losses.reference,
    seed: 1,
    steps: 2,
    promptsPerStep: 2,
    groupSize: 4,
    updatesPerStep: 2,
    layers: config.layers,
    internalLayer: 2,
    internalSteps: 1,
    schedule: { peak: 1e-3, warmupSteps: 0, finalShare: 1 },
    microBatchTokens: 64,
    maxResponseTokens: 12,
    logprobTolerance: 0.1,
  };
  const task = {
    prompts: [[3, 4], [5]],
    reward: (problem: number, { response }: { response: readonly number[] }): number =>
      problem === 0 ? 1 : response.filter((token) => token % 2 === 1).length / response.length,
  };
  const run = async (layout: ParameterLayout, weights = initializeWeights(config, 1)) => {
    const learner = await openLearner(config, { layout, weights });
    const sampler = await openSampler(config, {}, undefined, layout);
    const { metrics } = await trainStep(settings, learner, sampler, task, 1);
    await sampler.dispose();
    await learner.dispose();
    return metrics;
  };
  const plain = await run(plainLayout), halves = await run(half);
  assertEquals([plain.skippedUpdates, plain.lossScale, plain.overflowedUpdates], [1, undefined, undefined]);
  assertEquals([halves.skippedUpdates, halves.lossScale, halves.overflowedUpdates], [1, 65_536, 0]);
  assertAlmostEquals(halves.gradientNorm, plain.gradientNorm, 0.02 * plain.gradientNorm);
  // Weights of a size at which float16 gradients overflow.
  const large = new Map([...initializeWeights(config, 1)].map(([name, tensor]) => {
    const factor = name.endsWith("down_proj.weight") ? 3000 : 1;
    return [name, { ...tensor, data: (tensor.data as Float32Array).map((x) => factor * x) }];
  }));
  const overflowed = await run(half, large);
  assertEquals(
    [overflowed.skippedUpdates, overflowed.overflowedUpdates, overflowed.lossScale],
    [1, 1, 32_768],
  );
  assertEquals([overflowed.gradientNorm, overflowed.updateNorm], [0, 0]);
});

Deno.test("bfloat16 graphs round the same parameters, and scale no loss: they have float32's range", () => {
  const settings = { config: tinyConfig(), objective, optimizer, internalLayer: 2 };
  const names = (precision: "float16" | "bfloat16", model: string) => {
    const files = buildArtifacts({ ...settings, layout: { precision, largestTensor: Infinity } });
    const { graph } = fromBinary(ModelProtoSchema, files[model] ?? new Uint8Array());
    const types = (graph?.input ?? []).map(({ type }) =>
      type?.value.case === "tensorType" ? type.value.value.elemType : 0
    );
    return {
      inputs: (graph?.input ?? []).map(({ name }) => name),
      outputs: (graph?.output ?? []).map(({ name }) => name.replace(/_b?float16/, "_16")),
      rounded: types.filter((type) => type === ElementType.FLOAT16 || type === ElementType.BFLOAT16).length,
    };
  };
  const [half, brain] = [names("float16", "optimizer_model.onnx"), names("bfloat16", "optimizer_model.onnx")];
  assertEquals(brain.outputs, half.outputs);
  assertEquals(half.outputs.filter((name) => name.endsWith("_16.out")).length, 3 * 7);
  assertEquals(half.inputs.filter((name) => !brain.inputs.includes(name)), ["gradient_scale"]);
  for (const model of ["training_model.onnx", "eval_model.onnx", "rollout_model.onnx"]) {
    // Seven matrices a layer, and in rollouts the caches.
    const expected = 3 * (model.startsWith("rollout") ? 9 : 7);
    assertEquals([names("float16", model).rounded, names("bfloat16", model).rounded], [expected, expected]);
  }
});

Deno.test("computesIn() tells the precisions of a provider", async () => {
  const found = [];
  for (const precision of ["float32", "float16", "bfloat16"] as const) {
    found.push(await computesIn(runtime, precision));
  }
  assertEquals(found, [true, true, false]);
});

Deno.test("buildArtifacts() gives the plain layout's bytes unless another is asked for", async () => {
  const settings = { config: tinyConfig({ tied: false }), objective, optimizer, internalLayer: 2 };
  const plain = await artifactDigests(buildArtifacts(settings));
  assertEquals(await artifactDigests(buildArtifacts({ ...settings, layout: plainLayout })), plain);
  for (const layout of [half, cut]) {
    const other = await artifactDigests(buildArtifacts({ ...settings, layout }));
    assertEquals(await artifactDigests(buildArtifacts({ ...settings, layout })), other);
    // Copies of prompts read no parameter, only caches.
    const same = Object.keys(other).filter((name) => other[name] === plain[name]);
    assertEquals(same, layout.precision === "float32" ? ["copy_model.onnx"] : []);
  }
});
