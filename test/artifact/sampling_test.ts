import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { sampleTokens } from "../../src/artifact/mod.ts";
import { blocksOf } from "../../src/artifact/sampling.ts";
import { RandomStream } from "../../src/random.ts";
import * as t from "../../src/tensor/mod.ts";
import { runtime } from "../rl/tiny_model.ts";

/** Samples on the runtime; one row of logits for each noise. */
async function sample(
  logits: readonly Float32Array[],
  noise: readonly number[],
): Promise<{ tokens: number[]; logprobs: number[] }> {
  const vocabulary = logits[0]?.length ?? 0;
  const x = t.input("x", "float32", ["batch", vocabulary]), u = t.input("u", "float32", ["batch"]);
  const { next, logprobs } = sampleTokens(x, u);
  const session = await runtime.load(t.toOnnx({ name: "s", inputs: [x, u], outputs: { next, logprobs } }));
  const data = new Float32Array(logits.length * vocabulary);
  logits.forEach((row, i) => data.set(row, i * vocabulary));
  const outputs = await session.run({
    x: runtime.upload("float32", [logits.length, vocabulary], data),
    u: runtime.upload("float32", [logits.length], Float32Array.from(noise)),
  });
  const read = async (name: string): Promise<number[]> =>
    Array.from(await outputs[name]?.download() ?? [], Number);
  const result = { tokens: await read("next"), logprobs: await read("logprobs") };
  await session.dispose();
  return result;
}

/** The cumulative distribution of one row in float64, and log-probabilities. */
function reference(logits: Float32Array): { ends: Float64Array; logprob: (token: number) => number } {
  const peak = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const ends = new Float64Array(logits.length);
  let total = 0;
  logits.forEach((logit, i) => ends[i] = total += Math.exp(logit - peak));
  return {
    ends: ends.map((end) => end / total),
    logprob: (token) => (logits[token] ?? NaN) - peak - Math.log(total),
  };
}

/** A peaked distribution whose tail of many tokens holds half of the probability. */
function peaked(vocabulary: number, seed: number): Float32Array {
  const random = new RandomStream("sampling", seed);
  const tail = Math.log(1 / vocabulary);
  return Float32Array.from({ length: vocabulary }, (_, i) => i === 3 ? 0 : tail + 0.3 * random.normal());
}

for (const vocabulary of [41, 2048, 2049, 5000, 151936]) {
  Deno.test(`sampleTokens() inverts the distribution of ${vocabulary} tokens as float64 does`, async () => {
    const random = new RandomStream("noise", vocabulary);
    const noise = [0, 0.49, 0.51, 0.999999, ...Array.from({ length: 12 }, () => random.uniform())];
    const logits = noise.map((_, i) => peaked(vocabulary, i));
    const { tokens, logprobs } = await sample(logits, noise);
    tokens.forEach((token, i) => {
      const { ends, logprob } = reference(logits[i] as Float32Array), u = noise[i] as number; // one a row
      assert(Number.isInteger(token) && token >= 0 && token < vocabulary);
      assertAlmostEquals(logprobs[i] ?? NaN, logprob(token), 2e-5);
      // The noise lies between the token's ends, up to the rounding of float32.
      const slack = 1e-5;
      assertLess((ends[token - 1] ?? 0) - slack, u + 1e-12);
      assertLess(u, (ends[token] ?? 0) + slack);
    });
  });
}

Deno.test("sampleTokens() of a large vocabulary takes no token that weighs nothing, up to a noise of 1", async () => {
  const vocabulary = 9000;
  for (const last of [100, 1800, 1801, 5000]) {
    // Equal weights, whose running sum rounds otherwise than the sum of a block; none behind them.
    const row = new Float32Array(vocabulary).fill(-200).fill(-0.1, 0, last);
    const noise = [1 - 2 ** -20, 1 - 2 ** -22, 1 - 2 ** -23, 1 - 2 ** -24, 1];
    const { tokens } = await sample(noise.map(() => row), noise);
    for (const token of tokens) assert(token < last && token > last - 5, `${last}: ${tokens}`);
  }
});

Deno.test("sampleTokens() never takes a token that weighs nothing, at whatever end of a block", async () => {
  const vocabulary = 4099, wanted = [0, 2047, 2048, 4098];
  for (const token of wanted) {
    const row = new Float32Array(vocabulary).fill(-200);
    row[token] = 0;
    const noise = [0, 0.25, 0.5, 0.9999999];
    const { tokens, logprobs } = await sample(noise.map(() => row), noise);
    assertEquals(tokens, noise.map(() => token));
    assertEquals(logprobs, noise.map(() => 0));
  }
});

Deno.test("sampleTokens() gives a row the same bits wherever it stands and whatever stands beside it", async () => {
  for (const vocabulary of [5, 37, 480, 2050, 4098, 9001]) {
    const rows = Array.from({ length: 7 }, (_, i) => peaked(vocabulary, i));
    const noise = [0.1, 0.77, 0.93, 0.5, 0.6, 0.2, 0.999];
    const { tokens, logprobs } = await sample(rows, noise);
    for (const some of [[3], [6, 1], [5, 4, 2], [2, 2, 2, 0, 6]]) {
      const again = await sample(some.map((i) => rows[i] as Float32Array), some.map((i) => noise[i] ?? NaN));
      const expected = (values: number[]): number[] => some.map((i) => values[i] ?? NaN);
      assertEquals([again.tokens, again.logprobs], [expected(tokens), expected(logprobs)], `${vocabulary}`);
    }
  }
});

Deno.test("blocksOf() cuts without padding where a size that 16 divides allows it, and into short sums always", () => {
  const sizes: Readonly<Record<number, [blocks: number, width: number]>> = {
    151936: [1187, 128],
    128256: [334, 384],
    32000: [200, 160],
    9001: [94, 96],
  };
  for (const [vocabulary, [blocks, width]] of Object.entries(sizes)) {
    assertEquals(blocksOf(Number(vocabulary)), { blocks, width });
    assert(blocks * width >= Number(vocabulary) && width % 16 === 0 && Math.max(blocks, width) <= 2048);
  }
});
