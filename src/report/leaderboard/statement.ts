/**
 * What all results together say about BuPO and GRPO, in one honest sentence.
 *
 * @module
 */

import type { Leaderboard, LeaderboardResult } from "./leaderboard.ts";
import { mayLead } from "./order.ts";

/** A sentence, and the results that it is about. */
export interface Statement {
  /** The sentence. */
  readonly text: string;
  /** The results that count: the first of each profile and model, if it may stand for it. */
  readonly results: readonly LeaderboardResult[];
  /** How many profiles and models have no such result. */
  readonly others: number;
}

/** The ways in which two methods can come out of a result, in the order in which they are said. */
const outcomes = ["better", "worse", "tied", "untold"] as const;

/** What is said of each, of GRPO or, once it was named, of "it". */
const words: Readonly<Record<(typeof outcomes)[number], (other: string) => string>> = {
  better: (other) => `better than ${other}`,
  worse: (other) => `worse than ${other}`,
  tied: (other) => `tied with ${other} within noise`,
  untold: (other) => `not told apart from ${other}`,
};

/** Phrases as people list them. */
function listed(phrases: readonly string[]): string {
  return phrases.length < 2 ? phrases.join("") : `${phrases.slice(0, -1).join(", ")} and ${phrases.at(-1)}`;
}

/**
 * What came out for BuPO against GRPO: as the result's plan asked, else over all of its suites; nothing where they were not
 * both run.
 */
function outcomeOf(
  { pairs }: Leaderboard,
  { name, registered }: LeaderboardResult,
): (typeof outcomes)[number] | undefined {
  const asked = (registered?.pairs ?? []).map(({ method, against, verdict }) => {
    return { candidate: method, baseline: against, verdict };
  });
  const over = pairs.filter(({ result, suite }) => result === name && suite === null);
  for (const { candidate, baseline, verdict } of [...asked, ...over]) {
    if (verdict === null || new Set([candidate, baseline, "bupo", "grpo"]).size > 2) continue;
    if (verdict === "better" || verdict === "worse") {
      return (verdict === "better") === (candidate === "bupo") ? "better" : "worse";
    }
    return verdict.startsWith("tied") || verdict === "identical" ? "tied" : "untold";
  }
  return undefined;
}

/** The sentence about the results that count. */
function sentence(leaderboard: Leaderboard, results: readonly LeaderboardResult[]): string {
  const [only, ...others] = results;
  if (!only) {
    return leaderboard.results.length === 0
      ? "No result can be shown yet."
      : "No result counts yet: there are only runs for tests, or of which too little was checked.";
  }
  if (others.length === 0) return only.headline;
  const found = results.flatMap((result) => outcomeOf(leaderboard, result) ?? []);
  if (found.length === 0) return `None of ${results.length} results compares BuPO with GRPO.`;
  const counts = outcomes.map((outcome) => [outcome, found.filter((one) => one === outcome).length] as const);
  const phrases = counts.filter(([, count]) => count > 0).map(([outcome, count], i) =>
    `${words[outcome](i === 0 ? "GRPO" : "it")} in ${count === found.length ? "all" : count}`
  );
  const all = found.length === results.length ? `${found.length}` : `${found.length} (of ${results.length})`;
  return `Of ${all} results, BuPO is ${listed(phrases)}.`;
}

/**
 * The sentence over all results. Of one result it is its headline; of several it counts how BuPO came out against GRPO,
 * since numbers of different results cannot be added up. Where the publisher trusts a key, only results by trusted keys
 * count: else whoever brings a key could write the sentence.
 */
export function statementOf(leaderboard: Leaderboard): Statement {
  const shown = leaderboard.results.filter(({ first }) => first),
    known = shown.some(({ trusted }) => trusted);
  const results = shown.filter((result) => mayLead(result) && (result.trusted || !known));
  return { text: sentence(leaderboard, results), results, others: shown.length - results.length };
}
