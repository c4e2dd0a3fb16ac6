import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { RandomStream } from "../../src/random.ts";
import { holm, mcnemarExact, normalCumulative, pairedPermutation } from "../../src/stats/mod.ts";

Deno.test("pairedPermutation() of unit differences is McNemar's exact test", () => {
  for (const [b, c] of [[0, 5], [3, 3], [2, 8], [10, 6], [1, 0]] as const) {
    const differences = [...Array(b).fill(1), ...Array(c).fill(-1), 0, 0, 0];
    const { p, exact } = pairedPermutation(differences);
    assertEquals(exact, true);
    assertAlmostEquals(p, mcnemarExact(b, c), 1e-15);
  }
});

Deno.test("pairedPermutation() enumerates sign patterns as a plain loop does", () => {
  const random = new RandomStream("sign patterns");
  const values = Array.from({ length: 10 }, () => random.integer(-4, 6) / 8).map((value) => value || 1);
  const observed = Math.abs(values.reduce((a, b) => a + b, 0));
  let hits = 0;
  for (let set = 0; set < 1024; set++) {
    if (Math.abs(values.reduce((sum, value, i) => sum + (set >> i & 1 ? value : -value), 0)) >= observed) {
      hits++;
    }
  }
  assertEquals(pairedPermutation(values), { p: hits / 1024, exact: true });
});

Deno.test("pairedPermutation() of many problems approaches the exact and the normal p-value, and repeats", () => {
  const differences = [...Array<number>(30).fill(1), ...Array<number>(15).fill(-1)];
  const { p, exact } = pairedPermutation(differences, 40_000);
  assertEquals(exact, false);
  assertAlmostEquals(p, mcnemarExact(30, 15), 0.003);
  assertEquals(pairedPermutation(differences, 40_000).p, p);
  const random = new RandomStream("normal differences");
  const normal = Array.from({ length: 400 }, () => random.normal() + 0.08);
  const sum = normal.reduce((a, b) => a + b, 0), spread = Math.sqrt(normal.reduce((a, b) => a + b * b, 0));
  assertAlmostEquals(pairedPermutation(normal).p, 2 * normalCumulative(-Math.abs(sum) / spread), 0.015);
});

Deno.test("pairedPermutation() is never 0 and is 1 where nothing differs", () => {
  assertEquals(pairedPermutation(Array(100).fill(0.125), 999).p, 1 / 1000);
  assertEquals(pairedPermutation([0, 0, 0]), { p: 1, exact: true });
  // Thirds do not add up exactly: rounding must not decide.
  assertEquals(pairedPermutation([1 / 3, 1 / 3, 1 / 3, -1]).p, 1);
  assertThrows(() => pairedPermutation([]), RangeError);
  assertThrows(() => pairedPermutation([NaN]), RangeError);
  assertThrows(() => pairedPermutation([1], 0), RangeError);
});

Deno.test("holm() rejects exactly what the step-down procedure rejects", () => {
  const random = new RandomStream("holm");
  for (let trial = 0; trial < 200; trial++) {
    const p = Array.from({ length: random.integer(1, 6) }, () => random.uniform() ** 3);
    const order = p.map((_, i) => i).sort((a, b) => (p[a] ?? 0) - (p[b] ?? 0));
    const rejected = new Set<number>();
    for (const [rank, i] of order.entries()) {
      if ((p[i] ?? 1) > 0.05 / (p.length - rank)) break;
      rejected.add(i);
    }
    const adjusted = holm(p);
    assertEquals(new Set(p.keys().filter((i) => (adjusted[i] ?? 1) <= 0.05)), rejected);
    assert(adjusted.every((value, i) => value >= (p[i] ?? 1) && value <= 1));
  }
  assertEquals(holm([]), []);
  assertThrows(() => holm([0.5, 2]), RangeError, "2");
});
