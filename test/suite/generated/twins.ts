import { evaluate } from "mathjs";

/** A pattern and another way to write what matches it. */
type Rule = readonly [pattern: RegExp, rewrite: (...groups: string[]) => string];

const fraction = String.raw`\\frac\{(\d+)\}\{(\d+)\}`, root = String.raw`\\sqrt\{(\d+)\}`;

/** Ways to write the same question otherwise, each found in the text by itself. */
const rules: readonly Rule[] = [
  [/(?<![-\d*])([\d*]+)\+([\d*]+)(?![\d*])/, (a, b) => `${b}+${a}`],
  [/(?<![\d^])(\d+)\*(\d+)(?![\d^])/, (a, b) => `${b}*${a}`],
  [/(?<![\d^])(\d+\^\d+)\*(\d+\^\d+)/, (a, b) => `${b}*${a}`],
  [/\(([^()]+)\)\(([^()]+)\)/, (a, b) => `(${b})(${a})`],
  [/ of (\S+) (and|or) (\S+)/, (a, word, b) => ` of ${b} ${word} ${a}`],
  [/\((-?\d+),(-?\d+)\) and \((-?\d+),(-?\d+)\)/, (a, b, c, d) => `(${a},${d}) and (${c},${b})`],
  [
    /^(\w)(\w+ \S+), (\w)(\w+ \S+), net$/,
    (a, up, b, down) => `${b.toUpperCase()}${down}, ${a.toLowerCase()}${up}, net`,
  ],
  [new RegExp(`${fraction}\\+${fraction}`), (a, b, c, d) => `\\frac{${c}}{${d}}+\\frac{${a}}{${b}}`],
  [
    new RegExp(`${fraction}\\\\cdot${fraction}`),
    (a, b, c, d) => `\\frac{${c}}{${d}}\\cdot\\frac{${a}}{${b}}`,
  ],
  [
    new RegExp(`${fraction}\\\\cdot${fraction}`),
    (a, b, c, d) => `\\frac{${c}}{${b}}\\cdot\\frac{${a}}{${d}}`,
  ],
  [new RegExp(`${fraction}\\\\cdot${fraction}`), (a, b, c, d) => `\\frac{${a}}{${b}}\\div\\frac{${d}}{${c}}`],
  [new RegExp(`${fraction}\\\\div${fraction}`), (a, b, c, d) => `\\frac{${a}}{${b}}\\cdot\\frac{${d}}{${c}}`],
  [new RegExp(`^${root}(\\+|\\\\cdot)${root}`), (a, sign, b) => `\\sqrt{${b}}${sign}\\sqrt{${a}}`],
  [/^(\\sqrt\{\d+\})\+\1$/, (a) => `Simplify 2${a}`],
  [/^Simplify 2(\\sqrt\{\d+\})$/, (a) => `${a}+${a}`],
];

/** All other ways to write a question that the rules reach, by themselves and one after the other. */
export function rewritings(question: string): Set<string> {
  const found = new Set([question]);
  for (const text of found) {
    for (const [pattern, rewrite] of rules) {
      for (let start = 0; start < text.length; start++) {
        const at = new RegExp(pattern, "g");
        at.lastIndex = start;
        const match = at.exec(text);
        if (!match) break;
        const end = match.index + match[0].length;
        found.add(text.slice(0, match.index) + rewrite(...match.slice(1)) + text.slice(end));
        start = match.index;
      }
    }
  }
  found.delete(question);
  return found;
}

/** A formula's value at a number. */
function valueAt(formula: string, x: number): number {
  return Number(evaluate(formula.replace(")(", ")*("), { x }));
}

/** What questions of some families are about, as a value: the same value is the same question in another writing. */
const values: Readonly<Record<string, (question: string) => string>> = {
  expand: (question) => [2, 5, 11].map((x) => valueAt(question.slice("Expand ".length), x)).join(),
  derivative: (question) =>
    [2, 5, 11, 17].map((x) => valueAt(question.slice("Derivative of ".length), x)).join(),
  divisors: (question) => question.replace(/ of .+/, "") + evaluate(question.replace(/^.+ of /, "")),
  sum: (question) => (question.match(/[+-]?\d+/g) ?? []).map(Number).sort((a, b) => a - b).join(),
  last_digit: (question) => {
    const [base = "", exponent = ""] = question.replace("Last digit of ", "").split("^");
    return (BigInt(base) ** BigInt(exponent)).toString(16);
  },
  system: (question) =>
    question.replace("Solve ", "").split(", ").map((line) => {
      const [, x = "", y = "", value = ""] = /^(\d*)x([+-]\d*)y=(-?\d+)$/.exec(line) ?? [];
      return [x || "1", /\d/.test(y) ? y : `${y}1`].map((factor) => Number(value) / Number(factor)).join();
    }).join(" and "),
};

/** The value that a question of a family is about, or the question where the family has none. */
export function valueOf(
  { family, question }: { readonly family: string; readonly question: string },
): string {
  return `${family}: ${values[family]?.(question) ?? question}`;
}
