import { assertAlmostEquals, assertEquals } from "@std/assert";
import { learningRateAt } from "../../src/rl/mod.ts";

Deno.test("learningRateAt() rises linearly, is the peak at the end of the warm-up and never above it", () => {
  const schedule = { peak: 0.3, warmupSteps: 10, finalShare: 0.1 };
  const rates = Array.from({ length: 100 }, (_, i) => learningRateAt(schedule, i + 1, 100));
  rates.slice(0, 10).forEach((rate, i) => assertAlmostEquals(rate, 0.03 * (i + 1), 1e-12));
  rates.slice(9).reduce((before, rate) => {
    assertEquals(rate < before, true);
    return rate;
  }, Infinity);
  // Half-way along the cosine it is half-way between peak and end.
  assertAlmostEquals(rates[54] ?? NaN, (0.3 + 0.03) / 2, 1e-12);
  assertAlmostEquals(rates[99] ?? NaN, 0.03, 1e-12);
});

Deno.test("learningRateAt() is constant from the first step when there is no warm-up and no decay", () => {
  const schedule = { peak: 2e-4, warmupSteps: 0, finalShare: 1 };
  for (const [step, total] of [[1, 1], [1, 80], [80, 80], [90, 80]] as const) {
    assertEquals(learningRateAt(schedule, step, total), 2e-4);
  }
});

Deno.test("learningRateAt() stays at its end beyond the last step, and a run shorter than its warm-up only rises", () => {
  assertAlmostEquals(learningRateAt({ peak: 1, warmupSteps: 2, finalShare: 0.25 }, 50, 10), 0.25, 1e-12);
  assertEquals(learningRateAt({ peak: 1, warmupSteps: 8, finalShare: 0 }, 4, 5), 0.5);
});
