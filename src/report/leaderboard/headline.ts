/**
 * What a result says about its methods, in one honest sentence.
 *
 * @module
 */

import type { PairVerdict } from "../table/mod.ts";

/** A pair of methods and what came out. */
export interface Judged {
  /** The method that is judged. */
  readonly candidate: string;
  /** The method that it is compared with. */
  readonly baseline: string;
  /** What came out. */
  readonly verdict: PairVerdict;
}

/** Names as people list them: `A`, `A and B`, `A, B and C`. */
function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** What methods that are not told apart have in common; undefined stands for a pair that was not compared. */
function togetherText(verdicts: readonly (PairVerdict | undefined)[]): string {
  if (verdicts.every((verdict) => verdict === "identical")) return "have identical counts";
  if (verdicts.every((verdict) => verdict === "tied within noise" || verdict === "identical")) {
    return "are tied within noise";
  }
  if (verdicts.includes(undefined)) return "were not all told apart";
  return verdicts.includes("inconclusive (too few seeds)")
    ? "cannot be told apart with so few seeds"
    : "cannot be told apart on so few problems";
}

/**
 * The sentence. The leaders are the methods of which the best was not called better; all others are behind.
 *
 * @param methods The methods as people write them, the best first.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { headline } from "./headline.ts";
 *
 * const pair = (candidate: string, baseline: string, verdict: "better" | "tied within noise") => {
 *   return { candidate, baseline, verdict };
 * };
 * assertEquals(
 *   headline(["GRPO", "BuPO", "Base"], [
 *     pair("GRPO", "Base", "better"),
 *     pair("BuPO", "Base", "better"),
 *     pair("BuPO", "GRPO", "tied within noise"),
 *   ]),
 *   "GRPO and BuPO are tied within noise; both are better than Base.",
 * );
 * ```
 */
export function headline(methods: readonly string[], pairs: readonly Judged[]): string {
  const [best] = methods;
  if (best === undefined) return "Nothing was evaluated.";
  if (methods.length === 1) return `Only ${best} was evaluated, so there is nothing to compare it with.`;
  const between = (a: string, b: string): PairVerdict | undefined => {
    for (const { candidate, baseline, verdict } of pairs) {
      if (candidate === a && baseline === b) return verdict;
      if (candidate === b && baseline === a) {
        return verdict === "better" ? "worse" : verdict === "worse" ? "better" : verdict;
      }
    }
    return undefined;
  };
  const leaders = methods.filter((method) => method === best || between(best, method) !== "better");
  const others = methods.filter((method) => !leaders.includes(method));
  if (leaders.length === 1) return `${best} is better than ${listed(others)}.`;
  const among = leaders.flatMap((a, i) => leaders.slice(i + 1).map((b) => between(a, b)));
  const together = `${listed(leaders)} ${togetherText(among)}`;
  if (others.length === 0) return `${together}.`;
  const ahead = leaders.every((a) => others.every((b) => between(a, b) === "better"));
  const subject = !ahead ? `${best} is` : leaders.length === 2 ? "both are" : "all are";
  return `${together}; ${subject} better than ${listed(others)}.`;
}
