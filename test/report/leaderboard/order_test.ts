import { assertEquals } from "@std/assert";
import { buildLeaderboard, type LeaderboardInput, statementOf } from "../../../src/report/mod.ts";
import type { ResultRecord } from "../../../src/result/mod.ts";
import { embeddedRecord, inputOf, judgedWell, QUICK } from "../../publish/published_fixture.ts";
import { tiedHeadline, withoutDetectable } from "../ranking.ts";

const unsure = { ...judgedWell, headline: false, whole: false };

/** The names of the leaderboard's results in order, those in front that are first of their profile and model. */
function shown(inputs: readonly LeaderboardInput[]): { order: string[]; first: string[] } {
  const { results } = buildLeaderboard(inputs, [], QUICK);
  return {
    order: results.map(({ name }) => name),
    first: results.flatMap(({ name, first }) => first ? [name] : []),
  };
}

/** The record under another profile, or with other methods' counts. */
function named(record: ResultRecord, name: string): ResultRecord {
  return { ...record, profile: { ...record.profile, name } };
}

Deno.test("which result is shown first is decided by trust, then the check, then git; never by a date or a name", async () => {
  const record = await embeddedRecord();
  const make = (name: string, more: Partial<LeaderboardInput>): LeaderboardInput =>
    inputOf(name, record, more);
  const future = make("a-future", { date: "2099-01-01T00:00:00Z", place: null, judged: unsure });
  const committed = make("b", { place: 4 }), later = make("c", { place: 1 });
  const trusted = make("d", { trusted: true, place: 9 });
  assertEquals(shown([future, committed, later]), { order: ["c", "b", "a-future"], first: ["c"] });
  assertEquals(shown([future, committed, later, trusted]).first, ["d"]);
  // What was compared only in part stands behind what was compared whole, whatever the commit.
  const half = make("e", { place: 0, judged: { ...judgedWell, whole: false } });
  assertEquals(shown([half, committed]).order, ["b", "e"]);
});

Deno.test("other settings under a known name are a group of their own", async () => {
  const record = await embeddedRecord();
  const own = inputOf("own", record);
  const other = inputOf("other", record, { profile: { ...own.profile, digest: "9".repeat(64) } });
  assertEquals(shown([own, other]).first.sort(), ["other", "own"]);
});

Deno.test("runs for tests, and those of which too little was compared, are never the headline", async () => {
  const record = await embeddedRecord(), headline = tiedHeadline(record);
  const smoke = inputOf("a-smoke", named(record, "smoke"), { place: 0 }),
    full = inputOf("full", record, { place: 5 });
  assertEquals(smoke.forTests, true);
  const few = inputOf("few", {
    ...record,
    suites: record.suites.map((suite) => ({ ...suite, problems: suite.problems.slice(0, 10) })),
    runs: record.runs.map((run) => ({
      ...run,
      suites: Object.fromEntries(
        Object.entries(run.suites).map((
          [name, outcome],
        ) => [name, { ...outcome, correct: outcome.correct.slice(0, 10) }]),
      ),
    })),
  });
  assertEquals(few.forTests, true);
  const say = (...inputs: LeaderboardInput[]): string =>
    withoutDetectable(statementOf(buildLeaderboard(inputs, [], QUICK)).text);
  assertEquals(shown([smoke, full]).order, ["full", "a-smoke"]);
  assertEquals(say(smoke, full), headline);
  const nothing = "No result counts yet: there are only runs for tests, or of which too little was checked.";
  assertEquals(say(smoke), nothing);
  assertEquals(say(inputOf("half", record, { judged: unsure })), nothing);
  assertEquals(say(), "No result can be shown yet.");
});

Deno.test("the statement over several results counts how BuPO came out, and listens to trusted keys where there are any", async () => {
  const record = await embeddedRecord();
  const raised = (name: string): ResultRecord => {
    const other = named(record, name);
    return {
      ...other,
      runs: other.runs.map((run) =>
        run.method !== "bupo" ? run : {
          ...run,
          suites: Object.fromEntries(
            Object.entries(run.suites).map((
              [suite, outcome],
            ) => [suite, { ...outcome, correct: outcome.correct.map((count) => Math.min(8, count + 3)) }]),
          ),
        }
      ),
    };
  };
  const input = (
    name: string,
    from: ResultRecord,
    more: Partial<LeaderboardInput> = {},
  ): LeaderboardInput => {
    const made = inputOf(name, from, more);
    return {
      ...made,
      profile: { ...made.profile, digest: name.charCodeAt(0).toString(16).padStart(64, "0") },
    };
  };
  const tied = input("a", record), better = input("b", raised("second")), best = input("c", raised("third"));
  const say = (...inputs: LeaderboardInput[]): string =>
    withoutDetectable(statementOf(buildLeaderboard(inputs, [], QUICK)).text);
  assertEquals(
    say(tied, better, best),
    "Of 3 results, BuPO is better than GRPO in 2 and tied with it within noise in 1.",
  );
  assertEquals(say(better, best), "Of 2 results, BuPO is better than GRPO in all.");
  // Where a plan asks, its answer counts: not a mean over suites that it does not name.
  const worse = named(raised("asked"), "asked");
  const asked = {
    suites: ["mini-aime"],
    metric: "avg",
    samples: 8,
    seeds: 3,
    smallestEffect: 3,
    pairs: [{ method: "grpo", against: "bupo" }],
  };
  const plan = input("d", {
    ...worse,
    profile: { ...worse.profile, registered: asked },
    runs: worse.runs.map((run) => {
      const aime = run.suites["mini-aime"];
      if (run.method !== "bupo" || !aime) return run;
      const lowered = { ...aime, correct: aime.correct.map((count) => Math.max(0, count - 6)) };
      return { ...run, suites: { ...run.suites, "mini-aime": lowered } };
    }),
  });
  assertEquals(
    say(better, plan),
    "Of 2 results, BuPO is better than GRPO in 1 and worse than it in 1.",
  );
  assertEquals(say(better, best, { ...tied, trusted: true }), tiedHeadline(record));
});
