import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { caseOptions } from "../../../src/conformance/grading/case_options.ts";
import { type CaseKind, readCase, readCases } from "../../../src/conformance/grading/grading_case.ts";
import {
  type CaseResult,
  nearestRank,
  scoreCase,
  summarize,
} from "../../../src/conformance/grading/score.ts";
import { swapCase } from "../../../src/conformance/grading/swap.ts";
import { line } from "./case_line.ts";

/** A scored case. */
function score(kind: CaseKind, fields: Readonly<Record<string, unknown>>): CaseResult {
  return scoreCase(readCase(line(kind, fields)));
}

/** Is the case right? */
function right(kind: CaseKind, fields: Readonly<Record<string, unknown>>): boolean | undefined {
  return score(kind, fields).right;
}

Deno.test("cases with an expected verdict are right where it is correct, or anything else", () => {
  assertEquals(right("pair", { gold: "1/2", pred: "0.5", expected: true }), true);
  assertEquals(right("pair", { gold: "1/2", pred: "0.25", expected: true }), false);
  assertEquals(right("pair", { gold: "1/2", pred: "0.25", expected: false }), true);
  assertEquals(right("pair", { gold: "1/2", pred: "0.5", expected: false }), false);
  assertEquals(right("pair", { gold: "1/2", pred: "", expected: false }), true);
  assertEquals(
    right("completion", { gold: "12", pred: "We add up. The answer is 12.", expected: true }),
    true,
  );
  assertEquals(right("choice", { gold: "B", pred: "(B)", expected: true }), true);
  assertEquals(right("adversarial", { gold: "5", pred: "8^{8^{8^{8^8}}}", expected: false }), true);
});

Deno.test("a gold against itself is graded strictly: the answer must be in a box", () => {
  assertEquals(right("selfcheck", { gold: "7", pred: "It is $\\boxed{7}$.", expected: true }), true);
  assertEquals(right("selfcheck", { gold: "7", pred: "The answer is 7.", expected: true }), false);
});

Deno.test("a parsed value may be equal in either printing", () => {
  const second = score("parse", { gold: "x+1", gold_sympy: "x+2", pred: "2+x", expected: true });
  assertEquals([second.right, second.gold, second.times.length], [true, "x+2", 2]);
  const first = score("parse", { gold: "x+2", gold_sympy: "x+3", pred: "2+x", expected: true });
  assertEquals([first.right, first.gold, first.times.length], [true, "x+2", 1]);
  const neither = score("parse", { gold: "x+1", gold_sympy: "x+3", pred: "2+x", expected: true });
  assertEquals([neither.right, neither.gold, neither.times.length], [false, "x+1", 2]);
});

Deno.test("text that should not parse must not be read as a formula", () => {
  assertEquals(right("parse_error", { pred: "\\frac{" }), true);
  assertEquals(right("parse_error", { pred: "just words" }), true);
  assertEquals(right("parse_error", { pred: "x+1" }), false);
  assertEquals(right("parse_error", { pred: "5" }), false);
});

Deno.test("an extraction is right where it is the expected one, and nothing is found where nothing should be", () => {
  assertEquals(right("extract", { pred: "So \\boxed{x + 1}.", expect_parsed: "x+1" }), true);
  assertEquals(right("extract", { pred: "So \\boxed{x + 1}.", expect_parsed: "x+2" }), false);
  assertEquals(right("extract", { pred: "nothing of the kind", expect_parsed: "" }), true);
  assertEquals(right("extract", { pred: "there is nothing but 7", expect_parsed: null }), false);
  const boxes = { pred: "there is nothing but 7", expect_parsed: null, cfg: { fn: "find_boxed" } };
  assertEquals(right("extract", boxes), true);
  assertEquals(right("extract", { ...boxes, cfg: { strict_parsing: true } }), true);
  assertEquals(right("normalize", { pred: " 0.50 ", expect_parsed: "0.5" }), true);
  assertEquals(right("normalize", { pred: "0.51", expect_parsed: "0.5" }), false);
  assertEquals(right("choice_extract", { pred: "The answer is C.", expect_parsed: ["c", "C"] }), true);
  assertEquals(right("choice_extract", { pred: "The answer is D.", expect_parsed: ["c", "C"] }), false);
  assertEquals(right("choice_extract", { pred: "nothing of the kind", expect_parsed: [] }), true);
  assertEquals(right("choice_extract", { pred: "The answer is C.", expect_parsed: [] }), false);
});

Deno.test("a case that expects null is a policy question", () => {
  const open = score("pair", { gold: "5", pred: "5", expected: null });
  assertEquals(open.right, undefined);
  const sum = summarize([open, score("pair", { gold: "5", pred: "6", expected: true })]);
  assertEquals([sum.policy, sum.scored, sum.right, sum.falseNegatives, sum.calls], [1, 1, 0, 1, 2]);
});

Deno.test("a case on which the verifier throws is not right", () => {
  const item = readCase(line("pair", { gold: "5", pred: "6", expected: false }));
  const lost = scoreCase({ ...item, golds: [5 as unknown as string] });
  assertEquals([lost.right, lost.verdict.method, lost.times.length], [false, "exception", 1]);
  assertMatch(lost.verdict.reason, /^TypeError: /);
});

Deno.test("summarize() counts both ways of being wrong, and what was not read", () => {
  const sum = summarize([
    score("pair", { gold: "1/2", pred: "0.5", expected: true }),
    score("pair", { gold: "1/2", pred: "0.5", expected: false }),
    score("selfcheck", { gold: "7", pred: "no box", expected: true }),
    score("extract", { pred: "there is nothing but 7", expect_parsed: null }),
  ]);
  const { scored, right, falsePositives, falseNegatives, unparsed, calls } = sum;
  assertEquals([scored, right, falsePositives, falseNegatives, unparsed, calls], [4, 1, 2, 1, 1, 4]);
  assert(0 < sum.median && sum.median <= sum.p99 && sum.p99 <= sum.max && sum.max <= sum.total);
  assertEquals(summarize([]).max, 0);
});

Deno.test("nearestRank() is the smallest value that a share does not exceed", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  assertEquals([0, 0.5, 0.99, 1].map((share) => nearestRank(hundred, share)), [1, 50, 99, 100]);
  assertEquals([nearestRank([1, 2, 3], 0.5), nearestRank([4], 0.99), nearestRank([], 0.5)], [2, 4, 0]);
});

Deno.test("caseOptions() knows decimals, tolerances and nothing else", () => {
  assertEquals(caseOptions({}), {});
  assertEquals(caseOptions({ precision: 6 }), {});
  assertEquals(caseOptions({ precision: 2 }), { tolerance: 0.005 });
  assertEquals(caseOptions({ precision: "1e-4" }), { tolerance: 1e-4 });
  assertEquals(caseOptions({ precision: 0.01 }), { tolerance: 0.01 });
  assertEquals(caseOptions({ precision: [1e20] }), { tolerance: 1e20 });
  assertEquals(caseOptions({ precision: [1, 2] }), {});
  assertEquals(caseOptions({ precision: "some" }), {});
  assertEquals(caseOptions({ lenient: "rel_tol 1e-3, percentages" }), { relativeTolerance: 1e-3 });
  assertEquals(caseOptions({ lenient: "percentages", language: "French" }), {});
});

Deno.test("readCase() names what is wrong with a line", () => {
  const good = { gold: "5", pred: "5", expected: true };
  assertThrows(() => readCase("{"), SyntaxError);
  assertThrows(() => readCase("5"), TypeError, "expected an object");
  assertThrows(() => readCase("{}"), TypeError, 'the field "kind" is missing');
  assertThrows(() => readCase('{"kind": "toString"}'), TypeError, '"kind" is "toString": expected pair, ');
  assertThrows(() => readCase(line("pair", { ...good, pred: 5 })), TypeError, '"pred" must be a string');
  assertThrows(() => readCase(line("pair", { pred: "5", expected: true })), TypeError, '"gold" is missing');
  assertThrows(() => readCase(line("pair", { gold: "5", pred: "5" })), TypeError, '"expected" must be true');
  assertThrows(
    () => readCase(line("extract", { pred: "5", expect_parsed: 5 })),
    TypeError,
    '"expect_parsed" must',
  );
});

Deno.test("readCases() reads on after a line that is no case", () => {
  const { cases, faults } = readCases(`{\n\n${line("parse_error", { pred: "5" })}\r\n[]`);
  assertEquals(cases.map(({ id }) => id), ["own/parse_error"]);
  assertEquals(faults.map((fault) => fault.line), [1, 4]);
});

Deno.test("swapCase() exchanges gold and answer where both are bare", () => {
  const pair = score("pair", { gold: "1/2", pred: "\\boxed{0.5}", expected: true });
  const swap = swapCase(pair);
  assertEquals([swap?.swapped.verdict, swap?.swapped.extracted], ["correct", "1/2"]);
  assertEquals([swap?.changed, swap?.rounding], [false, false]);
  const rounded = swapCase(score("pair", { gold: "0.33", pred: "1/3", expected: true }));
  assertEquals([rounded?.changed, rounded?.rounding], [true, true]);
  const slash = swapCase(score("pair", { gold: "12\\", pred: "12", expected: true }));
  assertEquals(slash?.swapped.source, "box");
  const boxed = swapCase(score("pair", { gold: "It is \\boxed{12}.", pred: "12", expected: true }));
  assertEquals(boxed?.swapped.extracted, "12");
});

Deno.test("swapCase() leaves completions, prose and empty answers alone", () => {
  const fields = { gold: "7", pred: "\\boxed{7}", expected: true };
  assertEquals(swapCase(score("completion", fields)), undefined);
  assertEquals(swapCase(score("pair", { ...fields, pred: "The answer is 7." })), undefined);
  assertEquals(swapCase(score("pair", { ...fields, gold: " " })), undefined);
  assertEquals(swapCase(score("selfcheck", { ...fields, pred: "no box" })), undefined);
});
