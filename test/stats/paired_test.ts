import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { RandomStream } from "../../src/random.ts";
import {
  bootstrapDifference,
  bootstrapMean,
  intervalMethods,
  noiseFloor,
  pairedEvidence,
  type PairedSide,
  studentCumulative,
  varianceComponents,
  verdictOf,
} from "../../src/stats/mod.ts";

const z = 1.959963984540054;

/** Shares of eight samples; the seeds' levels differ by what is given. */
function rows(key: string, levels: readonly number[], problems = 120, gain = 0): number[][] {
  const draws = new RandomStream("difficulty"), random = new RandomStream("rows", key);
  const difficulty = Array.from({ length: problems }, () => draws.uniform());
  return levels.map((level) =>
    difficulty.map((p) => {
      let correct = 0;
      for (let i = 0; i < 8; i++) if (random.uniform() < p + level + gain) correct++;
      return correct / 8;
    })
  );
}

/** A trained side. */
function trained(...scores: readonly number[][][]): PairedSide {
  return { scores, trained: true };
}

/** A base model. */
function untrained(...scores: readonly number[][][]): PairedSide {
  return { scores, trained: false };
}

const LEVELS = [-0.04, 0, 0.04];

Deno.test("verdictOf() calls nothing where a trained side has fewer than three seeds, whatever the difference", () => {
  for (const [a, b] of [[1, 1], [1, 3], [2, 3], [3, 2], [1, 5], [2, 2]] as const) {
    for (const gain of [0, 0.3, -0.3]) {
      const level = (count: number): number[] => Array<number>(count).fill(0);
      const evidence = pairedEvidence(trained(rows("a", level(a), 120, gain)), trained(rows("b", level(b))));
      assertEquals(verdictOf(evidence), "inconclusive (too few seeds)", `${a} against ${b}, ${gain}`);
    }
  }
  const base = untrained(rows("base", [0]));
  assertEquals(verdictOf(pairedEvidence(trained(rows("a", LEVELS, 120, 0.3)), base)), "better");
  assertEquals(verdictOf(pairedEvidence(base, trained(rows("a", LEVELS, 120, 0.3)))), "worse");
  assertEquals(
    verdictOf(pairedEvidence(trained(rows("a", [0, 0], 120, 0.3)), base)),
    "inconclusive (too few seeds)",
  );
});

Deno.test("verdictOf() says whether seeds or problems are lacking", () => {
  const apart = pairedEvidence(
    trained(rows("a", [-0.2, 0, 0.2], 400)),
    trained(rows("b", [-0.2, 0, 0.2], 400)),
  );
  assertEquals(verdictOf(apart), "inconclusive (too few seeds)");
  const small = pairedEvidence(trained(rows("a", [0, 0, 0], 20)), trained(rows("b", [0, 0, 0], 20)));
  assertEquals(verdictOf(small), "inconclusive (too few problems)");
  const five = pairedEvidence(trained(rows("a", LEVELS, 5, 0.9)), trained(rows("b", LEVELS, 5)));
  assertEquals(verdictOf(five), "inconclusive (too few problems)");
});

Deno.test("pairedEvidence() takes a seed's spread from the side that has one", () => {
  const one = rows("one", [0]), three = rows("three", LEVELS);
  const { difference, seedWidth, covers } = pairedEvidence(trained(one), trained(three));
  const { seeds: [level], problems: [problem] } = varianceComponents([three], [one]);
  assert(level && problem);
  // v / 1 + v / 3 for the seeds, and what the problems differ by.
  const expected = Math.sqrt(problem.variance + 3 * level.variance * (1 + 1 / 3));
  assertAlmostEquals(difference.standardError, expected, 1e-14);
  assertEquals([seedWidth?.from, covers], ["other", "problems and seeds"]);
  assertAlmostEquals(seedWidth?.half ?? NaN, (difference.high - difference.low) / 2, 1e-15);
  const own = bootstrapDifference([one], [three]);
  assert(difference.high - difference.low > 1.2 * (own.high - own.low));
  const mirror = pairedEvidence(trained(three), trained(one)).difference;
  assertAlmostEquals(mirror.low, -difference.high, 1e-14);
});

Deno.test("pairedEvidence() pools two seeds with three, weighted by their degrees of freedom", () => {
  const two = rows("two", [-0.1, 0.1]), three = rows("three", LEVELS);
  const { difference, seedWidth } = pairedEvidence(trained(two), trained(three));
  const { seeds: [a, b], problems: [problem] } = varianceComponents([two], [three]);
  assert(a && b && problem);
  const each = (2 * a.variance + 2 * 3 * b.variance) / 3; // neither is cut off at 0 here
  assertAlmostEquals(
    difference.standardError ** 2,
    problem.variance + each * (1 / 2 + 1 / 3),
    1e-14,
  );
  assertEquals(seedWidth?.from, "pooled");
});

Deno.test("pairedEvidence() tells the noise floor where no side has two seeds", () => {
  const a = rows("a", [0]), b = rows("b", [0]);
  const { seedWidth, covers } = pairedEvidence(trained(a), trained(b), { samples: [8] });
  const variance = ((noiseFloor(a, 8) ?? NaN) ** 2 + (noiseFloor(b, 8) ?? NaN) ** 2) / 2;
  assertEquals([seedWidth?.from, covers], ["noise floor", "problems only"]);
  assertAlmostEquals(seedWidth?.half ?? NaN, z * Math.sqrt(variance), 1e-12);
  assertEquals(pairedEvidence(trained(a), trained(b)).seedWidth, null);
  assertEquals(pairedEvidence(untrained(a), untrained(b), { samples: [8] }).fewSeeds, false);
});

Deno.test("pairedEvidence()'s p-value counts the seeds and is never below that of the problems alone", () => {
  const spread = [-0.1, 0, 0.1];
  const { difference, p } = pairedEvidence(
    trained(rows("a", spread, 120, 0.05)),
    trained(rows("b", spread)),
  );
  const student = 2 * studentCumulative(
    -Math.abs(difference.value) / difference.standardError,
    difference.degreesOfFreedom,
  );
  assertAlmostEquals(p, student, 1e-15);
  assert(p > 0.1, `${p}`);
  // Six problems, each solved by one side only: 2 of 64 sign patterns are as far out.
  const all = Array<number>(6).fill(1), none = Array<number>(6).fill(0);
  assertEquals(pairedEvidence(untrained([all]), untrained([none])).p, 2 / 64);
});

Deno.test("intervals have a width where nothing varies, and say how they were made", () => {
  for (const [n, value] of [[1, -0.25], [1, 0], [8, 0.5], [30, 0], [30, 1]] as const) {
    const a = [Array<number>(n).fill(value < 0 ? 0 : value)];
    const b = [Array<number>(n).fill(value < 0 ? -value : 0)];
    const estimate = bootstrapDifference([a], [b]);
    const unseen = z * z / (n + z * z);
    assertEquals([estimate.value, estimate.method], [value, "bound"]);
    assertAlmostEquals(estimate.low, (1 - unseen) * value - unseen, 1e-12);
    assertAlmostEquals(estimate.high, (1 - unseen) * value + unseen, 1e-12);
    assertAlmostEquals(estimate.standardError, z / (n + z * z), 1e-12);
    const mean = bootstrapMean([a]);
    assertEquals([mean.method, mean.low < mean.high, mean.standardError > 0], ["wilson", true, true]);
  }
  assertEquals(bootstrapMean([rows("a", [0])]).method, "bootstrap");
  assertEquals(Object.keys(intervalMethods), ["bootstrap", "wilson", "bound"]);
});

Deno.test("identical counts are identical, but not where both reached all or nothing", () => {
  const a = rows("a", LEVELS);
  assertEquals(verdictOf(pairedEvidence(trained(a), trained(a))), "identical");
  assertEquals(verdictOf(pairedEvidence(trained(a.slice(0, 1)), trained(a.slice(0, 1)))), "identical");
  const changed = a.with(0, (a[0] ?? []).with(0, ((a[0] ?? [])[0] ?? 0) === 0 ? 0.125 : 0));
  assertEquals(pairedEvidence(trained(a), trained(changed)).identical, false);
  const all = [1, 2, 3].map(() => Array<number>(200).fill(1));
  assertEquals(verdictOf(pairedEvidence(trained(all), trained(all))), "tied within noise");
  const same = { sameRecord: true };
  assertEquals(verdictOf(pairedEvidence(trained(all), trained(all), same)), "identical");
});

Deno.test("a result of sixty methods draws its resamples once for each shape", () => {
  const sides = Array.from({ length: 60 }, (_, i) => [rows(`method ${i}`, LEVELS)]);
  const alone = sides.map((side) => bootstrapMean(side));
  // The same numbers whether the draws were kept or made afresh: other shapes in between drop them.
  for (let n = 1; n <= 40; n++) bootstrapMean([[Array.from({ length: 400 + n }, (_, i) => i % 2)]]);
  assertEquals(sides.map((side) => bootstrapMean(side)), alone);
});
