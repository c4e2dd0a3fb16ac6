/**
 * The keys of records: all that can change their bytes.
 *
 * @module
 */

import { artifactName } from "../../artifact/mod.ts";
import { graderVersion } from "../../grade/mod.ts";
import { withDigests } from "../../module/mod.ts";
import { rewardKey } from "../../reward/mod.ts";
import { suiteName } from "../../suite/mod.ts";
import type { Experiment, ExperimentSuite } from "../experiment.ts";
import type { MadeKey } from "../made.ts";
import { rowLayer, runGraphs } from "../method_graphs.ts";
import { methodRow } from "../profile/mod.ts";

/** What this checkout's records on this machine are found by. */
export function ownKey({ sources, engine }: Pick<Experiment, "sources" | "engine">): MadeKey {
  return { sources: sources.digest, engine };
}

/**
 * The key of a training run, whatever the step: how many steps a run has does not change any of them, so a longer run
 * goes on from a shorter one. The record of a step has the key with `step` added.
 *
 * @param by What made it; default this checkout on this machine.
 */
export function trainingKey(
  experiment: Experiment,
  method: string,
  seed: number,
  { sources, engine }: MadeKey = ownKey(experiment),
): Readonly<Record<string, unknown>> {
  const { profile, model, plainDigests, training: problems } = experiment;
  const { threads, template, maxPromptTokens, maxResponseTokens, temperature, training, optimizer } = profile;
  // None of these changes a byte. How a batch is cut into micro-batches does: sums of float32 depend on their order.
  // `offload` is left in: the host's optimizer rounds otherwise than a device's.
  const { checkpointEvery: _, steps: __, checkpointing: ___, stagedMemory: ____, keep, ...rest } = training;
  // How many of the last states are kept changes none of them; which is the best stands in each.
  const best = keep?.best ? { best: keep.best } : {};
  // Where a file lies changes nothing; what is in it is in the digest of the problems. Shards change sums, the number of
  // processes that compute them does not.
  const { gradientShards = 1 } = training;
  const settings = { ...rest, ...best, gradientShards, suites: training.suites.map(suiteName) };
  const row = methodRow(profile, method), { label: _label, ...settled } = row.method;
  const { internalSteps, learningRate } = row, internalLayer = rowLayer(profile, row);
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
      method: withDigests({ ...settled, loss: row.loss }),
      ...(row.reward === undefined ? {} : { reward: rewardKey(row.reward) }),
      maxPromptTokens,
      maxResponseTokens,
      temperature,
      settings: { ...settings, internalLayer, internalSteps, learningRate },
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
 * @param by What made it; default this checkout on this machine.
 */
export function evaluationKey(
  experiment: Experiment,
  suite: ExperimentSuite,
  checkpoint: string | undefined,
  { sources, engine }: MadeKey = ownKey(experiment),
): Readonly<Record<string, unknown>> {
  const { profile, model, plainDigests } = experiment;
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
