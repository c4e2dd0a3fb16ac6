import { assertEquals } from "@std/assert";
import {
  count,
  failureText,
  type GroupOutcome,
  readReport,
  skippedLines,
  slowest,
  summaryLine,
  type TestCase,
} from "./report.ts";

const xml = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="4" failures="1" errors="0" time="3.5">
  <testsuite name="./test/a_test.ts" tests="3" disabled="1" errors="0" failures="1">
    <testcase name="a &amp; &quot;b&quot; &lt;c&gt; &#65;" classname="./test/a_test.ts" time="1.5" line="3" col="6">
    </testcase>
    <testcase name="a &gt; step" classname="./test/a_test.ts" time="2.5" line="3" col="6"/>
    <testcase name="broken" classname="./test/a_test.ts" time="0.25"><failure message="no">x</failure></testcase>
    <testcase name="needs more" classname="./test/a_test.ts" time="0"><skipped/></testcase>
  </testsuite>
</testsuites>`;

const test = (name: string, seconds: number, outcome: TestCase["outcome"] = "passed"): TestCase => ({
  name,
  file: "test/x_test.ts",
  seconds,
  outcome,
});
const group = (success: boolean, ...tests: TestCase[]): GroupOutcome => ({ name: "g", success, tests });

Deno.test("readReport() reads names, times and outcomes", () => {
  const file = "test/a_test.ts";
  assertEquals(readReport(xml), [
    { name: 'a & "b" <c> A', file, seconds: 1.5, outcome: "passed" },
    { name: "a > step", file, seconds: 2.5, outcome: "passed" },
    { name: "broken", file, seconds: 0.25, outcome: "failed" },
    { name: "needs more", file, seconds: 0, outcome: "skipped" },
  ]);
  assertEquals(readReport(""), []);
});

Deno.test("count() counts a process without a report, or that failed although no test did, as a failure", () => {
  const good = group(true, test("a", 1), test("b", 1, "skipped")), bad = group(false, test("c", 1, "failed"));
  assertEquals(count([good]), { passed: 1, failed: 0, skipped: 1 });
  assertEquals(count([good, bad]), { passed: 1, failed: 1, skipped: 1 });
  assertEquals(count([group(true)]).failed, 1);
  assertEquals(count([group(false)]).failed, 1);
  assertEquals(count([group(false, test("a", 1))]), { passed: 1, failed: 1, skipped: 0 });
  assertEquals(summaryLine([good, bad]), "1 passed, 1 failed, 1 skipped");
});

Deno.test("slowest() names tests and not their steps", () => {
  const tests = [test("a", 1), test("b", 3), test("b > step", 3), test("c", 2)];
  assertEquals(slowest(tests, 2).map(({ name }) => name), ["b", "c"]);
});

Deno.test("skippedLines() counts what was skipped by what the machine lacks", () => {
  const skipped = (name: string): TestCase => test(name, 0, "skipped");
  const tests = [
    skipped("cuda: x (ignored: no card)"),
    skipped("y() works (no card)"),
    skipped("z"),
    test("a (b)", 1),
  ];
  assertEquals(skippedLines(tests), ["skipped 2: no card", "skipped 1: z"]);
});

Deno.test("failureText() begins with the errors, or is the end of what was said", () => {
  assertEquals(failureText("a ... ok\n\n ERRORS \n\nb => x\n FAILURES \n"), "ERRORS \n\nb => x\n FAILURES");
  assertEquals(failureText("one\ntwo\nout of memory\n", 3), "two\nout of memory");
});
