import { assert, assertEquals } from "@std/assert";
import { ALLOWANCES } from "../../src/grade/compare/mod.ts";
import { SCORING, verify, type VerifyOptions } from "../../src/grade/mod.ts";

/** What a box may mean to different readers: its text, and every value. */
interface Ambiguous {
  readonly text: string;
  readonly values: readonly number[];
}

/** Forms that two readers may take for two numbers. */
function atoms(a: number, b: number): readonly Ambiguous[] {
  return [
    { text: `(${a}+(${b}-${a})(\\lfloor\\log 11\\rfloor-1))`, values: [a, b] },
    { text: `(${a}+(${b}-${a})(\\lfloor\\log_{}11\\rfloor-1))`, values: [a, b] },
    { text: `\\lceil\\log ${a}\\rceil`, values: [Math.ceil(Math.log(a)), Math.ceil(Math.log10(a))] },
    { text: `${a}\\pmod{7}`, values: [a, a % 7] },
    { text: `${a} \\bmod 7`, values: [a, a % 7] },
    { text: `-${a} \\bmod 7`, values: [-a, -(a % 7), (7 - a % 7) % 7] },
    { text: `${100 * a}\\%`, values: [100 * a, a] },
    { text: `${100 * a}\\text{ percent}`, values: [100 * a, a] },
    { text: `${a}^\\circ`, values: [a] },
    { text: `\\left(\\frac{${180 * a}}{\\pi}\\right)^\\circ`, values: [a, 180 * a] },
    { text: `${a}_{7}`, values: [a, parseInt(`${a}`, 7) || a] },
    { text: `101_{2}`, values: [101, 5] },
    { text: `101\\text{ in base two}`, values: [101, 5] },
    { text: `1,${100 + a}`, values: [1100 + a, 1, 100 + a] },
    { text: `(1,${100 + a}, 2)`, values: [1100 + a, 1, 2] },
    { text: `${a},0`, values: [a, 0, 10 * a] },
    { text: `1.${100 + a}.000`, values: [1, 1100 + a, (1100 + a) * 1000] },
    { text: `1.000`, values: [1, 1000] },
    { text: `${a}e0`, values: [a, 0] },
    { text: `${a}e2`, values: [a, 100 * a, 2 * a] },
    { text: `3\\frac{4}{2}`, values: [5, 6, 3, 2] },
    { text: `${a} 4/2`, values: [a, a + 2, 2 * a, 2] },
    { text: `${a}C2`, values: [a, 2 * a, a * (a - 1) / 2] },
    { text: `C_{${a}}^{2}`, values: [a * (a - 1) / 2, a, 2] },
    { text: `P(${a},2)`, values: [a * (a - 1), a, 2] },
    { text: `6/2(1+2)`, values: [9, 1] },
    { text: `12:00`, values: [12, 0, 720] },
    { text: `${2 * a}:2`, values: [a, 2 * a, 2] },
    { text: `\\sqrt4 9`, values: [7, 18, 2, 9] },
    { text: `2^3!`, values: [40320, 64, 48, 8] },
    { text: `\\text{5!}`, values: [5, 120] },
    { text: `|${a}|3|`, values: [a, 3, 3 * a] },
    { text: `\\pm ${a}`, values: [a, -a] },
    { text: `1/2${a}`, values: [a / 2] },
    { text: `${a}\\text{ dozen}`, values: [a, 12 * a] },
    { text: `${a} m`, values: [a] },
    { text: `${a}=${b}`, values: [a, b] },
    { text: `${a}\\approx ${b}`, values: [a, b] },
  ];
}

/** What may stand around a form, and what it may add to its meanings. */
const wrappers: readonly ((inner: Ambiguous) => Ambiguous)[] = [
  (inner) => inner,
  ({ text, values }) => ({ text: `(${text})\\pmod{500}`, values: [...values, ...values.map(residue)] }),
  ({ text, values }) => ({
    text: `(${text})\\pmod{5}`,
    values: [...values, ...values.map((v) => ((v % 5) + 5) % 5)],
  }),
  ({ text, values }) => ({ text: `(${text})\\%`, values: [...values, ...values.map((v) => v / 100)] }),
  ({ text, values }) => ({ text: `(${text})^\\circ`, values }),
  ({ text, values }) => ({ text: `x = ${text}`, values }),
  ({ text, values }) => ({ text: `\\{${text}\\}`, values }),
  ({ text, values }) => ({ text: `${text}, ${text}`, values }),
  ({ text, values }) => ({ text: `\\lfloor ${text}\\rfloor`, values }),
  ({ text, values }) => ({ text: `${text}+0e`, values }),
  ({ text, values }) => ({ text: `\\frac{${text}}{\\log 10}`, values }),
  ({ text, values }) => ({ text: `${text}\\text{ cm}`, values }),
  ({ text, values }) => ({ text: `\\begin{aligned}y &= ${text}\\\\ &= ${text}\\end{aligned}`, values }),
];

/** How many of them stand around another one; the first leaves it as it is. */
const NESTED = 4;

const residue = (value: number): number => ((value % 500) + 500) % 500;

/** The allowances by which one box is right for two numbers, and is meant to be. */
const LISTED: ReadonlySet<string> = new Set<keyof typeof ALLOWANCES>(["percent sign"]);

/** The golds for which a box is right, with the allowance that each verdict names. */
function winners(
  { text, values }: Ambiguous,
  options: VerifyOptions,
): { gold: number; allowance: string | undefined }[] {
  const golds = [...new Set(values.filter((value) => Number.isInteger(value)))];
  return golds.flatMap((gold) => {
    const { verdict, reason } = verify(`${gold}`, `\\boxed{${text}}`, options);
    return verdict === "correct" ? [{ gold, allowance: /by the allowance "(.+)"/.exec(reason)?.[1] }] : [];
  });
}

for (const [name, options] of [["any form", {}], ["final form", SCORING]] as const) {
  Deno.test(`no box is right for two integers but by one listed allowance (${name})`, () => {
    let right = 0;
    const faults: string[] = [];
    for (const [a, b] of [[903, 811], [17, 500]] as const) {
      for (const atom of atoms(a, b)) {
        for (const inner of wrappers) {
          for (const outer of wrappers.slice(0, NESTED)) {
            const box = outer(inner(atom)), won = winners(box, options);
            right += won.length;
            const allowed = won.filter(({ allowance }) => allowance !== undefined && LISTED.has(allowance));
            if (won.length > 1 && !(won.length === 2 && allowed.length === 1)) {
              faults.push(
                `${box.text}: ${
                  won.map(({ gold, allowance }) => `${gold} (${allowance ?? "value"})`).join(", ")
                }`,
              );
            }
          }
        }
      }
    }
    assertEquals(faults, []);
    assert(right > 100, `${right} boxes were right for something`);
  });
}
