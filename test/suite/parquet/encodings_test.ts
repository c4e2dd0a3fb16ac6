import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { brotliCompressSync } from "node:zlib";
import { checkDeltaTexts, followDeltas } from "../../../src/suite/parquet/delta.ts";
import { shortestFloat32 } from "../../../src/suite/parquet/decimal.ts";
import { readParquet } from "../../../src/suite/parquet/parquet.ts";
import { parquetBytes, type TestColumn, withFolder, writeIn } from "./parquet_files.ts";

type Settings = Parameters<typeof parquetBytes>[1];

/** The values of the one column of a file. */
async function values(column: Omit<TestColumn, "name">, settings: Settings = {}): Promise<unknown[]> {
  return await withFolder(async (folder) => {
    const path = await writeIn(folder, "x.parquet", parquetBytes([{ name: "a", ...column }], settings));
    return (await Array.fromAsync(readParquet(path, () => true))).map(({ a }) => a);
  });
}

const texts = Array.from(
  { length: 1000 },
  (_, i) => `Find ${Math.floor(i / 7)}+1, please${"!".repeat(i % 5)}`,
);
const integers = texts.map((_, i) => (i * i * 7919) % 1_000_003 - 500_000);

/** An LZ4 block of literals alone, which every reader of the format takes. */
function lz4Literals(bytes: Uint8Array): Uint8Array {
  const head = bytes.length < 15 ? [bytes.length << 4] : [0xF0];
  for (let left = bytes.length - 15; bytes.length >= 15; left -= 255) {
    head.push(Math.min(left, 255));
    if (left < 255) break;
  }
  return new Uint8Array([...head, ...bytes]);
}

Deno.test("readParquet() reads delta encodings and bytes that lie apart", async () => {
  for (const encoding of ["DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"] as const) {
    assertEquals(
      await values({ data: texts, type: "STRING", encoding }, { pageSize: 4000 }),
      texts,
      encoding,
    );
  }
  assertEquals(await values({ data: integers, type: "INT32", encoding: "DELTA_BINARY_PACKED" }), integers);
  const large = integers.map((value) => BigInt(value) * 3_000_000_007n);
  assertEquals(await values({ data: large, type: "INT64", encoding: "DELTA_BINARY_PACKED" }), large);
  const doubles = integers.map((value) => value / 7);
  assertEquals(await values({ data: doubles, type: "DOUBLE", encoding: "BYTE_STREAM_SPLIT" }), doubles);
});

Deno.test("readParquet() reads Brotli and LZ4", async () => {
  const codecs = {
    BROTLI: (bytes: Uint8Array) => new Uint8Array(brotliCompressSync(bytes)),
    LZ4_RAW: lz4Literals,
  };
  for (const [codec, compress] of Object.entries(codecs)) {
    const settings = { codec: codec as keyof typeof codecs, compressors: { [codec]: compress } };
    assertEquals(await values({ data: texts, type: "STRING" }, settings), texts, codec);
  }
});

Deno.test("readParquet() reads rows that pack to next to nothing", async () => {
  const data = Array.from({ length: 300 }, (_, i) => `${i} ${"x".repeat(20_000)}`);
  const settings: Settings = {
    codec: "BROTLI",
    compressors: { BROTLI: (bytes: Uint8Array) => new Uint8Array(brotliCompressSync(bytes)) },
  };
  const bytes = parquetBytes([{ name: "a", data, type: "STRING" }], settings);
  assertEquals(bytes.length < data.join("").length / 100, true, `${bytes.length}`);
  assertEquals(await values({ data, type: "STRING" }, settings), data);
});

Deno.test("readParquet() gives numbers of float32 columns the digits that were meant", async () => {
  const data = [0.1, 2.5, 1e-7, 0.3333333432674408, 16_777_216, -0.7, 1e21];
  assertEquals(await values({ data, type: "FLOAT" }), [0.1, 2.5, 1e-7, 0.33333334, 16_777_216, -0.7, 1e21]);
  assertEquals(await values({ data: [0.1, 1 / 3], type: "DOUBLE" }), [0.1, 1 / 3]);
});

Deno.test("shortestFloat32() rounds to the number it was made from, and no shorter one does", () => {
  fc.assert(fc.property(fc.float({ noNaN: true }), (value) => {
    const short = shortestFloat32(value);
    assertEquals(Math.fround(short), value);
    assertEquals(`${short}`.length <= `${value}`.length, true);
  }));
});

Deno.test("followDeltas() and checkDeltaTexts() refuse what is not there", () => {
  const header = [128, 1, 4, 2, 0]; // blocks of 128 in 4 parts, 2 values, the first 0
  const block = [0, 8, 0, 0, 0, ...Array(32).fill(1)];
  const found: number[] = [];
  const page = new Uint8Array([...header, ...block]);
  assertEquals(followDeltas(page, 0, 2, 32, (value) => found.push(value)), page.length);
  assertEquals(found, [0, 1]);
  const cases: readonly (readonly [readonly number[], number, string])[] = [
    [[128, 1, 0, 2, 0], 2, "has 0 parts of 128 values"],
    [[...header, 0, 40, 0, 0, 0], 2, "a difference has 40 bits"],
    [[...header, 0, 8, 0, 0, 0], 2, "beyond the end of its page"],
    [header, 3, "shorter than its page"],
  ];
  for (const [bytes, count, message] of cases) {
    assertThrows(() => followDeltas(new Uint8Array(bytes), 0, count, 32), SyntaxError, message);
  }
  const lengths = [128, 1, 4, 1, 10]; // one text of five bytes
  checkDeltaTexts(new Uint8Array([...lengths, 1, 2, 3, 4, 5]), 0, 1, false, 5);
  assertThrows(
    () => checkDeltaTexts(new Uint8Array([...lengths, 1, 2, 3, 4, 5]), 0, 1, false, 4),
    SyntaxError,
    "more than the file can hold",
  );
  assertThrows(
    () => checkDeltaTexts(new Uint8Array([...lengths, 1]), 0, 1, false, 5),
    SyntaxError,
    "beyond the end",
  );
  const prefixes = [128, 1, 4, 1, 2, ...lengths]; // one text that repeats a byte of none
  assertThrows(
    () => checkDeltaTexts(new Uint8Array([...prefixes, 1, 2, 3, 4, 5]), 0, 1, true, 50),
    SyntaxError,
    "repeats more than the one before",
  );
});
