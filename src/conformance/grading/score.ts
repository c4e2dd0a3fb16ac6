/**
 * Is the verifier right in a grading case, and what do many of them add up to?
 *
 * @module
 */

import { type Verdict, verify } from "../../grade/mod.ts";
import type { GradingCase } from "./grading_case.ts";
import { rules } from "./rules.ts";

/** A scored case. */
export interface CaseResult {
  /** The case. */
  readonly item: GradingCase;
  /** The gold answer that the verdict is about. */
  readonly gold: string;
  /** The verdict that decided. */
  readonly verdict: Verdict;
  /** Is it what the case expects? Undefined for a policy question. */
  readonly right: boolean | undefined;
  /** The milliseconds of each call of the verifier. */
  readonly times: readonly number[];
}

/** What scored cases add up to. */
export interface Score {
  /** How many cases were scored. */
  readonly scored: number;
  /** How many of them are right. */
  readonly right: number;
  /** How many were taken for equal, or found, and should not be. */
  readonly falsePositives: number;
  /** How many were not taken for equal, or not found, and should be. */
  readonly falseNegatives: number;
  /** How many of the scored have the verdict `unparsed` or `timeout`. */
  readonly unparsed: number;
  /** How many are policy questions. */
  readonly policy: number;
  /** How often the verifier was called. */
  readonly calls: number;
  /** The milliseconds of all calls. */
  readonly total: number;
  /** The median of the calls, in milliseconds. */
  readonly median: number;
  /** The 99th percentile of the calls, in milliseconds. */
  readonly p99: number;
  /** The slowest call, in milliseconds. */
  readonly max: number;
}

/**
 * Grades a case and says whether the verdict is right: `correct` where the two are equal, anything else where not.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readCase } from "./grading_case.ts";
 * import { scoreCase } from "./score.ts";
 *
 * const line = '{"id": "half", "kind": "pair", "gold": "0.5", "pred": "1/2", "expected": true}';
 * assertEquals(scoreCase(readCase(line)).right, true);
 * ```
 */
export function scoreCase(item: GradingCase): CaseResult {
  const times: number[] = [];
  let threw = false;
  const { gold, verdict, positive } = rules[item.kind].grade(item, (gold, completion, options) => {
    const started = performance.now();
    try {
      return verify(gold, completion, options);
    } catch (error) {
      // The verifier promises not to throw: where it does, this case is lost, but not the others.
      threw = true;
      return { ...verify("", ""), method: "exception", reason: String(error) };
    } finally {
      times.push(performance.now() - started);
    }
  });
  const right = item.expected === null ? undefined : !threw && positive === item.expected;
  return { item, gold, verdict, right, times };
}

/** Adds scored cases up. */
export function summarize(results: readonly CaseResult[]): Score {
  const times = results.flatMap((result) => result.times).sort((a, b) => a - b);
  const scored = results.filter(({ right }) => right !== undefined);
  const wrong = scored.filter(({ right }) => right === false);
  return {
    scored: scored.length,
    right: scored.length - wrong.length,
    falsePositives: wrong.filter(({ item }) => item.expected === false).length,
    falseNegatives: wrong.filter(({ item }) => item.expected === true).length,
    unparsed: scored.filter(({ verdict }) => ["unparsed", "timeout"].includes(verdict.verdict)).length,
    policy: results.length - scored.length,
    calls: times.length,
    total: times.reduce((sum, time) => sum + time, 0),
    median: nearestRank(times, 0.5),
    p99: nearestRank(times, 0.99),
    max: nearestRank(times, 1),
  };
}

/** The smallest of the sorted values that at least a share of them does not exceed; 0 of none. */
export function nearestRank(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
