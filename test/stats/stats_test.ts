import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  averageAtK,
  clusterBy,
  clusteredMean,
  mcnemarExact,
  normalCumulative,
  normalQuantile,
  pairedMeans,
  passAtK,
  wilsonInterval,
} from "../../src/stats/mod.ts";

Deno.test("passAtK() equals the share of subsets with a correct sample", () => {
  const n = 7;
  for (let c = 0; c <= n; c++) {
    for (let k = 1; k <= n; k++) {
      let subsets = 0, passed = 0;
      for (let set = 0; set < 1 << n; set++) {
        const members = Array.from({ length: n }, (_, i) => i).filter((i) => set >> i & 1);
        if (members.length !== k) continue;
        subsets++;
        if (members.some((member) => member < c)) passed++;
      }
      assertAlmostEquals(passAtK(n, c, k), passed / subsets, 1e-15);
    }
  }
});

Deno.test("passAtK() and averageAtK() reject counts outside their range", () => {
  assertThrows(() => passAtK(4, 5, 1), RangeError, "5 correct of 4");
  assertThrows(() => passAtK(4, 1, 5), RangeError, "pass@5");
  assertThrows(() => passAtK(4, 0.5, 1), RangeError);
  assertThrows(() => averageAtK([5], 4), RangeError);
  assertThrows(() => averageAtK([], 4), RangeError);
});

Deno.test("normalQuantile() inverts normalCumulative() in the body and the tails", () => {
  for (const p of [1e-10, 0.001, 0.3, 0.5, 0.8, 0.9995, 1 - 1e-10]) {
    assertAlmostEquals(normalCumulative(normalQuantile(p)), p, 4e-16);
  }
  assertThrows(() => normalQuantile(1), RangeError);
  assertThrows(() => normalQuantile(NaN), RangeError);
});

Deno.test("wilsonInterval() ends where the score test rejects", () => {
  for (const [successes, n] of [[3, 17], [0, 5], [5, 5], [2.5, 40]] as const) {
    const { low, high } = wilsonInterval(successes, n, 0.9);
    for (const bound of [low, high]) {
      const z2 = normalQuantile(0.95) ** 2;
      assertAlmostEquals((successes / n - bound) ** 2, z2 * bound * (1 - bound) / n, 1e-15);
    }
  }
  assertThrows(() => wilsonInterval(2, 1), RangeError);
});

Deno.test("mcnemarExact() agrees with exact integers for counts whose power of two overflows", () => {
  const [b, c] = [1400, 1500], n = b + c;
  let term = 1n, sum = 1n;
  for (let i = 1; i <= b; i++) {
    term = term * BigInt(n - i + 1) / BigInt(i);
    sum += term;
  }
  const exact = Number(2n * sum * 10n ** 30n / 2n ** BigInt(n)) / 1e30;
  assertAlmostEquals(mcnemarExact(b, c) / exact, 1, 1e-12);
  assertEquals(mcnemarExact(0, 1074), 2 ** -1073);
  assertThrows(() => mcnemarExact(-1, 2), RangeError);
});

Deno.test("clusteredMean() of single-score clusters equals the independent standard error", () => {
  const { iid, clusteredCorrected, iidPlusCross } = clusteredMean([[1], [0], [0], [1], [1]]);
  assertAlmostEquals(clusteredCorrected, iid, 1e-15);
  assertAlmostEquals(iidPlusCross ?? NaN, iid, 1e-15);
  assertEquals(clusteredMean([[0, 1], [1, 0]]).iidPlusCross, Math.sqrt(1 / 3 / 4 - 1 / 16));
  assertEquals(clusteredMean([[0, 1, 0, 1], [1, 0, 1, 0]]).clustered, 0);
  assertThrows(() => clusteredMean([[1, 2]]), RangeError);
});

Deno.test("pairedMeans() is exact when the systems differ by a constant", () => {
  const { difference, paired, unpaired } = pairedMeans([1, 2, 4], [0.5, 1.5, 3.5]);
  assertEquals([difference, paired], [0.5, 0]);
  assert(unpaired > 1);
  assertThrows(() => pairedMeans([1, 2], [1]), RangeError);
});

Deno.test("clusterBy() of variants that agree gives the standard error of their templates", () => {
  const templates = [0.1, 0.4, 0.9, 0.6], labels = ["a", "b", "c", "d"];
  const variants = clusterBy([...templates, ...templates, ...templates], [...labels, ...labels, ...labels]);
  const { clusteredCorrected } = clusteredMean(variants);
  assertAlmostEquals(clusteredCorrected, clusteredMean(templates.map((score) => [score])).iid, 1e-15);
  assertThrows(() => clusterBy([1], []), RangeError, "1 scores by 0 labels");
});
