/**
 * What a run of training is told: its settings, its task, and what stands beside the policy.
 *
 * @module
 */

import type { PolicyChoice } from "../../artifact/mod.ts";
import type { Collective } from "../../collective/mod.ts";
import { type LossSettings, type Method, phaseAt, type RunPhase, runPhases } from "../methods/mod.ts";
import type { DeviceTensors } from "../../runtime/mod.ts";
import type { Rollout } from "../sequence.ts";
import type { Batch } from "./batch.ts";
import type { Learner } from "./learner.ts";
import type { LearningRateSchedule } from "../schedule.ts";

/** How a run trains. */
export interface TrainerSettings {
  /** The method. */
  readonly method: Method;
  /** The loss that the learner's training graphs compute: the method's, or else the profile's. */
  readonly loss: LossSettings;
  /** The run's seed: prompts and noise follow from it. */
  readonly seed: number;
  /** Training steps; each samples one batch. */
  readonly steps: number;
  /** Prompts a step. */
  readonly promptsPerStep: number;
  /** Responses a prompt. */
  readonly groupSize: number;
  /** Optimizer steps on each batch, each on its share of the prompts. */
  readonly updatesPerStep: number;
  /**
   * S: how many parts of each update's prompts are sampled, scored and accumulated each by itself, and added as a binary
   * tree; a power of two. Default 1.
   */
  readonly gradientShards?: number | undefined;
  /** The number of the model's layers. */
  readonly layers: number;
  /** The layer k of the internal policy, from 1. */
  readonly internalLayer: number;
  /** s_inter: what the lengths of the method's phases are multiples of. */
  readonly internalSteps: number;
  /** The learning rate over optimizer steps. */
  readonly schedule: LearningRateSchedule;
  /** The most padded positions of a micro-batch. */
  readonly microBatchTokens: number;
  /** The most response tokens: what the reduction `constant` divides by. */
  readonly maxResponseTokens: number;
  /** The largest |Δ log-prob| between sampler and trainer that is no error, in nats. */
  readonly logprobTolerance: number;
  /**
   * Whether what a stage does not use is freed: KV caches before training, gradients before the next rollouts. It changes
   * no result and takes the time to make them again. Default false.
   */
  readonly stagedMemory?: boolean | undefined;
}

/** What a run trains on. */
export interface TrainingTask {
  /** The prompts' tokens, by problem. */
  readonly prompts: readonly (readonly number[])[];
  /** The reward of a response to a problem: the verifier's. */
  reward(problem: number, rollout: Rollout): number;
  /** Rewards of one's own in place of it; each response's depends on nothing but that response. */
  readonly rewards?:
    | ((step: number, responses: readonly SampledResponse[]) => Promise<OwnRewards>)
    | undefined;
  /** The advantages of an estimator of one's own, by group. */
  readonly advantages?:
    | ((step: number, groups: readonly OutcomeGroup[]) => Promise<readonly (readonly number[])[]>)
    | undefined;
}

/** A response, and what it is to. */
export interface SampledResponse {
  /** The problem's number. */
  readonly problem: number;
  /** The response. */
  readonly rollout: Rollout;
}

/** What responses earn by rewards of one's own, a number a response in each list. */
export interface OwnRewards {
  /** What is trained on: the weighted sum. */
  readonly totals: readonly number[];
  /** The verifier's: 1 for a right answer, else 0. */
  readonly correct: readonly number[];
  /** Each reward before its weight. */
  readonly parts: Readonly<Record<string, readonly number[]>>;
}

/** The responses to a prompt, and what each earned as the method has it. */
export interface OutcomeGroup {
  /** What each earned. */
  readonly rewards: readonly number[];
  /** The responses. */
  readonly rollouts: readonly Rollout[];
}

/** What stands beside the policy. */
export interface Beside {
  /** The critic, where the method has one. */
  readonly critic?: Learner | undefined;
  /** The frozen base model's parameters on the device, where the method pays for the divergence from it. */
  readonly reference?: DeviceTensors | undefined;
  /** The processes that share the shards; default this one alone. Their number changes no byte. */
  readonly collective?: Collective | undefined;
  /** How many prompts earlier steps have drawn; default as many as have no draws but their own. */
  readonly drawn?: number | undefined;
  /** Shown the batch of a step when the step is done. */
  readonly onBatch?: ((batch: Readonly<Batch>) => void) | undefined;
}

/** The phase that a step belongs to. */
export function stepPhase({ method, ...context }: TrainerSettings, step: number): RunPhase {
  return phaseAt(runPhases(method.phases, context), step);
}

/** The policy that a step trains. */
export function stepPolicy(settings: TrainerSettings, step: number): PolicyChoice {
  return stepPhase(settings, step).policy;
}
