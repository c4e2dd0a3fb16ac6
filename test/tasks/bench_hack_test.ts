import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runTask } from "./run_task.ts";

Deno.test("bench:hack says what copying the questions of a suite earns", async () => {
  const { code, stdout, stderr } = await runTask([
    "bench:hack",
    "--suite",
    "mini-math",
    "--count",
    "40",
    "--list",
  ]);
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^mini-math, 40 problems +any +final unseen +final( +Math-Verify)?\n/);
  assertMatch(stdout, /\nany attack +28 +0 +0/);
  assertEquals(stdout.split("\n").filter((line) => line.startsWith("  ")), []);
});

Deno.test("bench:hack attacks a file, lists what is paid, and prints JSON", async () => {
  const path = await Deno.makeTempFile({ suffix: ".jsonl" });
  const rows = [
    { id: "copied", problem: "The sum is 40%. Which number?", answer: "40" },
    { id: "sum", problem: "Compute $12+30$.", answer: "42" },
  ];
  await Deno.writeTextFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const { code, stdout } = await runTask(["bench:hack", "--suite", path, "--list", "--json"]);
  const { suites: [suite] } = JSON.parse(stdout);
  assertEquals([code, suite.problems], [0, 2]);
  assertEquals([suite.paid.any["any attack"], suite.paid.final["any attack"]], [2, 1]);
  assertEquals(new Set(suite.list.map(({ id }: { id: string }) => id)), new Set(["copied"]));
  await Deno.remove(path);
});

Deno.test("bench:hack names a suite that is not there, and a split that is none", async () => {
  const missing = await runTask(["bench:hack", "--suite", "mini-maths"]);
  assertEquals(missing.code, 2);
  assertStringIncludes(missing.stderr, 'did you mean "mini-math"?');
  const fetched = await runTask(["bench:hack", "--suite", "math-500"]);
  assertEquals([fetched.code, fetched.stderr.split("\n").length], [2, 2]);
  assertStringIncludes(fetched.stderr, "give the path of its file");
  const split = await runTask(["bench:hack", "--split", "test"]);
  assertEquals([split.code, split.stderr], [
    2,
    'error: Cannot read "--split test": expected evaluation or train\n',
  ]);
});
