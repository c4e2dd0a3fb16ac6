/**
 * The transcripts behind flips: what both methods wrote on problems that one of them solves and the other does not.
 *
 * @module
 */

import type { Leaderboard, LeaderboardPair } from "./leaderboard.ts";

/** What one run wrote on a problem. */
export interface TranscriptRun {
  /** The method. */
  readonly method: string;
  /** The training seed, or null for the base model. */
  readonly seed: number | null;
  /** Number of right completions, as recorded. */
  readonly correct: number;
  /** The completions. */
  readonly responses: readonly string[];
  /** Which of them are right; null where they were not graded again. */
  readonly right: readonly boolean[] | null;
}

/** What was written on a problem. */
export interface Transcript {
  /** The suite. */
  readonly suite: string;
  /** The problem's id. */
  readonly problem: string;
  /** What was asked; null where the text is not made again, as of data sets, whose texts are not published. */
  readonly question: string | null;
  /** The gold answer; null where it is not known. */
  readonly answer: string | null;
  /** The runs in the order of the record. */
  readonly runs: readonly TranscriptRun[];
}

/** A problem whose transcripts are wanted. */
export type FlippedProblem = Pick<Transcript, "suite" | "problem">;

/**
 * The flipped problems of a result, those first that tell most: pairs of trained methods before pairs with the base
 * model.
 */
export function flippedProblems({ pairs, rows }: Leaderboard, result: string): FlippedProblem[] {
  const untrained = new Set(
    rows.filter((row) => row.result === result && row.seeds.length === 0).map(({ method }) => method),
  );
  const withBase = ({ candidate, baseline }: LeaderboardPair): boolean =>
    untrained.has(candidate) || untrained.has(baseline);
  const own = pairs.filter((pair) => pair.result === result && pair.suite !== null);
  const ordered = [...own.filter((pair) => !withBase(pair)), ...own.filter(withBase)];
  const found = new Map<string, FlippedProblem>();
  for (const { suite, fixed, broken } of ordered) {
    for (const problem of [...fixed, ...broken]) {
      if (suite !== null) found.set(JSON.stringify([suite, problem]), { suite, problem });
    }
  }
  return [...found.values()];
}

/** The longest completion that is shown whole, in UTF-16 code units. */
const LONGEST_SHOWN = 8000;

/** A completion of bearable length: beginning and end. */
export function shortened(text: string): string {
  if (text.length <= LONGEST_SHOWN) return text;
  const half = LONGEST_SHOWN / 2, left = text.length - LONGEST_SHOWN;
  return `${text.slice(0, half)}\n[… ${left} characters left out …]\n${text.slice(-half)}`.toWellFormed();
}
