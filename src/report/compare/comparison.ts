/**
 * What a comparison of results says: plain data with a JSON form, made by `compareRecords`.
 *
 * @module
 */

import type { Coverage, SeedWidth } from "../../stats/mod.ts";
import type { Counts, PairVerdict, Sweep } from "../table/mod.ts";

/** The version of the comparison's shape. */
export const COMPARISON_SCHEMA = "bupo-bench/comparison/v2";

/** A value of a profile or an environment. */
export type Fact = string | number | boolean | null | readonly Fact[] | { readonly [member: string]: Fact };

/** The part of a result record that a comparison is made of; a `ResultRecord` fits. */
export interface ComparedRecord extends Counts {
  /** The resolved profile. */
  readonly profile: { readonly name: string; readonly [setting: string]: Fact };
  /** The base model. */
  readonly base: { readonly digest: string };
  /** Version of the grader. */
  readonly graderVersion: string;
  /** The suites with their content ids. */
  readonly suites: readonly (Counts["suites"][number] & { readonly digest: string })[];
}

/** A record with what is known about it. */
export interface ComparisonInput {
  /** What people call it: a commit, a branch, a directory; unique. */
  readonly name: string;
  /** The record. */
  readonly record: ComparedRecord;
  /** The commit that it was made from. */
  readonly commit?: string | undefined;
  /** Whether the source tree differed from that commit. */
  readonly dirty?: boolean | "unknown" | undefined;
  /** The commit in whose tree it stands; absent for one on disk. */
  readonly found?: string | undefined;
  /** Whether it is signed and by whom, in words. */
  readonly signature?: string | undefined;
  /** The machine and the software underneath, by name of the fact. */
  readonly environment?: Readonly<Record<string, string | number | boolean | null>> | undefined;
  /** Why the run covers only a part, such as `--limit 20`; absent for a full run. */
  readonly partial?: string | undefined;
  /** The only method of it that is compared; where the baseline names one too, these two, whatever they are called. */
  readonly method?: string | undefined;
}

/** How results are compared. */
export interface CompareOptions {
  /** Name of the input that the others are compared with; default the first. */
  readonly baseline?: string;
  /** Coverage of the intervals, and one minus the level of the tests; default 0.95. */
  readonly confidence?: number;
  /** Largest difference that counts as none, as a share; default 0.03. */
  readonly margin?: number;
  /** Power of the minimum detectable effect; default 0.8. */
  readonly power?: number;
  /** Resamples of the bootstrap; default 2000. */
  readonly resamples?: number;
  /** Random sign patterns of the permutation test; default 9999. */
  readonly draws?: number;
  /** What to do where two suites of the same name hold different problems; default `refuse`. */
  readonly unequalProblems?: "refuse" | "intersect";
  /**
   * What to do where two results differ in base model or in how completions were sampled, so that a difference is not
   * that of the methods; default `refuse`, else a note.
   */
  readonly unequalSettings?: "refuse" | "note";
}

/** The options with their defaults, as far as a reader needs them. */
export type ComparisonSettings = Required<
  Omit<CompareOptions, "baseline" | "unequalProblems" | "unequalSettings">
>;

/** A number with its interval, as shares. */
export interface Ranged {
  /** The number. */
  readonly value: number;
  /** Lower end of the interval. */
  readonly low: number;
  /** Upper end of the interval. */
  readonly high: number;
}

/** A method of an input. */
export interface Subject {
  /** Name of the input. */
  readonly input: string;
  /** Name of the method. */
  readonly method: string;
  /** Whether an inference server sampled any of its completions; absent: our own engine did. */
  readonly served?: boolean;
}

/** One method on one suite. */
export interface ComparisonCell extends Subject {
  /** Name of the suite. */
  readonly suite: string;
  /** Number of problems. */
  readonly problems: number;
  /** Samples of each problem and seed, k. */
  readonly samples: number;
  /** Number of evaluated policies: training seeds, 1 for a base model. */
  readonly seeds: number;
  /** avg@k. */
  readonly average: Ranged;
  /** pass@k. */
  readonly pass: Ranged;
  /** Share of completions cut off at the length limit. */
  readonly truncated: number;
  /** Share of completions without a readable answer. */
  readonly unparsed: number;
  /** Mean tokens of a completion. */
  readonly tokens: number;
  /**
   * How far two repetitions of this method come apart by chance: half the width of the interval of an A/A difference.
   * Null where one seed with one sample cannot tell.
   */
  readonly noise: number | null;
  /**
   * Letters among the methods of the input on the suite: two methods of which none was called better share one. Empty where
   * not every pair was compared.
   */
  readonly groups: string;
}

/** The difference of two methods on the same problems. */
export interface PairedResult {
  /** Number of problems that both have. */
  readonly problems: number;
  /** Candidate − baseline, paired by problem id, with the two-level bootstrap's interval. */
  readonly difference: Ranged;
  /** What its interval speaks of. */
  readonly covers: Coverage;
  /** p-value: the larger of the permutation test over problems and Student's test, which counts the seeds as well. */
  readonly p: number;
  /** The same after Holm's correction over the suites of the pair. */
  readonly adjusted: number;
  /** McNemar's exact p-value; null unless both are untrained and have one sample of each problem in all. */
  readonly mcnemar: number | null;
  /** p-value of the two one-sided tests of equivalence within the margin. */
  readonly equivalence: number;
  /** Smallest true difference that would be found with the wanted power; null where no problem varies. */
  readonly detectable: number | null;
  /** Has a trained side fewer than three training runs? */
  readonly fewSeeds: boolean;
  /** If so: the width that a borrowed spread gives, and where it was borrowed. */
  readonly seedWidth: SeedWidth | null;
}

/** Problems whose majority changed: more than half of all samples and seeds correct on one side only. */
export interface Flips {
  /** Ids of problems that only the candidate solves, in the baseline's order. */
  readonly fixed: readonly string[];
  /** Ids of problems that only the baseline solves. */
  readonly broken: readonly string[];
}

/** Two methods on one suite. */
export interface ComparisonPair {
  /** `records`: a method of two inputs, or a chosen one of each; `methods`: two methods of one input. */
  readonly kind: "records" | "methods";
  /** Name of the suite. */
  readonly suite: string;
  /** What is judged. */
  readonly candidate: Subject;
  /** What it is compared with. */
  readonly baseline: Subject;
  /** Settings in which the two results differ; none inside of one. */
  readonly differing: readonly string[];
  /** What came out. */
  readonly verdict: PairVerdict;
  /** Why the pair was refused, or what to know about it; null where there is nothing to say. */
  readonly note: string | null;
  /** The numbers; null where the pair was refused. */
  readonly result: PairedResult | null;
  /** Problems that changed; null where the pair was refused. */
  readonly flips: Flips | null;
}

/** One method over the suites that are comparable with the baseline input. */
export interface MethodAggregate extends Subject {
  /** Names of the suites. */
  readonly suites: readonly string[];
  /** Unweighted mean of avg@k over them. */
  readonly average: Ranged;
  /** Interquartile mean over seeds and suites. */
  readonly interquartileMean: number;
  /** Its interval over seeds; null with fewer than three seeds, or where no run of a suite differs from another. */
  readonly interval: { readonly low: number; readonly high: number } | null;
}

/** Two methods over all comparable suites. */
export interface PairAggregate {
  /** As in {@linkcode ComparisonPair}. */
  readonly kind: "records" | "methods";
  /** What is judged. */
  readonly candidate: Subject;
  /** What it is compared with. */
  readonly baseline: Subject;
  /** Settings in which the two results differ; none inside of one. */
  readonly differing: readonly string[];
  /** Names of the suites. */
  readonly suites: readonly string[];
  /** What came out for the unweighted mean over the suites. */
  readonly verdict: PairVerdict;
  /** What to know about it; null where there is nothing to say. */
  readonly note: string | null;
  /** The numbers; `adjusted` equals `p`, as this is a single test. */
  readonly result: PairedResult;
  /** Probability that a training run of the candidate scores higher than one of the baseline. */
  readonly improvement: number;
  /** Its interval over the runs at hand, seeds only. */
  readonly interval: { readonly low: number; readonly high: number };
}

/** A fact in which the inputs differ. */
export interface FactDifference {
  /** Its name: `environment.cpu`, `profile.training.steps`. */
  readonly fact: string;
  /** Its value in each input, null where absent. */
  readonly values: readonly Fact[];
}

/** A comparison of results. */
export interface Comparison {
  /** {@linkcode COMPARISON_SCHEMA}. */
  readonly schema: typeof COMPARISON_SCHEMA;
  /** How it was made. */
  readonly settings: ComparisonSettings;
  /** Name of the input that the others are compared with. */
  readonly baseline: string;
  /** The inputs in the order given. */
  readonly inputs: readonly {
    /** Its name. */
    readonly name: string;
    /** The commit in whose tree it stands, or null for one on disk. */
    readonly found: string | null;
    /** The commit that it was made from, or null where unknown. */
    readonly commit: string | null;
    /** Whether the source tree differed from the commit. */
    readonly dirty: boolean | "unknown";
    /** Why it covers only a part, or null. */
    readonly partial: string | null;
    /** The only method of it that was compared, or null. */
    readonly method: string | null;
    /** Whether it is signed and by whom, in words; null where nobody looked. */
    readonly signature: string | null;
  }[];
  /** Facts in which the inputs differ. */
  readonly differences: readonly FactDifference[];
  /** Each method on each suite. */
  readonly cells: readonly ComparisonCell[];
  /** Each pair on each suite. */
  readonly pairs: readonly ComparisonPair[];
  /** Each method over the comparable suites. */
  readonly methods: readonly MethodAggregate[];
  /** Each pair over the comparable suites. */
  readonly overall: readonly PairAggregate[];
  /** The grids of the inputs' profiles; absent where there are none. */
  readonly sweeps?: readonly { readonly input: string; readonly sweep: Sweep }[];
}
