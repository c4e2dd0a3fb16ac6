import { assertEquals, assertMatch } from "@std/assert";
import { compareRecords, type ComparisonInput, gate } from "../../../src/report/mod.ts";
import { simulatedRecord, twoInputs } from "../comparison_fixture.ts";

const options = { resamples: 200, draws: 999 };
const suites = { suites: ["mini-aime", "mini-math"] };

Deno.test("gate() tells a regression, with its suite and over all, and from which drop on", () => {
  const worse = compareRecords(twoInputs(-0.05, suites), options);
  const { regressions, incomparable } = gate(worse);
  assertEquals(incomparable, []);
  assertEquals(regressions.length, 3);
  assertMatch(regressions[0] ?? "", /^grpo: head − main on mini-aime: −\d\.\d \[−.*\] points$/);
  assertMatch(regressions[2] ?? "", / over all suites: /);
  assertEquals(gate(worse, { threshold: 0.2 }).regressions, []);
  for (const gain of [0, 0.05]) {
    assertEquals(gate(compareRecords(twoInputs(gain, suites), options), { strict: true }), {
      regressions: [],
      inconclusive: [],
      incomparable: [],
    });
  }
});

Deno.test("gate() tells a drop that is no more than noise from a regression", () => {
  const small = compareRecords(twoInputs(-0.02, { problems: 8 }), options);
  assertEquals(small.pairs.map(({ verdict }) => verdict), ["inconclusive (too few problems)"]);
  assertEquals(gate(small).regressions, []);
  assertMatch(
    gate(small).inconclusive[0] ?? "",
    /^grpo: head − main on suite: .* points, inconclusive \(too few problems\) \(detectable: \d+\.\d\)$/,
  );
});

Deno.test("gate() lets an inconclusive pair pass whose interval excludes the tolerated drop, not with few seeds", () => {
  const gained = compareRecords(twoInputs(0.02, { problems: 100 }), options);
  const [pair] = gained.pairs;
  assertEquals(pair?.verdict.startsWith("inconclusive"), true);
  assertEquals(gate(gained).inconclusive, []);
  const one = (name: string, gain: number): ComparisonInput => ({
    name,
    record: simulatedRecord(name, [{ name: "grpo", gain, seeds: 1 }]),
  });
  const few = gate(compareRecords([one("a", 0), one("b", 0.3)], options)).inconclusive;
  assertMatch(
    few[0] ?? "",
    /^grpo: b − a on suite: \+.*, inconclusive \(too few seeds\) \(detectable: \d+\.\d\)$/,
  );
});

Deno.test("gate() names what was not compared; a strict one every part of it", () => {
  const [main, head] = twoInputs(0, suites);
  const other = { ...head, record: { ...head.record, graderVersion: "9" } };
  assertEquals(gate(compareRecords([main, other], options)).incomparable, [
    "head cannot be compared with main: grader versions differ: 9 and 2.0.0",
  ]);
  const method = (name: string, names: readonly string[], of = suites): ComparisonInput => ({
    name,
    record: simulatedRecord(name, names.map((name) => ({ name, gain: 0, seeds: 2 })), of),
  });
  const lost = compareRecords([method("a", ["grpo", "bupo"]), method("b", ["grpo"])], options);
  assertEquals(gate(lost).incomparable, []);
  assertEquals(gate(lost, { strict: true }).incomparable, ["b has no bupo"]);
  const fewer = compareRecords(
    [method("a", ["grpo"]), method("b", ["grpo"], { suites: ["mini-math"] })],
    options,
  );
  assertEquals(gate(fewer).incomparable, []);
  assertEquals(gate(fewer, { strict: true }).incomparable, [
    "grpo of b on mini-aime: b was not evaluated on it",
  ]);
  assertEquals(gate(compareRecords([method("a", ["grpo"]), method("b", ["bupo"])], options)).incomparable, [
    "b cannot be compared with a: they have no method in common",
  ]);
});
