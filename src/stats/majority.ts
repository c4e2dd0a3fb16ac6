/**
 * Majority votes among the samples of a problem.
 *
 * @module
 */

/** C(n, k) as a floating point number. */
function choose(n: number, k: number): number {
  if (k < 0 || k > n) return 0;
  let product = 1;
  for (let i = 1; i <= Math.min(k, n - k); i++) product *= (n - i + 1) / i;
  return product;
}

/** Size of each class of equal answers, and the share of its members that were graded correct. */
function tally(
  classes: readonly (string | number | null)[],
  correct: readonly boolean[],
): { sizes: number[]; shares: number[]; silent: number } {
  const groups = new Map<string | number, { size: number; correct: number }>();
  let silent = 0;
  for (const [index, label] of classes.entries()) {
    if (label === null) {
      silent++;
      continue;
    }
    const group = groups.get(label) ?? { size: 0, correct: 0 };
    group.size++;
    if (correct[index]) group.correct++;
    groups.set(label, group);
  }
  const list = [...groups.values()];
  return { sizes: list.map(({ size }) => size), shares: list.map((g) => g.correct / g.size), silent };
}

/**
 * Sum over the ways to take k samples in which class `winner` has exactly `votes` of them and no class has more, each
 * way divided by the number of classes at the top.
 */
function ways(sizes: readonly number[], silent: number, winner: number, votes: number, k: number): number {
  // table[ties][taken]: ways to take `taken` samples of the classes seen, of which `ties` classes have `votes`.
  const left = k - votes, most = Math.floor(left / votes);
  let table = Array.from({ length: most + 1 }, () => new Float64Array(left + 1));
  table[0]![0] = 1; // there is a row for no tie
  for (const [index, size] of [...sizes, silent].entries()) {
    if (index === winner) continue;
    const voting = index < sizes.length;
    const next = table.map(() => new Float64Array(left + 1));
    const top = Math.min(size, voting ? votes : left);
    for (let taken = 0; taken <= top; taken++) {
      const factor = choose(size, taken), tied = voting && taken === votes ? 1 : 0;
      for (let ties = 0; ties + tied <= most; ties++) {
        const from = table[ties]!, to = next[ties + tied]!; // both below most + 1
        for (let i = 0; i + taken <= left; i++) to[i + taken]! += factor * from[i]!; // within left + 1
      }
    }
    table = next;
  }
  const total = table.reduce((sum, row, ties) => sum + (row[left] ?? 0) / (ties + 1), 0);
  return choose(sizes[winner] ?? 0, votes) * total;
}

/**
 * maj@k of one problem: the expected score of the answer that most of k samples give, where the k samples are drawn
 * without replacement from those at hand and a tie is decided by lot. Samples without an answer do not vote; if no
 * sample votes, the score is 0. With k equal to the number of samples this is the majority vote over all of them.
 *
 * Source: the vote is self-consistency (Wang et al., arXiv 2203.11171); averaging over all subsets makes it unbiased
 * for k smaller than the number of samples, as for pass@k. Counted exactly, class by class, over the number of votes
 * of the winner and the number of classes that tie with it.
 *
 * @param classes Class of each sample's answer: equal answers share a label; null is no answer.
 * @param correct Whether each sample was graded correct. Where a class's members differ, its score is their share.
 * @param k Number of votes; default all samples.
 * @throws {RangeError} If the lists differ in length, k is not an integer in [1, samples], or there are more than 1000
 * samples.
 *
 * @example Two of four samples agree on the right answer, two on a wrong one
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { majorityAtK } from "./majority.ts";
 *
 * assertEquals(majorityAtK(["7", "7", "9", "9"], [true, true, false, false]), 0.5);
 * assertEquals(majorityAtK(["7", "7", "9", null], [true, true, false, false]), 1);
 * ```
 */
export function majorityAtK(
  classes: readonly (string | number | null)[],
  correct: readonly boolean[],
  k: number = classes.length,
): number {
  const n = classes.length;
  if (n !== correct.length || n > 1000 || !(Number.isInteger(k) && k >= 1 && k <= n)) {
    throw new RangeError(
      `Cannot compute maj@${k} from ${n} answers and ${correct.length} grades: expected as many of each, at most 1000, ` +
        `and an integer k from 1 to their number`,
    );
  }
  const { sizes, shares, silent } = tally(classes, correct);
  let score = 0;
  for (const [index, share] of shares.entries()) {
    if (share === 0) continue;
    for (let votes = 1; votes <= Math.min(k, sizes[index] ?? 0); votes++) {
      score += share * ways(sizes, silent, index, votes, k);
    }
  }
  return score / choose(n, k);
}
