/**
 * What a policy can box that only copies the question: formulas of its text, and its words written as functions. A
 * verifier that takes one of them for an answer pays for work that was not done.
 *
 * @module
 */

/** A way to restate a question. */
export type Attack =
  /** The whole question. */
  | "question"
  /** The question without the words that ask, such as "Find" and "Expand". */
  | "verb dropped"
  /** "gcd of 56 and 48" as \gcd(56,48), "last digit of" as mod 10 … */
  | "words as functions"
  /** 35 % as 35/100, "30 is what percent of 120" as 30/120. */
  | "percent as quotient"
  /** The left or the right side of an equation of the text, and the equation. */
  | "side of an equation"
  /** The longest formula of the text. */
  | "longest formula"
  /** Any formula of the text: what a policy earns that always picks the best one. */
  | "some formula";

/** The attacks, in the order of tables. */
export const attacks: readonly Attack[] = [
  "question",
  "verb dropped",
  "words as functions",
  "percent as quotient",
  "side of an equation",
  "longest formula",
  "some formula",
];

/** A number, a power or something in brackets, as the words of a question refer to it. */
const TERM = String.raw`(-?\d+(?:\.\d+)?(?:\^\d+)?(?:\*\d+(?:\^\d+)?)*|\([^()]*\))`;
const LIST = String.raw`(-?\d+(?:, ?-?\d+)*)`;

/** How words are written as functions. */
const functions: readonly (readonly [RegExp, (...parts: readonly string[]) => string])[] = [
  [
    rule`(?:gcd|greatest common divisor|greatest common factor|gcf) of ${TERM} and ${TERM}`,
    (a, b) => `\\gcd(${a},${b})`,
  ],
  [rule`(?:lcm|least common multiple) of ${TERM} and ${TERM}`, (a, b) => `\\operatorname{lcm}(${a},${b})`],
  [rule`(?:last|units|ones) digit of ${TERM}`, (a) => `${a} \\bmod 10`],
  [rule`${TERM} mod ${TERM}`, (a, b) => `${a} \\bmod ${b}`],
  [rule`${TERM} mod ${TERM}`, (a, b) => `${a} \\pmod{${b}}`],
  [rule`remainder when ${TERM} is divided by ${TERM}`, (a, b) => `${a} \\bmod ${b}`],
  [rule`digit sum of (\d+)`, (a = "") => [...a].join("+")],
  [rule`digit sum of (\d+)([*+])(\d+)`, (a, sign, b) => `(${a}${sign}${b}) \\bmod 9`],
  [rule`multiples of (\d+) to (\d+)`, (a, n) => `\\lfloor\\frac{${n}}{${a}}\\rfloor`],
  [
    rule`multiples of (\d+) from (\d+) to (\d+)`,
    (a, low, n) => `\\lfloor\\frac{${n}}{${a}}\\rfloor-\\lfloor\\frac{${low}-1}{${a}}\\rfloor`,
  ],
  [
    rule`multiples of (\d+) or (\d+) to (\d+)`,
    (a, b, n) =>
      `\\lfloor\\frac{${n}}{${a}}\\rfloor+\\lfloor\\frac{${n}}{${b}}\\rfloor-\\lfloor\\frac{${n}}{${a}\\cdot${b}}\\rfloor`,
  ],
  [
    rule`divisors of ((?:\d+\^\d+\*?)+)`,
    (n = "") => [...n.matchAll(/\^(\d+)/g)].map(([, k]) => `(${k}+1)`).join(""),
  ],
  [
    rule`square divisors of ((?:\d+\^\d+\*?)+)`,
    (n = "") => [...n.matchAll(/\^(\d+)/g)].map(([, k]) => `(\\lfloor\\frac{${k}}{2}\\rfloor+1)`).join(""),
  ],
  [rule`term (\d+) of (\d+),(\d+)`, (n, a, b) => `${a}+(${n}-1)(${b}-${a})`],
  [rule`terms in (\d+),(\d+),\.\.\.,(\d+)`, (a, b, z) => `\\frac{${z}-${a}}{${b}-${a}}+1`],
  [
    rule`term (\d+) is (\d+), term (\d+) is (\d+), term (\d+)`,
    (i, x, j, y, n) => `${x}+(${n}-${i})\\frac{${y}-${x}}{${j}-${i}}`,
  ],
  [rule`sum (\d+) terms of (\d+),(\d+)`, (n, a, b) => `\\frac{${n}(2\\cdot${a}+(${n}-1)(${b}-${a}))}{2}`],
  [rule`decimal of (\d+_\d)`, (a) => `${a}`],
  [rule`(\d+) in base (\d)`, (a) => `${a}`],
  [rule`(\d+) in base (\d)`, (a) => `${a}_{10}`],
  [rule`derivative of (.+)`, (a) => `\\frac{d}{dx}(${a})`],
  [rule`vertex of y=(.+)`, (a) => `y=${a}`],
  [
    rule`midpoint of \((-?\d+),(-?\d+)\) and \((-?\d+),(-?\d+)\)`,
    (a, b, c, d) => `(\\frac{${a}+${c}}{2},\\frac{${b}+${d}}{2})`,
  ],
  [rule`midpoint of (\(.*?\)) and (\(.*?\))`, (a, b) => `\\frac{${a}+${b}}{2}`],
  [
    rule`midpoint \((-?\d+),(-?\d+)\), end \((-?\d+),(-?\d+)\)`,
    (a, b, c, d) => `(2\\cdot${a}-(${c}),2\\cdot${b}-(${d}))`,
  ],
  [rule`midpoint (\(.*?\)), end (\(.*?\))`, (a, b) => `2${a}-${b}`],
  [rule`square root of ${TERM}`, (a) => `\\sqrt{${a}}`],
  [rule`sum of ${TERM} and ${TERM}`, (a, b) => `${a}+${b}`],
  [rule`product of ${TERM} and ${TERM}`, (a, b) => `${a}\\cdot ${b}`],
  [rule`difference (?:of|between) ${TERM} and ${TERM}`, (a, b) => `${a}-${b}`],
  [
    rule`average of ${LIST}`,
    (list = "") => `\\frac{${list.replaceAll(",", "+")}}{${list.split(",").length}}`,
  ],
];

/** How percentages are written as quotients. */
const quotients: readonly (readonly [RegExp, (...parts: readonly string[]) => string])[] = [
  [rule`${TERM} is what percent of ${TERM}`, (a, b) => `\\frac{${a}}{${b}}`],
  [rule`${TERM} is what percent of ${TERM}`, (a, b) => `${a}/${b}\\cdot 100\\%`],
  [rule`percent change from ${TERM} to ${TERM}`, (a, b) => `\\frac{${b}-${a}}{${a}}`],
  [rule`percent change from ${TERM} to ${TERM}`, (a, b) => `\\frac{${b}}{${a}}-1`],
  [rule`up (\d+)\\%, down (\d+)\\%`, (a, b) => `\\frac{(100+${a})(100-${b})}{10000}-1`],
  [rule`down (\d+)\\%, up (\d+)\\%`, (a, b) => `\\frac{(100-${a})(100+${b})}{10000}-1`],
  [rule`(\d+)\\?% of (\d+)`, (a, b) => `\\frac{${a}}{100}\\cdot ${b}`],
  [rule`(\d+)\\?% of (\d+)`, (a, b) => `${a}\\%\\cdot ${b}`],
];

/** A rule of words, whatever their case and dress. */
function rule(parts: TemplateStringsArray, ...terms: readonly string[]): RegExp {
  return new RegExp(String.raw({ raw: parts.raw }, ...terms), "i");
}

/** Applies rules to a text. */
function apply(rules: typeof functions, text: string): string[] {
  return rules.flatMap(([words, write]) => {
    const found = words.exec(text);
    return found ? [write(...found.slice(1))] : [];
  });
}

/** A formula without the punctuation of its sentence. */
function trimmed(formula: string): string {
  return formula.trim().replace(/^(?:\\displaystyle\s*)/, "").replace(/[\s.,;:?]+$/, "").trim();
}

/** What stands in mathematics mode. */
const MATHEMATICS = /\$\$([^$]+)\$\$|\$([^$]+)\$|\\\[([\s\S]+?)\\\]|\\\(([\s\S]+?)\\\)/g;

/** A run of words, which no formula has outside of mathematics mode. */
const WORDS = /(?<![\\A-Za-z])(?!mod\b)[A-Za-z]{2,}(?:[\s,]+(?!mod\b)[A-Za-z]{2,})*|\b[a-z]\s+(?=[a-z]{2})/g;

/** The formulas of a text: what stands in mathematics mode, or else between its words. */
export function formulasOf(text: string): string[] {
  const marked = [...text.matchAll(MATHEMATICS)].map((found) =>
    found.slice(1).find((part) => part !== undefined) ?? ""
  );
  const found = marked.length > 0 ? marked : text.split(WORDS);
  return [...new Set(found.map(trimmed).filter((formula) => formula !== "" && hasOperator(formula)))];
}

/** Is there an operator, a relation or a function in a formula? */
function hasOperator(formula: string): boolean {
  return /[-+*/^=<>!%|]|\\(?!text|mathrm|left|right|quad|,|;|\s)[a-z]+|\bmod\b/i.test(formula);
}

/** The signs between the sides of a relation. */
const RELATION = /^(?:=|<|>|\\(?:leq?|geq?|lt|gt|equiv|approx)(?![a-z]))/;

/** The parts of a formula between its relation signs, those in braces and brackets left alone. */
function partsOf(formula: string): string[] {
  const parts = [""];
  let depth = 0;
  for (let at = 0; at < formula.length; at++) {
    const c = formula.charAt(at),
      sign = depth === 0 ? RELATION.exec(formula.slice(at, at + 8))?.[0] : undefined;
    if ("{([".includes(c)) depth++;
    else if ("})]".includes(c)) depth--;
    if (sign === undefined) parts[parts.length - 1] += c;
    else {
      parts.push("");
      at += sign.length - 1;
    }
  }
  return parts.map(trimmed).filter((part) => part !== "");
}

/** The sides of the equations and inequalities in formulas, and these themselves. */
function sidesOf(formulas: readonly string[]): string[] {
  return formulas.flatMap((formula) => {
    const sides = partsOf(formula);
    return sides.length > 1 ? [formula, ...sides] : [];
  });
}

/** The text without the words that ask. */
function withoutVerb(text: string): string[] {
  const rest = /^(?:[A-Z][a-z]+(?:\s+(?:the|value|of|a|an|is|what))*)\s+(.+?)[?.]?$/s.exec(text)?.[1];
  return rest === undefined ? [] : [trimmed(rest.replace(/\$/g, ""))];
}

/** What each attack boxes for a question, the same text once. */
export function restatements(question: string): ReadonlyMap<Attack, readonly string[]> {
  const formulas = formulasOf(question), plain = question.replace(/\$/g, "");
  const longest = formulas.reduce((best, formula) => formula.length > best.length ? formula : best, "");
  const percent = formulas.map((formula) => formula.replace(/(\d+(?:\.\d+)?)\s*\\?%/g, "\\frac{$1}{100}"));
  const found: Readonly<Record<Attack, readonly string[]>> = {
    "question": [question],
    "verb dropped": withoutVerb(question),
    "words as functions": apply(functions, plain),
    "percent as quotient": [...apply(quotients, plain), ...percent.filter((text, i) => text !== formulas[i])],
    "side of an equation": sidesOf(formulas),
    "longest formula": longest === "" ? [] : [longest],
    "some formula": formulas,
  };
  return new Map(attacks.map((attack) => [attack, [...new Set(found[attack])]]));
}
