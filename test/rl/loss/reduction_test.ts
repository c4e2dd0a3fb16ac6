import { assertEquals, assertThrows } from "@std/assert";
import { type Reduction, reductions, tokenWeights } from "../../../src/rl/loss/reduction.ts";
import { assertClose } from "../evaluate.ts";

const mask = [[1, 1, 0, 1], [0, 0], [1], [0, 1, 1]];

/** The reductions of a loss that is 1 at every token. */
const ofOnes: Readonly<Record<Reduction, number>> = {
  "token-mean": 1,
  "sequence-mean": 1,
  "sequence-sum": 6 / 3,
  "constant": 6 / (3 * 8),
};

for (const reduction of reductions) {
  Deno.test(`tokenWeights() reduces a loss of 1 as defined when given ${reduction}`, () => {
    const weights = tokenWeights(mask, reduction, { length: 8 });
    assertClose([weights.flatMap((row) => [...row]).reduce((sum, weight) => sum + weight, 0)], [
      ofOnes[reduction],
    ]);
    assertEquals(weights.map((row) => Array.from(row, (weight) => weight > 0 ? 1 : 0)), mask);
  });

  Deno.test(`tokenWeights() is 0 everywhere when no token counts, given ${reduction}`, () => {
    assertEquals(tokenWeights([[0, 0]], reduction, { length: 8 }).map((row) => [...row]), [[0, 0]]);
  });

  Deno.test(`tokenWeights() is the same for a part of a batch when given the batch's totals, given ${reduction}`, () => {
    const whole = tokenWeights(mask, reduction, { length: 8 });
    const totals = { tokens: 6, sequences: 3, length: 8 };
    const parts = [mask.slice(0, 1), mask.slice(1)].flatMap((rows) => tokenWeights(rows, reduction, totals));
    assertEquals(parts, whole);
  });
}

Deno.test("tokenWeights() throws when a length is missing or a total is not positive", () => {
  assertThrows(() => tokenWeights(mask, "constant"), TypeError, "length is missing");
  assertThrows(() => tokenWeights(mask, "token-mean", { tokens: 0 }), RangeError, "tokens is 0");
});
