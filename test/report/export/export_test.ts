import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  buildLeaderboard,
  everyEvalEverAggregate,
  everyEvalEverNames,
  type ExportedResult,
  hubResults,
  type LeaderboardInput,
  lmEvalPath,
  lmEvalResults,
  resultFolder,
  roCrate,
} from "../../../src/report/mod.ts";
import type { ResultRecord } from "../../../src/result/mod.ts";
import { embeddedRecord, inputOf, judgedWell, QUICK } from "../../publish/published_fixture.ts";

/** A result for other tools, as if its suites were data sets of so many problems. */
async function exported(
  name: string,
  more: Partial<LeaderboardInput> = {},
  { problems = 120, change = (record: ResultRecord) => record } = {},
): Promise<ExportedResult> {
  const record = change(await embeddedRecord());
  // The judge says of every suite that it is a whole data set: what is tested is what the export makes of it.
  const suites = record.suites.map(({ name }) => {
    return { name, kind: "hub" as const, file: null, whole: true, note: null };
  });
  const input = inputOf(name, record, { judged: { ...judgedWell, suites }, ...more });
  const board = buildLeaderboard([input], [], QUICK), [result] = board.results;
  assert(result);
  const dataset = { id: "someone/data", revision: "main", problems };
  return {
    result,
    record,
    settings: board.settings,
    files: [],
    datasets: new Map(record.suites.map(({ name }) => [name, dataset])),
    version: "0",
  };
}

/** Every path that a result is written to. */
async function pathsOf(one: ExportedResult): Promise<string[]> {
  const paths = [`ro-crate/${resultFolder(one)}`];
  for (const run of one.record.runs) {
    const { evaluationId, aggregate, samples } = await everyEvalEverNames(one, run);
    paths.push(evaluationId, aggregate, samples, lmEvalPath(one, run), ...Object.keys(hubResults(one, run)));
  }
  return paths;
}

const hubModel = (record: ResultRecord): ResultRecord => ({
  ...record,
  profile: { ...record.profile, model: { repository: "Qwen/Qwen3-4B", revision: "1cfa9a7" } },
});

Deno.test("results of one profile and date are exported to paths of their own", async () => {
  const one = await exported("embedded", { manifest: "a".repeat(64) });
  const other = await exported("embedded", { manifest: "b".repeat(64) });
  const paths = [...await pathsOf(one), ...await pathsOf(other)];
  assert(paths.length > 50);
  assertEquals(new Set(paths).size, paths.length);
});

Deno.test("exports name models of the Hub with their revision", async () => {
  const one = await exported("q", {}, { change: hubModel }), run = one.record.runs[1];
  assert(run);
  const lm = JSON.stringify(lmEvalResults(one, run));
  assertMatch(lm, /"model_args":"base=Qwen\/Qwen3-4B,revision=1cfa9a7,method=grpo,seed=1"/);
  const every = JSON.stringify(await everyEvalEverAggregate(one, run, { sha256: "0".repeat(64), rows: 1 }));
  assertMatch(every, /"base_model":"Qwen\/Qwen3-4B","base_model_revision":"1cfa9a7"/);
  const crate = JSON.stringify(roCrate(one, { workflow: "w", profile: "p", signatures: [] }));
  assertMatch(crate, /"@id":"#base-model","name":"Qwen\/Qwen3-4B"/);
});

Deno.test("only a whole data set bears its name on the Hub", async () => {
  const whole = await exported("whole"), part = await exported("part", {}, { problems: 500 });
  const unknown = await exported("unknown", { judged: judgedWell });
  for (const [one, count] of [[whole, 2], [part, 0], [unknown, 0]] as const) {
    const run = one.record.runs[0];
    assert(run);
    assertEquals(Object.keys(hubResults(one, run)).length, count);
    assertEquals(JSON.stringify(lmEvalResults(one, run)).includes("someone/data"), count > 0);
    const every = JSON.stringify(await everyEvalEverAggregate(one, run, { sha256: "0".repeat(64), rows: 1 }));
    assertEquals(every.includes("hf_dataset"), count > 0);
  }
});

Deno.test("lm-eval's results claim no evaluation time: only the whole run's was signed", async () => {
  const one = await exported("embedded"), run = one.record.runs[0];
  assert(run);
  const value = lmEvalResults(one, run);
  for (const name of ["total_evaluation_time_seconds", "start_time", "end_time"]) {
    assert(!(name in value), name);
  }
});

Deno.test("no name is too long for a file system, and long names stay apart", async () => {
  const long = "😀".repeat(100);
  const named = (name: string) => (record: ResultRecord): ResultRecord => ({
    ...record,
    profile: { ...record.profile, name },
  });
  const one = await exported(`${long}a`, {}, { change: named(`${long}a`) });
  const other = await exported(`${long}b`, {}, { change: named(`${long}b`) });
  for (const path of await pathsOf(one)) for (const part of path.split("/")) assert(part.length < 200, part);
  const [first, second] = [one.record.runs[0], other.record.runs[0]];
  assert(first && second);
  assert(lmEvalPath(one, first) !== lmEvalPath(other, second));
});
