import { assert, assertEquals } from "@std/assert";
import { flippedProblems, type Leaderboard } from "../../../src/report/mod.ts";

/** A board of methods with three seeds each, whose pairs tell apart so many problems. */
function boardOf(methods: readonly string[], problems: number, samples = 8): Leaderboard {
  const pairs = methods.flatMap((candidate, i) =>
    methods.slice(0, i).map((baseline) => ({
      result: "r",
      suite: "s",
      candidate,
      baseline,
      fixed: Array.from({ length: problems }, (_, p) => `${candidate} ${baseline} ${p}`),
      broken: candidate === "bupo" ? ["shared"] : [],
    }))
  );
  const rows = methods.map((method) => ({ result: "r", method, seeds: method === "base" ? [] : [1, 2, 3] }));
  return {
    results: [{ name: "r", suites: [{ name: "s", samples }] }],
    rows,
    pairs,
  } as unknown as Leaderboard;
}

Deno.test("flippedProblems() wants the methods that a problem tells apart, BuPO against GRPO first, the base last", () => {
  const found = flippedProblems(boardOf(["base", "grpo", "rloo", "bupo"], 1), "r");
  assertEquals(found.map(({ problem }) => problem).slice(0, 2), ["bupo grpo 0", "shared"]);
  assertEquals([...found[0]?.methods ?? []], ["bupo", "grpo"]);
  // What several pairs tell apart is there once, with the methods of all of them.
  assertEquals([...found[1]?.methods ?? []].sort(), ["base", "bupo", "grpo", "rloo"]);
  assert(found.at(-1)?.methods.has("base"));
  assertEquals(found.length, 6 + 1);
});

Deno.test("flippedProblems() wants no more than 12,000 completions, however many methods and problems there are", () => {
  const board = boardOf(["base", "grpo", "bupo", ...Array.from({ length: 30 }, (_, i) => `m${i}`)], 50);
  const completions = flippedProblems(board, "r").reduce(
    (sum, { methods }) =>
      sum + 8 * [...methods].reduce((all, method) => all + (method === "base" ? 1 : 3), 0),
    0,
  );
  assert(completions <= 12_000 && completions > 11_900, String(completions));
});
