/**
 * What the leaderboard says: the content of `results/leaderboard.json`, whose schema is beside it.
 *
 * @module
 */

import type { Judgement, SuiteOrigin } from "../../judge/mod.ts";
import type { Coverage, RegisteredPair, RegisteredPlan, Verdict } from "../../stats/mod.ts";
import type { ComparisonSettings, Ranged } from "../compare/mod.ts";
import type { PairVerdict } from "../table/mod.ts";

/** The version of the leaderboard's shape. */
export const LEADERBOARD_SCHEMA = "bupo-bench/leaderboard/v2";

/** A method on one suite, or the mean over the suites. */
export interface LeaderboardScore {
  /** avg@k, as a share. */
  readonly average: Ranged;
  /** pass@k, as a share. */
  readonly pass: Ranged;
  /** Letters by avg@k: methods of which none was called better share one; empty where not every pair was compared. */
  readonly groups: string;
}

/** A method of a result. */
export interface LeaderboardRow {
  /** Name of the result. */
  readonly result: string;
  /** SHA-256 of the result's `manifest.sigstore.json`. */
  readonly manifest: string;
  /** Fingerprint of the key that signed it. */
  readonly key: string;
  /** The method: `base`, `grpo`, `bupo`. */
  readonly method: string;
  /** The method as people write it. */
  readonly label: string;
  /** The training seeds; none for the base model. */
  readonly seeds: readonly number[];
  /** The unweighted mean over the suites. */
  readonly mean: LeaderboardScore;
  /** Scores by suite. */
  readonly suites: Readonly<Record<string, LeaderboardScore>>;
  /** Mean tokens of a completion. */
  readonly tokens: number;
  /** Share of completions cut off at the length limit. */
  readonly truncated: number;
  /** Share of completions without a readable answer. */
  readonly unparsed: number;
  /** The inference server that sampled the completions: a statistical claim; absent: our own engine did. */
  readonly served?: string | undefined;
}

/** The difference of two methods of a result. */
export interface LeaderboardPair {
  /** Name of the result. */
  readonly result: string;
  /** The suite, or null for the mean over all. */
  readonly suite: string | null;
  /** The method that is judged. */
  readonly candidate: string;
  /** The method that it is compared with. */
  readonly baseline: string;
  /** What came out. */
  readonly verdict: PairVerdict;
  /** What to know about it, such as how wide few seeds make the difference; null where there is nothing to say. */
  readonly note: string | null;
  /** avg@k of the candidate minus that of the baseline, paired by problem. */
  readonly difference: Ranged;
  /** What its interval speaks of. */
  readonly covers: Coverage;
  /** p-value over problems and seeds, after Holm's correction over the suites. */
  readonly p: number;
  /** Smallest true difference that would be found with the wanted power; null where no problem varies. */
  readonly detectable: number | null;
  /** Ids of problems whose majority the candidate turned right; none for the mean. */
  readonly fixed: readonly string[];
  /** Ids of problems whose majority it turned wrong. */
  readonly broken: readonly string[];
}

/**
 * What a result's signed files say of it, and nothing else: whoever has the record and both statements can say the
 * same.
 */
export interface SignedFacts {
  /** The resolved profile: name, content id, and what it says of itself. */
  readonly profile: { readonly name: string; readonly digest: string; readonly description: string };
  /** The base model; the revision is that of its repository, or null where it has none. */
  readonly model: {
    readonly name: string;
    readonly revision: string | null;
    readonly digest: string;
    readonly parameters: number;
  };
  /** Version of the grader. */
  readonly graderVersion: string;
  /** The suites: content id, number of problems, samples a problem. */
  readonly suites: readonly {
    readonly name: string;
    readonly digest: string;
    readonly problems: number;
    readonly samples: number;
  }[];
  /** Whether the run is for tests: a smoke profile, or too few problems for a number. It is never shown first. */
  readonly forTests: boolean;
  /** The commit that it was made from, or null where unknown. */
  readonly commit: string | null;
  /** Whether the source tree differed from the commit. */
  readonly dirty: boolean | "unknown";
  /** When the run began, as the signer wrote; RFC 3339 in UTC. */
  readonly started: string;
  /** When the run ended, as the signer wrote; RFC 3339 in UTC. */
  readonly date: string;
  /** When it was signed, as the signer wrote; null where the statement does not say. */
  readonly signed: string | null;
  /** Why it was signed again after an edit; null where it was not. */
  readonly afterEdit: string | null;
  /** What executed its records, and which; empty where its provenance does not tell. */
  readonly executed: readonly ExecutedRecords[];
  /** The machines and the software underneath: of several each fact with all values. */
  readonly environment: Readonly<Record<string, string | number | null>>;
}

/** Records that one environment made. */
export interface ExecutedRecords {
  /** The commit that was checked out there, or null where unknown. */
  readonly commit: string | null;
  /** Whether the source tree differed from it. */
  readonly dirty: boolean | "unknown";
  /** Provider, kernels, versions, operating system, processor, driver: what is known of them. */
  readonly environment: Readonly<Record<string, string>>;
  /** The records, such as `train grpo-1`. */
  readonly records: readonly string[];
}

/** What was found out about a result: every claim, the origins of its suites, whether it may be shown first. */
export interface ResultJudgement extends Pick<Judgement, "claims" | "headline" | "whole" | "partial"> {
  /** Where each suite's problems come from. */
  readonly suites: readonly SuiteOrigin[];
}

/** A comparison that a plan names, and what came out. */
export interface RegisteredOutcome extends RegisteredPair {
  /** What came out, tied within the plan's smallest effect; null where a side or a suite is missing. */
  readonly verdict: Verdict | null;
  /** The method's score minus that of the other, paired by problem over the plan's suites; null like the verdict. */
  readonly difference: Ranged | null;
  /** Smallest true difference that would be found with the wanted power; null where no problem varies. */
  readonly detectable: number | null;
  /** Has a control come out as planted? Null where nothing was planted. */
  readonly asPlanted: boolean | null;
}

/** How a result said before it was run that it would be read, and what came out. */
export interface Registration extends Omit<RegisteredPlan, "pairs"> {
  /** The comparisons. */
  readonly pairs: readonly RegisteredOutcome[];
  /** How what was run deviates from the plan. */
  readonly deviations: readonly string[];
}

/** A signed result whose manifest holds. */
export interface LeaderboardResult extends SignedFacts {
  /** Its name: that of its directory. */
  readonly name: string;
  /** SHA-256 of `manifest.sigstore.json`. */
  readonly manifest: string;
  /** SHA-256 of `provenance.sigstore.json`. */
  readonly provenance: string;
  /** SHA-256 of `results.json`. */
  readonly record: string;
  /** Fingerprint of the key. */
  readonly key: string;
  /** Whose key it is, if the publisher's trusted list says so. */
  readonly owner: string | null;
  /** Is the key in the publisher's trusted list? */
  readonly trusted: boolean;
  /** The commit's place in the publisher's git history, 0 the newest; null where it is not committed. */
  readonly place: number | null;
  /** What the publisher found out about it. */
  readonly judged: ResultJudgement;
  /** Is it the one that is shown of those with its profile and model? */
  readonly first: boolean;
  /** Its registered plan and what came out; null where its profile has none. */
  readonly registered: Registration | null;
  /** What it says about the methods, in one sentence. */
  readonly headline: string;
}

/** A directory that is not on the leaderboard. */
export interface Excluded {
  /** Its name. */
  readonly name: string;
  /** Why not. */
  readonly reason: string;
}

/** The content of `leaderboard.json`. It holds no time of its own, so that the same results give the same bytes. */
export interface Leaderboard {
  /** {@linkcode LEADERBOARD_SCHEMA}. */
  readonly schema: typeof LEADERBOARD_SCHEMA;
  /** How the numbers were made. */
  readonly settings: ComparisonSettings;
  /** The results, those first that are to be read first. */
  readonly results: readonly LeaderboardResult[];
  /** The methods of all results, in the results' order, the best first. */
  readonly rows: readonly LeaderboardRow[];
  /** The pairs of methods inside each result. */
  readonly pairs: readonly LeaderboardPair[];
  /** What was left out, by name. */
  readonly excluded: readonly Excluded[];
}
