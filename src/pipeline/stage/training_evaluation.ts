/**
 * Evaluation during training, on a part of the problems that are trained on: the same problems and the same noise at every
 * step and in every run. It touches no parameter and no noise of the training.
 *
 * @module
 */

import { randomKey } from "../../random.ts";
import type { RolloutRequest, Sampler } from "../../rl/mod.ts";
import type { DeviceTensors, Runtime } from "../../runtime/mod.ts";
import type { Problem } from "../../suite/mod.ts";
import { grade, openSampler, type StageContext } from "./context.ts";
import { evaluationDue, type TrainingEvaluation } from "./steps/mod.ts";

/** Evaluates a policy in training. */
export interface TrainingEvaluator extends AsyncDisposable {
  /** Is an evaluation due after a step? */
  isDue(step: number): boolean;
  /** Evaluates the parameters. */
  read(parameters: DeviceTensors): Promise<TrainingEvaluation>;
}

/** Places evenly from all. */
export function evenPlaces(count: number, all: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor(i * all / count));
}

/** The evaluator that a profile asks for. What it samples follows from the profile alone. */
export function openEvaluator(context: StageContext, runtime: Runtime): TrainingEvaluator | undefined {
  const { experiment } = context, { profile, training } = experiment;
  const settings = profile.training.evaluate;
  if (!settings) return undefined;
  const { problems: count, samples, seed, temperature, maxResponseTokens } = settings;
  const chosen = evenPlaces(count, training.problems.length);
  const requests: RolloutRequest[] = chosen.flatMap((at, problem) => {
    const prompt = training.prompts[at] ?? [];
    return Array.from({ length: samples }, (_, sample) => ({ prompt, problem, sample }));
  });
  let sampler: Sampler | undefined;
  return {
    isDue: (step) => evaluationDue(settings, step),
    read: async (parameters) => {
      sampler ??= await openSampler(context, runtime, requests.length, {
        temperature: temperature ?? profile.temperature,
        maxResponseTokens: maxResponseTokens ?? profile.maxResponseTokens,
      });
      const rollouts = await sampler.sample(parameters, requests, randomKey("training-evaluation", seed));
      sampler.release(); // training needs the memory
      const right = rollouts.map((rollout, i) => {
        const problem = training.problems[chosen[requests[i]?.problem ?? 0] ?? 0] as Problem; // a chosen place
        return grade(experiment, problem, rollout).verdict === "correct" ? 1 : 0;
      });
      const correct = chosen.map((_, p) =>
        right.slice(p * samples, (p + 1) * samples).reduce<number>((sum, one) => sum + one, 0)
      );
      const share = (found: number): number => found / rollouts.length;
      return {
        accuracy: share(correct.reduce((sum, each) => sum + each, 0)),
        solved: correct.filter((each) => each > 0).length / count,
        correct,
        responseLength: share(rollouts.reduce((sum, { response }) => sum + response.length, 0)),
        truncated: share(rollouts.filter(({ ended }) => !ended).length),
      };
    },
    [Symbol.asyncDispose]: async () => {
      await sampler?.dispose();
    },
  };
}
