import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { bytesSource } from "../../../src/byte_source.ts";
import {
  formatSafetensors,
  openSafetensors,
  parseSafetensors,
  type StoredTensor,
} from "../../../src/model/mod.ts";

const arrays = {
  float32: (values: readonly number[]) => Float32Array.from(values),
  float64: (values: readonly number[]) => Float64Array.from(values),
  int32: (values: readonly number[]) => Int32Array.from(values),
  int64: (values: readonly number[]) => BigInt64Array.from(values, BigInt),
};

const tensor = fc.record({
  dtype: fc.constantFrom(...Object.keys(arrays) as (keyof typeof arrays)[]),
  shape: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
}).map(({ dtype, shape }) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return { dtype, shape, data: arrays[dtype](Array.from({ length: size }, (_, i) => i - 3)) } as StoredTensor;
});

Deno.test("parseSafetensors() reads what formatSafetensors() writes, in its order and types", async () => {
  const names = fc.uniqueArray(
    fc.string({ unit: "grapheme", maxLength: 8 }).filter((name) => name !== "__metadata__"),
    {
      maxLength: 6,
    },
  );
  await fc.assert(
    fc.asyncProperty(names, fc.array(tensor, { minLength: 6, maxLength: 6 }), async (names, tensors) => {
      // Keys that look like array indices change their place in any JSON object.
      const plain = names.filter((name) => !/^\d+$/.test(name) && name !== "__proto__");
      const stored = new Map(plain.map((name, i) => [name, tensors[i] as StoredTensor]));
      const bytes = await formatSafetensors(stored), read = await parseSafetensors(bytes);
      assertEquals([...read], [...stored]);
      assertEquals(await formatSafetensors(read), bytes);
      // A view at an odd address reads the same.
      const shifted = new Uint8Array(bytes.length + 1);
      shifted.set(bytes, 1);
      assertEquals([...await parseSafetensors(shifted.subarray(1))], [...stored]);
    }),
    { seed: 1 },
  );
});

/** A file with a header of one's own. */
function file(header: unknown, data = new Uint8Array(16)): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const entry = (changes: Readonly<Record<string, unknown>>) => ({
  w: { dtype: "F32", shape: [4], data_offsets: [0, 16], ...changes },
});

Deno.test("parseSafetensors() skips the metadata of other writers", async () => {
  const read = await parseSafetensors(file({ __metadata__: { format: "pt" }, ...entry({}) }));
  assertEquals([...read.keys()], ["w"]);
  assertEquals(read.get("w")?.data, new Float32Array(4));
});

Deno.test("parseSafetensors() says what is wrong with a damaged file", async () => {
  const cut = file(entry({})), huge = cut.slice();
  huge.fill(255, 0, 8);
  const cases: readonly (readonly [Uint8Array, string])[] = [
    [new Uint8Array(3), "3 bytes are too few for a header"],
    [huge, "its header claims 18446744073709551615 bytes"],
    [file("{"), "its header is no JSON"],
    [file("[]"), "its header is no JSON object"],
    [file(entry({ dtype: "F8_E4M3" })), 'tensor "w" has an unusable dtype'],
    [file(entry({ shape: [-4] })), 'tensor "w" has an unusable shape.0'],
    [file(entry({ data_offsets: [0] })), 'tensor "w" has an unusable data_offsets'],
    [file(entry({ shape: [5] })), 'tensor "w" has 16 bytes for F32[5]'],
    [file(entry({ data_offsets: [16, 0] })), 'tensor "w" lies outside the file'],
    [
      file({ ...entry({}), v: { dtype: "F32", shape: [2], data_offsets: [8, 16] } }),
      'tensor "v" overlaps "w"',
    ],
    [
      file(entry({ shape: [2 ** 40, 2 ** 40] })),
      'tensor "w" has 16 bytes for F32[1099511627776,1099511627776]',
    ],
    [cut.subarray(0, cut.length - 1), 'tensor "w" lies outside the file'],
  ];
  for (const [bytes, message] of cases) {
    const { message: found } = await assertRejects(
      () => parseSafetensors(bytes, "a.safetensors"),
      SyntaxError,
    );
    assert(found.startsWith("Cannot read a.safetensors: ") && found.includes(message), found);
  }
});

Deno.test("parseSafetensors() widens half precision to float32 exactly", async () => {
  const values = [0, -0, 1, -1.5, 65504, 2 ** -24, 2 ** -14, Infinity, -Infinity];
  const header = (type: string) =>
    entry({ dtype: type, shape: [values.length], data_offsets: [0, 2 * values.length] });
  const half = new Uint8Array(new Float16Array(values).buffer);
  assertEquals((await parseSafetensors(file(header("F16"), half))).get("w")?.data, new Float32Array(values));
  const brain = [0, -0, 1, -1.5, 2 ** 127, 2 ** -133, 1.0078125, Infinity, -Infinity];
  const bits = new Uint32Array(new Float32Array(brain).buffer);
  const upper = new Uint8Array(Uint16Array.from(bits, (word) => word >>> 16).buffer);
  assertEquals((await parseSafetensors(file(header("BF16"), upper))).get("w")?.data, new Float32Array(brain));
});

Deno.test("readHeader() on damaged headers ends in one line and never reads more than the file has", async () => {
  const valid = await formatSafetensors(
    new Map([["a", { dtype: "float32", shape: [2, 3], data: new Float32Array(6) }], [
      "b",
      { dtype: "int64", shape: [1], data: BigInt64Array.of(1n) },
    ]]),
  );
  const mutations = fc.array(
    fc.record({ at: fc.nat({ max: valid.length - 1 }), byte: fc.nat({ max: 255 }) }),
    { minLength: 1, maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(mutations, fc.nat({ max: valid.length }), async (changes, length) => {
      const bytes = valid.slice(0, Math.max(length, 12));
      for (const { at, byte } of changes) if (at < bytes.length) bytes[at] = byte;
      let asked = 0;
      const source = bytesSource(bytes, "f.safetensors");
      const watched = {
        ...source,
        read: (start: number, end: number) => {
          asked = Math.max(asked, end - start);
          return source.read(start, end);
        },
      };
      try {
        const { entries, read } = await openSafetensors(watched);
        for (const name of entries.keys()) await read(name);
      } catch (error) {
        assert(error instanceof SyntaxError, String(error));
        assert(
          error.message.startsWith("Cannot read f.safetensors: ") && !/[\n\r]/.test(error.message),
          error.message,
        );
      }
      assert(asked <= bytes.length);
    }),
    { seed: 3, numRuns: 600 },
  );
});
