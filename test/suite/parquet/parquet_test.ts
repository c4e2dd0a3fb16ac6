import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { readParquet } from "../../../src/suite/parquet/parquet.ts";
import { messagesSchema, parquetBytes, withFolder, writeIn } from "./parquet_files.ts";

/** Reads a file from bytes. */
function read(bytes: Uint8Array, columns: readonly string[]): Promise<Readonly<Record<string, unknown>>[]> {
  return withFolder(async (folder) => {
    const path = await writeIn(folder, "x.parquet", bytes);
    return await Array.fromAsync(readParquet(path, (column) => columns.includes(column)));
  });
}

const words = ["alpha", "beta", "γάμμα", "", "delta"];
const rows = 2500;
const questions = Array.from({ length: rows }, (_, i) => `${words[i % 5]} ${i}`);

Deno.test("readParquet() reads texts, integers, floats and truth values over several row groups", async () => {
  const bytes = parquetBytes([
    { name: "question", data: questions, type: "STRING" },
    { name: "answer", data: questions.map((_, i) => BigInt(i) * 3n), type: "INT64" },
    { name: "value", data: questions.map((_, i) => i % 7 === 0 ? null : i / 2), type: "DOUBLE" },
    { name: "even", data: questions.map((_, i) => i % 2 === 0), type: "BOOLEAN" },
  ]);
  const found = await read(bytes, ["question", "answer", "value", "even"]);
  assertEquals(found.length, rows);
  assertEquals(found[1234], { question: questions[1234], answer: 3702n, value: 617, even: true });
  assertEquals(found.map(({ question }) => question), questions);
  assertEquals(found[7]?.value ?? null, null);
});

Deno.test("readParquet() reads each compression, small pages and dictionaries", async () => {
  const data = questions.map((_, i) => words[i % 5]);
  const codecs = {
    UNCOMPRESSED: undefined,
    SNAPPY: undefined,
    GZIP: (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)),
    ZSTD: (bytes: Uint8Array) => new Uint8Array(zstdCompressSync(bytes)),
  };
  for (const [codec, compress] of Object.entries(codecs)) {
    const compressors = compress ? { [codec]: compress } : {};
    const settings = { codec: codec as keyof typeof codecs, compressors, pageSize: 500, rowGroupSize: 700 };
    const bytes = parquetBytes([
      { name: "word", data, type: "STRING" },
      { name: "question", data: questions, type: "STRING" },
    ], settings);
    const found = await read(bytes, ["question", "word"]);
    assertEquals(found.map(({ word }) => word), data, codec);
    assertEquals(found.map(({ question }) => question), questions, codec);
  }
});

const prompts = [
  [{ role: "system", content: "Think." }, { role: "user", content: "Find 2+3" }],
  [{ role: "user", content: "Find 2*3" }],
  [],
];
const nested = parquetBytes(
  [{ name: "prompt", data: prompts }, { name: "solution", data: ["5", "6", null] }],
  { schema: messagesSchema("prompt", "solution") },
);

Deno.test("readParquet() reads nested columns, and leaves out what the file lacks", async () => {
  const found = await read(nested, ["prompt", "solution", "level"]);
  assertEquals(found.slice(0, 2), [{ prompt: prompts[0], solution: "5" }, {
    prompt: prompts[1],
    solution: "6",
  }]);
  assertEquals(Object.keys((await read(nested, ["solution"]))[0] ?? {}), ["solution"]);
});

Deno.test("readParquet() says in one line what is wrong with a file", async () => {
  const plain = parquetBytes([{ name: "question", data: ["Find 2+3"], type: "STRING" }]);
  const delta = parquetBytes([{ name: "question", data: [1, 2, 3], type: "INT32" }]);
  const cases: readonly (readonly [Uint8Array, readonly string[], string])[] = [
    [new Uint8Array(), ["question"], "0 bytes are no parquet file"],
    [new TextEncoder().encode('{"question": "Find 2+3"}'), ["question"], "it does not end in PAR1"],
    [plain.slice(0, -9), ["question"], "it does not end in PAR1"],
    [plain.subarray(plain.length - 16), ["question"], "its footer states"],
    [delta, ["problem", "answer"], "it has none of the wanted columns, only question"],
  ];
  for (const [bytes, columns, message] of cases) {
    const error = await assertRejects(() => read(bytes, columns), SyntaxError, message);
    assert(/^Cannot read [^\n]+\.parquet: [^\n]+$/.test(error.message), error.message);
  }
});

Deno.test("readParquet() refuses text that is not UTF-8", async () => {
  const bytes = parquetBytes([{ name: "question", data: ["Find xyz"], type: "STRING" }], {
    codec: "UNCOMPRESSED",
  });
  const at = new TextDecoder("latin1").decode(bytes).indexOf("xyz");
  bytes[at] = 0xFF;
  await assertRejects(() => read(bytes, ["question"]), SyntaxError, "Cannot read ");
});

/** Reads damaged bytes and wants rows or one line. */
async function readsOrRefuses(bytes: Uint8Array, columns: readonly string[], path: string): Promise<void> {
  await Deno.writeFile(path, bytes);
  const used = (): number => Deno.memoryUsage().external + Deno.memoryUsage().heapTotal;
  const before = used();
  try {
    for await (const row of readParquet(path, (column) => columns.includes(column))) void row;
  } catch (error) {
    assert(error instanceof SyntaxError, `${error}`);
    assert(!error.message.includes("\n"), error.message);
  }
  const grown = used() - before;
  assert(grown < 128 * 2 ** 20, `${grown} bytes were allocated for a file of ${bytes.length}`);
}

const files = [
  nested,
  parquetBytes(
    [{ name: "prompt", data: prompts }, { name: "solution", data: ["5", "6", null] }],
    { schema: messagesSchema("prompt", "solution"), codec: "UNCOMPRESSED" },
  ),
  parquetBytes([
    { name: "prompt", data: questions.slice(0, 60), type: "STRING" },
    { name: "solution", data: questions.slice(0, 60).map((_, i) => words[i % 3]), type: "STRING" },
  ], { codec: "UNCOMPRESSED", pageSize: 200 }),
];

Deno.test("readParquet() reads or refuses a file with any byte changed", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/x.parquet`;
    for (const original of files) {
      for (let at = 0; at < original.length; at++) {
        const bytes = original.slice();
        bytes[at] = (original[at] ?? 0) ^ ([0x01, 0x80, 0xFF][at % 3] ?? 0);
        await readsOrRefuses(bytes, ["prompt", "solution"], path);
      }
    }
  });
});

Deno.test("readParquet() reads or refuses a file that was cut, spliced or overwritten", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/x.parquet`;
    const change = fc.record({ at: fc.nat(2000), bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.nat(40),
        async (original, changes, cut) => {
          const bytes = original.slice();
          for (const { at, bytes: piece } of changes) bytes.set(piece, at % (bytes.length - piece.length));
          // The footer's end stays, so that what is behind it is reached.
          const kept = new Uint8Array([...bytes.subarray(cut % 20), ...original.subarray(-8)]);
          await readsOrRefuses(cut > 20 ? kept : bytes, ["prompt", "solution"], path);
        },
      ),
      { numRuns: 1500 },
    );
  });
});

Deno.test("readParquet() believes no size that the file cannot have", async () => {
  const runs = new Uint8Array([0xFE, 0xFF, 0xFF, 0x7F]); // a run of more than 100 million equal values
  await withFolder(async (folder) => {
    const path = `${folder}/x.parquet`;
    for (const original of files) {
      for (let at = 4; at < original.length - 8 - runs.length; at++) {
        const bytes = original.slice();
        bytes.set(runs, at);
        await readsOrRefuses(bytes, ["prompt", "solution"], path);
      }
    }
  });
});
