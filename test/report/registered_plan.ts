/** A registered plan as profiles have it, for tests: three seeds on one suite, with the pairs that a test asks about. */

import type { JsonValue } from "../../src/result/mod.ts";
import type { RegisteredPair, RegisteredPlan } from "../../src/stats/mod.ts";

/** The plan of a suite. */
export function planOf(
  suite: string,
  pairs: readonly RegisteredPair[],
  smallestEffect = 3,
): RegisteredPlan {
  return { suites: [suite], metric: "avg", samples: 8, seeds: 3, smallestEffect, pairs };
}

/** A plan, or what is none, as a record has it. */
export function asJson(plan: unknown): JsonValue {
  return JSON.parse(JSON.stringify(plan));
}
