/**
 * The parts of a profile about what a training run keeps and measures of itself: states, an evaluation on problems that
 * are trained on, completions. Nothing here reads a held-out problem.
 *
 * @module
 */

import { z } from "zod";
import { count, real } from "./distinct.ts";

/** Which state of a run is its best: by what, and among which steps. Of equals the earliest is. */
export interface BestRule {
  /** `reward`: the mean reward of training; `accuracy`: that of `training.evaluate`. */
  readonly by: "reward" | "accuracy";
  /** With `reward`: over how many steps, up to the state's own. */
  readonly window?: number | undefined;
  /** With `reward`: steps between the states that are compared. */
  readonly everySteps?: number | undefined;
}

/** Which states of a run are kept. */
export interface KeepProfile {
  /** How many of the last; default 2. */
  readonly last?: number | undefined;
  /** The best one; absent: none but the last. */
  readonly best?: BestRule | undefined;
}

/** An evaluation during training, on problems that are trained on. */
export interface TrainingEvaluationProfile {
  /** Steps between evaluations. */
  readonly everySteps: number;
  /** Training problems, evenly from all of them: always the same. */
  readonly problems: number;
  /** Responses a problem. */
  readonly samples: number;
  /** Of sampling; default the profile's. */
  readonly temperature?: number | undefined;
  /** The most response tokens; default the profile's. */
  readonly maxResponseTokens?: number | undefined;
  /** Seed of the sampling noise, which is the same at every step and in every run. */
  readonly seed: number;
}

/** Completions that are kept for reading. */
export interface KeptCompletionsProfile {
  /** Steps between those whose completions are kept. */
  readonly everySteps: number;
  /** Of how many of the step's prompts, with all responses to each. */
  readonly prompts: number;
}

/** What a training run keeps and measures of itself. */
export interface RunKeeping {
  /** Which states are kept. */
  readonly keep?: KeepProfile | undefined;
  /** An evaluation during training; absent: none. */
  readonly evaluate?: TrainingEvaluationProfile | undefined;
  /** Completions that are kept for reading; absent: none. */
  readonly keepCompletions?: KeptCompletionsProfile | undefined;
}

/** How many of a run's last states are kept, where the profile does not say. */
export const STATES_KEPT = 2;

/** The fields of {@linkcode RunKeeping}. */
export const runKeepingFields = {
  keep: z.strictObject({
    last: count.optional().describe(`How many of the last states; absent: ${STATES_KEPT}`),
    best: z.strictObject({
      by: z.enum(["reward", "accuracy"]).describe(
        "reward: mean training reward; accuracy: that of training.evaluate. Never a held-out score",
      ),
      window: count.optional().describe("With reward: steps that the mean is over, up to the state's own"),
      everySteps: count.optional().describe("With reward: steps between the states that are compared"),
    }).optional().describe(
      "The state with the largest number so far, the earliest of equals; absent: none but the last",
    ),
  }).optional().describe("Which states of a run are kept, besides those that a run ended with"),
  evaluate: z.strictObject({
    everySteps: count.describe("Steps between evaluations"),
    problems: count.describe("Training problems, evenly from all of them: always the same"),
    samples: count.describe("Responses a problem"),
    temperature: real.optional().describe("Of sampling; absent: the profile's"),
    maxResponseTokens: count.optional().describe("At most the profile's; absent: the profile's"),
    seed: z.int().nonnegative().describe("Seed of the sampling noise, the same at every step"),
  }).optional().describe(
    "Accuracy on a part of the training problems, measured during training; it changes no byte of what is trained; absent: none",
  ),
  keepCompletions: z.strictObject({
    everySteps: count.describe("Steps between those whose completions are kept"),
    prompts: count.describe("Prompts of such a step, with all responses to each"),
  }).optional().describe("Completions of training that are kept for reading; absent: none"),
};

/** What these parts depend on. */
export interface KeepingContext {
  /** The most response tokens. */
  readonly maxResponseTokens: number;
  /** How the methods train. */
  readonly training: RunKeeping & { readonly steps: number; readonly promptsPerStep: number };
  /** How policies are evaluated. */
  readonly evaluation: { readonly checkpoint: "last" | "best" };
}

/** A fault of a profile. */
export interface KeepingFault {
  /** Where. */
  readonly path: readonly string[];
  /** What. */
  readonly message: string;
}

/** What is wrong with a rule for the best state. */
function bestFaults(
  { by, window, everySteps }: BestRule,
  evaluate: TrainingEvaluationProfile | undefined,
  steps: number,
): KeepingFault[] {
  const at = ["training", "keep", "best"];
  if (by === "accuracy") {
    if (!evaluate) {
      return [{ path: [...at, "by"], message: "expected training.evaluate too, which measures it" }];
    }
    const given = (["window", "everySteps"] as const).find((field) => ({ window, everySteps })[field]);
    return given
      ? [{ path: [...at, given], message: "expected it with reward only: training.evaluate says when" }]
      : [];
  }
  if (window === undefined || everySteps === undefined) {
    return [{ path: at, message: "expected window and everySteps with reward" }];
  }
  return firstCompared({ by, window, everySteps }, evaluate) > steps
    ? [{ path: [...at, "everySteps"], message: `expected a step to compare up to the last, ${steps}` }]
    : [];
}

/** The first step whose state a rule compares. */
function firstCompared(
  { by, window = 1, everySteps = 1 }: BestRule,
  evaluate: TrainingEvaluationProfile | undefined,
): number {
  return by === "accuracy" ? evaluate?.everySteps ?? Infinity : everySteps * Math.ceil(window / everySteps);
}

/**
 * What is wrong with these parts of a profile.
 *
 * @param steps The steps of the shortest run.
 */
export function keepingFaults(
  { maxResponseTokens, training, evaluation }: KeepingContext,
  steps: number = training.steps,
): KeepingFault[] {
  const { keep, evaluate, keepCompletions, promptsPerStep } = training, faults: KeepingFault[] = [];
  const most = (path: readonly string[], value: number | undefined, limit: number, what: string): void => {
    if (value !== undefined && value > limit) {
      faults.push({ path, message: `expected at most ${what}, ${limit}` });
    }
  };
  const evaluating = ["training", "evaluate"];
  most([...evaluating, "everySteps"], evaluate?.everySteps, steps, "steps");
  most([...evaluating, "maxResponseTokens"], evaluate?.maxResponseTokens, maxResponseTokens, "the profile's");
  most(
    ["training", "keepCompletions", "prompts"],
    keepCompletions?.prompts,
    promptsPerStep,
    "promptsPerStep",
  );
  if (keep?.best) faults.push(...bestFaults(keep.best, evaluate, steps));
  if (evaluation.checkpoint === "best" && !keep?.best) {
    faults.push({
      path: ["evaluation", "checkpoint"],
      message: 'expected training.keep.best with "best": the rule that says which checkpoint that is',
    });
  }
  return faults;
}
