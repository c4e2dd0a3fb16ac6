import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { RandomStream } from "../../src/random.ts";
import { bootstrapDifference, bootstrapMean, clusteredMean } from "../../src/stats/mod.ts";

/** Simulated avg@8 of S seeds on problems of given difficulty, each seed with a level of its own. */
function simulate(
  random: RandomStream,
  logits: readonly number[],
  shift: number,
  seedSd: number,
): number[][] {
  return Array.from({ length: 3 }, () => {
    const level = shift + seedSd * random.normal();
    return logits.map((logit) => {
      const p = 1 / (1 + Math.exp(-(logit + level)));
      let correct = 0;
      for (let i = 0; i < 8; i++) if (random.uniform() < p) correct++;
      return correct / 8;
    });
  });
}

Deno.test("bootstrapMean() of one seed has the standard error of independent problems", () => {
  const random = new RandomStream("test");
  const row = Array.from({ length: 100 }, () => random.uniform());
  const { value, low, high, standardError } = bootstrapMean([[row]]);
  const { mean, iid } = clusteredMean(row.map((score) => [score]));
  assertAlmostEquals(value, mean, 1e-14);
  assertAlmostEquals(standardError / iid, 1, 0.05);
  assertAlmostEquals((high - low) / (2 * 1.96 * iid), 1, 0.06);
});

Deno.test("bootstrapMean() sees the seeds' own level only when they are crossed", () => {
  const scores = [[0.1, 0.2, 0.1, 0.2], [0.5, 0.6, 0.5, 0.6], [0.9, 1, 0.9, 1]].map((row) =>
    Array.from({ length: 25 }, () => row).flat()
  );
  // Seed means 0.15, 0.55, 0.95: variance of a mean of 3 draws is their population variance over 3.
  const crossed = bootstrapMean([scores]).standardError;
  const nested = bootstrapMean([scores], { seeds: "nested" }).standardError;
  assertAlmostEquals(crossed, Math.sqrt(0.32 / 3 / 3), 0.01);
  assertAlmostEquals(nested, Math.sqrt((0.32 / 3 / 3 + 0.0025) / 100), 0.002);
});

Deno.test("bootstrapMean() weighs strata equally and repeats digit for digit", () => {
  const small = [[0, 1], [0, 0]], large = [Array<number>(10).fill(1), Array<number>(10).fill(0.5)];
  const estimate = bootstrapMean([small, large]);
  assertEquals(estimate.value, (0.25 + 0.75) / 2);
  assertEquals(bootstrapMean([small, large]), estimate);
  assertNotEquals(bootstrapMean([small, large], { confidence: 0.5 }).high, estimate.high);
});

Deno.test("bootstrapDifference() cancels the problems' difficulty", () => {
  const random = new RandomStream("test");
  const base = [Array.from({ length: 50 }, () => random.uniform())];
  const better = [0.1, 0.125, 0.15].map((gain) => base[0]?.map((score) => score + gain) ?? []);
  const { value, low, high } = bootstrapDifference([better], [base]);
  assertAlmostEquals(value, 0.125, 1e-12);
  assert(low >= 0.1 - 1e-12 && high <= 0.15 + 1e-12);
});

Deno.test("bootstrap functions reject scores that do not fit together", () => {
  assertThrows(() => bootstrapMean([]), RangeError, "at least one seed");
  assertThrows(() => bootstrapMean([[[1, 2], [1]]]), RangeError, "stratum 0");
  assertThrows(() => bootstrapMean([[[1, NaN]]]), RangeError, "finite");
  assertThrows(() => bootstrapMean([[[1]]], { resamples: 1 }), RangeError, "resamples");
  assertThrows(() => bootstrapDifference([[[1], [2], [3]]], [[[1], [2]]]), RangeError, "3 with 2");
  assertThrows(() => bootstrapDifference([[[1, 2]]], [[[1]]]), RangeError, "2 with 1");
  assertThrows(() => bootstrapDifference([[[1, 2]]], []), RangeError, "1 suites with 0");
});

Deno.test("bootstrapDifference() calls a planted 5 points and keeps quiet about equal methods", () => {
  const random = new RandomStream("calibration");
  const called = { equal: 0, planted: 0 };
  const trials = 100;
  for (let trial = 0; trial < trials; trial++) {
    const logits = Array.from({ length: 200 }, () => 1.5 * random.normal());
    const a = simulate(random, logits, 0, 0.03);
    for (const [name, shift] of [["equal", 0], ["planted", 0.3]] as const) {
      const { low, high } = bootstrapDifference([simulate(random, logits, shift, 0.03)], [a], {
        resamples: 400,
      });
      if (low > 0 || high < 0) called[name]++;
    }
  }
  assert(called.equal <= 10, `${called.equal} of ${trials} equal pairs were called`);
  assert(called.planted >= 90, `only ${called.planted} of ${trials} planted pairs were called`);
});
