/**
 * Pairs for the whole command `grade`: short answers of many kinds, of which a third is wrong.
 *
 * @module
 */

import { GRADED } from "./rows.ts";
import { isThere } from "./shapes.ts";

/** Pair `i`. */
export function pairAt(
  i: number,
): { readonly id: number; readonly gold: string; readonly completion: string } {
  const k = i % 3 === 0 ? i + 1 : i;
  const kinds = [
    [`${i}`, `The sum is \\boxed{${k}}.`],
    [`\\frac{${i + 1}}{7}`, `so \\boxed{\\dfrac{${2 * k + 2}}{14}}`],
    [`(${i}, \\sqrt{8})`, `We get \\boxed{(${k}, 2\\sqrt2)}`],
    [`${i}.5`, `\\boxed{\\frac{${2 * k + 1}}{2}}`],
  ];
  const [gold = "", completion = ""] = kinds[i % kinds.length] ?? [];
  return { id: i, gold, completion };
}

/** Writes the file that the row grades, if it is not there. */
export async function makePairs(): Promise<void> {
  if (await isThere(GRADED.path)) return;
  await Deno.mkdir(".store/perf", { recursive: true });
  const lines = Array.from({ length: GRADED.pairs }, (_, i) => `${JSON.stringify(pairAt(i))}\n`);
  await Deno.writeTextFile(GRADED.path, lines.join(""));
}
