import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Budget, OutOfSteps, TooLarge } from "../../../src/grade/expression/budget.ts";
import {
  add,
  equals,
  integer,
  integerRoot,
  multiply,
  power,
  rational,
  toNumber,
} from "../../../src/grade/expression/rational.ts";

const budget = (): Budget => new Budget(1e6);
const fraction = fc.tuple(fc.bigInt({ min: -999n, max: 999n }), fc.bigInt({ min: 1n, max: 999n }));

Deno.test("rational() reduces and keeps the denominator positive", () => {
  assertEquals(rational(6n, -8n, budget()), { numerator: -3n, denominator: 4n });
  assertThrows(() => rational(1n, 0n, budget()), TooLarge);
});

Deno.test("add() and multiply() satisfy the distributive law", () => {
  fc.assert(fc.property(fraction, fraction, fraction, (x, y, z) => {
    const [a, b, c] = [x, y, z].map(([top, bottom]) => rational(top, bottom, budget()));
    if (!a || !b || !c) return;
    const left = multiply(a, add(b, c, budget()), budget());
    assertEquals(equals(left, add(multiply(a, b, budget()), multiply(a, c, budget()), budget())), true);
  }));
});

Deno.test("power() refuses what would be too large before computing it", () => {
  assertEquals(power(rational(2n, 3n, budget()), -3n, budget()), { numerator: 27n, denominator: 8n });
  assertThrows(() => power(integer(9), 10n ** 9n, budget()), TooLarge);
  assertThrows(() => power(integer(0), -1n, budget()), TooLarge);
});

Deno.test("integerRoot() is the floor of the root", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 40n }), fc.integer({ min: 2, max: 9 }), (n, degree) => {
      const root = integerRoot(n, degree, budget()), d = BigInt(degree);
      assertEquals(root ** d <= n && (root + 1n) ** d > n, true);
    }),
  );
});

Deno.test("toNumber() survives parts beyond the range of doubles", () => {
  const value = rational(10n ** 400n, 3n * 10n ** 400n + 1n, budget());
  assertEquals(Math.abs(toNumber(value) - 1 / 3) < 1e-12, true);
});

Deno.test("Budget.spend() throws when the purse is empty", () => {
  const purse = new Budget(10);
  purse.spend(10);
  assertThrows(() => purse.spend(1), OutOfSteps);
});
