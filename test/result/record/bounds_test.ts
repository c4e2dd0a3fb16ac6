/** What is larger than any result needs is refused before any work begins. */
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "node:path";
import {
  attest,
  limits,
  parseRecord,
  readSamples,
  type ResultRecord,
  type Run,
  verify,
} from "../../../src/result/mod.ts";
import { readLog } from "../../../src/result/judge/byproducts.ts";
import { readResult } from "../../../src/publish/mod.ts";
import { writeDocument } from "../../../src/result/record/schema.ts";
import { facts, forgeRecord, keysOf, sampleRecord, withSigned } from "../fixture.ts";

const outcome = (correct: readonly number[]) => ({ correct, truncated: 0, unparsed: 0, tokens: 0 });

/** The sample record with one suite of so many problems and samples, and so many methods and seeds. */
function sized(
  { problems = 1, samples = 1, methods = 1, seeds = 1 }: Readonly<Record<string, number>>,
): ResultRecord {
  const ids = Array.from({ length: problems }, (_, i) => `p${i}`);
  const suites = { s: outcome(ids.map(() => 0)) };
  const runs = Array.from({ length: methods * seeds }, (_, i): Run => {
    return { method: `m${i % methods}`, seed: Math.floor(i / methods), checkpoint: null, suites };
  });
  const record = sampleRecord();
  return { ...record, suites: [{ name: "s", digest: "c".repeat(64), problems: ids, samples }], runs };
}

/** The sample record under another name of its method, suite or profile. */
function named(part: "method" | "suite" | "profile" | "problem" | "graph", name: string): ResultRecord {
  const record = sized({});
  const [suite] = record.suites, [run] = record.runs;
  assert(suite && run);
  const parts: Readonly<Record<typeof part, Partial<ResultRecord>>> = {
    method: { runs: [{ ...run, method: name }] },
    suite: { suites: [{ ...suite, name }], runs: [{ ...run, suites: { [name]: outcome([0]) } }] },
    profile: { profile: { ...record.profile, name } },
    problem: { suites: [{ ...suite, problems: [name] }] },
    graph: { artifacts: { [name]: "a".repeat(64) } },
  };
  return { ...record, ...parts[part] };
}

const read = (record: unknown): ResultRecord => parseRecord(new TextEncoder().encode(writeDocument(record)));

const settings = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`s${i}`, i]));

const tooLarge: readonly (readonly [string, () => unknown, string])[] = [
  ["1e12 samples with counts of 5e11", () => {
    const record = sized({});
    const [suite] = record.suites, [run] = record.runs;
    const runs = [{ ...run, suites: { s: outcome([5e11]) } }];
    return { ...record, suites: [{ ...suite, samples: 1e12 }], runs };
  }, "suites[0].samples: "],
  ["more problems", () => sized({ problems: limits.problems + 1 }), "suites[0].problems: "],
  ["more methods", () => sized({ methods: limits.methods + 1 }), "expected at most 64 methods, there are 65"],
  ["more seeds", () => sized({ seeds: limits.seeds + 1 }), "expected at most 64 seeds of m0, there are 65"],
  ["more counts", () => sized({ problems: 50_000, methods: 41 }), "expected at most 2000000 counts"],
  ["more completions", () => sized({ problems: 5000, samples: 4096, seeds: 3 }), "50000000 completions"],
  ["more tokens", () => {
    const record = sized({}), [run] = record.runs;
    const tokens = limits.completionTokens + 1;
    return { ...record, runs: [{ ...run, suites: { s: { ...outcome([0]), tokens } } }] };
  }, "suites.s.tokens: expected at most 1048576 tokens a completion, found 1048577"],
  ["more suites", () => {
    const record = sized({}), [suite] = record.suites, [run] = record.runs;
    const names = Array.from({ length: limits.suites + 1 }, (_, i) => `s${i}`);
    const suites = Object.fromEntries(names.map((name) => [name, outcome([0])]));
    return { ...record, suites: names.map((name) => ({ ...suite, name })), runs: [{ ...run, suites }] };
  }, "suites: "],
  ["more graphs", () => {
    const graphs = Array.from({ length: limits.artifacts + 1 }, (_, i) => [`${i}.onnx`, "a".repeat(64)]);
    return { ...sized({}), artifacts: Object.fromEntries(graphs) };
  }, "artifacts: expected at most 256 graphs"],
  ["20,000 settings", () => ({ ...sized({}), profile: { name: "p", ...settings(20_000) } }), "2000 settings"],
  ["settings within settings", () => ({
    ...sized({}),
    profile: { name: "p", a: Array.from({ length: 50 }, () => settings(50)) },
  }), "expected at most 2000 settings, there are 25"],
  [
    "a long setting",
    () => ({ ...sized({}), profile: { name: "p", a: "x".repeat(4097) } }),
    "4096 characters",
  ],
  [
    "a long name of a setting",
    () => ({ ...sized({}), profile: { name: "p", ["x".repeat(4097)]: 1 } }),
    "4096",
  ],
  ["more parameters", () => {
    const record = sized({});
    return { ...record, base: { ...record.base, parameters: 2e15 } };
  }, "base.parameters: "],
];

for (const [what, record, message] of tooLarge) {
  Deno.test(`parseRecord() refuses ${what} than a result has, in one line`, () => {
    const error = assertThrows(() => read(record()), TypeError, message);
    assertEquals([error.message.includes("\n"), error.message.length < 300], [false, true], error.message);
  });
}

Deno.test("parseRecord() takes what is as large as allowed", () => {
  for (
    const counts of [{ methods: 64 }, { seeds: 64 }, { samples: 4096 }, { problems: 31_250, methods: 64 }]
  ) {
    assertEquals(read(sized(counts)).runs.length, Math.max(counts.methods ?? 1, counts.seeds ?? 1));
  }
});

Deno.test("docs/results.md says the bounds", async () => {
  const text = (await Deno.readTextFile("docs/results.md")).replace(/\s+/g, " ");
  const number = (value: number): string => value.toLocaleString("en");
  const sentences = [
    `${limits.suites} suites of ${number(limits.problems)} problems`,
    `${number(limits.samples)} samples a problem`,
    `${limits.methods} methods of ${limits.seeds} seeds`,
    `${limits.counts / 1e6} million counts`,
    `${limits.completions / 1e6} million completions of 2^${Math.log2(limits.completionTokens)} tokens`,
    `${number(limits.settings)} settings`,
    `up to ${limits.nameBytes} bytes`,
    `${limits.samplesBytes / 2 ** 30} GiB packed, ${limits.inflatedBytes / 2 ** 30} GiB`,
    `${limits.metricsBytes / 2 ** 20} MiB or ${number(limits.metricsLines)} lines a run, or ${
      limits.allMetricsBytes / 2 ** 20
    } MiB together`,
    `results up to ${limits.recordBytes / 2 ** 20} MiB`,
  ];
  assertEquals(sentences.filter((sentence) => !text.includes(sentence)), []);
});

Deno.test("names that a file cannot have, or nobody can see, are refused", () => {
  const parts = ["method", "suite", "profile", "graph"] as const;
  const bad = [
    "😀".repeat(100),
    "a/b",
    "a\\b",
    "c:x",
    "a\nb",
    "a\x1b[31m",
    "a\u202eb",
    "..",
    " a",
    "a\u2028b",
    "",
  ];
  for (const part of parts) {
    for (const name of bad) {
      assertThrows(() => read(named(part, name)), TypeError, "Cannot read", `${part} ${name}`);
    }
    for (const name of ["bupo", "算術", "grpo+clip 2", "x".repeat(100)]) read(named(part, name));
  }
  for (const id of ["", "a\nb", "a\u202eb", "x".repeat(201)]) assertThrows(() => read(named("problem", id)));
  for (const id of ["test/algebra/12.json", "算術 3: a\\b"]) read(named("problem", id));
});

Deno.test("readLog() reads no log with more lines than any training leaves", () => {
  const feeds = (count: number) => new Uint8Array(count).fill(10);
  assertEquals(readLog(feeds(limits.metricsLines)).length, limits.metricsLines);
  assertEquals(readLog(feeds(limits.metricsLines + 1)), [null]);
});

Deno.test("readSamples() ends at the number of lines and bytes that a result can have", async () => {
  const line = '{"method":"base","problem":"a","responses":[],"suite":"s"}\n';
  const path = await Deno.makeTempFile();
  try {
    // 30 million lines would do as well; the bound is what is asked.
    const text = new Blob([line.repeat(limits.counts / 100)]);
    const all = new Blob(Array.from({ length: 101 }, () => text));
    await Deno.writeFile(path, all.stream().pipeThrough(new CompressionStream("gzip")));
    assert((await Deno.stat(path)).size < 2 ** 21, "a small file of very many lines");
    const count = async (bounds?: { lines?: number; total?: number }) => {
      let lines = 0;
      for await (const _ of readSamples(path, bounds)) lines++;
      return lines;
    };
    await assertRejects(() => count(), SyntaxError, `there are more than ${limits.counts} lines`);
    await assertRejects(
      () => count({ lines: 10 }),
      SyntaxError,
      "near line 11: there are more than 10 lines",
    );
    await assertRejects(() => count({ total: 1e6 }), SyntaxError, "there are more than 1000000 bytes");
    await Deno.truncate(path, limits.samplesBytes + 1); // sparse
    await assertRejects(() => count(), SyntaxError, `expected at most ${limits.samplesBytes}`);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("a hostile result is left out by name with the reason", async () => {
  await withSigned(async (directory, key) => {
    const keys = keysOf(key);
    const record = sized({});
    await forgeRecord(
      directory,
      key,
      writeDocument({ ...record, suites: [{ ...record.suites[0], samples: 1e12 }] }),
    );
    assertEquals((await verify(directory, keys)).ok, false);
    const refused = await readResult(directory, keys);
    assertEquals("reason" in refused && /results\.json: .*samples/.test(refused.reason), true);
  });
  await withSigned(async (directory, key) => {
    await Deno.truncate(join(directory, "metrics/grpo-1.jsonl"), limits.metricsBytes + 1); // sparse
    await attest(directory, { ...facts, key });
    const refused = await readResult(directory, keysOf(key));
    const reason = "reason" in refused ? refused.reason : "";
    assertStringIncludes(reason, "metrics/grpo-1.jsonl: ");
    assertStringIncludes(
      reason,
      `it has ${limits.metricsBytes + 1} bytes, expected at most ${limits.metricsBytes}`,
    );
  });
});
