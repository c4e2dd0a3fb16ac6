import { assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { tokenPolicy, VOCABULARY_CHUNK, VOCABULARY_WALK } from "../../../src/model/mod.ts";
import { RandomStream } from "../../../src/random.ts";
import { add, ADD_ROWS, grad, input, mul, print, sum, type Tensor } from "../../../src/tensor/mod.ts";
import {
  assertGradient,
  load,
  numbers,
  runtime,
  type Spec,
  spreadTensor,
} from "../../tensor/finite_difference.ts";

/** log softmax at the target and entropy, in float64 from all logits. */
function reference(logits: readonly number[], target: number): readonly [number, number] {
  const peak = Math.max(...logits);
  const normalizer = peak + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - peak), 0));
  const entropy = logits.reduce((sum, z) => sum - Math.exp(z - normalizer) * (z - normalizer), 0);
  return [(logits[target] ?? NaN) - normalizer, entropy];
}

/** Compares a policy over random states with {@linkcode reference}. */
async function assertPolicy(vocabulary: number, scale: number, dtype: "float32" | "float64"): Promise<void> {
  const batch = 2, sequence = 3, width = 4, random = new RandomStream("policy", vocabulary, scale);
  const normals = (count: number, factor: number): number[] =>
    Array.from({ length: count }, () => Math.fround(factor * random.normal()));
  const hidden = normals(batch * sequence * width, scale), embedding = normals(vocabulary * width, 1);
  // Both ends of the vocabulary and of its first chunk, and a few between.
  const edge = Math.min(VOCABULARY_CHUNK, Math.ceil(vocabulary / 2));
  const targets = [0, vocabulary - 1, edge - 1, edge, random.integer(0, vocabulary - 1), 1];
  const h = input("h", dtype, ["batch", "sequence", width]), e = input("e", dtype, [vocabulary, width]);
  const y = input("y", "int64", ["batch", "sequence"]);
  const session = await load({ name: "policy", inputs: [h, e, y], outputs: { ...tokenPolicy(h, [e], y) } });
  const floats = (shape: readonly number[], values: readonly number[]) =>
    dtype === "float32"
      ? runtime.upload("float32", shape, Float32Array.from(values))
      : runtime.upload("float64", shape, Float64Array.from(values));
  const outputs = await session.run({
    h: floats([batch, sequence, width], hidden),
    e: floats([vocabulary, width], embedding),
    y: runtime.upload("int64", [batch, sequence], BigInt64Array.from(targets, BigInt)),
  });
  const logprobs = await numbers(outputs.logprobs), entropy = await numbers(outputs.entropy);
  assertEquals([logprobs.length, entropy.length], [6, 6]);
  targets.forEach((target, t) => {
    const logits = Array.from({ length: vocabulary }, (_, v) => {
      return Array.from(
        { length: width },
        (_, i) => (hidden[t * width + i] ?? NaN) * (embedding[v * width + i] ?? NaN),
      )
        .reduce((a, b) => a + b, 0);
    });
    const [expected, spread] = reference(logits, target), unit = dtype === "float32" ? 1e-5 : 1e-11;
    const largest = Math.max(1, ...logits.map(Math.abs));
    assertAlmostEquals(logprobs[t] ?? NaN, expected, unit * largest);
    assertAlmostEquals(entropy[t] ?? NaN, spread, unit * Math.max(1, largest / 10));
  });
  await session.dispose();
}

Deno.test("tokenPolicy() is the log-softmax and its entropy, over two chunks and more", async () => {
  for (const vocabulary of [2, 3, 43]) await assertPolicy(vocabulary, 1, "float64");
  assertGreater(20_000, 2 * VOCABULARY_CHUNK);
  await assertPolicy(20_000, 1, "float64");
  await assertPolicy(43, 1, "float32");
});

Deno.test("tokenPolicy() neither overflows nor loses digits when logits are large", async () => {
  await assertPolicy(43, 1000, "float64");
  await assertPolicy(43, 300, "float32");
});

const specs: readonly Spec[] = [
  { shape: ["batch", "sequence", 4], dtype: "float64", low: -2, high: 2 },
  { shape: [11, 4], dtype: "float64", low: -1, high: 1 },
  { shape: ["batch", "sequence"], dtype: "int64", low: 0, high: 11 },
];

Deno.test("tokenPolicy() has the derivatives of its definition: of log-probs, of the entropy and of both", async () => {
  const policy = (h?: Tensor, e?: Tensor, y?: Tensor) => tokenPolicy(h as Tensor, [e as Tensor], y as Tensor);
  await assertGradient(specs, (...inputs) => policy(...inputs).logprobs);
  await assertGradient(specs, (...inputs) => policy(...inputs).entropy);
  await assertGradient(specs, (...inputs) => {
    const { logprobs, entropy } = policy(...inputs);
    return add(mul(logprobs, entropy), mul(entropy, 0.3));
  });
});

Deno.test("tokenPolicy() walks a large vocabulary to the same policy and derivatives as chunk by chunk", async () => {
  // The first divides into steps, the second is a prime.
  for (const vocabulary of [4100, 4099]) {
    const h = input("h", "float64", ["batch", "sequence", 4]), e = input("e", "float64", [vocabulary, 4]);
    const y = input("y", "int64", ["batch", "sequence"]);
    const results = await Promise.all(
      [[[], false], [[VOCABULARY_WALK, ADD_ROWS], false], [[VOCABULARY_WALK, ADD_ROWS], true]].map(
        async ([kernels, sparse]) => {
          const { logprobs, entropy } = tokenPolicy(h, [e], y, sparse as boolean);
          const outputs: Record<string, Tensor> = { logprobs, entropy };
          const losses = { logprob: sum(mul(logprobs, logprobs)), entropy: sum(mul(entropy, entropy)) };
          for (const loss of [losses.logprob, losses.entropy, add(losses.logprob, losses.entropy)]) {
            for (const gradient of grad(loss, [h, e])) {
              outputs[`gradient ${Object.keys(outputs).length}`] = gradient as Tensor;
            }
          }
          const fused = new Set(kernels as string[]),
            graph = { name: "policy", inputs: [h, e, y], outputs, fused };
          const session = await load(graph);
          // Repeated targets, both ends of the vocabulary, both sides of the first step's end.
          const targets = BigInt64Array.of(0n, 1023n, 1025n, 7n, 7n, BigInt(vocabulary - 1));
          const made = await session.run({
            h: spreadTensor({ shape: [2, 3, 4], dtype: "float64", low: -3, high: 3 }, 1),
            e: spreadTensor({ shape: [vocabulary, 4], dtype: "float64", low: -2, high: 2 }, 2),
            y: runtime.upload("int64", [2, 3], targets),
          });
          const values = await Promise.all(Object.keys(outputs).map((name) => numbers(made[name])));
          await session.dispose();
          return { values, kernels: print(graph).match(/= VocabularyWalk\(/g)?.length ?? 0 };
        },
      ),
    );
    const [plain, ...walks] = results;
    assertEquals(results.map(({ kernels }) => kernels > 0), [false, true, true]);
    assertEquals(plain?.values.length, 8);
    for (const { values } of walks) {
      values.forEach((list, i) => {
        const expected = plain?.values[i] ?? [], largest = Math.max(...expected.map(Math.abs));
        list.forEach((value, at) =>
          assertAlmostEquals(value, expected[at] ?? NaN, 1e-12 * largest, `${i} ${at}`)
        );
      });
    }
  }
});
