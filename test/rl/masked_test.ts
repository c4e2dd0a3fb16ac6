import { assertEquals, assertThrows } from "@std/assert";
import { maskedMoments, whiten } from "../../src/rl/masked.ts";

Deno.test("maskedMoments() is all 0 when no token counts", () => {
  assertEquals(maskedMoments([[5, 6], []], [[0, 0], []]), { count: 0, sum: 0, mean: 0, variance: 0 });
});

Deno.test("maskedMoments() reads only tokens that count when rows differ in length", () => {
  assertEquals(maskedMoments([[1, NaN, 3], [8]], [[1, 0, 1], [1]]), {
    count: 3,
    sum: 12,
    mean: 4,
    variance: 13,
  });
});

Deno.test("whiten() gives 0 when one token counts or all are equal", () => {
  assertEquals(whiten([[7, 9]], [[0, 1]]).map((row) => [...row]), [[0, 0]]);
  assertEquals(whiten([[2], [2, 2]], [[1], [1, 1]]).map((row) => [...row]), [[0], [0, 0]]);
});

Deno.test("whiten() throws when the values do not cover the mask", () => {
  assertThrows(() => whiten([[1]], [[1, 1]]), RangeError, "Cannot read position 1 of row 0");
});
