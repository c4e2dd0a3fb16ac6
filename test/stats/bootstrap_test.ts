import { assertAlmostEquals, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { RandomStream } from "../../src/random.ts";
import {
  bootstrapDifference,
  bootstrapMean,
  clusteredMean,
  varianceComponents,
} from "../../src/stats/mod.ts";

Deno.test("bootstrapMean() of one seed has the standard error of independent problems", () => {
  const random = new RandomStream("test");
  const row = Array.from({ length: 100 }, () => random.uniform());
  const { value, low, high, standardError } = bootstrapMean([[row]]);
  const { mean, iid } = clusteredMean(row.map((score) => [score]));
  assertAlmostEquals(value, mean, 1e-14);
  assertAlmostEquals(standardError / iid, 1, 0.05);
  assertAlmostEquals((high - low) / (2 * 1.96 * iid), 1, 0.06);
});

Deno.test("bootstrapMean() adds the seeds' own levels unless they are fixed", () => {
  const scores = [[0.1, 0.2, 0.1, 0.2], [0.5, 0.6, 0.5, 0.6], [0.9, 1, 0.9, 1]].map((row) =>
    Array.from({ length: 25 }, () => row).flat()
  );
  // Seed means 0.15, 0.55, 0.95 with variance 0.16 and no interaction; problems differ by ±0.05.
  const random = bootstrapMean([scores]), fixed = bootstrapMean([scores], { seeds: "fixed" });
  const problems = 0.0025 / 99;
  assertAlmostEquals(random.standardError, Math.sqrt(0.16 / 3 + problems), 1e-12);
  assertAlmostEquals(fixed.standardError, Math.sqrt(problems), 1e-12);
  assertAlmostEquals(random.degreesOfFreedom, 2, 0.01);
  assertAlmostEquals(fixed.degreesOfFreedom, 99, 1e-9);
});

Deno.test("varianceComponents() finds planted variances, unbiased", () => {
  const random = new RandomStream("components");
  const trials = 300, n = 40, [level, cell] = [0.05, 0.2];
  let own = 0, sampling = 0, difference = 0;
  for (let trial = 0; trial < trials; trial++) {
    const make = (seeds: number): number[][] =>
      Array.from({ length: seeds }, () => {
        const shift = level * random.normal();
        return Array.from({ length: n }, (_, p) => p / n + shift + cell * random.normal());
      });
    const { problems: [problem], seeds: [first, second] } = varianceComponents([make(4)], [make(6)]);
    own += (first?.variance ?? 0) * 4 / trials;
    sampling += (second?.sampling ?? 0) / trials;
    difference += (problem?.variance ?? 0) / trials;
  }
  // Cut off at 0 the seeds' variance is a little too large, never too small.
  assertAlmostEquals(own / level ** 2, 1.05, 0.15);
  assertAlmostEquals(sampling / (cell ** 2 / n), 1, 0.02);
  assertAlmostEquals(difference / (cell ** 2 / n * (1 / 4 + 1 / 6)), 1, 0.04);
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
  // No problem differs from another: what is left is the t interval of three seeds.
  const half = 4.302652729749464 * 0.025 / Math.sqrt(3);
  assertAlmostEquals(high - low, 2 * half, half / 3);
});

Deno.test("bootstrap functions reject scores that do not fit together", () => {
  assertThrows(() => bootstrapMean([]), RangeError, "at least one seed");
  assertThrows(() => bootstrapMean([[[1, 2], [1]]]), RangeError, "stratum 0");
  assertThrows(() => bootstrapMean([[[1, NaN]]]), RangeError, "finite");
  assertThrows(() => bootstrapMean([[[1]]], { resamples: 1 }), RangeError, "resamples");
  assertThrows(() => bootstrapDifference([[[1, 2]]], [[[1]]]), RangeError, "2 with 1");
  assertThrows(() => bootstrapDifference([[[1, 2]]], []), RangeError, "1 suites with 0");
});

Deno.test("bootstrapDifference() takes other seeds and other numbers of them, and not their order", () => {
  const random = new RandomStream("seeds");
  const rows = (seeds: number): number[][] =>
    Array.from({ length: seeds }, () => Array.from({ length: 30 }, () => random.uniform()));
  const a = rows(4), b = rows(2);
  const estimate = bootstrapDifference([a], [b]), turned = bootstrapDifference([a.toReversed()], [b]);
  assertAlmostEquals(estimate.value, bootstrapMean([a]).value - bootstrapMean([b]).value, 1e-14);
  assertAlmostEquals(turned.value, estimate.value, 1e-14);
  assertAlmostEquals(turned.standardError, estimate.standardError, 1e-14);
  const mirror = bootstrapDifference([b], [a]);
  assertAlmostEquals(mirror.low, -estimate.high, 1e-14);
  assertAlmostEquals(mirror.high, -estimate.low, 1e-14);
});
