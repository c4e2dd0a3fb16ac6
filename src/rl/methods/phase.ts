/**
 * Phases of training: which policy is trained, which parameters move how fast, and for how long. BuPO and the controls that
 * ask which of these matters are lists of phases.
 *
 * @module
 */

import type { PolicyChoice } from "../../artifact/mod.ts";
import type { GridAxis } from "../../method_grid.ts";
import { randomKey, uniformAt } from "../../random.ts";
import type { Moves } from "./parts.ts";

/** What a phase trains, with k the profile's internal layer and L the number of layers. */
export type PhasePolicy =
  /** The full policy. */
  | "full"
  /** Layer k's policy. */
  | "internal"
  /** Layer k's policy with the final norm. */
  | "internal-normed"
  /** The policy of the layer halfway from k to L. */
  | "halfway"
  /** The policy of a layer below L that the run's seed draws. */
  | "random";

/** A stretch of training. */
export interface Phase {
  /** The policy whose log-probabilities enter the loss. */
  readonly policy: PhasePolicy;
  /** How long: a multiple of s_inter, the profile's internal steps, or all that is left. */
  readonly lasts: number | "rest";
  /**
   * What the learning rate of parts is multiplied by, decay included; 0: the part keeps value, moments and counters, and is
   * not in the gradient's norm. Default 1 for all that the policy reads.
   */
  readonly moves?: Moves | undefined;
  /** AdamW's moments and counters when the phase begins: kept (default), or as at the start of training. */
  readonly moments?: "kept" | "reset" | undefined;
}

/** What phases of a run depend on. */
export interface PhaseContext {
  /** k, from 1. */
  readonly internalLayer: number;
  /** s_inter. */
  readonly internalSteps: number;
  /** L. */
  readonly layers: number;
  /** The run's seed. */
  readonly seed: number;
}

/** A phase of a run. */
export interface RunPhase {
  /** Its place in the method's list. */
  readonly index: number;
  /** The policy. */
  readonly policy: PolicyChoice;
  /** The step after which it begins. */
  readonly after: number;
  /** What the learning rate of parts is multiplied by; empty: nothing. */
  readonly moves: Moves;
  /** Whether moments and counters are reset when it begins. */
  readonly resets: boolean;
}

/** The policy of a phase in a run. */
const policies: Readonly<Record<PhasePolicy, (context: PhaseContext) => PolicyChoice>> = {
  "full": () => "full",
  "internal": ({ internalLayer }) => internalLayer,
  "internal-normed": ({ internalLayer }) => `${internalLayer}-normed`,
  "halfway": ({ internalLayer, layers }) => internalLayer + Math.round((layers - internalLayer) / 2),
  "random": ({ layers, seed }) =>
    1 + Math.floor(uniformAt(randomKey("internal-layer", seed), 0) * Math.max(1, layers - 1)),
};

/** The policies that a phase can train. */
export const phasePolicies: readonly PhasePolicy[] = Object.keys(policies) as PhasePolicy[];

/**
 * The phases of a run, without those that have no step.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { runPhases } from "./phase.ts";
 *
 * const phases = runPhases(
 *   [{ policy: "internal", lasts: 0.5 }, { policy: "halfway", lasts: 0.5 }, { policy: "full", lasts: "rest" }],
 *   { internalLayer: 2, internalSteps: 4, layers: 6, seed: 1 },
 * );
 * assertEquals(phases.map(({ policy, after }) => [policy, after]), [[2, 0], [4, 2], ["full", 4]]);
 * ```
 */
export function runPhases(phases: readonly Phase[], context: PhaseContext): RunPhase[] {
  let share = 0;
  const starts = phases.map(({ lasts }) => {
    const after = Math.round(share * context.internalSteps);
    share += lasts === "rest" ? Infinity : lasts;
    return after;
  });
  return phases.flatMap(({ policy, moves = {}, moments = "kept" }, index) => {
    const after = starts[index] ?? 0;
    if (after === starts[index + 1]) return [];
    return [{ index, policy: policies[policy](context), after, moves, resets: moments === "reset" }];
  });
}

/** Settings of a run that a method may depend on or not. */
const dependencies: Readonly<Record<GridAxis, (phase: Phase) => boolean>> = {
  internalLayer: ({ policy, moves = {} }) =>
    policy === "internal" || policy === "internal-normed" || policy === "halfway" ||
    moves.lower !== undefined || moves.upper !== undefined,
  internalSteps: ({ lasts }) => lasts !== "rest",
  learningRate: () => true,
  steps: () => true,
};

/** Does another value of a setting make other phases? */
export function dependsOn(phases: readonly Phase[], setting: GridAxis): boolean {
  return phases.some(dependencies[setting]);
}

/** How many of a run's steps train each policy. */
export function policySteps(phases: readonly RunPhase[], steps: number): Map<PolicyChoice, number> {
  const counts = new Map<PolicyChoice, number>();
  for (const [i, { policy, after }] of phases.entries()) {
    const until = Math.min(steps, phases[i + 1]?.after ?? steps), count = Math.max(0, until - after);
    if (count > 0) counts.set(policy, (counts.get(policy) ?? 0) + count);
  }
  return counts;
}

/** The phase of a step, counted from 1. */
export function phaseAt(phases: readonly RunPhase[], step: number): RunPhase {
  const phase = phases.findLast(({ after }) => after < step);
  if (!phase) throw new RangeError(`internal: step ${step} is in no phase`);
  return phase;
}
