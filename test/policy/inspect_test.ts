import { assert, assertAlmostEquals, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { inspectionGraph } from "../../src/artifact/mod.ts";
import {
  initializedSource,
  initializeWeights,
  type ModelConfig,
  outputEmbedding,
  parameterShapes,
  type StoredTensor,
  type StoredTensors,
  tensorsInMemory,
} from "../../src/model/mod.ts";
import {
  type InspectionOptions,
  inspectSequences,
  type QuantityName,
  type TopToken,
} from "../../src/policy/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { cutMicroBatches, responseValues, type Sequence, tokenFeeds } from "../../src/rl/mod.ts";
import { toOnnx } from "../../src/tensor/mod.ts";
import { bits, place, randomBatch, runtime, tinyConfig } from "../rl/tiny_model.ts";

/** Everything that is told, by sequence, layer and quantity. */
type Told = Map<string, number[]>;

async function inspect(
  config: ModelConfig,
  weights: StoredTensors,
  sequences: readonly Sequence[],
  options: InspectionOptions = {},
): Promise<{ told: Told; top: (readonly (readonly TopToken[])[])[] }> {
  const told: Told = new Map(), top: (readonly (readonly TopToken[])[])[] = [];
  const model = { name: "the model", config, weights: tensorsInMemory(weights) };
  await inspectSequences(runtime, model, sequences, {
    onLayer(sequence, layer, values, likeliest) {
      for (const [name, numbers] of values) told.set(`${sequence} ${layer} ${name}`, Array.from(numbers));
      if (sequence === 0) top[layer] = likeliest;
    },
  }, options);
  return { told, top };
}

function of(told: Told, sequence: number, layer: number, name: QuantityName): number[] {
  const values = told.get(`${sequence} ${layer} ${name}`);
  assert(values, `${name} of layer ${layer} was not told`);
  return values;
}

const { sequences } = randomBatch(5, 40, 3);

/** What the graph of the whole model calls a quantity. */
const whole: Readonly<Record<string, QuantityName>> = {
  "entropy.layer": "entropy.layer.raw",
  "entropy.layer_normed": "entropy.layer.normed",
  "entropy.attn": "entropy.attn.raw",
  "entropy.ffn": "entropy.ffn.raw",
  "entropy.attn_in": "entropy.attn_in.raw",
  "entropy.ffn_in": "entropy.ffn_in.raw",
  "logprobs.layer": "logprob.layer.raw",
  "logprobs.layer_normed": "logprob.layer.normed",
  "logprobs.attn": "logprob.attn.raw",
  "logprobs.ffn": "logprob.ffn.raw",
  "cosine.attn": "cosine.attn",
  "cosine.ffn": "cosine.ffn",
};

for (const family of ["qwen3", "qwen2", "llama"] as const) {
  for (const tied of [true, false]) {
    Deno.test(`inspectSequences() agrees with the graph of the whole model: ${family}, ${tied ? "" : "un"}tied`, async () => {
      const config = tinyConfig({ family, tied }), weights = initializeWeights(config, 5);
      const { told } = await inspect(config, weights, sequences, { chunk: 12 });
      const session = await runtime.load(toOnnx(inspectionGraph(config)));
      const batches = cutMicroBatches(sequences, 4096), [batch] = batches;
      assert(batch && batches.length === 1);
      const outputs = await session.run({ ...tokenFeeds(runtime, sequences, batch), ...place(weights) });
      let compared = 0;
      for (const [name, tensor] of Object.entries(outputs)) {
        const [, kind = "", layer] = /^(.*)\.(\d+)$/.exec(name) ?? [], quantity = whole[kind];
        if (!quantity) continue;
        const expected: number[][] = [];
        responseValues(sequences, batch, await tensor.download() as Float32Array, expected);
        expected.forEach((numbers, sequence) => {
          const found = of(told, sequence, Number(layer), quantity);
          assertEquals(found.length, sequences[sequence]?.response.length, "prompts are not counted");
          numbers.forEach((value, t) => assertAlmostEquals(found[t] ?? NaN, value, 1e-5, `${name} ${t}`));
          compared += numbers.length;
        });
      }
      assertGreater(compared, 1000);
      await session.dispose();
    });
  }
}

Deno.test("the last layer's two policies are told apart: raw it is not the full one, normed it is", async () => {
  const config = tinyConfig({ layers: 2 }),
    { told } = await inspect(config, initializeWeights(config, 1), sequences);
  for (const [sequence] of sequences.entries()) {
    for (const measure of ["kl_to_final", "kl_from_final"] as const) {
      for (const value of of(told, sequence, 2, `${measure}.layer.normed`)) {
        assertAlmostEquals(value, 0, 1e-12);
      }
      for (const value of of(told, sequence, 2, `${measure}.layer.raw`)) assertGreater(value, 1e-4);
    }
    // Rescaled to its own norm a state is itself.
    of(told, sequence, 2, "entropy.layer.matched").forEach((value, t) => {
      assertAlmostEquals(value, of(told, sequence, 2, "entropy.layer.raw")[t] ?? NaN, 1e-6);
    });
  }
});

Deno.test("a completion's numbers do not depend on what is inspected with it, nor on the groups, in any bit", async () => {
  const config = tinyConfig(), weights = initializeWeights(config, 2);
  const { told } = await inspect(config, weights, sequences);
  for (const positions of [1, 30]) {
    const { told: other } = await inspect(config, weights, sequences, { positions });
    assertEquals([...other.keys()].sort(), [...told.keys()].sort());
    for (const [name, values] of told) assertEquals(bits(other.get(name) ?? []), bits(values), name);
  }
});

Deno.test("the cut of the vocabulary changes entropies, divergences and log-probs by rounding alone, ranks not at all", async () => {
  const config = tinyConfig({ tied: false, vocabulary: 1000 }), weights = initializeWeights(config, 2);
  const { told } = await inspect(config, weights, sequences.slice(0, 2));
  const { told: other } = await inspect(config, weights, sequences.slice(0, 2), { chunk: 96 });
  for (const [name, values] of told) {
    const tolerance = name.includes("rank") ? 0 : 2e-6;
    values.forEach((value, t) => assertAlmostEquals(other.get(name)?.[t] ?? NaN, value, tolerance, name));
  }
});

Deno.test("an unembedding with shuffled rows keeps entropies and gives the log-probs and ranks that are told", async () => {
  const config = tinyConfig({ tied: false }),
    weights = initializeWeights(config, 4),
    head = outputEmbedding(config);
  const order = new RandomStream("shuffled unembedding", 7).shuffle(
    Array.from({ length: config.vocabularySize }, (_, i) => i),
  );
  const { shape, data } = weights.get(head) as StoredTensor & { data: Float32Array };
  const rows = order.map((row) =>
    Array.from(data.slice(row * config.hiddenSize, (row + 1) * config.hiddenSize))
  );
  const moved = new Map([...weights, [head, {
    dtype: "float32" as const,
    shape,
    data: Float32Array.from(rows.flat()),
  }]]);
  const { told } = await inspect(config, weights, sequences, { shuffleSeed: 7 });
  const { told: shuffled } = await inspect(config, moved, sequences);
  for (const layer of [0, 1, 3]) {
    for (const form of ["raw", "normed", "matched"] as const) {
      sequences.forEach((_, sequence) => {
        const same = (ours: QuantityName, theirs: QuantityName, tolerance: number): void => {
          const expected = of(shuffled, sequence, layer, theirs);
          of(told, sequence, layer, ours).forEach((value, t) => {
            assertAlmostEquals(value, expected[t] ?? NaN, tolerance, `${ours} of layer ${layer}`);
          });
        };
        same(`entropy.layer.${form}`, `entropy.layer.${form}`, 1e-6);
        same(`shuffled_logprob.layer.${form}`, `logprob.layer.${form}`, 1e-5);
        same(`shuffled_rank.layer.${form}`, `rank.layer.${form}`, 0);
      });
    }
  }
});

Deno.test("tokens with the same embedding have the same rank, and certain policies have exact ranks", async () => {
  const config = tinyConfig({ tied: false, vocabulary: 50 }), weights = initializeWeights(config, 4);
  const head = weights.get(outputEmbedding(config)) as StoredTensor & { data: Float32Array };
  // Rows 10 to 19 are one, and so are all logits of them.
  for (let row = 11; row < 20; row++) head.data.copyWithin(row * 32, 10 * 32, 11 * 32);
  head.data.forEach((value, i) => head.data[i] = 40 * value);
  const { told } = await inspect(
    config,
    weights,
    [10, 13, 19].map((token) => ({ prompt: [1, 2], response: [token, 5] })),
    { chunk: 16 },
  );
  for (const form of ["raw", "normed", "matched"] as const) {
    const first = [0, 1, 2].map((sequence) => of(told, sequence, 2, `rank.layer.${form}`)[0] ?? NaN);
    assertEquals(new Set(first).size, 1, `${form}: ${first}`);
    assert(Number.isInteger(first[0]));
  }
});

Deno.test("the likeliest tokens are those of all logits, the likeliest first", async () => {
  const config = tinyConfig({ vocabulary: 90 }), weights = initializeWeights(config, 6);
  const { top, told } = await inspect(config, weights, sequences.slice(0, 1), { top: 5, chunk: 20 });
  assertEquals(top.length, config.layers + 1);
  for (const [layer, rows] of top.entries()) {
    assertEquals(rows.length, sequences[0]?.response.length);
    rows.forEach((best, t) => {
      assertEquals(best.length, 5);
      assertEquals(
        best.map(({ logprob }) => logprob),
        best.map(({ logprob }) => logprob).toSorted((a, b) => b - a),
      );
      const token = sequences[0]?.response[t] ?? 0, rank = of(told, 0, layer, "rank.layer.raw")[t] ?? NaN;
      const place = best.findIndex((other) => other.token === token) + 1;
      assertEquals(place, rank <= 5 ? rank : 0, `token ${token} of rank ${rank}`);
      if (place > 0) {
        assertAlmostEquals(
          best[place - 1]?.logprob ?? NaN,
          of(told, 0, layer, "logprob.layer.raw")[t] ?? NaN,
          1e-9,
        );
      }
    });
  }
});

Deno.test("a weight that is NaN, a state that overflows, a strange token, no token: one clear line each", async () => {
  const config = tinyConfig(), own = initializeWeights(config, 1);
  const damaged = (name: string, change: (data: Float32Array) => void): Map<string, StoredTensor> => {
    const tensor = own.get(name) as StoredTensor & { data: Float32Array }, data = tensor.data.slice();
    change(data);
    return new Map([...own, [name, { ...tensor, data }]]);
  };
  const refused = async (
    weights: StoredTensors,
    list: readonly Sequence[],
    message: string,
  ): Promise<void> => {
    const error = await assertRejects(() => inspect(config, weights, list), RangeError);
    assertEquals(error.message, message);
  };
  for (
    const name of ["model.layers.1.mlp.up_proj.weight", "model.embed_tokens.weight", "model.norm.weight"]
  ) {
    await refused(
      damaged(name, (data) => data[7] = NaN),
      sequences,
      `Cannot inspect the model: element 7 of the tensor "${name}" is NaN, expected a finite number`,
    );
  }
  await refused(
    damaged("model.layers.1.mlp.down_proj.weight", (data) => data.fill(3e38)),
    sequences,
    "Cannot inspect the model: a state of layer 2 (index 1) is not finite, though all weights are; they are too large for float32",
  );
  await refused(
    own,
    [{ prompt: [1], response: [40] }],
    "Cannot inspect the model: there is a token 40, expected 0 to 39",
  );
  await refused(
    own,
    [{ prompt: [], response: [4] }],
    "Cannot inspect the model: a prompt has no tokens, expected at least one",
  );
  for (const none of [[], [{ prompt: [1], response: [] }]]) {
    await refused(
      own,
      none,
      "Cannot inspect the model: the completions have no tokens, expected at least one",
    );
  }
});

Deno.test("initializedSource() makes the weights of initializeWeights(), each when it is read", async () => {
  const config = tinyConfig({ tied: false }), weights = initializeWeights(config, 9);
  const source = initializedSource(config, 9);
  assertEquals([...source.entries.keys()], [...parameterShapes(config).keys()]);
  for (const name of [...source.entries.keys()].toReversed()) {
    assertEquals(await source.read(name), weights.get(name));
  }
  await assertRejects(() => source.read("x"), ReferenceError);
});
