import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { interquartileMean, probabilityOfImprovement, stratifiedBootstrap } from "../../src/stats/mod.ts";

Deno.test("interquartileMean() leaves out the quarters that scipy.stats.trim_mean(…, 0.25) leaves out", () => {
  // int(0.25 × 7) = 1 on each side; int(0.25 × 8) = 2.
  assertEquals(interquartileMean([[9, 1, 2], [3, 4, 5, -7]]), 3);
  assertEquals(interquartileMean([[1, 2, 3, 4], [5, 6, 7, 80]]), 4.5);
  assertEquals(interquartileMean([[2]]), 2);
  assertThrows(() => interquartileMean([[]]), RangeError);
});

Deno.test("probabilityOfImprovement() counts the pairs of runs of each suite", () => {
  assertEquals(probabilityOfImprovement([[1, 2, 3], [5]], [[2, 2], [5]]), (3 / 6 + 1 / 2) / 2);
  const a = [[0.1, 0.7, 0.4]], b = [[0.2, 0.3]];
  assertAlmostEquals(probabilityOfImprovement(a, b) + probabilityOfImprovement(b, a), 1, 1e-15);
  assertThrows(() => probabilityOfImprovement(a, [...b, ...b]), RangeError);
});

Deno.test("stratifiedBootstrap() finds the quantiles of all equally likely draws", () => {
  // Two runs, mean of the draw: 0, 1/2, 1/2, 1 with a quarter each.
  const mean = (scores: readonly (readonly number[])[]): number =>
    scores.flat().reduce((a, b) => a + b, 0) / 2;
  const { value, interval } = stratifiedBootstrap([[[0, 1]]], mean, { confidence: 0.4 });
  assertEquals([value, interval], [0.5, { low: 0.5, high: 0.5 }]);
  assertEquals(stratifiedBootstrap([[[0, 1]]], mean).interval, { low: 0, high: 1 });
  assertEquals(stratifiedBootstrap([[[0.5], [0.7]]], interquartileMean).interval, null);
  const a = [[0.5, 0.6, 0.7]], b = [[0.1, 0.2, 0.65]];
  const poi = stratifiedBootstrap([a, b] as const, probabilityOfImprovement);
  assertAlmostEquals(poi.value, 7 / 9, 1e-15);
  assert(poi.interval && poi.interval.low < poi.value && poi.interval.high === 1);
});
