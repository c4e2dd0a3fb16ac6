/**
 * Signs that a run goes wrong while it runs: an exploding gradient norm, an entropy or a length that collapses. Each is a
 * rule over the steps so far; the thresholds stand in one table and are explained in docs/training.md.
 *
 * @module
 */

import type { StepMetrics } from "../../../rl/mod.ts";

/** What of a step the rules read. */
export type WatchedStep = Pick<StepMetrics, "policy" | "gradientNorm" | "entropy" | "responseLength">;

/** The signs. */
export type AlarmName = "gradientNorm" | "entropyCollapse" | "entropyExplosion" | "lengthCollapse";

/** Steps at the start of a run that its entropy and length are compared with. */
export const FIRST_STEPS = 3;

/** Steps before a step that its gradient norm is compared with: this many of the same policy at most, and at least. */
export const NORM_STEPS = { most: 20, least: 5 } as const;

/** A sign: when it holds, and what is said. */
export interface AlarmRule {
  /** What the step at an index is compared with; nothing where there is not enough to compare. */
  readonly usual: (steps: readonly WatchedStep[], at: number) => number | undefined;
  /** What is compared. */
  readonly of: "gradientNorm" | "entropy" | "responseLength";
  /** The sign holds beyond this multiple of the usual number: below it where it is less than 1. */
  readonly factor: number;
  /** And only if the number has moved by this much. */
  readonly change: number;
  /** What it is, and what to do. */
  readonly says: string;
}

/** The middle number of a list. */
function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b), middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** The middle of a run's first steps, for the steps after them. */
function atStart(of: "entropy" | "responseLength"): AlarmRule["usual"] {
  return (steps, at) =>
    at < FIRST_STEPS ? undefined : median(steps.slice(0, FIRST_STEPS).map((step) => step[of]));
}

/** The middle of the gradient norms of the last steps before one that trained the same policy and updated something. */
function normBefore(steps: readonly WatchedStep[], at: number): number | undefined {
  const norms: number[] = [];
  for (let i = at - 1; i >= 0 && norms.length < NORM_STEPS.most; i--) {
    const { policy, gradientNorm = 0 } = steps[i] ?? {};
    if (policy === steps[at]?.policy && gradientNorm > 0) norms.push(gradientNorm);
  }
  return norms.length < NORM_STEPS.least ? undefined : median(norms);
}

/** The rules. */
export const alarmRules: Readonly<Record<AlarmName, AlarmRule>> = {
  gradientNorm: {
    usual: normBefore,
    of: "gradientNorm",
    factor: 10,
    change: 0,
    says: "the gradient norm explodes: lower the learning rate, or look at the step's completions",
  },
  entropyCollapse: {
    usual: atStart("entropy"),
    of: "entropy",
    factor: 0.1,
    change: 0,
    says: "the entropy collapses, and with it what responses can differ in: lower the learning rate",
  },
  entropyExplosion: {
    usual: atStart("entropy"),
    of: "entropy",
    factor: 3,
    change: 0.5,
    says: "the entropy explodes; responses may turn to noise: lower the learning rate, or read them",
  },
  lengthCollapse: {
    usual: atStart("responseLength"),
    of: "responseLength",
    factor: 0.25,
    change: 0,
    says: "responses become short: look at what is rewarded",
  },
};

const names = Object.keys(alarmRules) as AlarmName[];

/** The usual number where a sign holds at the step at an index; `undefined` where it does not. */
function holds(name: AlarmName, steps: readonly WatchedStep[], at: number): number | undefined {
  const { usual, of, factor, change } = alarmRules[name], before = usual(steps, at), now = steps[at]?.[of];
  if (before === undefined || now === undefined || Math.abs(now - before) < change) return undefined;
  return (factor > 1 ? now > factor * before : now < factor * before) ? before : undefined;
}

/** In how many steps at the end a sign holds. */
function heldFor(name: AlarmName, steps: readonly WatchedStep[]): number {
  let count = 0;
  while (count < steps.length && holds(name, steps, steps.length - 1 - count) !== undefined) count++;
  return count;
}

/** A number in three digits. */
const short = (value: number): string => String(Number(value.toPrecision(3)));

/**
 * What is told after a step, a line a sign: when it begins to hold, and each time that the steps in a row have doubled.
 *
 * @param steps All steps so far.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { alarmNotices } from "./alarms.ts";
 *
 * const step = { policy: "full", gradientNorm: 1, entropy: 0.5, responseLength: 100 } as const;
 * assertEquals(alarmNotices([step, step, step, step]), []);
 * assertEquals(alarmNotices([step, step, step, { ...step, entropy: 0.01 }]), [
 *   "step 4: entropy 0.01, before 0.5: the entropy collapses, and with it what responses can differ in: lower the learning rate",
 * ]);
 * ```
 */
export function alarmNotices(steps: readonly WatchedStep[]): string[] {
  return names.flatMap((name) => {
    const before = holds(name, steps, steps.length - 1);
    if (before === undefined) return [];
    const count = heldFor(name, steps), { of, says } = alarmRules[name];
    if (!Number.isInteger(Math.log2(count))) return [];
    const since = count === 1 ? "" : `, for ${count} steps`;
    return [
      `step ${steps.length}: ${of} ${short(steps.at(-1)?.[of] ?? NaN)}, before ${
        short(before)
      }${since}: ${says}`,
    ];
  });
}

/** In how many steps of a run each sign held, for the record; `undefined` where none did. */
export function alarmedSteps(steps: readonly WatchedStep[]): Partial<Record<AlarmName, number>> | undefined {
  const counts = names.flatMap((name): [AlarmName, number][] => {
    const count = steps.filter((_, i) => holds(name, steps, i) !== undefined).length;
    return count > 0 ? [[name, count]] : [];
  });
  return counts.length > 0 ? Object.fromEntries(counts) : undefined;
}
