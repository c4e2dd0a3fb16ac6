import { assert, assertAlmostEquals, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { canonicalJson } from "../../../src/canonical_json.ts";
import {
  type ComparedRecord,
  compareRecords,
  type ComparisonInput,
  type ComparisonPair,
} from "../../../src/report/mod.ts";
import { parseRecord, type ResultRecord } from "../../../src/result/mod.ts";
import { holm, mcnemarExact } from "../../../src/stats/mod.ts";
import { sampleRecord } from "../../result/fixture.ts";
import { reordered, simulatedRecord, twoInputs } from "../comparison_fixture.ts";

/** The first pair of a comparison of two inputs. */
function firstPair(inputs: readonly ComparisonInput[], options = {}): ComparisonPair {
  const [pair] = compareRecords(inputs, options).pairs;
  assert(pair);
  return pair;
}

/** The second input with another record. */
function changed(
  [main, head]: readonly [ComparisonInput, ComparisonInput],
  record: Partial<ComparedRecord>,
): ComparisonInput[] {
  return [main, { ...head, record: { ...head.record, ...record } }];
}

Deno.test("compareRecords() calls a planted 5 points at 200 problems × 8 samples × 3 seeds, either way", () => {
  for (const [gain, verdict] of [[0.05, "better"], [-0.05, "worse"]] as const) {
    const pair = firstPair(twoInputs(gain));
    assertEquals([pair.kind, pair.verdict, pair.note], ["records", verdict, null]);
    assertAlmostEquals(pair.result?.difference.value ?? 0, gain, 0.02);
  }
});

Deno.test("compareRecords() calls equal methods tied where it can tell, and else says that it cannot", () => {
  assertEquals(firstPair(twoInputs(0, { problems: 500 })).verdict, "tied within noise");
  const few = firstPair(twoInputs(0, { problems: 30 }));
  assertEquals(few.verdict, "inconclusive (too few problems)");
  assert((few.result?.detectable ?? 0) > 0.03);
  assertEquals(firstPair(twoInputs(0, { problems: 30 }), { margin: 0.3 }).verdict, "tied within noise");
  assertEquals(firstPair(twoInputs(0.9, { problems: 5 })).verdict, "inconclusive (too few problems)");
});

Deno.test("compareRecords() knows that few equal answers do not show equality", () => {
  const all = (problems: number): ComparisonInput[] =>
    ["a", "b"].map((name) => {
      const record = simulatedRecord(name, [{ name: "grpo", gain: 1, seeds: 3 }], { problems });
      return { name, record: { ...record, profile: { ...record.profile, threads: name } } };
    });
  const [few, many] = [firstPair(all(100)), firstPair(all(200))];
  assertEquals([few.result?.difference.value, few.result?.detectable], [0, null]);
  // Wilson's bound for 0 of n is z² / (n + z²): 3.7 % of 100, 1.9 % of 200; the margin is 3 %.
  assertEquals([few.verdict, many.verdict], ["inconclusive (too few problems)", "tied within noise"]);
});

Deno.test("compareRecords() pairs problems by id, whatever their order", () => {
  const [main, head] = twoInputs(0.03);
  const plain = compareRecords([main, head]);
  const shuffled = compareRecords([main, { ...head, record: reordered(head.record) }]);
  assertEquals(shuffled.pairs, plain.pairs);
});

Deno.test("compareRecords() refuses what is not comparable and says why", () => {
  const inputs = twoInputs(0), [main, head] = inputs, [suite] = head.record.suites;
  assert(suite);
  const elsewhere = head.record.runs.map(({ suites, ...run }) => ({
    ...run,
    suites: { other: suites["suite"]! },
  })); // simulated
  const cases: readonly (readonly [readonly ComparisonInput[], RegExp])[] = [
    [changed(inputs, { graderVersion: "3" }), /^grader versions differ: 3 and 2\.0\.0$/],
    [
      changed(inputs, { suites: [{ ...suite, digest: "d".repeat(64) }] }),
      /template or sampling differ: suite digests dddddddd and cccccccc$/,
    ],
    [changed(inputs, { suites: [{ ...suite, samples: 16 }] }), /^samples of each problem differ: 16 and 8$/],
    [
      changed(inputs, { suites: [{ ...suite, problems: suite.problems.with(0, "new") }] }),
      /^problems differ: 1 problems only in head, 1 only in main$/,
    ],
    [[main, { ...head, partial: "--limit 20" }], /^head is a partial run \(--limit 20\)$/],
    [[{ ...main, partial: "--limit 20" }, head], /^main is a partial run/],
    [
      changed(inputs, { suites: [{ ...suite, name: "other" }], runs: elsewhere }),
      /^head was not evaluated on it$/,
    ],
  ];
  for (const [given, reason] of cases) {
    const comparison = compareRecords(given), [pair] = comparison.pairs;
    assertMatch(pair?.note ?? "", reason);
    assertEquals([pair?.verdict, pair?.result, pair?.flips], ["not comparable", null, null]);
    assertEquals(comparison.overall.filter(({ kind }) => kind === "records"), []);
  }
});

Deno.test("compareRecords() compares the common problems when told to, and says so", () => {
  const inputs = twoInputs(0.05), [suite] = inputs[1].record.suites;
  assert(suite);
  const digest = "d".repeat(64), problems = suite.problems.with(3, "new").with(4, "newer");
  const given = changed(inputs, { suites: [{ ...suite, problems, digest }] });
  const pair = firstPair(given, { unequalProblems: "intersect" });
  assertEquals([pair.verdict, pair.result?.problems], ["better", 198]);
  assertMatch(pair.note ?? "", /^over 198 common problems \(2 problems only in head, 2 only in main\)/);
});

Deno.test("compareRecords() marks partial runs and judges nothing inside of them", () => {
  const methods = [{ name: "base", gain: 0, seeds: 1, trained: false }, {
    name: "grpo",
    gain: 0.3,
    seeds: 3,
  }];
  const record = simulatedRecord("partial", methods);
  const comparison = compareRecords([{ name: "smoke", record, partial: "--limit 20" }]);
  assertEquals(comparison.pairs.map(({ verdict }) => verdict), ["not comparable"]);
  assertEquals(comparison.inputs[0]?.partial, "--limit 20");
  assertEquals([comparison.methods, comparison.overall], [[], []]);
  assertEquals(comparison.cells.map(({ groups }) => groups), ["", ""]);
});

Deno.test("compareRecords() uses McNemar's test for single answers only", () => {
  const once = (key: string, seeds: number, samples: number, trained = false): ComparisonInput => ({
    name: key,
    record: simulatedRecord(key, [{ name: "base", gain: 0, seeds, trained }], { samples }),
  });
  const inputs = [once("a", 1, 1), once("b", 1, 1)];
  const [b, a] = inputs.map(({ record }) => record.runs[0]?.suites["suite"]?.correct ?? []);
  assert(a && b);
  const only = (x: readonly number[], y: readonly number[]): number =>
    x.filter((c, i) => c > (y[i] ?? 0)).length;
  const pair = firstPair(inputs);
  assertEquals(pair.result?.mcnemar, mcnemarExact(only(a, b), only(b, a)));
  // With single answers the permutation test is the same test, up to the drawn patterns.
  assertAlmostEquals(pair.result?.p ?? 0, pair.result?.mcnemar ?? 0, 0.02);
  assertEquals([pair.flips?.fixed.length, pair.flips?.broken.length], [only(a, b), only(b, a)]);
  assertEquals(firstPair([once("a", 1, 2), once("b", 1, 2)]).result?.mcnemar, null);
  // Of trained runs it would know nothing of seeds.
  assertEquals(firstPair([once("a", 1, 1, true), once("b", 1, 1, true)]).result?.mcnemar, null);
  assertEquals(firstPair([once("a", 2, 1), once("b", 2, 1)]).result?.mcnemar, null);
});

Deno.test("compareRecords() corrects over the suites of a pair and aggregates over them", () => {
  const comparison = compareRecords(twoInputs(0.02, { suites: ["a", "b", "c"], problems: 80 }));
  const results = comparison.pairs.map(({ result }) => result);
  assertEquals(
    results.map((result) => result?.adjusted),
    holm(results.map((result) => result?.p ?? NaN)),
  );
  const [overall] = comparison.overall;
  const mean = results.reduce((sum, result) => sum + (result?.difference.value ?? NaN) / 3, 0);
  assertAlmostEquals(overall?.result.difference.value ?? 0, mean, 1e-12);
  assertEquals(overall?.suites, ["a", "b", "c"]);
  assert(overall && overall.improvement > 0.5 && overall.interval);
  const [main, head] = comparison.methods;
  assertAlmostEquals((head?.average.value ?? 0) - (main?.average.value ?? 0), mean, 1e-12);
  assert(main && main.interval && main.interval.low <= main.interquartileMean);
});

Deno.test("compareRecords() lists the problems whose majority changed", () => {
  const methods = [{ name: "grpo", gain: 0, seeds: 1 }], size = { problems: 8, samples: 4 };
  const record = (name: string, correct: readonly number[]): ComparisonInput => {
    const simulated = simulatedRecord(name, methods, size);
    const outcome = { correct, truncated: 0, unparsed: 0, tokens: 0 };
    return {
      name,
      record: { ...simulated, runs: [{ method: "grpo", seed: 1, suites: { suite: outcome } }] },
    };
  };
  const { flips } = firstPair([
    record("main", [0, 2, 3, 4, 4, 1, 2, 0]),
    record("head", [4, 3, 2, 4, 1, 2, 2, 1]),
  ]);
  // Exactly half is no majority.
  assertEquals(flips, { fixed: ["p0", "p1"], broken: ["p2", "p4"] });
});

Deno.test("compareRecords() gives methods that it does not tell apart a common letter", () => {
  const methods = [
    { name: "base", gain: -0.2, seeds: 1, trained: false },
    { name: "grpo", gain: 0, seeds: 3 },
    { name: "bupo", gain: 0, seeds: 3 },
  ];
  const { cells, pairs } = compareRecords([{ name: "run", record: simulatedRecord("ties", methods) }]);
  assertEquals(cells.map(({ method, groups }) => [method, groups]), [["base", "b"], ["grpo", "a"], [
    "bupo",
    "a",
  ]]);
  assertEquals(pairs.map(({ candidate, baseline }) => `${candidate.method} ${baseline.method}`), [
    "grpo base",
    "bupo base",
    "bupo grpo",
  ]);
});

Deno.test("compareRecords() lists what differs besides the numbers", () => {
  const [main, head] = twoInputs(0);
  const { differences, inputs } = compareRecords([
    { ...main, commit: "1".repeat(40), dirty: false, environment: { cpu: "A", deno: "2.9.6" } },
    {
      ...head,
      commit: "2".repeat(40),
      dirty: true,
      environment: { cpu: "B", deno: "2.9.6" },
      record: { ...head.record, profile: { name: "simulated", training: { steps: 80, seeds: [1] } } },
    },
  ]);
  assertEquals(Object.fromEntries(differences.map(({ fact, values }) => [fact, values])), {
    commit: ["1".repeat(40), "2".repeat(40)],
    dirty: [false, true],
    "environment.cpu": ["A", "B"],
    "profile.training.steps": [40, 80],
    "profile.training.seeds": [null, [1]],
  });
  assertEquals(inputs.map(({ dirty }) => dirty), [false, true]);
});

Deno.test("compareRecords() compares every input with the named baseline", () => {
  const [main, head] = twoInputs(0.05);
  const third = { ...main, name: "third" };
  const { pairs, baseline } = compareRecords([main, head, third], { baseline: "head" });
  assertEquals(baseline, "head");
  assertEquals(
    pairs.map(({ candidate, baseline, verdict }) => [candidate.input, baseline.input, verdict]),
    [["main", "head", "worse"], ["third", "head", "worse"]],
  );
});

Deno.test("compareRecords() repeats digit for digit and has a JSON form", () => {
  const inputs = twoInputs(0.01, { problems: 40 });
  const text = canonicalJson(compareRecords(inputs));
  assertEquals(canonicalJson(compareRecords(inputs)), text);
  assertEquals(canonicalJson(JSON.parse(text)), text);
});

Deno.test("compareRecords() takes result records as they are", async () => {
  const small: ResultRecord = sampleRecord();
  const verdicts = compareRecords([{ name: "a", record: small }, { name: "b", record: small }]).pairs
    .map(({ kind, verdict }) => `${kind}: ${verdict}`);
  assertEquals(
    new Set(verdicts),
    new Set(["records: identical", "methods: inconclusive (too few seeds)"]),
  );
  const file = new URL("../../../results/embedded/results.json", import.meta.url);
  const record = parseRecord(await Deno.readFile(file));
  const { overall } = compareRecords([{ name: "embedded", record }]);
  assertEquals(overall[0]?.candidate, { input: "embedded", method: "grpo" });
  assertEquals(overall[0]?.verdict, "better");
});

Deno.test("compareRecords() rejects inputs without names of their own and options outside their range", () => {
  const [main] = twoInputs(0, { problems: 6 });
  assertThrows(() => compareRecords([]), RangeError, "at least one result");
  assertThrows(() => compareRecords([main, main]), RangeError, 'two are named "main"');
  assertThrows(() => compareRecords([main], { baseline: "x" }), RangeError, '"x": expected one of "main"');
  assertThrows(() => compareRecords([main], { margin: 0 }), RangeError, "margin 0");
});

Deno.test("compareRecords() takes results with the same counts for the same runs", () => {
  const [main] = twoInputs(0, { suites: ["mini-aime", "mini-math"] });
  const { pairs, overall } = compareRecords([main, { ...main, name: "again" }]);
  for (const { result, note, verdict } of pairs) {
    assertEquals([verdict, note], ["identical", "both hold the same results.json"]);
    // Wilson's upper bound of 0 among 200 problems, z² / (n + z²), either way.
    const unseen = 1.959963984540054 ** 2 / (200 + 1.959963984540054 ** 2);
    assertAlmostEquals(result?.difference.high ?? NaN, unseen, 1e-12);
    assertAlmostEquals(result?.difference.low ?? NaN, -unseen, 1e-12);
  }
  assertEquals(overall.map(({ verdict }) => verdict), ["identical"]);
});
