/**
 * What a result says about its methods, in one honest sentence.
 *
 * @module
 */

import type { PairVerdict } from "../table/mod.ts";
import type { RegisteredOutcome } from "./leaderboard.ts";

/** A pair of methods and what came out. */
export interface Judged {
  /** The method that is judged. */
  readonly candidate: string;
  /** The method that it is compared with. */
  readonly baseline: string;
  /** What came out. */
  readonly verdict: PairVerdict;
  /** The smallest true difference that would have been found, as a share; null where nothing varies. */
  readonly detectable: number | null;
}

/** Names as people list them: `A`, `A and B`, `A, B and C`. */
function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** What of a difference that was not seen would have been seen, in points: the largest of several. */
function detectableText(detectable: readonly (number | null)[]): string {
  const largest = Math.max(0, ...detectable.map((one) => one ?? 0));
  return largest === 0 ? "" : ` (detectable: ${(100 * largest).toFixed(1)})`;
}

/** What methods that are not told apart have in common; undefined stands for a pair that was not compared. */
function togetherText(pairs: readonly (Pick<Judged, "verdict" | "detectable"> | undefined)[]): string {
  const verdicts = pairs.map((pair) => pair?.verdict);
  const detectable = detectableText(pairs.map((pair) => pair?.detectable ?? null));
  if (verdicts.every((verdict) => verdict === "identical")) return "have identical counts";
  if (verdicts.every((verdict) => verdict === "tied within noise" || verdict === "identical")) {
    return `are tied within noise${detectable}`;
  }
  if (verdicts.includes(undefined)) return "were not all told apart";
  return verdicts.includes("inconclusive (too few seeds)")
    ? `cannot be told apart with so few seeds${detectable}`
    : `cannot be told apart on so few problems${detectable}`;
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
 *   return { candidate, baseline, verdict, detectable: 0.018 };
 * };
 * assertEquals(
 *   headline(["GRPO", "BuPO", "Base"], [
 *     pair("GRPO", "Base", "better"),
 *     pair("BuPO", "Base", "better"),
 *     pair("BuPO", "GRPO", "tied within noise"),
 *   ]),
 *   "GRPO and BuPO are tied within noise (detectable: 1.8); both are better than Base.",
 * );
 * ```
 */
export function headline(methods: readonly string[], pairs: readonly Judged[]): string {
  const [best] = methods;
  if (best === undefined) return "Nothing was evaluated.";
  if (methods.length === 1) return `Only ${best} was evaluated, so there is nothing to compare it with.`;
  const found = (a: string, b: string): Judged | undefined =>
    pairs.find(({ candidate, baseline }) =>
      candidate === a && baseline === b || candidate === b && baseline === a
    );
  const between = (a: string, b: string): PairVerdict | undefined => {
    const pair = found(a, b);
    if (!pair || pair.candidate === a) return pair?.verdict;
    return pair.verdict === "better" ? "worse" : pair.verdict === "worse" ? "better" : pair.verdict;
  };
  const leaders = methods.filter((method) => method === best || between(best, method) !== "better");
  const others = methods.filter((method) => !leaders.includes(method));
  if (leaders.length === 1) return `${best} is better than ${listed(others)}.`;
  const among = leaders.flatMap((a, i) => leaders.slice(i + 1).map((b) => found(a, b)));
  const together = `${listed(leaders)} ${togetherText(among)}`;
  if (others.length === 0) return `${together}.`;
  const ahead = leaders.every((a) => others.every((b) => between(a, b) === "better"));
  const subject = !ahead ? `${best} is` : leaders.length === 2 ? "both are" : "all are";
  return `${together}; ${subject} better than ${listed(others)}.`;
}

/** The most pairs in question that the sentence names. */
const MOST_NAMED = 3;

/** What came out of a pair in question. */
function pairText(
  { method, against, verdict, detectable }: RegisteredOutcome,
  label: (method: string) => string,
): string {
  if (verdict === null) return `${label(method)} was not compared with ${label(against)}`;
  if (verdict === "better" || verdict === "worse") {
    return `${label(method)} is ${verdict} than ${label(against)}`;
  }
  return `${label(method)} and ${label(against)} ${togetherText([{ verdict, detectable }])}`;
}

/**
 * The sentence of a result that said before it was run what it asks: what came out of the pairs in question, and whether
 * the controls came out as planted. `undefined` where the plan asks nothing.
 *
 * @param label A method as people write it.
 */
export function registeredHeadline(
  pairs: readonly RegisteredOutcome[],
  label: (method: string) => string,
): string | undefined {
  const asked = pairs.filter(({ planted }) => planted === undefined);
  const controls = pairs.filter(({ planted }) => planted !== undefined);
  if (asked.length === 0) return undefined;
  const named = asked.slice(0, MOST_NAMED).map((pair) => pairText(pair, label));
  if (asked.length > MOST_NAMED) named.push(`${asked.length - MOST_NAMED} more pairs were asked about`);
  const failed = controls.filter(({ asPlanted }) => !asPlanted).map(({ method, against, planted }) =>
    `${label(method)} against ${label(against)}, planted ${planted}`
  );
  const planted = controls.length === 0
    ? "No controls were planted"
    : failed.length === 0
    ? `${controls.length === 1 ? "The control" : `All ${controls.length} controls`} came out as planted`
    : `NOT as planted came out ${listed(failed)}`;
  return `${named.join("; ")}. ${planted}.`;
}
