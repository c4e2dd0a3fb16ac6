/**
 * The data of the leaderboard's figures: pass@k curves and training curves.
 *
 * @module
 */

import { passAtK } from "../../stats/mod.ts";
import { methodsOf } from "../compare/mod.ts";
import type { ComparedRecord, ComparisonSettings } from "../compare/mod.ts";
import { estimateShare, labelOf, markedLabel } from "../table/mod.ts";

/** A point of a curve with its band. */
export interface CurvePoint {
  /** Where: k, or the step. */
  readonly x: number;
  /** The value. */
  readonly value: number;
  /** Lower edge of the band. */
  readonly low: number;
  /** Upper edge of the band. */
  readonly high: number;
}

/** A curve of a result. */
export interface Curve {
  /** Name of the result. */
  readonly result: string;
  /** What it shows: a suite, or a metric of training. */
  readonly of: string;
  /** The method. */
  readonly method: string;
  /** The method as people write it. */
  readonly label: string;
  /** The points. */
  readonly points: readonly CurvePoint[];
}

/** Six significant digits: enough that rounding them once more shows the same figures as rounding the number. */
export function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

/** 1, 2, 4, … and the number of samples itself. */
function budgets(samples: number): number[] {
  const powers = Array.from({ length: Math.floor(Math.log2(samples)) + 1 }, (_, i) => 2 ** i);
  return powers.at(-1) === samples ? powers : [...powers, samples];
}

/** pass@k of every method on every suite, with bootstrap intervals over problems and seeds. */
export function passCurves(
  name: string,
  record: ComparedRecord,
  { confidence, resamples }: Pick<ComparisonSettings, "confidence" | "resamples">,
): Curve[] {
  return record.suites.flatMap(({ name: suite, samples }) =>
    methodsOf({ name, record }).map(({ name: method, runs }): Curve => ({
      result: name,
      of: suite,
      method,
      label: markedLabel(method, runs),
      points: budgets(samples).map((k) => {
        const scores = runs.map(({ suites }) =>
          (suites[suite]?.correct ?? []).map((correct) => passAtK(samples, correct, k))
        );
        const { value, low, high } = estimateShare([scores], { confidence, resamples });
        return { x: k, value: rounded(value), low: rounded(low), high: rounded(high) };
      }),
    }))
  );
}

/** What training reports of a step: numbers by name. */
export type StepMetrics = Readonly<Record<string, unknown>>;

/** The metrics of one training run. */
export interface TrainingLog {
  /** The method. */
  readonly method: string;
  /** The training seed. */
  readonly seed: number;
  /** Its steps in order. */
  readonly steps: readonly StepMetrics[];
}

/** The metrics that are drawn. */
export const trainingMetrics = [
  "rewardMean",
  "entropy",
  "responseLength",
  "gradientNorm",
  "layerEntropy",
] as const;

/** The most points of a curve. */
const MOST_POINTS = 160;

/** A number of a step by its name; names with a point lie within another: `evaluation.accuracy`. */
function numberOf(step: StepMetrics, name: string): number | undefined {
  const value = name.split(".").reduce<unknown>((part, key) => Object(part)[key], step);
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/**
 * Each method's mean over the seeds of every drawn metric; the band reaches from the lowest to the highest seed.
 *
 * @param wanted The metrics that are drawn.
 */
export function trainingCurves(
  result: string,
  logs: readonly TrainingLog[],
  wanted: readonly string[] = trainingMetrics,
): Curve[] {
  const curves = Array.from(
    Map.groupBy(logs, ({ method }) => method),
    ([method, runs]) =>
      wanted.map((metric): Curve => {
        const steps = new Map<number, number[]>();
        for (const values of runs.flatMap(({ steps }) => steps)) {
          const step = values.step, value = numberOf(values, metric);
          if (typeof step !== "number" || value === undefined) continue;
          steps.set(step, [...steps.get(step) ?? [], value]);
        }
        const stride = Math.ceil(steps.size / MOST_POINTS);
        const kept = [...steps].sort(([a], [b]) => a - b).filter((_, i, all) =>
          i % stride === 0 || i === all.length - 1
        );
        const points = kept.map(([x, values]) => ({
          x,
          value: rounded(values.reduce((sum, value) => sum + value, 0) / values.length),
          low: rounded(Math.min(...values)),
          high: rounded(Math.max(...values)),
        }));
        return { result, of: metric, method, label: labelOf(method), points };
      }),
  );
  return curves.flat().filter(({ points }) => points.length > 1);
}

/** What training a method took, as its logs say. */
export interface TrainingCost {
  /** The method. */
  readonly method: string;
  /** Number of training runs that logged. */
  readonly runs: number;
  /** Steps of all of them. */
  readonly steps: number;
  /** Tokens that they generated; null where a step does not say. */
  readonly tokens: number | null;
}

/** What training each method took. Time is not logged: it would make two runs of the same thing differ. */
export function trainingCosts(logs: readonly TrainingLog[]): TrainingCost[] {
  return Array.from(Map.groupBy(logs, ({ method }) => method), ([method, runs]): TrainingCost => {
    const steps = runs.flatMap(({ steps }) => steps), counts = steps.map(({ tokens }) => tokens);
    const known = counts.filter((count) => typeof count === "number" && Number.isFinite(count));
    return {
      method,
      runs: runs.length,
      steps: steps.length,
      tokens: steps.length > 0 && known.length === steps.length
        ? known.reduce<number>((sum, count) => sum + Number(count), 0)
        : null,
    };
  });
}

/** The last step that trained an internal policy, where it is the same for all methods that do; else null. */
export function lastInternalStep(logs: readonly TrainingLog[]): number | null {
  const lasts = logs.map(({ steps }) =>
    Math.max(
      0,
      ...steps.flatMap(({ step, policy }) =>
        typeof policy === "number" && typeof step === "number" ? [step] : []
      ),
    )
  );
  const [last, ...others] = new Set(lasts.filter((step) => step > 0));
  return last === undefined || others.length > 0 ? null : last;
}
