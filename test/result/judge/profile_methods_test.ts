import { assertEquals } from "@std/assert";
import { profileMethods } from "../../../src/judge/profile_methods.ts";
import { partialRuns } from "../../../src/judge/runs.ts";

const methods = ["grpo", { name: "again", row: "grpo", seeds: [7] }, { name: "half", row: "bupo", steps: 2 }];

Deno.test("profileMethods() reads names, and rows under other names with their seeds and steps", () => {
  assertEquals(profileMethods({ name: "p", methods }), [
    { name: "grpo", seeds: undefined, steps: undefined },
    { name: "again", seeds: [7], steps: undefined },
    { name: "half", seeds: undefined, steps: 2 },
  ]);
  const bad = [
    undefined,
    [],
    ["grpo", "grpo"],
    ["grpo", { name: "grpo", row: "bupo" }],
    [{ row: "grpo" }],
    [{ name: "x", seeds: [1, 1] }],
    [{ name: "x", steps: "2" }],
    [7],
  ];
  for (const list of bad) assertEquals(profileMethods({ name: "p", methods: list }), undefined);
});

Deno.test("partialRuns() wants each method with its own seeds", () => {
  const run = (method: string, seed: number | null) => ({
    method,
    seed,
    checkpoint: seed === null ? null : `${method}${seed}`,
  });
  const runs = [run("base", null), run("grpo", 1), run("again", 7), run("half", 1)];
  const of = (some: typeof runs) =>
    partialRuns(
      { profile: { methods, seeds: [1] }, runs: some } as unknown as Parameters<typeof partialRuns>[0],
    );
  assertEquals(of(runs), undefined);
  assertEquals(of(runs.filter(({ method }) => method !== "again")), 'it lacks "again" with seed 7');
});
