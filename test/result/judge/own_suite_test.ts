import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { exportResults, publication, readResult } from "../../../src/publish/mod.ts";
import { judgeFiles, recheck } from "../../../src/result/mod.ts";
import { loadSuite, type PromptName, promptTemplates, suiteDigest } from "../../../src/suite/mod.ts";
import { renameSuite } from "./edits.ts";
import { QUICK } from "../../publish/published_fixture.ts";
import { keysOf } from "../fixture.ts";
import { inMemory, judged, NOW, writeForgery } from "./forger.ts";
import { filesOf, honestParts, type Parts } from "./honest.ts";

/** The files below a folder. */
async function* filesIn(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* filesIn(join(folder, name));
    else yield join(folder, name);
  }
}

/** An honest result of which one suite is a file of the signer's own, at a path; returns the file's text too. */
async function withOwnSuite(folder: string, path: string): Promise<{ parts: Parts; text: string }> {
  const parts = await honestParts(), { record } = parts, [first] = record.suites;
  const text = first.problems.map((id: string) =>
    JSON.stringify({ problem: `What is ${id}?`, answer: parts.answers[id] }) + "\n"
  ).join("");
  const copy = join(folder, "easy.jsonl");
  await Deno.writeTextFile(copy, text);
  const files = { file: () => Promise.reject(new Error("no data set")) };
  const { problems } = await loadSuite(copy, {
    root: ".",
    files,
    split: "evaluation",
    seed: 1,
    count: first.problems.length,
  });
  const { template, temperature, maxResponseTokens, evaluation } = record.profile;
  const sampling = { temperature, maxResponseTokens, samples: first.samples, seed: evaluation.seed };
  evaluation.suites = [path, "mini-math"];
  renameSuite(parts, "mini-aime", "easy");
  first.digest = await suiteDigest("easy", problems, promptTemplates[template as PromptName], sampling);
  // The draw has an order of its own.
  const places = problems.map(({ question }) =>
    first.problems.findIndex((id: string) => question === `What is ${id}?`)
  );
  const old = [...first.problems];
  first.problems = problems.map(({ id }) => id);
  for (const run of record.runs) {
    run.suites.easy.correct = places.map((place) => run.suites.easy.correct[place]);
  }
  const lines = parts.lines;
  parts.lines = record.runs.flatMap((run: { method: string; seed: number | null }) => {
    const own = lines.filter((line) => line.method === run.method && (line.seed ?? null) === run.seed);
    const easy = places.map((place, index) => {
      const line = own.find(({ suite, problem }) => suite === "easy" && problem === old[place]);
      assert(line);
      return { ...line, problem: first.problems[index] };
    });
    return [...easy, ...own.filter(({ suite }) => suite !== "easy")];
  });
  return { parts, text };
}

Deno.test("a file of the signer's own is named as such, and its path in the record is never opened", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "signers", "easy.jsonl");
    const { parts, text } = await withOwnSuite(folder, path);
    await Deno.mkdir(join(folder, "signers"));
    await Deno.writeTextFile(path, text);
    // It stands where the record says, and is not looked at all the same.
    const { judgement, found } = await judged(parts, { options: { regrade: { workers: 1 } } });
    assertEquals([judgement.fault, judgement.refused, judgement.headline, judgement.whole], [
      null,
      null,
      false,
      false,
    ]);
    assertEquals(judgement.suites[0], {
      name: "easy",
      kind: "own",
      file: "easy.jsonl",
      whole: null,
      note: "own file easy.jsonl",
      problems: judgement.claims.problems,
    });
    const easy = found.get("easy");
    assertStringIncludes(easy && "absent" in easy ? easy.absent : "", "which is not opened");
    assertStringIncludes(JSON.stringify(judgement.claims.counts), "easy: it is the signer's own file");

    const directory = join(folder, "result");
    await writeForgery(directory, parts);
    await assertRejects(() => recheck(directory, { workers: 1 }), TypeError, "recheck --suite easy=PATH");
    // A copy of the reader's own is compared, and its problems are graded.
    const own = new Map([["easy", join(folder, "easy.jsonl")]]);
    const again = await recheck(directory, { workers: 1, suites: { own } });
    assertEquals([again.differences, again.judgement.claims.problems.state], [[], "proved"]);
    // Where others read the name alone it has what must stand beside it.
    const key = await writeForgery(directory, parts);
    const result = await readResult(directory, keysOf(key), { now: NOW, regrade: { workers: 1 } });
    assert(!("reason" in result), JSON.stringify(result));
    const { leaderboard } = await publication([result], [], QUICK);
    assertEquals(leaderboard.results[0]?.judged.suites[0]?.note, "own file easy.jsonl");
    await exportResults(join(folder, "out"), ".", [result], leaderboard);
    const texts = [];
    for await (const path of filesIn(join(folder, "out"))) {
      if (/lm-eval|data/.test(path.slice(folder.length)) && !path.includes("ro-crate")) {
        texts.push(await Deno.readTextFile(path));
      }
    }
    assert(texts.length > 20);
    assertEquals(texts.filter((one) => /"easy"/.test(one)), []);
    assert(texts.some((one) => one.includes("easy (own file easy.jsonl)")));
    await Deno.writeTextFile(join(folder, "easy.jsonl"), text.replace('"answer":"', '"answer":"1'));
    const other = await judgeFiles(inMemory(await filesOf(parts)), { own });
    assertEquals(other.judgement.claims.problems.state, "false");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
