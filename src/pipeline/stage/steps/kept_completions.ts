/**
 * Completions of training that are kept for reading: prompts, what was sampled to them, and what it earned. They lie in the
 * store and never in a result, because prompts are those of other people's data sets.
 *
 * @module
 */

import type { Batch } from "../../../rl/mod.ts";
import type { Experiment } from "../../experiment.ts";
import type { KeptCompletionsProfile } from "../../profile/mod.ts";

/** A completion with what it earned. */
export interface KeptCompletion {
  /** The training step. */
  readonly step: number;
  /** The problem's id. */
  readonly problem: string;
  /** The response's number among those to its prompt. */
  readonly sample: number;
  /** The prompt, as the model read it. */
  readonly prompt: string;
  /** The response, with its special tokens. */
  readonly completion: string;
  /** Its number of tokens. */
  readonly tokens: number;
  /** Whether it ended by itself. */
  readonly ended: boolean;
  /** The reward, as the method has it. */
  readonly reward: number;
  /** The advantage of its first token. */
  readonly advantage: number;
}

/** Are completions of a step kept? */
export function completionsDue({ everySteps }: KeptCompletionsProfile, step: number): boolean {
  return step % everySteps === 0;
}

/** The completions of a step's first prompts, all responses to each. */
export function keptCompletions(
  { model: { tokenizer }, training: { problems }, profile }: Experiment,
  { prompts }: KeptCompletionsProfile,
  step: number,
  { requests, rollouts = [], rewards = [], advantages = [] }: Readonly<Batch>,
): KeptCompletion[] {
  const count = prompts * profile.training.groupSize;
  return requests.slice(0, count).flatMap(({ problem, sample }, i) => {
    const rollout = rollouts[i];
    return rollout
      ? [{
        step,
        problem: problems[problem]?.id ?? "",
        sample,
        prompt: tokenizer.decode(rollout.prompt),
        completion: tokenizer.decode(rollout.response),
        tokens: rollout.response.length,
        ended: rollout.ended,
        reward: rewards[i] ?? 0,
        advantage: advantages[i]?.[0] ?? 0,
      }]
      : [];
  });
}
