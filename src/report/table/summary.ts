/**
 * The numbers of the method table: accuracies with intervals, and paired differences with a verdict.
 *
 * @module
 */

import { gridLabel } from "../../method_grid.ts";
import {
  bootstrapMean,
  type BootstrapOptions,
  type Estimate,
  type PairedEvidence,
  pairedEvidence,
  passAtK,
  type Scores,
  type Verdict,
  verdictOf,
} from "../../stats/mod.ts";
import { percent } from "./grid.ts";
import { isServed, type MaybeServed, SERVED_MARK, type ServedCounts } from "./served.ts";

/** What the table needs to know of a suite. */
export interface SuiteCounts {
  /** Number of correct samples of each problem, in the same order for every run. */
  readonly correct: readonly number[];
  /** Completions cut off at the length limit. */
  readonly truncated: number;
  /** Completions without a readable answer. */
  readonly unparsed: number;
  /** Tokens of all completions together. */
  readonly tokens: number;
  /** The inference server that sampled them; absent: our own engine did. */
  readonly served?: ServedCounts | undefined;
}

/** What the table needs to know of a run. */
export interface RunCounts {
  /** Name of the method; `base` is the untrained model. */
  readonly method: string;
  /** The training seed, or null where nothing was trained. */
  readonly seed: number | null;
  /** Counts by suite name. */
  readonly suites: Readonly<Record<string, SuiteCounts>>;
}

/** The part of a result record that the table is made of. */
export interface Counts {
  /** The suites, in the order of the columns. */
  readonly suites: readonly {
    /** Its name. */
    readonly name: string;
    /** Ids of its problems. */
    readonly problems: readonly string[];
    /** Samples of each problem. */
    readonly samples: number;
  }[];
  /** The runs; methods appear in the order of their first run. */
  readonly runs: readonly RunCounts[];
  /** The profile, as a record has it: what a table says of its controls. */
  readonly profile?: unknown;
}

/** `avg`: mean accuracy over the samples; `pass`: share of problems solved by at least one of k samples. */
export type Metric = "avg" | "pass";

/** A method's mean difference to another on the same problems, over all suites. */
export interface Difference {
  /** Label of the other method. */
  readonly to: string;
  /** The difference, and all that is known of it. */
  readonly evidence: PairedEvidence;
  /** What it means. */
  readonly verdict: Verdict;
}

/** Mean length and failures of a method's completions, over all suites and seeds. */
export interface Completions {
  /** Mean number of tokens. */
  readonly tokens: number;
  /** Share cut off at the length limit. */
  readonly truncated: number;
  /** Share without a readable answer. */
  readonly unparsed: number;
}

/** A row of the table. */
export interface MethodRow {
  /** The method. */
  readonly method: string;
  /** The method as people write it. */
  readonly label: string;
  /** Number of trained seeds; 0 for the base model. */
  readonly seeds: number;
  /** The metric on each suite. */
  readonly suites: readonly Estimate[];
  /** Its unweighted mean over the suites. */
  readonly average: Estimate;
  /** Differences of the average to the reference methods; none to itself. */
  readonly differences: readonly Difference[];
  /** Its completions. */
  readonly completions: Completions;
}

/** The table of one metric. */
export interface MethodTable {
  /** The metric with its k: `avg@8`; without k where the suites differ in it. */
  readonly metric: string;
  /** Column headings of the suites. */
  readonly suites: readonly string[];
  /** Number of problems of each suite. */
  readonly problems: readonly number[];
  /** Labels of the reference methods, in the order of the difference columns. */
  readonly references: readonly string[];
  /** The methods. */
  readonly rows: readonly MethodRow[];
}

/** How methods are written; a test holds it to the rows' own labels, which need a runtime. */
export const methodLabels: Readonly<Record<string, string>> = {
  base: "Base",
  grpo: "GRPO",
  dr_grpo: "Dr. GRPO",
  dapo: "DAPO",
  gspo: "GSPO",
  cispo: "CISPO",
  rloo: "RLOO",
  reinforce_pp: "REINFORCE++",
  reinforce_pp_baseline: "REINFORCE++-baseline",
  ppo: "PPO",
  sft_on_correct: "SFT on correct",
  bupo: "BuPO",
  bupo_normed: "BuPO, normed",
  internal_only: "Internal only",
  bupo_schedule: "BuPO, schedule",
  bupo_random_layer: "BuPO, random layer",
  bupo_reset: "BuPO, moments reset",
  bupo_memory: "BuPO, short memory",
  grpo_memory: "GRPO, short memory",
  grpo_lower_only: "GRPO, lower first",
  grpo_layerwise_lr: "GRPO, layerwise rate",
  frozen_lower: "GRPO, frozen lower",
};

/** A method as people write it; one of a grid with its settings. */
export function labelOf(method: string): string {
  return Object.hasOwn(methodLabels, method)
    ? methodLabels[method] ?? method
    : gridLabel(method, labelOf) ?? method;
}

/** A method as people write it, marked where an inference server sampled any of its runs. */
export function markedLabel(method: string, runs: readonly MaybeServed[]): string {
  return labelOf(method) + (isServed(runs) ? SERVED_MARK : "");
}

/** The runs' scores on every suite, `[suite][seed][problem]`. */
export function scoresOf(counts: Counts, runs: readonly RunCounts[], metric: Metric): Scores[] {
  return counts.suites.map(({ name, samples }) =>
    runs.map((run) =>
      (run.suites[name]?.correct ?? []).map((c) =>
        metric === "avg" ? c / samples : passAtK(samples, c, samples)
      )
    )
  );
}

/** A difference with its interval, in points. */
export function intervalText({ value, low, high }: Pick<Estimate, "value" | "low" | "high">): string {
  return `${percent(value, true)} [${percent(low, true)}, ${percent(high, true)}]`;
}

/** A mean of shares with its interval, inside [0, 1]. */
export function estimateShare(strata: readonly Scores[], options: BootstrapOptions): Estimate {
  const result = bootstrapMean(strata, options);
  return { ...result, low: Math.max(0, result.low), high: Math.min(1, result.high) };
}

/** Length and failures of completions, pooled. */
function completionsOf(counts: Counts, runs: readonly RunCounts[]): Completions {
  const total = runs.length *
    counts.suites.reduce((sum, suite) => sum + suite.problems.length * suite.samples, 0);
  const share = (member: "tokens" | "truncated" | "unparsed"): number =>
    runs.flatMap((run) => Object.values(run.suites)).reduce((sum, suite) => sum + suite[member], 0) / total;
  return { tokens: share("tokens"), truncated: share("truncated"), unparsed: share("unparsed") };
}

/** What the table compares with. */
export interface TableOptions extends BootstrapOptions {
  /** Methods that the others are compared with, where they are present; default base and GRPO. */
  readonly references?: readonly string[];
  /** Largest difference that counts as none, as a share; default 0.03. */
  readonly margin?: number;
}

/** Whether a method was trained, so that other seeds might have come out. */
export function isTrained(runs: readonly RunCounts[]): boolean {
  return runs.some(({ seed }) => seed !== null);
}

/**
 * The table of one metric. Intervals and differences come from the two-level bootstrap over problems and seeds; methods
 * are paired by problem.
 *
 * @param counts A result record.
 */
export function methodTable(counts: Counts, metric: Metric, options: TableOptions = {}): MethodTable {
  const byMethod = Map.groupBy(counts.runs, ({ method }) => method);
  const label = (method: string): string => markedLabel(method, byMethod.get(method) ?? []);
  const references = (options.references ?? ["base", "grpo"]).filter((method) => byMethod.has(method));
  const ks = new Set(counts.suites.map(({ samples }) => samples));
  const sides = new Map(
    Array.from(byMethod, ([method, runs]) => {
      return [method, { scores: scoresOf(counts, runs, metric), trained: isTrained(runs) }] as const;
    }),
  );
  // No noise floor: it is that of avg@k, whatever the metric.
  const difference = (method: string, other: string): Difference[] => {
    const a = sides.get(method), b = sides.get(other);
    if (!a || !b || method === other) return [];
    const evidence = pairedEvidence(a, b, options);
    return [{ to: label(other), evidence, verdict: verdictOf(evidence, options.confidence) }];
  };
  const rows = Array.from(byMethod, ([method, runs]): MethodRow => {
    const strata = sides.get(method)?.scores ?? [];
    return {
      method,
      label: label(method),
      seeds: runs.filter(({ seed }) => seed !== null).length,
      suites: strata.map((scores) => estimateShare([scores], options)),
      average: estimateShare(strata, options),
      differences: references.flatMap((other) => difference(method, other)),
      completions: completionsOf(counts, runs),
    };
  });
  return {
    metric: ks.size === 1 ? `${metric}@${[...ks][0]}` : `${metric}@k`,
    suites: counts.suites.map(({ name, samples }) => ks.size === 1 ? name : `${name} (k = ${samples})`),
    problems: counts.suites.map(({ problems }) => problems.length),
    references: references.map(label),
    rows,
  };
}
