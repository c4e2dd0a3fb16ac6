/**
 * Parts of a profile: where the model lies, how it is trained and evaluated, how responses are sampled.
 *
 * @module
 */

import { z } from "zod";
import type { RegisteredPlan } from "../../stats/mod.ts";
import { count, real, suites } from "./distinct.ts";
import {
  type InternalLayerChoice,
  layerChoiceSchema,
  type ProbeProfile,
  probeSchema,
} from "./internal_policies.ts";
import { type RunKeeping, runKeepingFields } from "./run_keeping.ts";
import type { ServerProfile } from "./server.ts";

/** A model on the Hub. */
export interface HubModel {
  /** The repository, such as `Qwen/Qwen3-4B`. */
  readonly repository: string;
  /** A commit, or a branch or tag that is resolved to one. */
  readonly revision: string;
}

/** How the policies of a profile are evaluated. */
export interface EvaluationProfile {
  /** The suites whose held-out split is used: generated ones, or definitions of benchmarks/suites. */
  readonly suites: readonly string[];
  /** Held-out problems of each suite; absent: all of them, for suites that are not generated. */
  readonly problems?: number | undefined;
  /** Seed of the problems: which are generated, or chosen. */
  readonly suiteSeed: number;
  /** k: responses a problem; absent: what the suite's definition says. */
  readonly samples?: number | undefined;
  /** Seed of the sampling noise. */
  readonly seed: number;
  /** Only the first problems of each suite: a partial run, which is never a result. */
  readonly limit?: number | undefined;
  /** Which checkpoint is evaluated: the last, or the best by `training.keep.best`; none is chosen on held-out problems. */
  readonly checkpoint: "last" | "best";
  /** An inference server that samples the responses; absent: our own engine does. */
  readonly server?: ServerProfile | undefined;
}

/** How responses are sampled. */
export interface RolloutProfile {
  /** The element type of KV caches. Default what layers compute in. */
  readonly kvCache?: "float32" | "float16" | undefined;
}

/** How the methods of a profile train. */
export interface TrainingProfile extends RunKeeping {
  /** The suites whose training split is used: generated ones, or definitions of benchmarks/suites. */
  readonly suites: readonly string[];
  /** Training problems of each suite; absent: all of them, for suites that are not generated. */
  readonly problems?: number | undefined;
  /** Seed of the problems: which are generated, or chosen. */
  readonly suiteSeed: number;
  /** Training steps. */
  readonly steps: number;
  /** Prompts a step. */
  readonly promptsPerStep: number;
  /** Responses a prompt. */
  readonly groupSize: number;
  /** Optimizer steps on each batch. */
  readonly updatesPerStep: number;
  /**
   * S: how many parts of each update's prompts are sampled, scored and accumulated each by itself, and added as a binary
   * tree; a power of two. Default 1. As many processes as divide it may compute them.
   */
  readonly gradientShards?: number | undefined;
  /** Padded positions of a micro-batch at most. */
  readonly microBatchTokens: number;
  /** Gradient checkpointing: the values within a layer are computed again in the backward pass. Default false. */
  readonly checkpointing?: boolean | undefined;
  /**
   * On a device: float32 parameters and AdamW's moments lie in the host's memory, where the optimizer runs; the device keeps
   * what its graphs compute with, and the gradient. Default false; on the CPU it changes nothing.
   */
  readonly offload?: boolean | undefined;
  /** Frees what a stage does not use: KV caches before training, gradients before rollouts. Default false. */
  readonly stagedMemory?: boolean | undefined;
  /** Steps between saved states. */
  readonly checkpointEvery: number;
  /** The learning rate after warm-up. */
  readonly learningRate: number;
  /** Optimizer steps of linear warm-up. */
  readonly warmupSteps: number;
  /**
   * k: the layer whose policy bottom-up methods train first, from 1; `auto`: the one that an inspection of the base model offers,
   * which is put here before anything runs.
   */
  readonly internalLayer: number | "auto";
  /** Why an inspection offered that layer; absent where the profile named it. */
  readonly internalLayerChoice?: InternalLayerChoice | undefined;
  /** s_inter: how many steps BuPO trains it. */
  readonly internalSteps: number;
  /** What is measured of internal policies meanwhile; absent: nothing. It changes no byte of what is trained. */
  readonly probe?: ProbeProfile | undefined;
}

/** The schema of {@linkcode TrainingProfile}. */
export const trainingSchema: z.ZodType<TrainingProfile> = z.strictObject({
  suites,
  problems: count.optional().describe("Training problems of each suite; absent: all"),
  suiteSeed: z.int().nonnegative().describe("Seed of the problems: which are generated, or chosen"),
  steps: count.describe("Training steps: rollouts, advantages, updates"),
  promptsPerStep: count.describe("Problems a step"),
  groupSize: count.describe("G: responses a problem, whose rewards most methods compare"),
  updatesPerStep: count.describe("Optimizer steps on each batch, each on its share of the prompts"),
  gradientShards: count.optional().describe(
    "S, a power of two: parts of each update's prompts that are sampled, scored and accumulated by themselves; as many processes as divide it may share them, which changes no result; absent: 1",
  ),
  microBatchTokens: count.describe("Padded positions of a micro-batch at most"),
  checkpointing: z.boolean().optional().describe(
    "Gradient checkpointing: less memory, a third more training time; absent: false",
  ),
  offload: z.boolean().optional().describe(
    "On a device: float32 parameters and AdamW's moments lie on the host, where the optimizer runs; absent: false",
  ),
  stagedMemory: z.boolean().optional().describe(
    "KV caches are freed before training and gradients before rollouts; changes no result; absent: false",
  ),
  checkpointEvery: count.describe("Steps between saved states that a killed run continues from"),
  learningRate: real.describe("After warm-up; constant"),
  warmupSteps: z.int().nonnegative().describe("Optimizer steps of linear warm-up"),
  internalLayer: z.union([count, z.literal("auto")]).describe(
    "k: the layer whose policy BuPO trains first, from 1; auto: the one that an inspection of the base model offers",
  ),
  internalLayerChoice: layerChoiceSchema.optional().describe(
    "How an inspection came to the layer; written by a run, not by hand",
  ),
  internalSteps: z.int().nonnegative().describe("s_inter: how many steps BuPO trains it"),
  probe: probeSchema.optional().describe(
    "Internal policies on a batch that stays the same, measured during training; absent: none",
  ),
  ...runKeepingFields,
}).check(({ value: training, issues }) => {
  const { promptsPerStep, updatesPerStep, steps, internalSteps, warmupSteps } = training;
  const refuse = (field: keyof TrainingProfile, message: string): void => {
    const input = training[field];
    issues.push({ code: "custom", input, path: [field], message: `${message}, found ${input}` });
  };
  if (promptsPerStep % updatesPerStep !== 0) {
    refuse(
      "promptsPerStep",
      `expected a multiple of updatesPerStep, ${updatesPerStep}, so that each update has as many prompts`,
    );
  }
  const { gradientShards = 1 } = training, perUpdate = promptsPerStep / updatesPerStep;
  if (!Number.isInteger(Math.log2(gradientShards)) || perUpdate % gradientShards !== 0) {
    refuse(
      "gradientShards",
      `expected a power of two that divides promptsPerStep / updatesPerStep, ${perUpdate}`,
    );
  }
  if (internalSteps > steps) refuse("internalSteps", `expected at most steps, ${steps}`);
  const updates = steps * updatesPerStep;
  if (warmupSteps >= updates) {
    refuse("warmupSteps", `expected fewer than all updates, steps · updatesPerStep = ${updates}`);
  }
}).describe("How the methods train");

const method = z.string().min(1);

/** The schema of a plan. */
export const registeredPlanSchema: z.ZodType<RegisteredPlan> = z.strictObject({
  suites: z.array(z.string().min(1)).min(1).describe(
    "The primary suites, over whose mean pairs are compared",
  ),
  metric: z.enum(["avg", "pass"]).describe("avg@k or pass@k"),
  samples: count.describe("k: responses a problem"),
  pairs: z.array(
    z.strictObject({
      method: method.describe("The method that is judged"),
      against: method.describe("The method that it is compared with; base: the untrained model"),
      planted: z.enum(["better", "worse", "tied"]).optional().describe(
        "What a control must come out as; absent: that is the question",
      ),
    }).refine(({ method, against }) => method !== against, "expected two methods"),
  ).min(1).describe("The comparisons; any other is a look at what came out"),
  seeds: count.describe("Training seeds of each method"),
  smallestEffect: z.number().positive().lt(100).describe(
    "The smallest difference that would matter, in points: within it methods count as tied",
  ),
});
