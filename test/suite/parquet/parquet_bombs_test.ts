import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { readParquet } from "../../../src/suite/parquet/parquet.ts";
import { type HostileColumn, hostileParquet, type TestPage } from "./hostile_parquet.ts";
import { withFolder, writeIn } from "./parquet_files.ts";

/** Bytes of every hostile file, as far as it is padded. */
const SIZE = 1_000_000;

/** The most that reading one may take, in MiB. */
const MOST = 320;

const A = new Uint8Array([1, 0, 0, 0, 65]);
const letter: TestPage = { kind: "dictionary", values: 1, size: A.length, bytes: A };

/** A page of so many values, all the first of the dictionary, in one byte. */
function first(values: number): TestPage {
  return { kind: "data", values, size: 1, encoding: 8, bytes: new Uint8Array(1) };
}

/** A dictionary with as many texts as bytes can hold. */
function emptyTexts(size: number, bytes: Uint8Array): TestPage {
  return { kind: "dictionary", values: size / 4, size, bytes };
}

/** One text of so many bytes. */
function longText(length: number): Uint8Array {
  const bytes = new Uint8Array(4 + length).fill(65);
  new DataView(bytes.buffer).setUint32(0, length, true);
  return bytes;
}

/** Runs of one repetition level and one definition level for all values, and a dictionary's index of no bits. */
function levels(values: number, definition: number): Uint8Array {
  const run = (level: number): number[] => {
    const head: number[] = [];
    for (let left = values * 2;; left >>>= 7) {
      head.push(left & 0x7F | (left > 0x7F ? 0x80 : 0));
      if (left <= 0x7F) break;
    }
    return [head.length + 1, 0, 0, 0, ...head, level];
  };
  return new Uint8Array([...run(0), ...run(definition), 0]);
}

/** Zeros in each packing, and its number. */
const zeros = new Uint8Array(30 * SIZE);
const packed = {
  gzip: { codec: 2, pack: (bytes: Uint8Array): Uint8Array => new Uint8Array(gzipSync(bytes)) },
  Zstandard: { codec: 6, pack: (bytes: Uint8Array): Uint8Array => new Uint8Array(zstdCompressSync(bytes)) },
} as const;

function column(name: string, values: number, pages: readonly TestPage[], more = {}): HostileColumn {
  return { name, values, pages, ...more };
}

const padded = { padding: SIZE };
const nested = levels(SIZE, 7), indices = new Uint8Array(1);
/** An index of one bit, 2³¹ − 1 times, and the levels of 2²⁶ values. */
const longRun = new Uint8Array([1, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0]), longLevels = levels(2 ** 26, 2);
const few = SIZE / 4, one = { ...first(1), bytes: packed.gzip.pack(indices) };

/** A 32-bit integer as a variable-length one. */
function varint(value: number): number[] {
  return value < 128 ? [value] : [value % 128 + 128, ...varint(Math.floor(value / 128))];
}

/** Values as differences: in blocks of 65536, each difference in 16 bits above the least one. */
function deltas(values: readonly number[]): number[] {
  const bytes = [...varint(65_536), 1, ...varint(values.length), ...varint(2 * (values[0] ?? 0))];
  for (let start = 1; start < values.length; start += 65_536) {
    const steps = values.slice(start, start + 65_536).map((value, i) => value - (values[start + i - 1] ?? 0));
    const least = Math.min(...steps);
    bytes.push(...varint(least < 0 ? -2 * least - 1 : 2 * least));
    if (steps.every((step) => step === least)) bytes.push(0);
    else {
      bytes.push(16);
      for (let i = 0; i < 65_536; i++) {
        bytes.push(((steps[i] ?? least) - least) & 255, ((steps[i] ?? least) - least) >> 8);
      }
    }
  }
  return bytes;
}

/** One text of a thousand bytes, and so many that repeat it and add nothing. */
const repeats = Array.from({ length: few }, (_, i) => i === 0 ? 0 : 1000);
const repeated = new Uint8Array([
  ...deltas(repeats),
  ...deltas(repeats.map((prefix) => 1000 - prefix)),
  ...new Uint8Array(1000).fill(65),
]);

/** Files that would take gigabytes or minutes, and what is said of them; `read`: that is all they take. */
const bombs: Readonly<Record<string, readonly [Uint8Array, string]>> = {
  "many values in a byte": [
    hostileParquet(SIZE, ["a", "b", "c"].map((name) => column(name, SIZE, [letter, first(SIZE)])), padded),
    "values and levels, more than",
  ],
  "as many values as bytes": [
    hostileParquet(SIZE, [column("a", SIZE, [letter, first(SIZE)])], padded),
    "read",
  ],
  "a long text in every row": [
    hostileParquet(few, [
      column("a", few, [
        { kind: "dictionary", values: 1, size: 500_004, bytes: longText(500_000) },
        first(few),
      ]),
    ], padded),
    "read",
  ],
  "lists in lists": [
    hostileParquet(SIZE, [
      column("a", SIZE, [letter, { ...first(SIZE), size: nested.length, bytes: nested }], { lists: 6 }),
    ], padded),
    "values and levels, more than",
  ],
  "a dictionary of truth values": [
    hostileParquet(1, [
      column("a", 1, [
        { ...emptyTexts(zeros.length, packed.gzip.pack(zeros)), values: 8 * zeros.length },
        one,
      ], {
        codec: 2,
        type: 0,
      }),
    ], padded),
    "states 240000000 entries",
  ],
  "a dictionary that nobody needs": [
    hostileParquet(1, [
      column("a", 1, [emptyTexts(zeros.length, packed.gzip.pack(zeros)), one], { codec: 2 }),
    ], padded),
    "a dictionary of 30000000 bytes for 1 values states 7500000 entries",
  ],
  "a Snappy page of nothing": [
    hostileParquet(
      1,
      [column("a", 1, [{ ...first(1), encoding: 0, size: 30 * SIZE }], { codec: 1 })],
      padded,
    ),
    "a page cannot be unpacked to 30000000 bytes",
  ],
  "a footer of empty structs": [
    hostileParquet(1, [column("a", 1, [letter, first(1)])], { extra: SIZE }),
    "read",
  ],
  "a footer of more of them": [
    hostileParquet(1, [column("a", 1, [letter, first(1)])], { extra: 2 * SIZE }),
    "a struct has more than 1048576 values",
  ],
  "a footer of lists in lists": [
    hostileParquet(1, [column("a", 1, [letter, first(1)])], { nested: 20 }),
    "a length is beyond the end",
  ],
  "a run beyond its page": [
    hostileParquet(3, [column("a", 3, [letter, { ...first(3), size: longRun.length, bytes: longRun }])]),
    "a run is longer than its page",
  ],
  "levels beyond their page": [
    hostileParquet(3, [
      column("a", 3, [letter, { ...first(3), size: longLevels.length, bytes: longLevels }], { lists: 1 }),
    ]),
    "a run is longer than its page",
  ],
  "more rows than values": [
    hostileParquet(2 ** 27, [column("a", 1, [letter, first(1)])]),
    "the column a has 1 values for 134217728 rows",
  ],
  "a column in another file": [
    hostileParquet(1, [column("a", 1, [letter, first(1)], { file: "x" })]),
    "file_path not supported",
  ],
  "a compression of another kind": [
    hostileParquet(1, [column("a", 1, [letter, first(1)], { codec: 3 })]),
    "compression 3 is not read; use none, Snappy, gzip, Brotli, LZ4 or Zstandard",
  ],
  "texts that repeat the one before": [
    hostileParquet(few, [
      column("a", few, [{ ...first(few), size: repeated.length, encoding: 7, bytes: repeated }]),
    ], padded),
    "its texts are more than the file can hold",
  ],
  "a block of differences that is not there": [
    hostileParquet(few, [
      column("a", few, [{ ...first(few), size: 8, encoding: 5, bytes: new Uint8Array(8).fill(255) }], {
        type: 1,
      }),
    ], padded),
    "a run of differences is beyond the end of its page",
  ],
  "values that lie apart and are not there": [
    hostileParquet(few, [column("a", few, [{ ...first(few), encoding: 9 }], { type: 5 })], padded),
    "a page ends before its values",
  ],
  "row groups over each other": [
    hostileParquet(1, [column("a", 1, [...Array(20_000).fill(letter), first(1)])], { groups: 2000 }),
    "its columns lie over each other",
  ],
  "a variant": [
    hostileParquet(1, [column("a", 1, [letter, first(1)], { logical: 16 })]),
    "the column a is of a kind that is not read",
  ],
};

for (const [name, { codec, pack }] of Object.entries(packed)) {
  const bytes = pack(zeros), index = { ...first(1), bytes: pack(indices) };
  const page = { ...first(few), size: zeros.length, encoding: 0, bytes };
  Object.assign(bombs, {
    [`${name}: four columns, each as large as the file may be`]: [
      hostileParquet(few, ["a", "b", "c", "d"].map((name) => column(name, few, [page], { codec })), padded),
      "a row group unpacks to more than the file can hold",
    ],
    [`${name}: one of them`]: [hostileParquet(few, [column("a", few, [page], { codec })], padded), "read"],
    [`${name}: more than is stated`]: [
      hostileParquet(1, [column("a", 1, [{ ...letter, bytes: pack(zeros) }, index], { codec })], padded),
      "a page cannot be unpacked to 5 bytes: Cannot create a Buffer larger than 5 bytes",
    ],
  });
}

Deno.test("readParquet() reads what hand-made files honestly state", async () => {
  await withFolder(async (folder) => {
    const path = await writeIn(
      folder,
      "x.parquet",
      hostileParquet(3, [column("a", 3, [letter, first(3)])]),
    );
    assertEquals(
      await Array.fromAsync(readParquet(path, (column) => column === "a")),
      Array(3).fill({ a: "A" }),
    );
  });
});

const linux = Deno.build.os === "linux";

Deno.test({
  name: `readParquet() takes a bounded multiple of a hostile file's size, or refuses it in one line${
    linux ? "" : " (ignored: not on Linux)"
  }`,
  ignore: !linux,
  async fn() {
    await withFolder(async (folder) => {
      const paths: string[] = [];
      for (const [name, [bytes]] of Object.entries(bombs)) {
        paths.push(await writeIn(folder, `${name}.parquet`, bytes));
      }
      const script = new URL("./parquet_peak.ts", import.meta.url).pathname;
      const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--allow-all", "--v8-flags=--expose-gc", script, ...paths],
      }).output();
      assert(success, new TextDecoder().decode(stderr));
      const lines = new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
      assertEquals(lines.length, paths.length);
      for (const [index, [name, [bytes, expected]]] of Object.entries(bombs).entries()) {
        const { outcome, peak } = lines[index];
        assertStringIncludes(outcome, expected, name);
        assert(!outcome.includes("\n"), outcome);
        assert(peak < MOST, `${name}: ${peak} MiB for a file of ${bytes.length} bytes`);
      }
    });
  },
});
