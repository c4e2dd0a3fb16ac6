/**
 * The metrics of training that are shown as curves, and what they are called.
 *
 * @module
 */

/** A metric that is shown. */
export interface ShownMetric {
  /** Its name in a log; a point leads into another value. */
  readonly key: string;
  /** Its title in a figure. */
  readonly title: string;
  /** Its unit in a figure. */
  readonly unit: string;
  /** Its name in a terminal; absent: it is not shown there. */
  readonly short?: string;
  /** Whether 0 is seen whatever the values, and nothing below it. */
  readonly fromZero?: boolean;
}

/** The metrics, in the order in which they are shown. */
export const shownMetrics: readonly ShownMetric[] = [
  { key: "rewardMean", title: "Reward", unit: "reward", short: "reward", fromZero: true },
  {
    key: "evaluation.accuracy",
    title: "Accuracy on training problems",
    unit: "share",
    short: "accuracy",
    fromZero: true,
  },
  { key: "entropy", title: "Entropy of the policy", unit: "nats", short: "entropy", fromZero: true },
  { key: "responseLength", title: "Response length", unit: "tokens", short: "length", fromZero: true },
  {
    key: "clipFraction",
    title: "Tokens at which the clip acts",
    unit: "share",
    short: "clip",
    fromZero: true,
  },
  { key: "approxKl", title: "Old − new log-prob before an update", unit: "nats", short: "KL" },
  {
    key: "gradientNorm",
    title: "Gradient norm before clipping",
    unit: "norm",
    short: "gradient",
    fromZero: true,
  },
  { key: "layerEntropy", title: "Entropy of layer k’s policy", unit: "nats", fromZero: true },
  { key: "kl", title: "Divergence from the base model", unit: "nats" },
  { key: "truncated", title: "Responses that were cut", unit: "share", fromZero: true },
  { key: "zeroVarianceGroups", title: "Groups of equal rewards", unit: "share", fromZero: true },
  { key: "ratio.most", title: "Largest probability ratio", unit: "ratio" },
  { key: "updateNorm", title: "Norm of the parameters’ change", unit: "norm", fromZero: true },
];

/** A line of a log: what training reports of a step. */
export type LoggedStep = Readonly<Record<string, unknown>>;

/**
 * All numbers of a step by name; those within others have a point in theirs. Lists are left out.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { numbersOf } from "./shown.ts";
 *
 * const step = { step: 2, policy: "full", rewardMean: 0.5, ratio: { most: 1.5 }, updateLosses: [0.1] };
 * assertEquals(numbersOf(step), { rewardMean: 0.5, "ratio.most": 1.5 });
 * ```
 */
export function numbersOf(step: LoggedStep): Record<string, number> {
  const numbers: Record<string, number> = {};
  const walk = (value: unknown, name: string): void => {
    if (typeof value === "number" && Number.isFinite(value)) numbers[name] = value;
    else if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      for (const [key, part] of Object.entries(value)) walk(part, name === "" ? key : `${name}.${key}`);
    }
  };
  for (const [key, value] of Object.entries(step)) if (key !== "step" && key !== "policy") walk(value, key);
  return numbers;
}

/** A training run and what its log has. */
export interface LoggedRun {
  /** The method's name in records. */
  readonly method: string;
  /** The seed. */
  readonly seed: number;
  /** Its steps in order. */
  readonly steps: readonly LoggedStep[];
}

/** The number of a step; NaN where it says none. */
export function stepNumber({ step }: LoggedStep): number {
  return typeof step === "number" ? step : NaN;
}

/** Is a line of a log one of a step? */
export function isStep(value: unknown): value is LoggedStep {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Number.isSafeInteger((value as LoggedStep).step);
}

/**
 * The steps of a log. A last line without an end is one that is being written: it is left out.
 *
 * @throws {SyntaxError} If a line is no step.
 */
export function readRunLog(text: string, path: string): LoggedStep[] {
  return text.split("\n").slice(0, -1).map((line, i) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      value = undefined;
    }
    if (isStep(value)) return value;
    throw new SyntaxError(
      `Cannot read ${path}: line ${i + 1} is no training step; expected what train writes`,
    );
  });
}
