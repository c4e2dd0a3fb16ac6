import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { verify, type VerifyOptions } from "../../src/grade/mod.ts";

const EXACT: VerifyOptions = { rounding: false, maxSteps: 2_000_000 };

function verdictOf(gold: string, answer: string, options: VerifyOptions = EXACT): string {
  return verify(gold, `\\boxed{${answer}}`, options).verdict;
}

/** A formula as a tree that can be written in more than one way. */
type Formula =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "letter"; readonly name: string }
  | { readonly kind: "sum" | "product" | "quotient"; readonly left: Formula; readonly right: Formula }
  | { readonly kind: "square" | "root"; readonly inner: Formula };

const { formula } = fc.letrec<{ formula: Formula }>((tie) => ({
  formula: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({ kind: fc.constant("number" as const), value: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ kind: fc.constant("letter" as const), name: fc.constantFrom("x", "y", "a") }),
    fc.record({
      kind: fc.constantFrom("sum" as const, "product" as const, "quotient" as const),
      left: tie("formula"),
      right: tie("formula"),
    }),
    fc.record({ kind: fc.constantFrom("square" as const, "root" as const), inner: tie("formula") }),
  ),
}));

/** Writes a formula in LaTeX. */
function plain(node: Formula): string {
  switch (node.kind) {
    case "number":
      return String(node.value);
    case "letter":
      return node.name;
    case "sum":
      return `\\left(${plain(node.left)}+${plain(node.right)}\\right)`;
    case "product":
      return `${plain(node.left)} \\cdot ${plain(node.right)}`;
    case "quotient":
      return `\\frac{${plain(node.left)}}{${plain(node.right)}}`;
    case "square":
      return `\\left(${plain(node.inner)}\\right)^{2}`;
    case "root":
      return `\\sqrt{${plain(node.inner)}}`;
  }
}

/** Writes an equal formula: operands changed round, quotients as powers, squares as products, in plain text. */
function rewritten(node: Formula): string {
  switch (node.kind) {
    case "number":
      return node.value > 2 ? `(${node.value - 1} + 1)` : String(node.value);
    case "letter":
      return node.name;
    case "sum":
      return `(${rewritten(node.right)} + ${rewritten(node.left)})`;
    case "product":
      return `(${rewritten(node.right)})*(${rewritten(node.left)})`;
    case "quotient":
      return `(${rewritten(node.left)})(${rewritten(node.right)})^{-1}`;
    case "square":
      return `(${rewritten(node.inner)})(${rewritten(node.inner)})`;
    case "root":
      return `(${rewritten(node.inner)})^(1/2)`;
  }
}

Deno.test("verify() sees through rewritten formulas, and not through a changed value", () => {
  fc.assert(
    fc.property(formula, fc.integer({ min: 1, max: 9 }), (node, change) => {
      const gold = plain(node), same = rewritten(node);
      const verdict = verdictOf(gold, same);
      assertEquals(verdict, "correct", `${gold} against ${same}`);
      assertEquals(verdictOf(same, gold), "correct", `${same} against ${gold}`);
      assert(verdictOf(gold, `${same} + ${change}`) !== "correct", `${gold} against ${same} + ${change}`);
      const larger = `(${same})\\cdot\\frac{${change + 1}}{${change}}`;
      assert(verdictOf(gold, larger) !== "correct", `${gold} against ${larger}`);
    }),
    { numRuns: 300, seed: 11 },
  );
});

const answer = fc.oneof(
  formula.map(plain),
  fc.integer({ min: -9999, max: 9999 }).map(String),
  fc.tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: 1, max: 99 })).map(([a, b]) =>
    `\\frac{${a}}{${b}}`
  ),
  fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 2, maxLength: 5 }).map((items) =>
    `(${items.join(", ")})`
  ),
  fc.uniqueArray(fc.integer({ min: -20, max: 20 }), { minLength: 2, maxLength: 5 }).map((items) =>
    `\\{${items.join(", ")}\\}`
  ),
  fc.tuple(fc.integer({ min: -20, max: 0 }), fc.integer({ min: 1, max: 20 })).map(([a, b]) => `[${a}, ${b})`),
  fc.constantFrom("\\text{Yes}", "\\text{even}", "x = 5", "x \\le 3", "45^\\circ", "35\\%", "5\\text{ cm}"),
);

/** Dresses that say nothing. */
const DRESSES: readonly ((text: string) => string)[] = [
  (text) => `  ${text} `,
  (text) => `$${text}$`,
  (text) => `\\displaystyle ${text}`,
  (text) => `{${text}}`,
  (text) => text.replaceAll("\\frac", "\\dfrac"),
  (text) => text.replaceAll("\\frac", "\\tfrac"),
  (text) => text.replaceAll("\\left(", "(").replaceAll("\\right)", ")"),
  (text) =>
    text.replaceAll("(", "\\left(").replaceAll(")", "\\right)").replaceAll("\\left\\left", "\\left")
      .replaceAll("\\right\\right", "\\right"),
  (text) => text.replaceAll(" \\cdot ", "\\times "),
  (text) => text.replaceAll(", ", ",\\,"),
  (text) => text.replaceAll("+", " + \u200b"),
  (text) => text.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
  (text) => `${text}.`,
];

Deno.test("verify() gives the same verdict whatever the dress of the answer", () => {
  fc.assert(
    fc.property(answer, answer, fc.constantFrom(...DRESSES), (gold, given, dress) => {
      // Half-open intervals lose their meaning with \left( on one side only, which the dress does not do.
      assertEquals(verdictOf(gold, dress(gold)), "correct", `${gold} against ${dress(gold)}`);
      assertEquals(verdictOf(gold, dress(given)), verdictOf(gold, given), `${gold} against ${dress(given)}`);
    }),
    { numRuns: 600, seed: 12 },
  );
});

Deno.test("verify() is symmetric without the rounding policy", () => {
  fc.assert(
    fc.property(answer, answer, (a, b) => {
      assertEquals(verdictOf(a, b) === "correct", verdictOf(b, a) === "correct", `${a} against ${b}`);
    }),
    { numRuns: 600, seed: 13 },
  );
});

Deno.test("verify() accepts no collection that lacks an element or has another one", () => {
  const items = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 3, maxLength: 6 });
  fc.assert(
    fc.property(items, fc.constantFrom("\\{", "("), (list, open) => {
      const close = open === "(" ? ")" : "\\}";
      const write = (values: readonly number[]): string => `${open}${values.join(",")}${close}`;
      assertEquals(verdictOf(write(list), write(list)), "correct");
      assertEquals(verdictOf(write(list), write([...list].reverse())) === "correct", open === "\\{");
      assert(verdictOf(write(list), write(list.slice(1))) !== "correct");
      assert(verdictOf(write(list), write([...list, 77])) !== "correct");
      assert(verdictOf(write(list), write([list[0] as number + 100, ...list.slice(1)])) !== "correct");
    }),
    { numRuns: 100, seed: 14 },
  );
});

Deno.test("verify() accepts no answer that names the gold answer among others", () => {
  const number = fc.integer({ min: 0, max: 500 });
  const ways: readonly ((a: number, b: number) => string)[] = [
    (a, b) => `${a} \\text{ or } ${b}`,
    (a, b) => `${a}, ${b}`,
    (a, b) => `\\{${a}, ${b}\\}`,
    (a, b) => `(${a}, ${b})`,
    (a, b) => `x = ${a}, x = ${b}`,
    (a, b) => `${a} \\text{ and } ${b}`,
    (a, b) => `${a}; ${b}`,
    (a, b) => `${a} / ${b}`,
    (a, b) => `${a}-${b}`,
    (a, b) => `${a} \\text{ to } ${b}`,
    (a, b) => `[${a}, ${b}]`,
    (a, b) => `${a}\\boxed{${b}}`,
  ];
  fc.assert(
    fc.property(number, number, fc.constantFrom(...ways), fc.boolean(), (gold, other, way, first) => {
      fc.pre(gold !== other && other > 1 && gold > 1);
      const text = first ? way(gold, other) : way(other, gold);
      // The quotient or difference of two numbers may be the gold answer.
      fc.pre(!/[/-]/.test(text) || (other / gold !== gold && other - gold !== gold));
      if (text.includes("boxed") && !first) return;
      assert(verdictOf(String(gold), text) !== "correct", `${gold} against ${text}`);
      assert(verify(String(gold), text, { ...EXACT, mode: "lenient" }).verdict !== "correct", text);
    }),
    { numRuns: 600, seed: 15 },
  );
});
