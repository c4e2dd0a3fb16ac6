/**
 * What stands first, told by the counts alone.
 *
 * @module
 */

import type { ResultRecord } from "../../src/result/mod.ts";

/** The methods of a record, those with more correct samples first; on one suite, or over all. */
export function ranking({ runs }: ResultRecord, suite?: string): string[] {
  const shares = Map.groupBy(runs, ({ method }) => method).entries().map(([method, own]) => {
    const counts = own.flatMap(({ suites }) =>
      Object.entries(suites).flatMap(([name, { correct }]) =>
        suite === undefined || name === suite ? correct : []
      )
    );
    return { method, share: counts.reduce((sum, count) => sum + count, 0) / counts.length };
  });
  return [...shares].sort((a, b) => b.share - a.share).map(({ method }) => method);
}

/** A headline without what could have been seen: that is a matter of the numbers. */
export function withoutDetectable(headline: string): string {
  return headline.replace(/ \(detectable: \d+\.\d\)/g, "");
}

/** The headline of a record whose two methods are tied and better than the base model, {@linkcode withoutDetectable}. */
export function tiedHeadline(record: ResultRecord): string {
  const labels: Readonly<Record<string, string>> = { grpo: "GRPO", bupo: "BuPO" };
  const [first = "", second = ""] = ranking(record).map((method) => labels[method] ?? method);
  return `${first} and ${second} are tied within noise; both are better than Base.`;
}
