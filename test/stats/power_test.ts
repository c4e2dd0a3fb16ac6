import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { RandomStream } from "../../src/random.ts";
import {
  equivalenceTest,
  minimumDetectableEffect,
  noiseFloor,
  normalCumulative,
  plannedEffect,
  requiredProblems,
  studentCumulative,
} from "../../src/stats/mod.ts";

Deno.test("plannedEffect() is found with the wanted power, in simulation", () => {
  // Normal differences with the planned variance; the test is |mean| / SE > 1.96.
  const design = { problems: 100, between: 0.04, within: [0.2, 0.1], samples: [8, 4] } as const;
  const effect = plannedEffect(design), sd = Math.sqrt(0.04 + 0.2 / 8 + 0.1 / 4);
  const random = new RandomStream("power");
  let found = 0;
  for (let trial = 0; trial < 4000; trial++) {
    if (Math.abs(effect + sd / 10 * random.normal()) > 1.959964 * sd / 10) found++;
  }
  assertAlmostEquals(found / 4000, 0.8, 0.02);
  assertAlmostEquals(requiredProblems(effect, design), 100, 1e-9);
  assertThrows(() => plannedEffect({ ...design, between: -1 }), RangeError);
  assertThrows(() => requiredProblems(0, design), RangeError);
});

Deno.test("minimumDetectableEffect() equals the planned effect for a known standard error and grows for few seeds", () => {
  const standardError = Math.sqrt(0.05 / 100);
  const planned = plannedEffect({ problems: 100, between: 0.05, within: [0, 0], samples: [1, 1] });
  assertAlmostEquals(minimumDetectableEffect({ standardError, degreesOfFreedom: Infinity }), planned, 1e-12);
  const few = minimumDetectableEffect({ standardError, degreesOfFreedom: 2 });
  assertAlmostEquals(few / standardError, 4.302652729749464 + 1.0606601717798212, 1e-11);
});

Deno.test("equivalenceTest() rejects at 5 % exactly where the 90 % interval lies inside the margin", () => {
  const z = 1.6448536269514722;
  for (const value of [-0.02, -0.0135, 0, 0.0136, 0.03]) {
    const p = equivalenceTest({ value, standardError: 0.01, degreesOfFreedom: Infinity }, 0.03);
    assertEquals(p < 0.05, Math.abs(value) + z * 0.01 < 0.03);
    assertAlmostEquals(
      p,
      Math.max(1 - normalCumulative((value + 0.03) / 0.01), normalCumulative((value - 0.03) / 0.01)),
      1e-12,
    );
  }
  assertAlmostEquals(
    equivalenceTest({ value: 0.01, standardError: 0.01, degreesOfFreedom: 3 }, 0.02),
    studentCumulative(-1, 3),
    1e-15,
  );
  assertEquals(equivalenceTest({ value: 0, standardError: 0, degreesOfFreedom: Infinity }, 0.1), 0);
  assertThrows(() => equivalenceTest({ value: 0, standardError: 1, degreesOfFreedom: 1 }, 0), RangeError);
});

Deno.test("noiseFloor() is the spread of simulated repetitions of the same method", () => {
  const random = new RandomStream("noise floor");
  const difficulty = Array.from({ length: 60 }, () => random.uniform());
  const repeat = (seeds: number): number[][] =>
    Array.from({ length: seeds }, () =>
      difficulty.map((p) => {
        let correct = 0;
        for (let i = 0; i < 8; i++) if (random.uniform() < p) correct++;
        return correct / 8;
      }));
  for (const seeds of [1, 4]) {
    const mean = (rows: number[][]): number => rows.flat().reduce((a, b) => a + b, 0) / rows.flat().length;
    let squares = 0, floors = 0;
    for (let trial = 0; trial < 300; trial++) {
      const block = repeat(seeds);
      squares += (mean(block) - mean(repeat(seeds))) ** 2;
      floors += (noiseFloor(block, 8) ?? NaN) ** 2;
    }
    // Four seeds: the seeds' own variance is cut off at 0, so its mean is a little above 0.
    const ratio = Math.sqrt(floors / squares);
    assert(ratio > 0.9 && ratio < 1.25, `${seeds} seeds: ${ratio}`);
  }
  assertEquals(noiseFloor([[1, 0]], 1), null);
});
