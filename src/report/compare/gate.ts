/**
 * What a comparison means for whoever waits for an exit code.
 *
 * @module
 */

import { verdictWords } from "../table/mod.ts";
import type { Comparison, ComparisonPair, PairAggregate } from "./comparison.ts";
import { differenceText, pairText } from "./sections.ts";

/** What stands in the way of a comparison. */
export interface Gate {
  /** Pairs that became worse, each in a line. */
  readonly regressions: readonly string[];
  /** Pairs of which it cannot be told whether they became worse, each in a line. */
  readonly inconclusive: readonly string[];
  /** What cannot be compared, each in a line. */
  readonly incomparable: readonly string[];
}

/** Pairs of two results, on one suite or over all. */
function records<T extends ComparisonPair | PairAggregate>(pairs: readonly T[]): T[] {
  return pairs.filter(({ kind }) => kind === "records");
}

/** Results that can be compared with the baseline on no suite at all. */
function strangers({ inputs, baseline, pairs }: Comparison): string[] {
  return inputs.filter(({ name }) =>
    name !== baseline && !records(pairs).some(({ candidate, result }) => candidate.input === name && result)
  ).map(({ name }) => {
    const reason = records(pairs).find(({ candidate }) => candidate.input === name)?.note;
    return `${name} cannot be compared with ${baseline}: ${reason ?? "they have no method in common"}`;
  });
}

/**
 * All that a result lacks to be compared in full: refused pairs, and methods that only the baseline has, unless somebody
 * chose what is compared.
 */
function gaps({ inputs, baseline, pairs, cells }: Comparison): string[] {
  const methods = new Set(cells.filter(({ input }) => input === baseline).map(({ method }) => method));
  return inputs.filter(({ name }) => name !== baseline).flatMap(({ name, method: chosen }) => {
    const own = new Set(cells.filter(({ input }) => input === name).map(({ method }) => method));
    return [
      ...[...methods].filter((method) => chosen === null && !own.has(method))
        .map((method) => `${name} has no ${method}`),
      ...records(pairs).filter(({ candidate, result }) => candidate.input === name && !result).map(
        ({ candidate, suite, note }) => `${candidate.method} of ${name} on ${suite}: ${note}`,
      ),
    ];
  });
}

/**
 * What a comparison means for an exit code.
 *
 * - A regression is a pair of two results with the verdict `worse`, on a suite or over all, whose difference is at least
 *   the threshold.
 * - Inconclusive is a pair of two results with a verdict of that name, unless its interval shows that it lost less than the
 *   margin, or than the threshold where that is larger; with too few seeds no interval shows anything.
 * - Incomparable is a result that may be compared with the baseline on no suite; for a strict gate also every refused
 *   pair and every method that is gone: what was not compared did not pass.
 *
 * @param threshold Smallest drop that counts, as a share.
 * @param strict Is somebody waiting for a verdict?
 */
export function gate(comparison: Comparison, { threshold = 0, strict = false } = {}): Gate {
  const { pairs, overall, settings } = comparison;
  const judged = [
    ...records(pairs).map((pair) => ({ ...pair, where: `on ${pair.suite}` })),
    ...records(overall).filter(({ suites }) => suites.length > 1).map((pair) => ({
      ...pair,
      where: "over all suites",
    })),
  ];
  const tolerated = Math.max(threshold, settings.margin);
  const line = ({ result, where, ...pair }: (typeof judged)[number]): string =>
    `${pairText(pair, comparison)} ${where}: ${result ? `${differenceText(result.difference)} points` : ""}`;
  return {
    regressions: judged.filter(({ verdict, result }) =>
      verdict === "worse" && result && -result.difference.value >= threshold
    ).map(line),
    inconclusive: judged.filter(({ verdict, result }) =>
      verdict.startsWith("inconclusive") && result &&
      (result.fewSeeds || result.difference.low <= -tolerated)
    ).map((pair) => `${line(pair)}, ${verdictWords(pair.verdict, pair.result?.detectable ?? null)}`),
    incomparable: strict
      ? [...new Set([...strangers(comparison), ...gaps(comparison)])]
      : strangers(comparison),
  };
}
