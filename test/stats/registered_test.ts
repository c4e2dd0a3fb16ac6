import { assertEquals, assertThrows } from "@std/assert";
import { deviations, registeredPlanOf } from "../../src/stats/mod.ts";

const plan = {
  suites: ["a", "b"],
  metric: "avg",
  samples: 8,
  pairs: [{ method: "bupo", against: "grpo" }, { method: "half", against: "grpo", planted: "worse" }],
  seeds: 5,
  smallestEffect: 2,
} as const;

Deno.test("registeredPlanOf() reads a profile's plan, and nothing where there is none", () => {
  assertEquals(registeredPlanOf({ name: "x", registered: plan }), structuredClone(plan) as never);
  for (const none of [undefined, null, "text", {}, { name: "x" }]) {
    assertEquals(registeredPlanOf(none), undefined);
  }
});

Deno.test("registeredPlanOf() names what a plan lacks", () => {
  for (
    const [changes, message] of [
      [{ seeds: 0 }, "registered.seeds"],
      [{ smallestEffect: 0 }, "registered.smallestEffect"],
      [{ metric: "best" }, "registered.metric"],
      [{ suites: [] }, "registered.suites"],
      [{ pairs: [{ method: "grpo", against: "grpo" }] }, "registered.pairs"],
      [{ pairs: [{ method: "grpo", against: "base", planted: "maybe" }] }, "registered.pairs"],
    ] as const
  ) {
    assertThrows(() => registeredPlanOf({ registered: { ...plan, ...changes } }), SyntaxError, message);
  }
});

Deno.test("deviations() names fewer or more seeds, other suites, other samples and methods that are missing", () => {
  const read = plan;
  const seeds = new Map([["bupo", 5], ["grpo", 5], ["half", 5]]), suites = new Map([["a", 8], ["b", 8]]);
  assertEquals(deviations(read, { suites, seeds }), []);
  assertEquals(deviations(read, { suites: new Map([["a", 4], ["c", 8]]), seeds }), [
    "a has 4 samples in place of 8",
    "b was not evaluated",
  ]);
  assertEquals(deviations(read, { suites, seeds: new Map([["bupo", 6], ["grpo", 1]]) }), [
    "bupo has 6 seeds in place of 5",
    "grpo has 1 seed in place of 5",
    "half was not run",
  ]);
  const against = { ...read, pairs: [{ method: "grpo", against: "base" }] };
  assertEquals(deviations(against, { suites, seeds: new Map([["base", 0], ["grpo", 5]]) }), []);
});
