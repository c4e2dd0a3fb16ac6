import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import { parseRecord, writeRecord } from "../../../src/result/mod.ts";
import { readDocument, writeDocument } from "../../../src/result/record/schema.ts";
import { sampleRecord } from "../fixture.ts";

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("writeRecord() writes canonical bytes that parseRecord() reads back", async () => {
  const directory = await Deno.makeTempDir();
  await writeRecord(directory, sampleRecord());
  const bytes = await Deno.readFile(join(directory, "results.json"));
  assertEquals(parseRecord(bytes), sampleRecord());
  assertEquals(new TextDecoder().decode(bytes).slice(0, 12), '{"artifacts"');
  await assertRejects(() => writeRecord(directory, { ...sampleRecord(), runs: [] }), TypeError, "runs");
  await Deno.remove(directory, { recursive: true });
});

/** The bytes of the sample record with the value at one path replaced; `undefined` removes it. */
function changed(path: readonly (string | number)[], value: unknown): Uint8Array {
  const record: object = structuredClone(sampleRecord());
  const parent = path.slice(0, -1).reduce<object>((object, part) => Reflect.get(object, part), record);
  const last = path.at(-1) ?? "";
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else Reflect.set(parent, last, value);
  return encode(writeDocument(record));
}

const wrong: readonly (readonly [string, readonly (string | number)[], unknown, string])[] = [
  ["a text for a seed", ["runs", 1, "seed"], "1", 'runs[1].seed: expected number, found "1"'],
  ["an unknown member", ["time"], 1, 'the document: Unrecognized key: "time"'],
  ["another version", ["schema"], "v0", 'schema: expected "bupo-bench/results/v1", found "v0"'],
  ["a short digest", ["base", "digest"], "ab", 'base.digest: expected a SHA-256 in hex, found "ab"'],
  [
    "a missing suite",
    ["runs", 0, "suites", "mini-math"],
    undefined,
    "runs[0].suites: expected outcomes of mini-aime, mini-math",
  ],
  [
    "more correct than samples",
    ["runs", 0, "suites", "mini-aime", "correct", 0],
    5,
    'runs[0].suites["mini-aime"].correct[0]: expected at most 4, found 5',
  ],
  ["too few counts", ["runs", 2, "suites", "mini-math", "correct"], [1], "expected 2 counts, found [1]"],
  ["more truncated than sampled", ["runs", 0, "suites", "mini-math", "truncated"], 5, "expected at most 4"],
  [
    "a repeated problem",
    ["suites", 0, "problems", 2],
    "a1",
    "suites[0].problems[2]: expected each problem once",
  ],
  ["a repeated run", ["runs", 2, "seed"], 1, "runs[2].method: expected each method and seed once"],
  ["a fraction", ["base", "parameters"], 1.5, "base.parameters: expected int, found 1.5"],
  ["a huge count", ["base", "parameters"], 1e300, "base.parameters: "],
  ["a missing member", ["graderVersion"], undefined, "graderVersion: expected string, found nothing"],
];

for (const [name, path, value, message] of wrong) {
  Deno.test(`parseRecord() rejects ${name} with one line that says where`, () => {
    const error = assertThrows(() => parseRecord(changed(path, value)), TypeError, message);
    assertEquals(error.message.includes("\n"), false);
    assertEquals(error.message.startsWith("Cannot read results.json: "), true);
  });
}

Deno.test("readDocument() refuses every spelling but the canonical one", () => {
  assertEquals(readDocument(encode('{"a":1}\n'), "Cannot read"), { a: 1 });
  const spellings = [
    '{"a":1}',
    '{"a": 1}\n',
    '{"a":1.0}\n',
    '{"a":2,"a":1}\n',
    '{"b":1,"a":1}\n',
    '\ufeff{"a":1}\n',
  ];
  for (const text of spellings) assertThrows(() => readDocument(encode(text), "Cannot read"), SyntaxError);
  assertThrows(
    () => readDocument(new Uint8Array([0x22, 0xff, 0x22, 0x0a]), "Cannot read"),
    SyntaxError,
    "UTF-8",
  );
});
