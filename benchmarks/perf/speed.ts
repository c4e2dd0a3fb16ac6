/**
 * Speed of the embedded experiment as shares of this machine's own matrix product: a training step and decoding at batch
 * 64, each in turns with the product so that what else the machine does falls on both, and the share of a training run that
 * is Deno's own work.
 *
 *     deno task perf
 *
 * @module
 */

import { artifactName, gradientName, outputName } from "../../src/artifact/mod.ts";
import { parameterCount, parameterShapes, readTensors } from "../../src/model/mod.ts";
import { internalLayerOf, openExperiment, parseProfile, sourceTree } from "../../src/pipeline/mod.ts";
import { verify } from "../../src/grade/mod.ts";
import {
  cutMicroBatches,
  Learner,
  losses,
  methods,
  Sampler,
  samplerArtifacts,
  type Sequence,
  tokenFeeds,
  type TrainerSettings,
  trainStep,
} from "../../src/rl/mod.ts";
import {
  type DeviceTensor,
  median,
  openMatrixProduct,
  openRuntime,
  type Runtime,
  secondsOf,
  type Session,
} from "../../src/runtime/mod.ts";
import { print } from "../../tasks/shared/command.ts";

/** Rounds that are counted. */
const ROUNDS = 15;
/** Products of a round, about as long as a training step. */
const PRODUCTS = 10;
const threads = Number(Deno.args[0] ?? 1);
const path = "benchmarks/profiles/embedded.json";
const profile = parseProfile(await Deno.readTextFile(path), path);
const experiment = await openExperiment({
  profile,
  root: ".",
  provider: "cpu",
  files: { model: "benchmarks/model", datasets: {} },
  sources: await sourceTree("."),
});
const { model, artifacts } = experiment;
const runtime = openRuntime({ provider: "cpu", threads });
const graph = (model: string): Uint8Array => artifacts[artifactName(model)] ?? new Uint8Array();
const parameters = parameterCount(parameterShapes(model.config));

/** Something that is measured: its operations, and one run of it. */
interface Measured {
  readonly operations: number;
  readonly run: () => Promise<unknown>;
}

/** Forward and backward, 6 · parameters · tokens, on full rows of 64 positions. */
async function training(): Promise<Measured> {
  const rows = profile.training.microBatchTokens / 64;
  const sequences: Sequence[] = Array.from({ length: rows }, (_, row) => {
    return { prompt: [row], response: Array.from({ length: 64 }, (_, t) => (row * 7 + t * 13) % 470) };
  });
  const [batch] = cutMicroBatches(sequences, profile.training.microBatchTokens);
  if (!batch) throw new RangeError("Cannot measure: the micro-batch is empty");
  const session = await runtime.load(graph("training_model"));
  const shape = [batch.rows.length, batch.length], size = batch.rows.length * batch.length;
  const perToken = (value: number): DeviceTensor =>
    runtime.upload("float32", shape, new Float32Array(size).fill(value));
  const state: Record<string, DeviceTensor> = {}, inPlace: Record<string, DeviceTensor> = {};
  for (const [name, stored] of await readTensors(model.weights)) {
    state[name] = runtime.upload("float32", stored.shape, stored.data as Float32Array);
    const gradient = runtime.upload("float32", stored.shape, new Float32Array(stored.data.length));
    state[gradientName(name)] = inPlace[outputName(gradientName(name))] = gradient;
  }
  const feeds = {
    ...tokenFeeds(runtime, sequences, batch),
    ...state,
    old_logprobs: perToken(-1),
    advantages: perToken(1),
    weights: perToken(1 / size),
    metric_weights: perToken(1 / size),
    temperature: runtime.upload("float32", [], Float32Array.of(1)),
    reset_gradient: runtime.upload("bool", [], Uint8Array.of(1)),
  };
  return { operations: 6 * parameters * size, run: () => session.run(feeds, inPlace) };
}

/** Decoding, 2 · parameters · tokens, host work of the sampler included, at batch 64. */
async function decoding(): Promise<Measured> {
  const steps = 63;
  const sampler = await Sampler.open(runtime, samplerArtifacts(graph), model.config, {
    temperature: 1,
    maxPromptTokens: 1,
    maxResponseTokens: steps,
    endIds: [-1],
    batch: 64,
  });
  const weights = Object.fromEntries([...await readTensors(model.weights)].map(([name, { shape, data }]) => {
    return [name, runtime.upload("float32", shape, data as Float32Array)];
  }));
  const requests = Array.from(
    { length: 64 },
    (_, problem) => ({ prompt: [problem], problem, sample: 0 }),
  );
  return {
    operations: 2 * parameters * 64 * steps,
    run: () => sampler.sample(weights, requests, [1, 2]),
  };
}

/** A runtime whose sessions add up the time they compute. */
function timed(inner: Runtime): { runtime: Runtime; seconds: () => number } {
  let total = 0;
  const timedSession = (session: Session): Session => {
    const run: Session["run"] = async (...args) => {
      const start = performance.now();
      const outputs = await session.run(...args);
      total += (performance.now() - start) / 1000;
      return outputs;
    };
    return {
      inputNames: session.inputNames,
      outputNames: session.outputNames,
      outputShapes: session.outputShapes,
      run,
      dispose: () => session.dispose(),
    };
  };
  return {
    runtime: {
      provider: inner.provider,
      threads: inner.threads,
      largestTensor: inner.largestTensor,
      load: async (bytes) => timedSession(await inner.load(bytes)),
      prepare: async (bytes) => {
        const { bind, dispose } = await inner.prepare(bytes);
        return { bind: async (constants) => timedSession(await bind(constants)), dispose };
      },
      transfers: inner.transfers,
      memory: inner.memory,
      upload: (...args) => inner.upload(...args),
      stage: (...args) => inner.stage(...args),
    },
    seconds: () => total,
  };
}

/** The share of training steps that is not spent in ONNX Runtime, and of that the grader's. */
async function hostShare(): Promise<{ host: number; grading: number }> {
  const { runtime: watched, seconds } = timed(runtime);
  const { training } = profile;
  const learner = await Learner.open(
    watched,
    {
      training: new Map([["full", graph("training_model")]]),
      optimizer: new Map([["full", graph("optimizer_model")]]),
      evaluation: graph("eval_model"),
    },
    model.weights,
    profile.temperature,
  );
  const sampler = await Sampler.open(watched, samplerArtifacts(graph), model.config, {
    ...profile,
    precision: experiment.layout.precision,
    endIds: model.tokenizer.endIds,
    batch: profile.rolloutBatch,
  });
  const suite = experiment.training;
  const settings: TrainerSettings = {
    ...training,
    internalLayer: internalLayerOf(profile),
    method: methods.grpo,
    loss: losses[profile.loss],
    seed: 1,
    schedule: { peak: training.learningRate, warmupSteps: 0, finalShare: 1 },
    maxResponseTokens: profile.maxResponseTokens,
    logprobTolerance: 1e-3,
  };
  const before = seconds(), start = performance.now();
  let grading = 0;
  for (let step = 1; step <= 3; step++) {
    const { seconds: stages } = await trainStep(settings, learner, sampler, {
      prompts: suite.prompts,
      reward: (problem, { response }) => {
        const text = model.tokenizer.decode(response, { skipSpecialTokens: true });
        return verify(suite.problems[problem]?.answer ?? "", text, { mode: "strict" }).verdict === "correct"
          ? 1
          : 0;
      },
    }, step);
    grading += stages.reward;
  }
  const elapsed = (performance.now() - start) / 1000;
  return { host: 1 - (seconds() - before) / elapsed, grading: grading / elapsed };
}

/** Median and quartiles. */
interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? NaN;
  return { median: median(values), low: at(0.25), high: at(0.75) };
}

/** The speeds of several works over that of the product, each round one of all in turn. */
async function shares(works: readonly Measured[], product: Measured): Promise<Spread[]> {
  const found = works.map((): number[] => []);
  const once = async (): Promise<number[]> => {
    const seconds = await secondsOf(async () => {
      for (let i = 0; i < PRODUCTS; i++) await product.run();
    });
    const peak = PRODUCTS * product.operations / seconds, ratios: number[] = [];
    for (const { operations, run } of works) ratios.push(operations / await secondsOf(run) / peak);
    return ratios;
  };
  await once();
  for (let round = 0; round < ROUNDS; round++) (await once()).forEach((share, i) => found[i]?.push(share));
  return found.map(spread);
}

const product = await openMatrixProduct(runtime);
const [trained, decoded] = await shares([await training(), await decoding()], product);
await product.dispose();
const text = ({ median, low, high }: Spread = { median: NaN, low: NaN, high: NaN }): string =>
  `${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
const { host, grading } = await hostShare();
print(
  `| ${threads} thread${threads > 1 ? "s" : ""}, ${parameters} parameters | median (quartiles) | required |
|---|---|---|
| training step, 6·parameters·tokens, over the 1024³ product | ${text(trained)} | ≥ 0.50 |
| decoding at batch 64, 2·parameters·tokens, over the 1024³ product | ${text(decoded)} | ≥ 0.25 |
| Deno's own share of a training run | ${(100 * host).toFixed(1)} % | < 15 % |
| the grader's share of a training run | ${(100 * grading).toFixed(1)} % | |`,
);
