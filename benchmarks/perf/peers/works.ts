/**
 * The product itself at work: training through {@linkcode Learner}, decoding through {@linkcode Sampler}.
 *
 * @module
 */

import {
  artifactName,
  buildArtifacts,
  buildSamplingArtifacts,
  type PolicyChoice,
} from "../../../src/artifact/mod.ts";
import {
  attentionBlock,
  type ModelConfig,
  openWeights,
  parseConfig,
  readTensors,
} from "../../../src/model/mod.ts";
import {
  Learner,
  losses,
  objectiveOf,
  Sampler,
  samplerArtifacts,
  type Sequence,
  type TokenTargets,
} from "../../../src/rl/mod.ts";
import { openMatrixProduct, type Runtime } from "../../../src/runtime/mod.ts";
import {
  advantageAt,
  CHECKED_RATE,
  type DecodingWork,
  oldLogprob,
  PRODUCTS,
  tokenAt,
  type TrainingWork,
  type Work,
} from "../work.ts";
import { hostStep } from "./host_step.ts";
import type { Ready } from "./serve.ts";

const readConfig = async (directory: string): Promise<ModelConfig> =>
  parseConfig(await Deno.readTextFile(`${directory}/config.json`));

/** @param length Positions of a row: long ones attend in blocks, as in a run. */
async function openLearner(
  runtime: Runtime,
  directory: string,
  internal: number | undefined,
  length: number,
): Promise<Learner> {
  const config = await readConfig(directory);
  const files = buildArtifacts({
    config,
    objective: objectiveOf(losses.reference),
    optimizer: { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01, maxGradientNorm: 1 },
    internalLayer: internal,
    attentionBlock: attentionBlock(length),
  });
  const graph = (name: string, policy: PolicyChoice = "full"): Uint8Array =>
    files[artifactName(name, policy)] ?? new Uint8Array();
  const policies: PolicyChoice[] = internal === undefined ? ["full"] : ["full", internal];
  return await Learner.open(
    runtime,
    {
      training: new Map(policies.map((policy) => [policy, graph("training_model", policy)])),
      optimizer: new Map(policies.map((policy) => [policy, graph("optimizer_model", policy)])),
      evaluation: graph("eval_model"),
    },
    await openWeights(directory, config),
    1,
  );
}

/** Learners by model and layer: two policies of one row train the same parameters. */
type Learners = Map<string, Promise<Learner>>;

/** Forward and backward pass, AdamW, or both. */
async function training(
  runtime: Runtime,
  learners: Learners,
  work: TrainingWork,
  directory: string,
): Promise<Ready> {
  const { kind, rows, length, internal } = work, key = `${directory} ${internal} ${length}`;
  const opening = learners.get(key) ?? openLearner(runtime, directory, internal, length);
  learners.set(key, opening);
  const learner = await opening, { vocabularySize } = await readConfig(directory);
  const policy = work.policy === "internal" && internal !== undefined ? internal : "full";
  const sequences: Sequence[] = [], targets: TokenTargets[] = [];
  for (let row = 0; row < rows; row++) {
    const response = Array.from({ length }, (_, t) => tokenAt(row, t + 1, vocabularySize));
    sequences.push({ prompt: [tokenAt(row, 0, vocabularySize)], response });
    targets.push({
      oldLogprobs: response.map(() => oldLogprob(vocabularySize)),
      advantages: response.map((_, t) => advantageAt(row, t)),
      weights: response.map(() => 1 / (rows * length)),
    });
  }
  const backward = async (): Promise<Record<string, number>> =>
    (await learner.accumulate(policy, sequences, targets, rows * length, rows * length)).metrics;
  const step = (rate: number) => learner.step(policy, rate);
  const { loss = NaN } = await backward();
  // A step also where none is measured: moments are part of what training holds.
  const { gradientNorm } = await step(kind === "optimizer" ? CHECKED_RATE : 0);
  const numbers = { loss, norm: gradientNorm };
  if (kind === "optimizer") {
    const { loss: after = NaN } = await backward();
    return { numbers: { ...numbers, after }, run: () => step(1e-9) };
  }
  if (kind === "backward") return { numbers, run: backward };
  return {
    numbers,
    run: async () => {
      await backward();
      await step(1e-9);
    },
  };
}

/** A temperature at which the likeliest token is as good as certain. */
const GREEDY = 1e-4;

/** Decoding, greedily, prompts included. */
async function decoding(
  runtime: Runtime,
  { batch, prompt, response }: DecodingWork,
  directory: string,
): Promise<Ready> {
  const config = await readConfig(directory), files = buildSamplingArtifacts(config);
  const graph = (name: string): Uint8Array => files[artifactName(name)] ?? new Uint8Array();
  const sampler = await Sampler.open(runtime, samplerArtifacts(graph), config, {
    temperature: GREEDY,
    maxPromptTokens: prompt,
    maxResponseTokens: response,
    endIds: [],
    batch,
  });
  const stored = await readTensors(await openWeights(directory, config));
  const weights = Object.fromEntries(
    [...stored].map(([name, { shape, data }]) => [
      name,
      runtime.upload("float32", shape, data as Float32Array),
    ]),
  );
  stored.clear();
  const requests = Array.from({ length: batch }, (_, problem) => ({
    prompt: Array.from({ length: prompt }, (_, t) => tokenAt(problem, t, config.vocabularySize)),
    problem,
    sample: 0,
  }));
  const policy = await sampler.hold(weights), run = () => sampler.sample(policy, requests, [1, 2]);
  return { numbers: { tokens: (await run()).map(({ response }) => response) }, run };
}

async function product(runtime: Runtime): Promise<Ready> {
  const { run } = await openMatrixProduct(runtime);
  const repeated = async (): Promise<void> => {
    for (let i = 0; i < PRODUCTS; i++) await run();
  };
  await repeated();
  return { numbers: {}, run: repeated };
}

/**
 * Does works with a runtime. Works of one model and length share a learner.
 *
 * @returns What prepares a work on a model's directory.
 */
export function worker(runtime: Runtime): (work: Work, directory: string) => Promise<Ready> {
  const learners: Learners = new Map();
  return async (work, directory) => {
    if (work.kind === "product") return await product(runtime);
    if (work.kind === "step") return await hostStep(runtime);
    return work.kind === "decode"
      ? await decoding(runtime, work, directory)
      : await training(runtime, learners, work, directory);
  };
}
