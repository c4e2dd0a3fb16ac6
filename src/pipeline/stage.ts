/**
 * The stages that compute: training one method with one seed, evaluating one policy. Each keeps its record in the
 * store and is skipped when the record exists; training saves its state on the way and continues from it.
 *
 * @module
 */

import { artifactName, type PolicyChoice } from "../artifact/mod.ts";
import { sha256Stream } from "../byte_source.ts";
import { SCORING, verify } from "../grade/mod.ts";
import { openSafetensors, type Precision, storedStream, type TensorSource } from "../model/mod.ts";
import { randomKey } from "../random.ts";
import {
  Learner,
  losses,
  type MethodName,
  methods,
  placeParameters,
  type Rollout,
  Sampler,
  type StepMetrics,
  type StepSeconds,
  type TrainerSettings,
  trainStep,
} from "../rl/mod.ts";
import { type DeviceTensors, openRuntime, type Provider, type Runtime } from "../runtime/mod.ts";
import type { Store } from "../store.ts";
import type { Problem } from "../suite/mod.ts";
import { evaluationKey, type Experiment, type ExperimentSuite, trainingKey } from "./experiment.ts";

/** Where a stage computes and keeps its records. */
export interface StageContext {
  /** The loaded profile. */
  readonly experiment: Experiment;
  /** The records. */
  readonly store: Store;
  /** The execution provider. */
  readonly provider: Provider | "auto";
  /** The most bytes that tensors may take on the device; default all that it has. */
  readonly deviceMemory?: number;
  /** Rows that are decoded together; default the profile's. Changes no result. */
  readonly rolloutBatch?: number;
  /** Told how far the stage is. */
  readonly onProgress: (done: number, total: number, note: string) => void;
}

/** What training leaves. */
export interface TrainingRecord {
  /** SHA-256 of the weights' file. */
  readonly checkpoint: string;
  /** One entry a step. */
  readonly metrics: readonly StepMetrics[];
  /** One entry a step; the only part that differs between equal runs. */
  readonly seconds: readonly StepSeconds[];
}

/** What evaluation leaves, for one suite. */
export interface EvaluationRecord {
  /** Correct samples of each problem. */
  readonly correct: readonly number[];
  /** Responses cut at the length limit. */
  readonly truncated: number;
  /** Responses without a readable answer. */
  readonly unparsed: number;
  /** Tokens of all responses. */
  readonly tokens: number;
  /** The responses' texts, by problem. */
  readonly responses: readonly (readonly string[])[];
}

/** How far sampler and trainer may be apart, in nats: what the rounding of a precision makes, and no more. */
const logprobTolerance: Readonly<Record<Precision, number>> = {
  float32: 1e-3,
  float16: 0.1,
  bfloat16: 0.8, // three bits fewer
};

function runtimeOf({ experiment: { profile }, provider, deviceMemory }: StageContext): Runtime {
  const limit = deviceMemory === undefined ? {} : { deviceMemory };
  return openRuntime({ provider, threads: profile.threads, ...limit });
}

/** An artifact's bytes; building made all of them. */
function artifact({ artifacts }: Experiment, model: string, policy: PolicyChoice = "full"): Uint8Array {
  const bytes = artifacts[artifactName(model, policy)];
  if (!bytes) {
    throw new ReferenceError(`Cannot find the artifact "${artifactName(model, policy)}": it was not built`);
  }
  return bytes;
}

async function openSampler(context: StageContext, runtime: Runtime): Promise<Sampler> {
  const { experiment: { profile, model }, rolloutBatch } = context;
  return await Sampler.open(runtime, artifact(context.experiment, "rollout_model"), model.config, {
    temperature: profile.temperature,
    precision: context.experiment.layout.precision,
    maxPromptTokens: profile.maxPromptTokens,
    maxResponseTokens: profile.maxResponseTokens,
    endIds: model.tokenizer.endIds,
    batch: rolloutBatch ?? profile.rolloutBatch,
  });
}

/** Grades a response. */
function grade(
  { model: { tokenizer } }: Experiment,
  problem: Problem,
  rollout: Rollout,
): ReturnType<typeof verify> {
  const text = tokenizer.decode(rollout.response, { skipSpecialTokens: true });
  return verify(problem.answer, text, SCORING);
}

/** Trains one method with one seed, or returns the record of having done so. */
export async function train(
  context: StageContext,
  method: MethodName,
  seed: number,
): Promise<TrainingRecord> {
  const { experiment, store, onProgress } = context;
  const { profile, model } = experiment;
  const { training } = profile;
  const key = trainingKey(experiment, method, seed);
  const known = await store.get<TrainingRecord>("checkpoint", key);
  if (known) {
    onProgress(training.steps, training.steps, "already trained");
    return known.value;
  }
  const saved = await store.get<Omit<TrainingRecord, "checkpoint">>("training-state", key);
  const state = saved?.attachments.get("state");
  const metrics = [...(state ? saved?.value.metrics ?? [] : [])],
    seconds = [...(state ? saved?.value.seconds ?? [] : [])];
  const policies: PolicyChoice[] = methods[method].bottomUp ? ["full", training.internalLayer] : ["full"];
  const runtime = runtimeOf(context);
  const learner = await Learner.open(
    runtime,
    {
      training: new Map(policies.map((policy) => [policy, artifact(experiment, "training_model", policy)])),
      optimizer: new Map(policies.map((policy) => [policy, artifact(experiment, "optimizer_model", policy)])),
      evaluation: artifact(experiment, "eval_model"),
    },
    state ? await openSafetensors(state) : model.weights,
    profile.temperature,
    experiment.layout,
  );
  const sampler = await openSampler(context, runtime);
  const suite = experiment.training;
  const settings: TrainerSettings = {
    ...training,
    method: methods[method],
    loss: losses[profile.loss],
    seed,
    schedule: { peak: training.learningRate, warmupSteps: training.warmupSteps, finalShare: 1 },
    maxResponseTokens: profile.maxResponseTokens,
    logprobTolerance: logprobTolerance[experiment.layout.precision],
  };
  const task = {
    prompts: suite.prompts,
    reward: (problem: number, rollout: Rollout): number => {
      return grade(experiment, suite.problems[problem] as Problem, rollout).verdict === "correct" ? 1 : 0;
    },
  };
  for (let step = metrics.length + 1; step <= training.steps; step++) {
    const result = await trainStep(settings, learner, sampler, task, step);
    metrics.push(result.metrics);
    seconds.push(result.seconds);
    onProgress(step, training.steps, `reward ${result.metrics.rewardMean.toFixed(3)}`);
    if (step % training.checkpointEvery === 0 && step < training.steps) {
      await store.put("training-state", key, { metrics, seconds }, { state: storedStream(learner.state()) });
    }
  }
  const weights = storedStream(learner.weights());
  const record: TrainingRecord = { checkpoint: await sha256Stream(weights), metrics, seconds };
  await store.put("checkpoint", key, record, { weights });
  await store.remove("training-state", key);
  await learner.dispose();
  await sampler.dispose();
  return record;
}

/**
 * The weights of a trained policy.
 *
 * @throws {ReferenceError} If it has not been trained.
 */
export async function trainedWeights(
  context: Pick<StageContext, "experiment" | "store">,
  method: MethodName,
  seed: number,
): Promise<TensorSource> {
  const record = await context.store.get("checkpoint", trainingKey(context.experiment, method, seed));
  const weights = record?.attachments.get("weights");
  if (!weights) {
    throw new ReferenceError(
      `Cannot use ${method} with seed ${seed}: it has not been trained; run "deno task train" first`,
    );
  }
  return await openSafetensors(weights);
}

/** A policy to evaluate: a trained one, or the base model. */
export type EvaluatedPolicy = {
  readonly method: MethodName;
  readonly seed: number;
  readonly checkpoint: string;
} | undefined;

/** Evaluates a policy on every suite, or returns the records of having done so. */
export async function evaluate(
  context: StageContext,
  policy: EvaluatedPolicy,
): Promise<Record<string, EvaluationRecord>> {
  const { experiment, store, onProgress } = context;
  const { suites } = experiment;
  const total = suites.reduce((sum, { problems, samples }) => sum + problems.length * samples, 0);
  const records: Record<string, EvaluationRecord> = {};
  let done = 0, open: { sampler: Sampler; parameters: DeviceTensors } | undefined;
  for (const suite of suites) {
    const key = evaluationKey(experiment, suite, policy?.checkpoint);
    const known = await store.get<EvaluationRecord>("evaluation", key);
    const before = done;
    if (known) records[suite.name] = known.value;
    else {
      if (!open) {
        const runtime = runtimeOf(context);
        const weights = policy
          ? await trainedWeights(context, policy.method, policy.seed)
          : experiment.model.weights;
        open = {
          sampler: await openSampler(context, runtime),
          parameters: await placeParameters(runtime, weights, experiment.layout),
        };
      }
      const record = await evaluateSuite(experiment, open.sampler, open.parameters, suite, (finished) => {
        onProgress(before + finished, total, suite.name);
      });
      await store.put("evaluation", key, record);
      records[suite.name] = record;
    }
    done += suite.problems.length * suite.samples;
    if (known) onProgress(done, total, "already evaluated");
  }
  for (const tensor of Object.values(open?.parameters ?? {})) tensor.dispose();
  await open?.sampler.dispose();
  return records;
}

async function evaluateSuite(
  experiment: Experiment,
  sampler: Sampler,
  parameters: DeviceTensors,
  suite: ExperimentSuite,
  onFinished: (responses: number) => void,
): Promise<EvaluationRecord> {
  const { samples } = suite, { seed } = experiment.profile.evaluation;
  const requests = suite.prompts.flatMap((prompt, problem) => {
    return Array.from({ length: samples }, (_, sample) => ({ prompt, problem, sample }));
  });
  const rollouts = await sampler.sample(
    parameters,
    requests,
    randomKey("evaluate", suite.name, seed),
    onFinished,
  );
  const verdicts = rollouts.map((rollout, i) => {
    return grade(experiment, suite.problems[requests[i]?.problem ?? 0] as Problem, rollout).verdict;
  });
  const of = <T>(list: readonly T[]): T[][] =>
    suite.problems.map((_, p) => list.slice(p * samples, (p + 1) * samples));
  const { tokenizer } = experiment.model;
  return {
    correct: of(verdicts).map((group) => group.filter((verdict) => verdict === "correct").length),
    truncated: rollouts.filter(({ ended }) => !ended).length,
    unparsed: verdicts.filter((verdict) => verdict === "unparsed" || verdict === "timeout").length,
    tokens: rollouts.reduce((sum, { response }) => sum + response.length, 0),
    responses: of(rollouts.map(({ response }) => tokenizer.decode(response, { skipSpecialTokens: true }))),
  };
}
