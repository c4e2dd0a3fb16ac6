/**
 * What of an experiment's held-out suites is trained on, in its training and, where that is known, in the pretraining
 * of its base model.
 *
 * @module
 */

import { formulaKey } from "../grade/mod.ts";
import { type ComparedProblem, findOverlap, pretrainingExample, type SuiteOverlap } from "../suite/mod.ts";
import type { Experiment } from "./experiment.ts";
import { type PretrainingSettings, pretrainingSettingsOf } from "./pretrain.ts";

/** The content of `overlap.json`. */
export interface ExperimentOverlap {
  /** The held-out suites against the problems that the runs train on. */
  readonly training: readonly SuiteOverlap[];
  /**
   * The held-out suites against all examples of the base model's pretraining, whose ids are their places in the stream;
   * nothing where it is not known what the base model was trained on.
   */
  readonly pretraining: readonly SuiteOverlap[] | null;
}

/** All examples that a base model was pretrained on, one after the other. */
function* pretrainingProblems(
  { seed, steps, examplesPerStep, suites }: PretrainingSettings,
): Generator<ComparedProblem> {
  for (let index = 0; index < steps * examplesPerStep; index++) {
    const { question, meaning } = pretrainingExample(seed, index, { suites });
    yield { id: `${index}`, question, meaning };
  }
}

/** Compares the held-out suites of an experiment with all that is trained on. */
export async function experimentOverlap(
  { training, suites, model }: Pick<Experiment, "training" | "suites" | "model">,
): Promise<ExperimentOverlap> {
  const settings = await pretrainingSettingsOf(model.directory);
  return {
    training: findOverlap(training.problems, suites, { formulaKey }),
    pretraining: settings ? findOverlap(pretrainingProblems(settings), suites, { formulaKey }) : null,
  };
}
