import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  improvementInterval,
  interquartileMean,
  probabilityOfImprovement,
  stratifiedBootstrap,
} from "../../src/stats/mod.ts";

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
  const { value, interval } = stratifiedBootstrap([[[0, 1]]], mean, { confidence: 0.6 });
  assertEquals([value, interval], [0.5, { low: 0, high: 1 }]);
  // Half of the draws lie in the middle: that interval would have no width.
  assertEquals(stratifiedBootstrap([[[0, 1]]], mean, { confidence: 0.4 }).interval, null);
  assertEquals(stratifiedBootstrap([[[0, 1]]], mean).interval, { low: 0, high: 1 });
  assertEquals(stratifiedBootstrap([[[0.5], [0.7]]], interquartileMean).interval, null);
  const a = [[0.5, 0.6, 0.7]], b = [[0.1, 0.2, 0.65]];
  const poi = stratifiedBootstrap([a, b] as const, probabilityOfImprovement);
  assertAlmostEquals(poi.value, 7 / 9, 1e-15);
  assert(poi.interval && poi.interval.low < poi.value && poi.interval.high === 1);
});

Deno.test("improvementInterval() ends where the variance under the end explains the distance, and has a width", () => {
  // scipy 1.17: brentq over (p - t)**2 - z**2 * t * (1 - t) * (1 + N * ((1 - t)/(2 - t) + t/(1 + t))) / (m * n)
  const cases = [
    [1, 3, 3, 0.5010187607015301, 1.0],
    [1, 1, 1, 0.20654931437723742, 1.0],
    [7 / 9, 3, 3, 0.3173096675597874, 0.9604201434765515],
    [0.5, 5, 5, 0.20561305728947143, 0.7943869427105286],
    [0, 3, 5, 0.0, 0.4338432315314618],
    [0.92, 5, 5, 0.5465909092827611, 0.9895144580845087],
    [1, 1, 3, 0.3215804644366251, 1.0],
  ] as const;
  for (const [probability, m, n, low, high] of cases) {
    const interval = improvementInterval(probability, [m, n]);
    assertAlmostEquals(interval.low, low, 1e-12);
    assertAlmostEquals(interval.high, high, 1e-12);
    const mirror = improvementInterval(1 - probability, [n, m]);
    assertAlmostEquals(mirror.low, 1 - interval.high, 1e-9);
  }
  assertThrows(() => improvementInterval(1.1, [3, 3]), RangeError);
  assertThrows(() => improvementInterval(0.5, [3, 0]), RangeError);
});
