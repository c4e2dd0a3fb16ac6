import { assertEquals, assertNotEquals } from "@std/assert";
import { isPowerOfTwo, treeSum } from "../../src/collective/mod.ts";
import { RandomStream } from "../../src/random.ts";

/** Numbers of very unlike sizes, whose sum depends on the order. */
function numbers(seed: number): Float32Array {
  const stream = new RandomStream("tree", seed);
  return Float32Array.from({ length: 999 }, () => (stream.uniform() - 0.5) * 10 ** (8 * stream.uniform()));
}

const add = (...parts: number[]): number => parts.reduce((a, b) => Math.fround(a + b));

Deno.test("arrays are added as a tree over neighbours, each sum rounded to float32", () => {
  const parts = Array.from({ length: 8 }, (_, i) => numbers(i)),
    at = (part: number, i: number) => parts[part]?.[i] ?? NaN;
  const expected = Array.from({ length: 999 }, (_, i) => {
    const pair = (left: number): number => add(at(left, i), at(left + 1, i));
    return add(add(pair(0), pair(2)), add(pair(4), pair(6)));
  });
  const inTurn = Array.from({ length: 999 }, (_, i) => add(...parts.map((part) => part[i] ?? NaN)));
  assertEquals([...treeSum(parts.map((part) => part.slice()))], expected);
  assertNotEquals(expected, inTurn, "the order must matter, or nothing was tested");
  assertEquals(treeSum([numbers(1)]), numbers(1));
});

Deno.test("powers of two", () => {
  assertEquals([0, 1, 2, 3, 4, 6, 8, 0.5, -2, NaN].filter(isPowerOfTwo), [1, 2, 4, 8]);
});
