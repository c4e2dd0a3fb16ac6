import { assert, assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import { Ajv2020 } from "ajv/dist/2020.js";
import { canonicalJson } from "../../../src/canonical_json.ts";
import {
  buildLeaderboard,
  headline,
  type Judged,
  type LeaderboardInput,
  leaderboardJsonSchema,
  parseLeaderboard,
  passCurves,
  registeredHeadline,
  type RegisteredOutcome,
  shortened,
  trainingCosts,
  trainingCurves,
  type TrainingLog,
} from "../../../src/report/mod.ts";
import { embeddedRecord, inputOf, QUICK } from "../../publish/published_fixture.ts";
import { asJson, planOf } from "../registered_plan.ts";
import { ranking, tiedHeadline, withoutDetectable } from "../ranking.ts";

const SCHEMA = new URL("../../../docs/leaderboard.schema.json", import.meta.url);

/** A made pair. */
function pair(
  candidate: string,
  baseline: string,
  verdict: Judged["verdict"],
  detectable: number | null = 0.018,
): Judged {
  return { candidate, baseline, verdict, detectable };
}

Deno.test("headline() says who leads, who is tied, and when nothing can be told", () => {
  const better = pair("B", "A", "better"), even = pair("C", "B", "tied within noise");
  assertEquals(headline([], []), "Nothing was evaluated.");
  assertEquals(headline(["A"], []), "Only A was evaluated, so there is nothing to compare it with.");
  assertEquals(headline(["B", "A"], [better]), "B is better than A.");
  assertEquals(headline(["B", "A"], [pair("A", "B", "worse")]), "B is better than A.");
  assertEquals(
    headline(["B", "C"], [pair("C", "B", "tied within noise", null)]),
    "B and C are tied within noise.",
  );
  assertEquals(headline(["B", "C"], [even]), "B and C are tied within noise (detectable: 1.8).");
  assertEquals(
    headline(["B", "C"], [pair("C", "B", "inconclusive (too few problems)")]),
    "B and C cannot be told apart on so few problems (detectable: 1.8).",
  );
  assertEquals(
    headline(["B", "C"], [pair("C", "B", "inconclusive (too few seeds)")]),
    "B and C cannot be told apart with so few seeds (detectable: 1.8).",
  );
  assertEquals(headline(["B", "C"], [pair("C", "B", "identical")]), "B and C have identical counts.");
  assertEquals(
    headline(["B", "C", "D"], [even, pair("D", "B", "tied within noise")]),
    "B, C and D were not all told apart.",
  );
  assertEquals(
    headline(["B", "C", "A"], [better, even, pair("C", "A", "better")]),
    "B and C are tied within noise (detectable: 1.8); both are better than A.",
  );
  assertEquals(
    headline(["B", "C", "A"], [better, even, pair("C", "A", "inconclusive (too few problems)")]),
    "B and C are tied within noise (detectable: 1.8); B is better than A.",
  );
  const four = ["D", "B", "C", "A"].flatMap((one, i, all) =>
    all.slice(i + 1).map((other) => pair(one, other, other === "A" ? "better" : "tied within noise"))
  );
  assertEquals(
    headline(["D", "B", "C", "A"], four),
    "D, B and C are tied within noise (detectable: 1.8); all are better than A.",
  );
});

Deno.test("buildLeaderboard() takes its numbers from the record and names manifest and key in every row", async () => {
  const record = await embeddedRecord();
  const board = buildLeaderboard([inputOf("embedded", record)], [{ name: "x", reason: "y" }], QUICK);
  parseLeaderboard(board);
  assertEquals(
    board.rows.map(({ method, mean }) => [method, mean.groups]),
    ranking(record).map((method) => [method, method === "base" ? "b" : "a"]),
  );
  for (const row of board.rows) {
    assertEquals([row.manifest, row.key], [board.results[0]?.manifest, board.results[0]?.key]);
    const runs = record.runs.filter(({ method }) => method === row.method);
    for (const { name, problems, samples } of record.suites) {
      const correct = runs.flatMap(({ suites }) => suites[name]?.correct ?? []);
      const right = correct.reduce((sum, count) => sum + count, 0);
      const solved = correct.filter((count) => count > 0).length, all = problems.length * runs.length;
      assertAlmostEquals(row.suites[name]?.average.value ?? 0, right / (all * samples), 1e-12);
      assertAlmostEquals(row.suites[name]?.pass.value ?? 0, solved / all, 1e-12);
    }
  }
  assertEquals(withoutDetectable(board.results[0]?.headline ?? ""), tiedHeadline(record));
  assertMatch(board.results[0]?.headline ?? "", / \(detectable: \d\.\d\)/);
  assertEquals(board.results[0]?.registered, null);
  assertEquals(board.pairs.length, 3 * (1 + record.suites.length));
  assertEquals(board.excluded, [{ name: "x", reason: "y" }]);
});

Deno.test("buildLeaderboard() gives the same bytes whatever the order of its inputs", async () => {
  const record = await embeddedRecord();
  const inputs = [inputOf("old", record, { place: 3 }), inputOf("fresh", record, { place: 0 })];
  const excluded = [{ name: "b", reason: "" }, { name: "a", reason: "" }];
  const board = buildLeaderboard(inputs, excluded, QUICK);
  assertEquals(
    canonicalJson(board),
    canonicalJson(buildLeaderboard(inputs.toReversed(), excluded.toReversed(), QUICK)),
  );
  assertEquals(board.results.map(({ name, first }) => [name, first]), [["fresh", true], ["old", false]]);
});

/** The committed result with a plan in its profile. */
async function planned(registered: unknown): Promise<LeaderboardInput> {
  const record = await embeddedRecord();
  return inputOf("planned", {
    ...record,
    profile: { ...record.profile, registered: asJson(registered) },
  });
}

const plan = planOf("mini-math", [
  { method: "bupo", against: "grpo" },
  { method: "grpo", against: "base", planted: "better" },
  { method: "base", against: "grpo", planted: "better" },
  { method: "rloo", against: "grpo", planted: "tied" },
]);

Deno.test("a registered plan says which pairs are asked about, over its suites, and the headline answers it", async () => {
  const board = buildLeaderboard([await planned(plan)], [], QUICK), [result] = board.results;
  const pairs = result?.registered?.pairs ?? [];
  assertEquals(pairs.map(({ asPlanted }) => asPlanted), [null, true, false, false]);
  assertEquals(pairs.map(({ verdict }) => verdict).slice(1), ["better", "worse", null]);
  assertEquals(result?.registered?.deviations, ["rloo was not run"]);
  // Over its one suite, not over all of them.
  const over = board.pairs.find(({ suite, candidate, baseline }) =>
    suite === "mini-math" && candidate === "grpo" && baseline === "base"
  );
  assertEquals(pairs[1]?.difference, over?.difference);
  assertMatch(
    result?.headline ?? "",
    /^BuPO .*GRPO.*\. NOT as planted came out Base against GRPO, planted better and rloo against GRPO, planted tied\.$/,
  );
  assertEquals(parseLeaderboard(JSON.parse(canonicalJson(board))).results[0]?.registered, result?.registered);
});

Deno.test("a plan that nobody can read, or of very many pairs, is none", async () => {
  const [pair] = plan.pairs;
  for (const bad of [{ ...plan, metric: "best" }, { ...plan, pairs: Array(201).fill(pair) }, "a plan"]) {
    const [result] = buildLeaderboard([await planned(bad)], [], QUICK).results;
    assertEquals(result?.registered, null);
  }
});

Deno.test("registeredHeadline() names what was asked, and whether controls came out", () => {
  const outcome = (
    method: string,
    verdict: RegisteredOutcome["verdict"],
    planted?: "better" | "tied",
  ): RegisteredOutcome => ({
    method,
    against: "B",
    verdict,
    difference: null,
    detectable: 0.0211,
    asPlanted: planted ? planted === verdict : null,
    ...(planted ? { planted } : {}),
  });
  const say = (...pairs: RegisteredOutcome[]): string | undefined =>
    registeredHeadline(pairs, (name) => name);
  assertEquals(say(outcome("A", "better", "better")), undefined);
  assertEquals(say(outcome("A", "worse")), "A is worse than B. No controls were planted.");
  assertEquals(
    say(outcome("A", "tied within noise"), outcome("C", "better", "better")),
    "A and B are tied within noise (detectable: 2.1). The control came out as planted.",
  );
  assertEquals(
    say(...["A", "C", "D", "E", "F"].map((name) => outcome(name, "better")), outcome("G", "worse", "tied")),
    "A is better than B; C is better than B; D is better than B; 2 more pairs were asked about. " +
      "NOT as planted came out G against B, planted tied.",
  );
});

Deno.test("the published schema is that of the code, and accepts a leaderboard", async () => {
  const schema = JSON.parse(await Deno.readTextFile(SCHEMA));
  // deno eval 'import {leaderboardJsonSchema as s} from "./src/report/mod.ts";
  // Deno.writeTextFileSync("docs/leaderboard.schema.json", JSON.stringify(s(), null, 2) + "\n")'
  assertEquals(schema, leaderboardJsonSchema());
  const validate = new Ajv2020({ strict: false }).compile(schema);
  const board = buildLeaderboard([inputOf("embedded", await embeddedRecord())], [], QUICK);
  assert(validate(JSON.parse(canonicalJson(board))), JSON.stringify(validate.errors));
  const rows = board.rows.map((row) => ({ ...row, key: "SHA256:short" }));
  assertEquals(validate(JSON.parse(canonicalJson({ ...board, rows }))), false);
});

Deno.test("passCurves() ends at the record's pass@k and begins at its avg@k", async () => {
  const record = await embeddedRecord();
  const board = buildLeaderboard([inputOf("embedded", record)], [], QUICK);
  for (const { of, method, points } of passCurves("embedded", record, board.settings)) {
    const score = board.rows.find((row) => row.method === method)?.suites[of];
    assertEquals(points.map(({ x }) => x), [1, 2, 4, 8]);
    assertAlmostEquals(points[0]?.value ?? 0, score?.average.value ?? NaN, 1e-4);
    assertAlmostEquals(points.at(-1)?.value ?? 0, score?.pass.value ?? NaN, 1e-4);
  }
});

Deno.test("trainingCurves() are means over seeds with the range as band, thinned out where there are many steps", () => {
  const log = (seed: number, shift: number, count: number): TrainingLog => ({
    method: "bupo",
    seed,
    steps: Array.from(
      { length: count },
      (_, i) => ({ step: i + 1, entropy: i + shift, rewardMean: "no number" }),
    ),
  });
  const [curve, second] = trainingCurves("r", [log(1, 0, 3), log(2, 1, 3)]);
  assertEquals(
    curve?.points,
    [0.5, 1.5, 2.5].map((value, i) => {
      return { x: i + 1, value, low: i, high: i + 1 };
    }),
  );
  assertEquals(second, undefined);
  const points = trainingCurves("r", [log(1, 0, 5000)])[0]?.points ?? [];
  assert(points.length <= 161);
  assertEquals([points[0]?.x, points.at(-1)?.x], [1, 5000]);
});

Deno.test("trainingCosts() adds up runs, steps and tokens, and says nothing where a step does not", () => {
  const log = (seed: number, tokens: readonly unknown[]): TrainingLog => ({
    method: "grpo",
    seed,
    steps: tokens.map((count, i) => ({ step: i + 1, tokens: count })),
  });
  assertEquals(trainingCosts([log(1, [10, 20]), log(2, [30])]), [
    { method: "grpo", runs: 2, steps: 3, tokens: 60 },
  ]);
  assertEquals(trainingCosts([log(1, [10, "many"])])[0]?.tokens, null);
});

Deno.test("shortened() keeps both ends of a long completion and never half a character", () => {
  assertEquals(shortened("a".repeat(8000)), "a".repeat(8000));
  const text = shortened("😀".repeat(5001));
  assert(text.length < 8100 && text.isWellFormed());
  assert(text.includes("[… 2002 characters left out …]"));
});
