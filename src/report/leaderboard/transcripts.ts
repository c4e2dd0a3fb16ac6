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

/** A problem whose transcripts are wanted, and of which methods: those that it tells apart. */
export interface FlippedProblem extends Pick<Transcript, "suite" | "problem"> {
  /** The methods of the pairs of which only one solves it. */
  readonly methods: ReadonlySet<string>;
}

/** The most completions that are wanted of a result: what the page has room for, where they are short. */
const MOST_COMPLETIONS = 12_000;

/** What a result is about: its pair stands first. */
const SUBJECT: ReadonlySet<string> = new Set(["bupo", "grpo"]);

/**
 * The flipped problems of a result, those first that tell most: BuPO and GRPO, then pairs of trained methods, then pairs
 * with the base model. Of very many methods those that are named first fill what is wanted.
 */
export function flippedProblems({ pairs, rows, results }: Leaderboard, result: string): FlippedProblem[] {
  const untrained = new Set(
    rows.filter((row) => row.result === result && row.seeds.length === 0).map(({ method }) => method),
  );
  const withBase = ({ candidate, baseline }: LeaderboardPair): boolean =>
    untrained.has(candidate) || untrained.has(baseline);
  const about = ({ candidate, baseline }: LeaderboardPair): boolean =>
    SUBJECT.has(candidate) && SUBJECT.has(baseline);
  const rank = (pair: LeaderboardPair): number => about(pair) ? 0 : withBase(pair) ? 2 : 1;
  const own = pairs.filter((pair) => pair.result === result && pair.suite !== null)
    .toSorted((a, b) => rank(a) - rank(b));
  const seeds = new Map(
    rows.filter((row) => row.result === result).map((
      { method, seeds },
    ) => [method, Math.max(1, seeds.length)]),
  );
  const samples = new Map(
    results.find(({ name }) => name === result)?.suites.map(({ name, samples }) => [name, samples]),
  );
  const found = new Map<string, FlippedProblem & { readonly methods: Set<string> }>();
  let left = MOST_COMPLETIONS;
  for (const { suite, fixed, broken, candidate, baseline } of own) {
    for (const problem of [...fixed, ...broken]) {
      if (suite === null) continue;
      const key = JSON.stringify([suite, problem]), one = found.get(key);
      const more = [candidate, baseline].filter((method) => !one?.methods.has(method));
      const cost = more.reduce(
        (sum, method) => sum + (seeds.get(method) ?? 1) * (samples.get(suite) ?? 1),
        0,
      );
      if (cost > left) return [...found.values()];
      left -= cost;
      if (one) { for (const method of more) one.methods.add(method); }
      else found.set(key, { suite, problem, methods: new Set(more) });
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
