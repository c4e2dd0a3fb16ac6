/**
 * The keys of records: all that can change their bytes.
 *
 * @module
 */

import { artifactName } from "../../artifact/mod.ts";
import { graderVersion } from "../../grade/mod.ts";
import type { Experiment, ExperimentSuite } from "../experiment.ts";
import { runGraphs } from "../method_graphs.ts";
import { methodRow } from "../profile/mod.ts";

/**
 * The key of a training run, whatever the step: how many steps a run has does not change any of them, so a longer run
 * goes on from a shorter one. The record of a step has the key with `step` added.
 *
 * @param sources The digest of the sources that made it; default this checkout's.
 */
export function trainingKey(
  { profile, model, plainDigests, training: problems, engine, sources: own }: Experiment,
  method: string,
  seed: number,
  sources = own.digest,
): Readonly<Record<string, unknown>> {
  const { threads, template, maxPromptTokens, maxResponseTokens, temperature, training, optimizer } =
    profile;
  // None of these changes a byte. How a batch is cut into micro-batches does: sums of float32 depend on their order.
  // `offload` is left in: the host's optimizer rounds otherwise than a device's.
  const { checkpointEvery: _, steps: __, checkpointing: ___, stagedMemory: ____, ...settings } = training;
  const row = methodRow(profile, method), { label: _label, ...settled } = row.method;
  const graphs = runGraphs(profile, row, seed, model.config.layers);
  const digests = (files: Iterable<string>): unknown[] => [...files].map((file) => plainDigests[file] ?? null);
  const common = ["eval_model", "rollout_model", "prefill_model", "copy_model"];
  return {
    stage: "train",
    sources,
    engine,
    method,
    seed,
    model: model.digest,
    artifacts: [
      digests(common.map((model) => artifactName(model))),
      digests(graphs.training.values()),
      digests(graphs.optimizer.values()),
      digests(graphs.evaluations.values()),
      digests(Object.values(graphs.critic ?? {})),
    ],
    problems: problems.digest,
    grader: graderVersion,
    settings: {
      threads,
      template,
      method: { ...settled, loss: row.loss },
      maxPromptTokens,
      maxResponseTokens,
      temperature,
      settings,
      optimizer,
    },
  };
}

/**
 * The key of an evaluation.
 *
 * @param checkpoint SHA-256 of the evaluated weights; none for the base model.
 * @param sources The digest of the sources that made it; default this checkout's.
 */
export function evaluationKey(
  { profile, model, plainDigests, engine, sources: own }: Experiment,
  suite: ExperimentSuite,
  checkpoint: string | undefined,
  sources = own.digest,
): Readonly<Record<string, unknown>> {
  return {
    stage: "evaluate",
    sources,
    engine,
    model: model.digest,
    checkpoint: checkpoint ?? null,
    rollout: ["rollout_model.onnx", "prefill_model.onnx", "copy_model.onnx"].map((name) =>
      plainDigests[name]
    ),
    suite: suite.digest,
    grader: graderVersion,
    threads: profile.threads,
    maxPromptTokens: profile.maxPromptTokens,
  };
}
