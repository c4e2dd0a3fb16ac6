import { assert, assertAlmostEquals, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { inspectionGraph } from "../../src/artifact/mod.ts";
import { initializeWeights, type ModelConfig, tensorsInMemory } from "../../src/model/mod.ts";
import {
  type Completion,
  inspectModel,
  type Mean,
  type ProbeReading,
  probeSequences,
} from "../../src/policy/mod.ts";
import { cutMicroBatches, responseValues, tokenFeeds } from "../../src/rl/mod.ts";
import { toOnnx } from "../../src/tensor/mod.ts";
import { place, randomBatch, runtime, tinyConfig } from "../rl/tiny_model.ts";

const { sequences } = randomBatch(6, 40, 3);
const completions: readonly Completion[] = sequences.map((sequence, i) => ({
  ...sequence,
  problem: `p${Math.floor(i / 2)}`,
}));

async function probe(config: ModelConfig, layers: readonly number[], seed = 5): Promise<ProbeReading> {
  const weights = tensorsInMemory(initializeWeights(config, seed));
  return await probeSequences(runtime, { name: "the model", config, weights }, completions, layers);
}

function close(found: Mean | undefined, expected: Mean | undefined, what: string, tolerance = 1e-6): void {
  assert(found && expected, what);
  for (const part of ["mean", "low", "high"] as const) {
    assertAlmostEquals(found[part] ?? NaN, expected[part] ?? NaN, tolerance, `${part} of ${what}`);
  }
}

for (const tied of [true, false]) {
  Deno.test(`a probe says of each layer what an inspection says, ${tied ? "" : "un"}tied`, async () => {
    const config = tinyConfig({ tied }), weights = tensorsInMemory(initializeWeights(config, 5));
    const layers = Array.from({ length: config.layers }, (_, i) => i + 1);
    const found = await probe(config, layers);
    const inspected = await inspectModel(runtime, { name: "the model", config, weights }, completions, {
      randomSeed: null,
    });
    assertEquals([found.tokens, found.completions, found.problems], [inspected.tokens, 6, 3]);
    assertAlmostEquals(Math.exp(-found.logprob.mean), inspected.perplexity, 1e-6);
    close(found.entropy, inspected.layers.at(-1)?.values["entropy.layer.normed"]?.token, "entropy of π_θ");
    for (const layer of layers) {
      const own = found.layers[layer - 1], { values = {} } = inspected.layers[layer] ?? {};
      assertEquals(own?.layer, layer);
      close(own?.entropy, values["entropy.layer.raw"]?.token, `entropy ${layer}`);
      close(own?.normedEntropy, values["entropy.layer.normed"]?.token, `normed entropy ${layer}`);
      close(own?.matchedEntropy, values["entropy.layer.matched"]?.token, `matched entropy ${layer}`);
      close(own?.change, values["change.layer.raw"]?.token, `change ${layer}`);
      close(own?.attentionChange, values["change.attn.raw"]?.token, `ΔH_ATTN ${layer}`);
      close(own?.feedForwardChange, values["change.ffn.raw"]?.token, `ΔH_FFN ${layer}`);
      close(own?.norm, values["norm.layer"]?.token, `norm ${layer}`);
      close(own?.logprob, values["logprob.layer.raw"]?.token, `log-prob ${layer}`);
      close(own?.klToFinal, values["kl_to_final.layer.raw"]?.token, `KL ${layer}`);
      close(own?.klFromFinal, values["kl_from_final.layer.raw"]?.token, `reverse KL ${layer}`);
      assertEquals(
        own?.later.map((each) => each.layer),
        layers.slice(layer),
      );
      if (layer < config.layers) {
        close(own?.later.at(-1)?.cosine, values["cosine.final"]?.token, `cosine ${layer}`);
      }
    }
  });
}

Deno.test("a layer's divergences from later ones are those of the whole model's logits", async () => {
  const config = tinyConfig(),
    weights = initializeWeights(config, 5),
    { vocabularySize: vocabulary } = config;
  const { layers } = await probe(config, [1, 2]);
  const session = await runtime.load(toOnnx(inspectionGraph(config)));
  const [batch] = cutMicroBatches(sequences, 4096);
  assert(batch);
  const outputs = await session.run({ ...tokenFeeds(runtime, sequences, batch), ...place(weights) });
  const head = weights.get("model.embed_tokens.weight")?.data as Float32Array, width = config.hiddenSize;
  /** Log-probabilities of a layer's policy at every response token, in float64. */
  const policy = async (layer: number): Promise<number[][]> => {
    const states = await outputs[`hidden_states.${layer}`]?.download() as Float32Array;
    const columns = Array.from({ length: width }, (_, i) => {
      const rows: number[][] = [];
      responseValues(sequences, batch, states.filter((_, at) => at % width === i), rows);
      return rows.flat();
    });
    return (columns[0] ?? []).map((_, token) => {
      const logits = Array.from({ length: vocabulary }, (_, v) => {
        return columns.reduce((sum, column, i) => sum + (column[token] ?? 0) * (head[v * width + i] ?? 0), 0);
      });
      const peak = Math.max(...logits);
      const norm = peak + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - peak), 0));
      return logits.map((z) => z - norm);
    });
  };
  const kl = (p: number[][], q: number[][]): number =>
    p.reduce(
      (sum, own, t) => sum + own.reduce((s, l, v) => s + Math.exp(l) * (l - (q[t]?.[v] ?? NaN)), 0),
      0,
    ) /
    p.length;
  for (const { layer, later } of layers) {
    assertGreater(later.length, 0);
    for (const each of later) {
      const [own, other] = [await policy(layer), await policy(each.layer)];
      assertAlmostEquals(each.kl.mean, kl(own, other), 1e-5, `${layer} to ${each.layer}`);
      assertAlmostEquals(each.reverse.mean, kl(other, own), 1e-5, `${each.layer} to ${layer}`);
      assert(Math.abs(each.kl.mean - each.reverse.mean) > 1e-4, "the two directions differ");
    }
  }
  await session.dispose();
});

Deno.test("what is said of a layer does not depend on which others are chosen, in any bit; a strange token is refused", async () => {
  const config = tinyConfig(), every = await probe(config, [1, 2, 3]);
  for (const layer of [1, 2, 3]) {
    const { layers, ...rest } = await probe(config, [layer]), { layers: all, ...whole } = every;
    assertEquals(layers, all.slice(layer - 1, layer));
    assertEquals(rest, whole);
  }
  const weights = tensorsInMemory(initializeWeights(config, 1)),
    model = { name: "the model", config, weights };
  await assertRejects(
    () => probeSequences(runtime, model, [{ problem: "p", prompt: [1], response: [40] }], [1]),
    RangeError,
    "Cannot inspect the model: there is a token 40, expected 0 to 39",
  );
});
