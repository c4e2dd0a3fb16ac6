/**
 * What a run trains on: prompts, and what responses to them earn.
 *
 * @module
 */

import { type GradedResponse, Rewarder } from "../../reward/mod.ts";
import {
  methodLabel,
  type OutcomeGroup,
  type OwnRewards,
  type Rollout,
  type SampledResponse,
  type TrainingTask,
} from "../../rl/mod.ts";
import type { Problem } from "../../suite/mod.ts";
import type { ProfileRow } from "../profile/mod.ts";
import { grade, type StageContext } from "./context.ts";

/** A task whose modules run in a worker until it is disposed of. */
export interface OpenTask extends TrainingTask, Disposable {}

/** The training problems of an experiment as a method rewards them. */
export function openTask({ experiment }: StageContext, row: ProfileRow, seed: number): OpenTask {
  const { training: { prompts, problems }, profile: { maxResponseTokens }, model: { tokenizer } } =
    experiment;
  const { reward, method: { estimator: { module } }, name } = row;
  const problemOf = (problem: number): Problem => problems[problem] as Problem; // it was drawn from these
  const rewarder = new Rewarder();
  const place = (step: number): string => `${methodLabel(name)} seed ${seed}, step ${step}`;
  const graded = ({ problem, rollout }: SampledResponse): GradedResponse => {
    const { id, suite, family, level, question, answer } = problemOf(problem);
    const { verdict, extracted } = grade(experiment, problemOf(problem), rollout);
    return {
      problem: { id, suite, family, ...(level === undefined ? {} : { level }), question, answer },
      completion: tokenizer.decode(rollout.response, { skipSpecialTokens: true }),
      tokens: rollout.response,
      truncated: !rollout.ended,
      maxTokens: maxResponseTokens,
      grade: {
        correct: verdict === "correct",
        verdict,
        ...(extracted === undefined ? {} : { answer: extracted }),
      },
    };
  };
  return {
    prompts,
    reward: (problem: number, rollout: Rollout): number => {
      return grade(experiment, problemOf(problem), rollout).verdict === "correct" ? 1 : 0;
    },
    rewards: reward && (async (step, responses): Promise<OwnRewards> => {
      const all = responses.map(graded);
      const earned = await rewarder.earned(reward, all, place(step));
      return { ...earned, correct: all.map(({ grade }) => grade.correct ? 1 : 0) };
    }),
    advantages: module && (async (step, groups): Promise<readonly (readonly number[])[]> => {
      const known = groups.map(({ rewards, rollouts }: OutcomeGroup) => ({
        rewards,
        lengths: rollouts.map(({ response }) => response.length),
        truncated: rollouts.map(({ ended }) => !ended),
      }));
      return await rewarder.advantages(module, known, place(step));
    }),
    [Symbol.dispose]: () => rewarder[Symbol.dispose](),
  };
}
