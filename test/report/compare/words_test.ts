import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import {
  type ComparedRecord,
  compareRecords,
  type ComparisonInput,
  gate,
  renderComparison,
} from "../../../src/report/mod.ts";
import { simulatedRecord, twoInputs } from "../comparison_fixture.ts";

const options = { resamples: 200, draws: 999 };

/** A result with methods, each with so many seeds. */
function result(name: string, methods: Readonly<Record<string, number>>, gain = 0): ComparisonInput {
  const list = Object.entries(methods).map(([name, seeds]) => {
    return { name, gain, seeds: Math.max(1, seeds), trained: seeds > 0 };
  });
  return { name, record: simulatedRecord(name, list, { suites: ["mini-aime", "mini-math"], problems: 60 }) };
}

/** The same with another profile or base model. */
function changed(input: ComparisonInput, change: Partial<ComparedRecord>): ComparisonInput {
  return { ...input, record: { ...input.record, ...change } };
}

Deno.test("one seed against three is no verdict, and the notes say how wide a seed makes it", () => {
  const comparison = compareRecords([result("a", { grpo: 3 }), result("b", { grpo: 1 }, 0.4)], options);
  for (const { verdict, note, result } of [...comparison.pairs, ...comparison.overall]) {
    assertEquals(verdict, "inconclusive (too few seeds)");
    assertMatch(
      note ?? "",
      /^too few seeds \(1 against 3\); a seed's spread taken from the other side gives ± \d+\.\d points$/,
    );
    assertEquals([result?.covers, result?.fewSeeds], ["problems and seeds", true]);
  }
  const text = renderComparison(comparison, "terminal");
  assertMatch(
    text,
    /^all +grpo: b − a +too few seeds \(1 against 3\); a seed's spread taken from the other side/m,
  );
  assertStringIncludes(text, "Fewer than three seeds of a trained method");
  const single = compareRecords([result("a", { grpo: 1 }), result("b", { grpo: 1 }, 0.4)], options);
  assertMatch(
    single.pairs[0]?.note ?? "",
    /\(1 against 1\); .* come ± \d+\.\d points apart \(noise floor, A\/A\)$/,
  );
  assertEquals(single.pairs[0]?.result?.covers, "problems only");
  assertMatch(renderComparison(single, "terminal"), / {2}problems only +inconclusive \(too few seeds\)$/m);
});

Deno.test("two methods of one result with the same counts are a note about the wiring", () => {
  const { record } = result("x", { grpo: 3 });
  const twice = [...record.runs, ...record.runs.map((run) => ({ ...run, method: "bupo" }))];
  const { pairs, overall } = compareRecords([{ name: "x", record: { ...record, runs: twice } }], options);
  for (const { verdict, note } of [...pairs, ...overall]) {
    assertEquals(verdict, "identical");
    assertMatch(note ?? "", /^every count is the same: was one policy evaluated under two names\?/);
  }
});

Deno.test("two results with the same counts are identical, with the same bytes or without", () => {
  const a = result("a", { grpo: 3 });
  const note = (b: ComparisonInput): unknown =>
    compareRecords([a, { ...b, name: "b" }], options).pairs.map(({ verdict, note }) => [verdict, note])[0];
  assertEquals(note(a), ["identical", "both hold the same results.json"]);
  const described = changed(a, { profile: { ...a.record.profile, description: "again" } });
  assertEquals(note(described), ["identical", "every count is the same"]);
});

Deno.test("another base model or other sampling refuses the pair, other training stands beside the verdict", () => {
  const [main, head] = twoInputs(0.05);
  const verdicts = (other: ComparisonInput, more = {}): unknown =>
    compareRecords([main, other], { ...options, ...more }).pairs.map((
      { verdict, differing, note },
    ) => [verdict, differing, note])[0];
  const base = changed(head, { base: { digest: "b".repeat(64) } });
  const baseNote = "settings differ: base model (bbbbbbbb and aaaaaaaa)";
  assertEquals(verdicts(base), ["not comparable", ["base model"], baseNote]);
  assertEquals(verdicts(base, { unequalSettings: "note" }), ["better", ["base model"], baseNote]);
  const hot = changed(head, { profile: { ...head.record.profile, temperature: 0.6 } });
  assertEquals(verdicts(hot), [
    "not comparable",
    ["temperature"],
    "settings differ: temperature (0.6 and none)",
  ]);
  const longer = changed(head, { profile: { ...head.record.profile, training: { steps: 80 } } });
  const longerNote = "settings differ: training.steps (80 and 40)";
  assertEquals(verdicts(longer), ["better", ["training.steps"], longerNote]);
  assertMatch(
    renderComparison(compareRecords([main, longer], options), "terminal"),
    /other training\.steps: better$/m,
  );
  const bases = [result("a", { base: 0 }), result("b", { base: 0 })];
  const [a, b] = bases;
  assert(a && b);
  const untrained = compareRecords([a, changed(b, { profile: longer.record.profile })], options);
  assertEquals(untrained.pairs[0]?.differing, []);
});

Deno.test("a method of one result is compared with another of another, or of the same", () => {
  const a = result("a", { base: 0, grpo: 3, bupo: 3 }), b = result("b", { base: 0, grpo: 3, bupo: 3 }, 0.2);
  const of = (input: ComparisonInput, method: string): ComparisonInput => {
    return { ...input, name: `${input.name}:${method}`, method };
  };
  const comparison = compareRecords([of(a, "grpo"), of(b, "bupo")], options);
  assertEquals(
    comparison.pairs.map(({ candidate, baseline, verdict }) => [candidate.method, baseline.method, verdict]),
    [["bupo", "grpo", "better"], ["bupo", "grpo", "better"]],
  );
  assertEquals(comparison.cells.map(({ method }) => method), ["grpo", "grpo", "bupo", "bupo"]);
  assertMatch(renderComparison(comparison, "terminal"), /b:bupo − a:grpo/);
  assertEquals(gate(comparison, { strict: true }).incomparable, []);
  const worse = compareRecords([of(b, "grpo"), of(a, "bupo")], options);
  assertMatch(gate(worse, { strict: true }).regressions[0] ?? "", /^a:bupo − b:grpo on mini-aime: −/);
  const inside = compareRecords([of(a, "grpo"), of(a, "bupo")], options);
  assertEquals(inside.pairs.map(({ kind }) => kind), ["records", "records"]);
  assertThrows(
    () => compareRecords([of(a, "grpo"), of(b, "none")]),
    RangeError,
    'expected one of "base", "grpo"',
  );
});

Deno.test("of sixty methods each is compared with the first and the best, so that the work grows with their number", () => {
  const methods = Array.from({ length: 60 }, (_, i) => ({
    name: i === 0 ? "base" : `m${i}`,
    gain: i === 17 ? 0.3 : 0,
    seeds: i === 0 ? 1 : 3,
    trained: i > 0,
  }));
  const record = simulatedRecord("sixty", methods, { problems: 40 });
  const comparison = compareRecords([{ name: "sixty", record }], options);
  assertEquals(comparison.pairs.length, 59 + 58);
  assert(
    comparison.pairs.every(({ candidate, baseline }) =>
      baseline.method === "base" || candidate.method === "m17" || baseline.method === "m17"
    ),
  );
  assertEquals(new Set(comparison.cells.map(({ groups }) => groups)), new Set([""]));
  assertMatch(
    renderComparison(comparison, "terminal"),
    /More than 12 methods: each was compared with the first/,
  );
  const twelve = simulatedRecord("twelve", methods.slice(0, 12), { problems: 40 });
  assertEquals(compareRecords([{ name: "twelve", record: twelve }], options).pairs.length, 66);
});

Deno.test("the probability that a run is better knows how few runs it was counted from", () => {
  const inputs = [result("a", { grpo: 3 }), result("b", { grpo: 3 }, 0.4)];
  const [pair] = compareRecords(inputs, options).overall;
  assertEquals([pair?.improvement, pair?.interval.high], [1, 1]);
  assert((pair?.interval.low ?? 1) < 0.55, `${pair?.interval.low}`);
  assertMatch(
    renderComparison(compareRecords(inputs, options), "terminal"),
    / {2}100\.0 \[\d\d\.\d, 100\.0\] {2}/,
  );
});
