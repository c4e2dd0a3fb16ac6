import { assertEquals } from "@std/assert";
import { buildLeaderboard, historyOf, type HistoryPoint, type PastRecord } from "../../../src/report/mod.ts";
import type { ResultRecord } from "../../../src/result/mod.ts";
import { embeddedRecord, inputOf, QUICK } from "../../publish/published_fixture.ts";

/** The record with one more right completion on some problem. */
function shifted(record: ResultRecord, by: number): ResultRecord {
  return {
    ...record,
    runs: record.runs.map((run) => ({
      ...run,
      suites: Object.fromEntries(
        Object.entries(run.suites).map(([name, outcome]) => [name, {
          ...outcome,
          correct: outcome.correct.map((count, i) => i === by ? (count + 1) % 9 : count),
        }]),
      ),
    })),
  };
}

/** A result of the past. */
function past(record: ResultRecord, place: number, more: Partial<PastRecord> = {}): PastRecord {
  const digit = place.toString(16);
  return {
    record,
    profileDigest: "1".repeat(64),
    digest: digit.repeat(64),
    commit: digit.repeat(40),
    place,
    date: "2026-01-01T00:00:00Z",
    ...more,
  };
}

/** The commits of each line of history. */
function lines(points: readonly HistoryPoint[]): string[][] {
  const bupo = points.filter(({ method }) => method === "bupo");
  return [...Map.groupBy(bupo, ({ series }) => series).values()].map((line) =>
    line.map(({ commit }) => commit.slice(0, 1))
  );
}

Deno.test("historyOf() joins results of equal settings and grader only, in the order of commits", async () => {
  const record = await embeddedRecord();
  const board = buildLeaderboard([inputOf("now", record, { commit: "0".repeat(40), place: 0 })], [], QUICK);
  const history = historyOf(board, [
    past(shifted(record, 1), 2, { date: "2099-01-01T00:00:00Z" }), // a date says nothing
    past(shifted(record, 2), 5),
    past({ ...shifted(record, 3), graderVersion: "1.0.0" }, 3),
    past(shifted(record, 4), 4, { profileDigest: "2".repeat(64) }),
    past({
      ...shifted(record, 5),
      suites: record.suites.map((suite) => ({ ...suite, digest: "7".repeat(64) })),
    }, 6),
  ]);
  assertEquals(lines(history).map((line) => line.join("")).sort(), ["3", "4", "520", "6"]);
});

Deno.test("historyOf() has one point for runs that repeat the same numbers", async () => {
  const record = await embeddedRecord();
  const board = buildLeaderboard(
    [
      inputOf("now", record, { commit: "0".repeat(40), place: 0, record: "a".repeat(64) }),
      inputOf("copy", record, { commit: "9".repeat(40), place: 1, record: "b".repeat(64) }),
    ],
    [],
    QUICK,
  );
  const history = historyOf(board, [past(record, 3), past(record, 4), past(shifted(record, 1), 2)]);
  // The first run with the numbers stands for all of them.
  assertEquals(lines(history), [["4", "2"]]);
});
