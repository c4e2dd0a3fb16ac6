import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { scoreFile, scoreJson, scoreText } from "../../tasks/bench_grade.ts";
import { line } from "../conformance/grading/case_line.ts";

/** A made-up case file: three cases that are right, one of each kind of wrong, a policy question. */
const sample = [
  line("pair", { gold: "1/2", pred: "0.5", expected: true }),
  line("pair", { gold: "1/2", pred: "0.25", expected: false }),
  line("extract", { pred: "nothing of the kind", expect_parsed: null }),
  line("pair", { gold: "1/2", pred: "0.5", expected: false, disputed: true, cfg: { precision: 2 } }),
  line("completion", { gold: "8", pred: `${"long ".repeat(100)}\n\u001b[31m\\boxed{9}`, expected: true }),
  line("pair", { gold: "1/2", pred: "50\\%", expected: null }),
].join("\n");

Deno.test("scoreText() fits the terminal", () => {
  const files = [scoreFile("a_name_of_some_thirty_letters", sample), scoreFile("b", "")];
  const wide = scoreText(files, false).split("\n"), narrow = scoreText(files, false, 80).split("\n");
  assertMatch(
    wide[0] ?? "",
    /^file +scored +right +% +false \+ +false − +unparsed +policy +median ms +p99 ms +max ms$/,
  );
  assertMatch(wide[2] ?? "", /^a_name_of_some_thirty_letters +5 +3 +60\.00 +1 +1 +0 +1( +\d+\.\d\d){3}$/);
  assertMatch(wide[3] ?? "", /^b +0 +0 +0 +0 +0 +0( +0\.00){3}$/);
  assertMatch(wide[5] ?? "", /^total +5 +3 +60\.00 /);
  assertEquals(new Set(wide.slice(0, 6).map((row) => row.length)).size, 1);
  const table = narrow.slice(0, narrow.findIndex((row) => row.startsWith("Speed")));
  assertEquals(table.filter((row) => row.startsWith("total")).length, 2);
  assert(table.every((row) => row.length <= 80));
  assert(!wide.some((row) => row.includes("false negative")));
});

Deno.test("scoreText() lists what is not right, each text on one line", () => {
  const text = scoreText([scoreFile("own", sample)], true);
  assertMatch(text, /\nown\/pair \(pair, disputed\): false positive\n {2}gold {7}1\/2 {2}\[fraction\]\n/);
  assertStringIncludes(text, '\n  options    {"precision":2}\n');
  assertMatch(text, /\nown\/completion \(completion\): false negative\n/);
  assertMatch(
    text,
    /\n {2}answer {5}…[long ]+⏎\\u\{1b\}\[31m\\boxed\{9\}\n {2}extracted {2}9 {2}\[integer, box\]\n/,
  );
  assertMatch(text, /\nown\/pair \(pair\): policy question\n/);
});

Deno.test("scoreJson() has the numbers of the table", () => {
  const files = [scoreFile("own", `${sample}\n{`)];
  const json = JSON.parse(scoreJson(files, true));
  const [file] = json.files;
  assertEquals([file.file, file.scored, file.right, file.percent], ["own", 5, 3, 60]);
  assertEquals([file.false_positives, file.false_negatives, file.unparsed, file.policy], [1, 1, 0, 1]);
  assertEquals(json.total.pairs, 6);
  assertEquals(json.disagreements.map((entry: { disagreement: string }) => entry.disagreement), [
    "false positive",
    "false negative",
  ]);
  assertEquals([json.policy_questions.length, json.unreadable.length, json.exchanged.pairs], [1, 1, 4]);
  assert(!("disagreements" in JSON.parse(scoreJson(files, false))));
});

/** The command in a process of its own with the permissions of its task. */
async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read", "--allow-env=BUPO_TRACE", "main.ts", "bench:grade", ...args],
    env: { BUPO_TRACE: "0" },
    stdin: "null",
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("bench:grade prints the table, and ends with 1 where a line could not be read", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/good.jsonl`, sample);
  await Deno.writeTextFile(`${folder}/bad.jsonl`, `${sample}\nno case`);
  await Deno.writeTextFile(`${folder}/README.md`, "no cases");
  const all = await run("--cases", folder);
  assertEquals(all.code, 1);
  assertMatch(all.stdout, /\nbad +5 .*\ngood +5 .*\n─+\ntotal +10 /);
  assertMatch(all.stderr, /^Cannot read bad\.jsonl, line 7: [^\n]+$/m);
  const one = await run("--cases", folder, "--file", "goo", "--json");
  assertEquals(one.code, 0, one.stderr);
  assertEquals(JSON.parse(one.stdout).total.scored, 5);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("bench:grade says which folder or file is not there", async () => {
  const missing = await run("--cases", "none");
  assertEquals([missing.code, missing.stdout], [2, ""]);
  assertEquals(
    missing.stderr,
    'error: Cannot find the case files: "none" is no directory; give --cases DIR\n',
  );
  const empty = await run("--cases", "src", "--file", "none");
  assertEquals([empty.code, empty.stderr], [
    2,
    'error: Cannot find the case files: no "none*.jsonl" in "src"\n',
  ]);
});
