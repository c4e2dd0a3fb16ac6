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
  experiment: Experiment,
  method: string,
  seed: number,
  sources = experiment.sources.digest,
): Readonly<Record<string, unknown>> {
  const { profile, model, plainDigests, training: problems, engine } = experiment;
  const { threads, template, maxPromptTokens, maxResponseTokens, temperature, training, optimizer } = profile;
  // None of these changes a byte. How a batch is cut into micro-batches does: sums of float32 depend on their order.
  // `offload` is left in: the host's optimizer rounds otherwise than a device's.
  const { checkpointEvery: _, steps: __, checkpointing: ___, stagedMemory: ____, keep, ...settings } =
    training;
  // How many of the last states are kept changes none of them; which is the best stands in each.
  const best = keep?.best ? { best: keep.best } : {};
  const row = methodRow(profile, method), { label: _label, ...settled } = row.method;
  const graphs = runGraphs(profile, row, seed, model.config.layers);
  const digests = (files: Iterable<string>): unknown[] =>
    [...files].map((file) => plainDigests[file] ?? null);
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
      settings: { ...settings, ...best },
      optimizer,
      ...decidingBatch(experiment),
    },
  };
}

/**
 * The rows that are decoded together, where their number can change the last bits: several threads share a product of
 * 16-bit layers out by its size. Products of float32 layers have constant weights, and sum in one order always.
 */
export function decidingBatch(
  { profile, layout, engine }: Pick<Experiment, "profile" | "layout" | "engine">,
): { readonly rolloutBatch?: number } {
  const decides = engine.provider === "cpu" && layout.precision !== "float32" && profile.threads > 1;
  return decides ? { rolloutBatch: profile.rolloutBatch } : {};
}

/**
 * The key of an evaluation.
 *
 * @param checkpoint SHA-256 of the evaluated weights; none for the base model.
 * @param sources The digest of the sources that made it; default this checkout's.
 */
export function evaluationKey(
  experiment: Experiment,
  suite: ExperimentSuite,
  checkpoint: string | undefined,
  sources = experiment.sources.digest,
): Readonly<Record<string, unknown>> {
  const { profile, model, plainDigests, engine } = experiment;
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
    ...decidingBatch(experiment),
  };
}
