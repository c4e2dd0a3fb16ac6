import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { formulaKey } from "../../src/grade/mod.ts";

/** A formula as it is drawn, with its operands in the other order at every place, and its value. */
interface Drawn {
  readonly text: string;
  readonly turned: string;
  readonly value: number;
}

const { formula } = fc.letrec<{ formula: Drawn }>((tie) => ({
  formula: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.integer({ min: 2, max: 99 }).map((n) => ({ text: `${n}`, turned: `${n}`, value: n })),
    fc.tuple(tie("formula"), tie("formula"), fc.constantFrom("+", "-", "\\cdot", "\\frac")).map(
      ([a, b, sign]): Drawn => {
        switch (sign) {
          case "+":
            return {
              text: `(${a.text}+${b.text})`,
              turned: `(${b.turned}+${a.turned})`,
              value: a.value + b.value,
            };
          case "-":
            return {
              text: `(${a.text}-${b.text})`,
              turned: `(${a.turned} - ${b.turned})`,
              value: a.value - b.value,
            };
          case "\\cdot":
            return {
              text: `${a.text}\\cdot ${b.text}`,
              turned: `${b.turned} \\times ${a.turned}`,
              value: a.value * b.value,
            };
          default:
            return {
              text: `\\frac{${a.text}}{${b.text}}`,
              turned: `\\dfrac{${a.turned}}{${b.turned}}`,
              value: a.value / b.value,
            };
        }
      },
    ),
  ),
}));

Deno.test("formulaKey() does not depend on the order of operands or on notation", () => {
  fc.assert(fc.property(formula, ({ text, turned }) => {
    const key = formulaKey(text);
    assertNotEquals(key, undefined, text);
    assertEquals(formulaKey(turned), key, `${text} and ${turned}`);
  }));
});

Deno.test("formulaKey() is another one for formulas of other values", () => {
  fc.assert(fc.property(formula, formula, (a, b) => {
    if (Math.abs(a.value - b.value) > 1e-6) assertNotEquals(formulaKey(a.text), formulaKey(b.text));
  }));
});

Deno.test("formulaKey() keeps apart what is not the same", () => {
  const apart: [string, string][] = [
    ["2-3", "3-2"],
    ["\\frac{3}{4}", "\\frac{4}{3}"],
    ["2^3", "3^2"],
    ["(1,2)", "(2,1)"],
    ["x^2-1", "(x-1)(x+1)"],
    ["f(x)", "g(x)"],
    ["x<3", "x>3"],
    ["\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}A", "A\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}"],
  ];
  assertEquals(apart.filter(([a, b]) => formulaKey(a) === formulaKey(b)), []);
  const same: [string, string][] = [
    ["\\{1,2,3\\}", "\\{3,1,2\\}"],
    ["\\gcd(12,18)", "\\gcd(18,12)"],
    ["a+(b+c)", "(c+a)+b"],
    ["\\frac{2}{3}\\cdot\\frac{5}{7}", "\\frac{5}{3}\\cdot\\frac{2}{7}"],
  ];
  assertEquals(same.filter(([a, b]) => formulaKey(a) !== formulaKey(b)), []);
});

Deno.test("formulaKey() gives nothing for what it cannot read, words and what takes too long", () => {
  const unread = ["", "$", "\\frac{1}", "x \\text{ is prime}", "ABCD is a square", "1+".repeat(4000) + "1"];
  assertEquals(unread.filter((text) => formulaKey(text) !== undefined), []);
});
