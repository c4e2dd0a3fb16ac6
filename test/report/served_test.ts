import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  buildLeaderboard,
  compareRecords,
  comparisonFormats,
  markdownTable,
  parseLeaderboard,
  passCurves,
  renderComparison,
  terminalTable,
} from "../../src/report/mod.ts";
import { parseRecord, type ResultRecord, type ServedOutcome, writeRecord } from "../../src/result/mod.ts";
import { embeddedRecord, inputOf, QUICK } from "../publish/published_fixture.ts";

const served: ServedOutcome = {
  claim: "statistical",
  engine: "vllm",
  version: "0.18.0",
  fingerprint: null,
  model: "a".repeat(64),
  dtype: "bfloat16",
  kvCacheDtype: null,
  deterministic: null,
  slots: null,
  concurrency: 8,
  seeds: "some rule",
  logprobs: "the same",
  withoutLogprobs: 0,
  check: { prompts: 8, tokens: 300, largest: 0.0123, mean: 0.001, bound: 0.05 },
};

const record = await embeddedRecord();

/** The committed record as if a server had sampled a method's completions. */
const marked: ResultRecord = {
  ...record,
  runs: record.runs.map((run) =>
    run.method !== "grpo" ? run : {
      ...run,
      suites: Object.fromEntries(
        Object.entries(run.suites).map(([name, outcome]) => [name, { ...outcome, served }]),
      ),
    }
  ),
};

const note =
  "served: sampled by vllm 0.18.0, bfloat16, whose log-probs of fixed prompts were up to 0.0123 nats from ours";

Deno.test("tables mark a served method wherever it stands, and say what that means", () => {
  for (const table of [terminalTable, markdownTable]) {
    const [plain, text] = [table(record), table(marked)];
    assertEquals(plain.match(/served/g), null);
    assertEquals(text.match(/GRPO(?! \(served\))/g), null);
    assert((text.match(/GRPO \(served\)/g)?.length ?? 0) > 2);
    assertStringIncludes(text, note);
    assertEquals(text.match(/BuPO \(served\)/g), null);
  }
});

Deno.test("leaderboard.json, its headline and its curves mark a served row and name the server", () => {
  const board = buildLeaderboard([inputOf("embedded", marked)], [], QUICK);
  parseLeaderboard(board);
  assertEquals(
    board.rows.map(({ method, label, served }) => [method, label.endsWith(" (served)"), served]).toSorted(),
    record.runs.map(({ method }) => method).filter((method, i, all) => all.indexOf(method) === i).map((
      method,
    ) => method === "grpo" ? [method, true, "vllm 0.18.0, bfloat16"] : [method, false, undefined]).toSorted(),
  );
  const [result] = board.results;
  assertEquals(result?.headline.includes("GRPO"), result?.headline.includes("GRPO (served)"));
  const labels = passCurves("embedded", marked, { confidence: 0.95, resamples: 20 }).map(({ label }) =>
    label
  );
  assert(labels.includes("GRPO (served)") && !labels.includes("GRPO"));
});

Deno.test("a comparison marks the served side in every format and says who sampled each", () => {
  const inputs = [{ name: "ours", record }, { name: "theirs", record: marked }];
  const comparison = compareRecords(inputs, { ...QUICK, baseline: "ours" });
  const across = comparison.pairs.filter(({ kind, candidate }) =>
    kind === "records" && candidate.method === "grpo"
  );
  assert(across.length > 0);
  for (const pair of across) {
    assertStringIncludes(pair.note ?? "", "sampled by vllm 0.18.0, bfloat16 and by our own engine");
    assertEquals([pair.candidate.served, pair.baseline.served], [true, undefined]);
  }
  for (const format of comparisonFormats) {
    const text = renderComparison(comparison, format);
    assert(/\(served\)|"served":true|sampled by vllm/.test(text), format);
    if (format === "terminal") assertStringIncludes(text, "grpo (served) and grpo: theirs − ours");
  }
  const same = compareRecords([{ name: "ours", record }, { name: "again", record }], {
    ...QUICK,
    baseline: "ours",
  });
  assertEquals(same.pairs.filter(({ note }) => note?.includes("sampled by")), []);
});

Deno.test("a record holds the server's facts and refuses what is none of them", async () => {
  const folder = await Deno.makeTempDir();
  await writeRecord(folder, marked);
  assertEquals(parseRecord(await Deno.readFile(`${folder}/results.json`)), marked);
  const text = await Deno.readTextFile(`${folder}/results.json`);
  const broken: [string, string][] = [
    [`"claim":"statistical"`, `"claim":"bytes"`],
    [`"engine":"vllm"`, `"engine":"vllm","url":"http://somewhere"`],
    [`"version":"0.18.0"`, `"version":"\\u0007"`],
  ];
  for (const [from, to] of broken) {
    const changed = new TextEncoder().encode(text.replace(from, to));
    let failed = false;
    try {
      parseRecord(changed);
    } catch {
      failed = true;
    }
    assert(failed, to);
  }
  await Deno.remove(folder, { recursive: true });
});
