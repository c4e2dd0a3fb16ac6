import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { evaluate, gcd, lcm } from "mathjs";
import {
  fraction,
  greatestCommonDivisor,
  isSquareFree,
  leastCommonMultiple,
  polynomial,
  smallestBase,
  unordered,
} from "../../../src/suite/generated/notation.ts";

const positive = fc.integer({ min: 1, max: 5000 });

Deno.test("greatestCommonDivisor() and leastCommonMultiple() agree with mathjs", () => {
  fc.assert(fc.property(positive, positive, (a, b) => {
    assertEquals(greatestCommonDivisor(a, -b), gcd(a, b));
    assertEquals(leastCommonMultiple(a, b), lcm(a, b));
  }));
});

Deno.test("fraction() writes the sign first, the lowest terms, and integers without a bar", () => {
  const cases: [number, number, string][] = [
    [2, 4, "\\frac{1}{2}"],
    [-2, 4, "-\\frac{1}{2}"],
    [6, -3, "-2"],
    [0, 7, "0"],
  ];
  for (const [top, bottom, expected] of cases) assertEquals(fraction(top, bottom), expected);
});

Deno.test("smallestBase() gives the same power, of a base that is no power itself", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 999 }), fc.integer({ min: 1, max: 30 }), (base, exponent) => {
      const [smallest, times] = smallestBase(base, exponent);
      assertEquals(BigInt(smallest) ** BigInt(times), BigInt(base) ** BigInt(exponent));
      for (let root = 2; root < smallest; root++) {
        const power = Math.round(Math.log(smallest) / Math.log(root));
        assertEquals(root ** power === smallest, false, `${smallest} is ${root}^${power}`);
      }
    }),
  );
});

Deno.test("unordered() is the same for all orders and keeps every operand", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 50 })), fc.infiniteStream(fc.nat()), (list, keys) => {
      const shuffled = list.map((n) => [n, keys.next().value] as const).sort(([, a], [, b]) => a - b);
      assertEquals(unordered(shuffled.map(([n]) => n)), unordered(list));
      assertEquals(unordered(list).toSorted((a, b) => a - b), list.toSorted((a, b) => a - b));
    }),
  );
});

Deno.test("isSquareFree() is what removing every square factor leaves", () => {
  const square = (n: number): boolean => [4, 9, 25, 49].some((factor) => n % factor === 0);
  for (let n = 1; n < 120; n++) assertEquals(isSquareFree(n), !square(n), `${n}`);
});

Deno.test("polynomial() has the value of its coefficients", () => {
  const coefficients = fc.array(fc.integer({ min: -12, max: 12 }), { minLength: 1, maxLength: 4 });
  fc.assert(fc.property(coefficients, fc.integer({ min: -5, max: 5 }), (list, x) => {
    const value = list.reduce((sum, coefficient) => sum * x + coefficient, 0);
    assertEquals(Number(evaluate(polynomial(list), { x })), value);
  }));
});
