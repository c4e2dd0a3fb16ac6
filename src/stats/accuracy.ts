/**
 * Accuracy over several samples of a problem.
 *
 * @module
 */

/**
 * Correct samples of each problem, from the grades of its samples.
 *
 * @param grades Whether each sample was graded correct, `[problem][sample]`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countCorrect } from "./accuracy.ts";
 *
 * assertEquals(countCorrect([[true, false, true], [false, false, false]]), [2, 0]);
 * ```
 */
export function countCorrect(grades: readonly (readonly boolean[])[]): number[] {
  return grades.map((samples) => samples.filter(Boolean).length);
}

/**
 * avg@k: the mean over problems of the share of correct samples, Σ c_i / (P k).
 *
 * @param correct Number of correct samples of each problem.
 * @param samples Samples drawn for each problem, k.
 * @throws {RangeError} If there is no problem or a count lies outside [0, k].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { averageAtK } from "./accuracy.ts";
 *
 * assertEquals(averageAtK([0, 4, 1, 0], 4), 0.3125);
 * ```
 */
export function averageAtK(correct: readonly number[], samples: number): number {
  if (correct.length === 0) throw new RangeError("Cannot average over no problems");
  for (const c of correct) {
    if (!(c >= 0 && c <= samples)) {
      throw new RangeError(`Cannot average: ${c} correct samples of ${samples}`);
    }
  }
  return correct.reduce((sum, c) => sum + c, 0) / (correct.length * samples);
}

/**
 * The probability that k of n samples, drawn without replacement, are all wrong: C(n−c, k) / C(n, k), as the product
 * Π_{i=n−c+1}^{n} (1 − k/i), which neither overflows nor cancels.
 *
 * @throws {RangeError} If not 0 ≤ c ≤ n and 1 ≤ k ≤ n.
 */
export function failAtK(n: number, c: number, k: number): number {
  if (![n, c, k].every(Number.isInteger) || c < 0 || c > n || k < 1 || k > n) {
    throw new RangeError(
      `Cannot compute pass@${k} from ${c} correct of ${n} samples: expected integers 0 ≤ c ≤ n, 1 ≤ k ≤ n`,
    );
  }
  let product = 1;
  for (let i = n - c + 1; i <= n; i++) product *= Math.max(0, i - k) / i;
  return product;
}

/**
 * The unbiased estimate of pass@k from n ≥ k samples of which c are correct: 1 − C(n−c, k) / C(n, k).
 *
 * Source: Chen et al., "Evaluating large language models trained on code", arXiv 2107.03374, equation 1.
 *
 * @throws {RangeError} If not 0 ≤ c ≤ n and 1 ≤ k ≤ n.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { passAtK } from "./accuracy.ts";
 *
 * assertAlmostEquals(passAtK(4, 2, 2), 5 / 6, 1e-15);
 * ```
 */
export function passAtK(n: number, c: number, k: number): number {
  return 1 - failAtK(n, c, k);
}
