import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { formatSafetensors, parseSafetensors, type StoredTensor } from "../../src/model/mod.ts";

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

Deno.test("parseSafetensors() reads what formatSafetensors() writes, in its order and types", () => {
  const names = fc.uniqueArray(
    fc.string({ unit: "grapheme", maxLength: 8 }).filter((name) => name !== "__metadata__"),
    {
      maxLength: 6,
    },
  );
  fc.assert(
    fc.property(names, fc.array(tensor, { minLength: 6, maxLength: 6 }), (names, tensors) => {
      // Keys that look like array indices change their place in any JSON object.
      const plain = names.filter((name) => !/^\d+$/.test(name) && name !== "__proto__");
      const stored = new Map(plain.map((name, i) => [name, tensors[i] as StoredTensor]));
      const bytes = formatSafetensors(stored), read = parseSafetensors(bytes);
      assertEquals([...read], [...stored]);
      assertEquals(formatSafetensors(read), bytes);
      // A view at an odd address reads the same.
      const shifted = new Uint8Array(bytes.length + 1);
      shifted.set(bytes, 1);
      assertEquals([...parseSafetensors(shifted.subarray(1))], [...stored]);
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

Deno.test("parseSafetensors() skips the metadata of other writers", () => {
  const read = parseSafetensors(file({ __metadata__: { format: "pt" }, ...entry({}) }));
  assertEquals([...read.keys()], ["w"]);
  assertEquals(read.get("w")?.data, new Float32Array(4));
});

Deno.test("parseSafetensors() says what is wrong with a damaged file", () => {
  const cut = file(entry({})), huge = cut.slice();
  huge.fill(255, 0, 8);
  const cases: readonly (readonly [Uint8Array, string])[] = [
    [new Uint8Array(3), "3 bytes are too few for a header"],
    [huge, "its header claims 18446744073709551615 bytes"],
    [file("{"), "its header is no JSON"],
    [file("[]"), "its header is no JSON object"],
    [file(entry({ dtype: "F16" })), 'tensor "w" has an unusable dtype'],
    [file(entry({ shape: [-4] })), 'tensor "w" has an unusable shape.0'],
    [file(entry({ data_offsets: [0] })), 'tensor "w" has an unusable data_offsets'],
    [file(entry({ shape: [5] })), 'tensor "w" has 16 bytes for [5]'],
    [file(entry({ data_offsets: [16, 0] })), 'tensor "w" lies outside the file'],
    [cut.subarray(0, cut.length - 1), 'tensor "w" lies outside the file'],
  ];
  for (const [bytes, message] of cases) {
    const { message: found } = assertThrows(() => parseSafetensors(bytes, "a.safetensors"), SyntaxError);
    assert(found.startsWith("Cannot read a.safetensors: ") && found.includes(message), found);
  }
});
