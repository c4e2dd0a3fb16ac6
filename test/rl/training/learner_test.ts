import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
} from "@std/assert";
import { buildArtifacts } from "../../../src/artifact/mod.ts";
import {
  formatSafetensors,
  initializeWeights,
  parseSafetensors,
  plainLayout,
  readTensors,
  tensorsInMemory,
} from "../../../src/model/mod.ts";
import { Learner, packMicroBatches } from "../../../src/rl/mod.ts";
import { openRuntime } from "../../../src/runtime/mod.ts";
import {
  objective,
  openLearner,
  optimizer,
  randomBatch,
  relativeDifference,
  tinyConfig,
} from "../tiny_model.ts";

const config = tinyConfig();
const { sequences, targets, tokens } = randomBatch(13, config.vocabularySize);

Deno.test("accumulate() gives one gradient and one set of metrics for any cut into micro-batches", async () => {
  const learner = await openLearner(config);
  for (const policy of ["full", 2] as const) {
    const { metrics: whole } = await learner.accumulate(policy, sequences, targets, tokens, 10_000);
    const expected = await learner.gradients(policy);
    assertEquals(Object.keys(whole).sort(), ["approxKl", "clipFraction", "clipFractionLower", "loss"]);
    for (const microBatchTokens of [1, 25, 40, 77, 150]) {
      const { metrics } = await learner.accumulate(policy, sequences, targets, tokens, microBatchTokens);
      const gradients = await learner.gradients(policy);
      assertEquals([...gradients.keys()], [...expected.keys()]);
      assertLess(relativeDifference(gradients, expected), 1e-6, `${policy}, ${microBatchTokens}`);
      for (const [name, values] of gradients) {
        const one = new Map([[name, values]]), other = new Map([[name, expected.get(name) as Float32Array]]);
        assertLess(relativeDifference(one, other), 3e-6, `${name}, ${microBatchTokens}`);
      }
      for (const [name, value] of Object.entries(whole)) {
        assertAlmostEquals(metrics[name] ?? NaN, value, 1e-5, name);
      }
    }
  }
  await learner.dispose();
});

Deno.test("accumulate() computes a prompt once for its responses, with the gradient of each alone", async () => {
  const prompts = [[5, 9, 13, 2, 21, 8], [4, 4, 17, 30]];
  const grouped = sequences.map(({ response }, i) => ({ prompt: prompts[i % 2] as number[], response }));
  const rows = packMicroBatches(grouped, 200).flatMap((batch) => batch.rows);
  assert(rows.length < grouped.length / 3, String(rows.length));
  for (const [family, options] of [["qwen3", {}], ["llama", { checkpointing: true }]] as const) {
    const learner = await openLearner(tinyConfig({ family }), options);
    for (const policy of ["full", 2] as const) {
      // No row takes two sequences where it may have one token.
      const alone = await learner.accumulate(policy, grouped, targets, tokens, 1);
      const expected = await learner.gradients(policy);
      const packed = await learner.accumulate(policy, grouped, targets, tokens, 200);
      assertLess(relativeDifference(await learner.gradients(policy), expected), 1e-6, `${family} ${policy}`);
      for (const [name, value] of Object.entries(alone.metrics)) {
        assertAlmostEquals(packed.metrics[name] ?? NaN, value, 1e-5, name);
      }
      packed.logprobs.forEach((list, i) =>
        list.forEach((value, t) => assertAlmostEquals(value, alone.logprobs[i]?.[t] ?? NaN, 2e-6))
      );
    }
    const [alone, packed] = [await learner.score(grouped, 1), await learner.score(grouped, 200)];
    packed.forEach(({ logprobs, layerEntropy }, i) => {
      logprobs.forEach((value, t) => assertAlmostEquals(value, alone[i]?.logprobs[t] ?? NaN, 2e-6));
      layerEntropy.forEach((value, t) => assertAlmostEquals(value, alone[i]?.layerEntropy[t] ?? NaN, 2e-6));
    });
    await learner.dispose();
  }
});

Deno.test("accumulate() without old log-probs has every ratio exactly 1, and the gradient with those of score()", async () => {
  const learner = await openLearner(config);
  const scores = await learner.score(sequences, 200);
  for (const [policy, name] of [["full", "logprobs"], [2, "layerLogprobs"]] as const) {
    const scored = targets.map((target, i) => ({ ...target, oldLogprobs: scores[i]?.[name] ?? [] }));
    const { logprobs, metrics: given } = await learner.accumulate(policy, sequences, scored, tokens, 60);
    const expected = await learner.gradients(policy);
    const own = targets.map(({ oldLogprobs: _, ...target }) => target);
    const { metrics } = await learner.accumulate(policy, sequences, own, tokens, 60);
    assertEquals([metrics.approxKl, metrics.clipFraction, metrics.clipFractionLower], [0, 0, 0]);
    assertAlmostEquals(metrics.loss ?? NaN, given.loss ?? NaN, 1e-6);
    assertLess(relativeDifference(await learner.gradients(policy), expected), 1e-6);
    logprobs.forEach((list, i) => {
      assertEquals(list.length, sequences[i]?.response.length);
      list.forEach((value, t) => assertAlmostEquals(value, scores[i]?.[name][t] ?? NaN, 2e-6));
    });
  }
  await learner.dispose();
});

Deno.test("accumulate() does not depend on the order of the sequences, and adds up over disjoint halves", async () => {
  const learner = await openLearner(config);
  const gradientOf = async (rows: readonly number[]): Promise<Map<string, Float32Array>> => {
    const pick = <T>(list: readonly T[]): T[] => rows.map((row) => list[row] as T);
    await learner.accumulate("full", pick(sequences), pick(targets), tokens, 60);
    return await learner.gradients("full");
  };
  const all = sequences.map((_, i) => i);
  const whole = await gradientOf(all);
  assertLess(relativeDifference(await gradientOf(all.toReversed()), whole), 1e-6);
  // Each call starts a new sum: with what the last one left, the halves would not add up to the whole.
  const even = await gradientOf(all.filter((i) => i % 2 === 0));
  const odd = await gradientOf(all.filter((i) => i % 2 === 1));
  for (const [name, values] of even) {
    odd.get(name)?.forEach((value, i) => values[i] = (values[i] ?? 0) + value);
  }
  assertLess(relativeDifference(even, whole), 1e-6);
  assertEquals(relativeDifference(await gradientOf(all), whole), 0);
  await learner.dispose();
});

Deno.test("score() gives each response its numbers for any cut, and the layer's policy beside the full one", async () => {
  const learner = await openLearner(config);
  const expected = await learner.score(sequences, 10_000);
  for (const microBatchTokens of [1, 40]) {
    const scores = await learner.score(sequences, microBatchTokens);
    scores.forEach((score, i) => {
      for (const name of ["logprobs", "entropy", "layerLogprobs", "layerEntropy"] as const) {
        assertEquals(score[name].length, sequences[i]?.response.length);
        score[name].forEach((value, t) => assertAlmostEquals(value, expected[i]?.[name][t] ?? NaN, 2e-6));
      }
    });
  }
  const values = (name: "logprobs" | "layerLogprobs"): number[] => expected.flatMap((score) => score[name]);
  assert(values("logprobs").every((value) => value < 0));
  assert(values("logprobs").some((value, i) => Math.abs(value - (values("layerLogprobs")[i] ?? NaN)) > 0.1));
  await learner.dispose();
});

Deno.test("step() of a layer's policy leaves all above the layer as it was, moments and counters too", async () => {
  const learner = await openLearner(config, { layer: 2 });
  const before = await readTensors(learner.state());
  for (let i = 0; i < 3; i++) {
    await learner.accumulate(2, sequences, targets, tokens, 200);
    const norms = await learner.step(2, 1e-2);
    assert(norms.gradientNorm > 0 && norms.updateNorm > 0);
  }
  const after = await readTensors(learner.state());
  assertEquals([...after.keys()], [...before.keys()]);
  for (const [name, { data }] of after) {
    const above = name.startsWith("model.layers.2.") || name.startsWith("model.norm.");
    if (above) assertEquals(data, before.get(name)?.data, name);
    else if (name.endsWith("_steps")) assertEquals(data, BigInt64Array.of(3n), name);
    else assert((data as Float32Array).some((x, i) => x !== before.get(name)?.data[i]), name);
  }
  // The counters are each parameter's own: those above the layer begin at 1 in the second phase.
  await learner.accumulate("full", sequences, targets, tokens, 200);
  await learner.step("full", 1e-2);
  const final = await readTensors(learner.state());
  assertEquals(final.get("model.norm.weight_steps")?.data, BigInt64Array.of(1n));
  assertEquals(final.get("model.layers.0.mlp.up_proj.weight_steps")?.data, BigInt64Array.of(4n));
  await learner.dispose();
});

Deno.test("step() decays every parameter that it moves, the weights of norms and biases too", async () => {
  const architecture = tinyConfig({ family: "qwen2" });
  const ones = new Map([...initializeWeights(architecture, 1)].map(([name, tensor]) => {
    return [name, { ...tensor, data: (tensor.data as Float32Array).map(() => 1) }];
  }));
  const learner = await openLearner(architecture, { weights: ones });
  const still = targets.map((target) => ({ ...target, weights: target.weights.map(() => 0) }));
  await learner.accumulate("full", sequences, still, tokens, 200);
  await learner.step("full", 0.5);
  const moved = await readTensors(learner.weights());
  for (const kind of ["q_proj.bias", "input_layernorm.weight", "up_proj.weight", "embed_tokens.weight"]) {
    assert([...moved.keys()].some((name) => name.endsWith(kind)), kind);
  }
  const decayed = Math.fround(1 - 0.5 * optimizer.weightDecay);
  for (const [name, { data }] of moved) {
    for (const value of data) assertAlmostEquals(Number(value), decayed, 1e-7, name);
  }
  await learner.dispose();
});

Deno.test("open() continues from state() with the same bits", async () => {
  const update = async (learner: Learner, policy: "full" | 2, seed: number): Promise<void> => {
    const batch = randomBatch(5, config.vocabularySize, seed);
    await learner.accumulate(policy, batch.sequences, batch.targets, batch.tokens, 60);
    await learner.step(policy, 1e-2);
  };
  const first = await openLearner(config);
  await update(first, 2, 1);
  await update(first, "full", 2);
  const saved = await formatSafetensors(await readTensors(first.state()));
  const second = await openLearner(config, { weights: await parseSafetensors(saved) });
  assertEquals(await formatSafetensors(await readTensors(second.state())), saved);
  for (const learner of [first, second]) {
    await update(learner, 2, 3);
    await update(learner, "full", 4);
  }
  assertEquals(await readTensors(second.state()), await readTensors(first.state()));
  assertEquals([...second.weights().entries.keys()], [...initializeWeights(config, 1).keys()]);
  await first.dispose();
  await second.dispose();
});

Deno.test("a learner whose optimizer runs elsewhere takes the same steps, and its graphs read the new parameters", async () => {
  const home = openRuntime({ provider: "cpu", threads: 1 });
  for (const layout of [plainLayout, { precision: "float16", largestTensor: 1000 } as const]) {
    const plain = await openLearner(config, { layout }), apart = await openLearner(config, { layout, home });
    for (const policy of [2, "full", "full"] as const) {
      const norms = [];
      for (const learner of [plain, apart]) {
        await learner.accumulate(policy, sequences, targets, tokens, 60);
        norms.push(await learner.step(policy, 1e-2));
        // What is computed next begins with a new sum, whatever was freed.
        if (learner === apart) await learner.release();
      }
      assertEquals(norms[1], norms[0]);
    }
    assertEquals(await readTensors(apart.state()), await readTensors(plain.state()));
    assertEquals(await apart.score(sequences, 60), await plain.score(sequences, 60));
    for (const learner of [plain, apart]) await learner.dispose();
  }
});

for (const tied of [true, false]) {
  const which = tied ? "a tied table" : "a head of its own";
  Deno.test(`large tensors are summed and moved where they lie, and as all at once would: ${which}`, async () => {
    const large = tinyConfig({ vocabulary: 5000, layers: 1, tied }),
      home = openRuntime({ provider: "cpu", threads: 1 });
    const batch = randomBatch(6, 8), table = tied ? "model.embed_tokens.weight" : "lm_head.weight";
    const learners = [
      await openLearner(large, { layer: 1 }),
      await openLearner(large, { layer: 1, home }),
      await openLearner(large, { layer: 1, layout: { ...plainLayout, onHost: false } }),
    ];
    const before = (await learners[0]?.weights().read(table))?.data as Float32Array;
    const initial = before.slice(), moved: Float32Array[] = [], sums: Float32Array[] = [];
    for (const learner of learners) {
      // In one pass, then anew in several.
      for (const microBatchTokens of [2000, 12]) {
        await learner.accumulate("full", batch.sequences, batch.targets, batch.tokens, microBatchTokens);
        sums.push((await learner.gradients("full")).get(table) as Float32Array);
      }
      const { updateNorm } = await learner.step("full", 1e-2);
      assertGreater(updateNorm, 0.1);
      moved.push((await learner.weights().read(table)).data as Float32Array);
    }
    const [blocks, apart, whole] = moved as [Float32Array, Float32Array, Float32Array];
    assertEquals(apart, blocks);
    const [sum] = sums as [Float32Array, ...Float32Array[]];
    const scale = sum.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    for (const other of sums) {
      const apart = sum.reduce((most, x, i) => Math.max(most, Math.abs(x - (other[i] ?? NaN))), 0);
      assertLess(apart, 1e-5 * scale, "a new sum begins with nothing");
    }
    const worst = blocks.reduce((most, x, i) => Math.max(most, Math.abs(x - (whole[i] ?? NaN))), 0);
    assertLess(worst, 1e-5);
    assertGreater(blocks.reduce((most, x, i) => Math.max(most, Math.abs(x - (initial[i] ?? NaN))), 0), 1e-3);
    for (const learner of learners) await learner.dispose();
  });
}

Deno.test("accumulate() gives the same bits in every run under load with two threads", async () => {
  const on = openRuntime({ provider: "cpu", threads: 2 });
  const wide = tinyConfig({ vocabulary: 400, layers: 1 });
  const learner = await openLearner(wide, { on, layer: 1 });
  // Few different tokens: the rows of the embedding's gradient are sums of many.
  const batch = randomBatch(40, 6);
  const load = new Worker("data:text/javascript,for(;;){}", { type: "module" });
  try {
    let expected: Map<string, Float32Array> | undefined;
    for (let i = 0; i < 30; i++) {
      await learner.accumulate("full", batch.sequences, batch.targets, batch.tokens, 2000);
      const gradients = await learner.gradients("full");
      expected ??= gradients;
      for (const [name, values] of gradients) assertEquals(values, expected.get(name), name);
    }
  } finally {
    load.terminate();
  }
  await learner.dispose();
});

Deno.test("accumulate() and step() say which policy has no graph", async () => {
  const learner = await openLearner(config);
  await assertRejects(
    () => learner.accumulate(1, sequences, targets, tokens, 100),
    ReferenceError,
    "Cannot train the policy 1: no graph was loaded for it",
  );
  await learner.dispose();
  const files = buildArtifacts({ config, objective, optimizer, internalLayer: undefined });
  const training = new Map([["full" as const, files["training_model.onnx"] as Uint8Array]]);
  const artifacts = { training, optimizer: new Map(), evaluation: files["eval_model.onnx"] as Uint8Array };
  const bare = await Learner.open(
    openRuntime({ provider: "cpu", threads: 1 }),
    artifacts,
    tensorsInMemory(initializeWeights(config, 1)),
    1,
  );
  await assertRejects(
    () => bare.step("full", 1e-3),
    ReferenceError,
    'Cannot train the policy full: there is no optimizer graph "full"',
  );
  await bare.dispose();
});

Deno.test("accumulate() with gradient checkpointing gives the same gradient, of the full policy and of a layer", async () => {
  for (const family of ["qwen3", "qwen2", "llama"] as const) {
    for (const tied of [true, false]) {
      const architecture = tinyConfig({ family, tied });
      const batch = randomBatch(6, architecture.vocabularySize, 9);
      const kept = await openLearner(architecture);
      const recomputed = await openLearner(architecture, { checkpointing: true });
      for (const policy of ["full", 2] as const) {
        const learners = [kept, recomputed], losses: (number | undefined)[] = [];
        for (const learner of learners) {
          const { metrics: { loss } } = await learner.accumulate(
            policy,
            batch.sequences,
            batch.targets,
            batch.tokens,
            60,
          );
          losses.push(loss);
        }
        assertEquals(losses[0], losses[1]);
        const [expected, actual] = await Promise.all(learners.map((learner) => learner.gradients(policy)));
        assert(expected && actual);
        assertEquals([...actual.keys()], [...expected.keys()]);
        assertLess(relativeDifference(actual, expected), 1e-6, `${family} ${policy}`);
      }
      await kept.dispose();
      await recomputed.dispose();
    }
  }
});
