/**
 * Speed of the embedded experiment as shares of this machine's own matrix product, all measured in one run:
 * a training step, a decoding step at batch 64, and the share of a training run that is Deno's own work.
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
  type Sequence,
  tokenFeeds,
  type TrainerSettings,
  trainStep,
} from "../../src/rl/mod.ts";
import {
  type DeviceTensor,
  fastestSeconds,
  matrixProductSpeed,
  openRuntime,
  type Runtime,
  type Session,
} from "../../src/runtime/mod.ts";
import { print } from "../../tasks/shared/command.ts";

const REPEATS = 7;
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
const graph = (name: string): Uint8Array => artifacts[name] ?? new Uint8Array();
const parameters = parameterCount(parameterShapes(model.config));

/** The fastest of several runs, in seconds. */
const fastest = (run: () => Promise<unknown>): Promise<number> => fastestSeconds(run, REPEATS);

/** GFLOP/s of forward and backward, 6 · parameters · tokens, on full rows of 64 positions. */
async function trainingSpeed(): Promise<number> {
  const rows = profile.training.microBatchTokens / 64;
  const sequences: Sequence[] = Array.from({ length: rows }, (_, row) => {
    return { prompt: [row], response: Array.from({ length: 64 }, (_, t) => (row * 7 + t * 13) % 470) };
  });
  const [batch] = cutMicroBatches(sequences, profile.training.microBatchTokens);
  if (!batch) throw new RangeError("Cannot measure: the micro-batch is empty");
  const session = await runtime.load(graph("training_model.onnx"));
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
  return 6 * parameters * size / await fastest(() => session.run(feeds, inPlace)) / 1e9;
}

/** GFLOP/s of decoding, 2 · parameters · tokens, host work of the sampler included, at batch 64. */
async function decodingSpeed(): Promise<number> {
  const sampler = await Sampler.open(runtime, graph("rollout_model.onnx"), model.config, {
    temperature: 1,
    maxPromptTokens: 8,
    maxResponseTokens: 56,
    endIds: [-1],
    batch: 64,
  });
  const weights = Object.fromEntries([...await readTensors(model.weights)].map(([name, { shape, data }]) => {
    return [name, runtime.upload("float32", shape, data as Float32Array)];
  }));
  const requests = Array.from(
    { length: 64 },
    (_, problem) => ({ prompt: [1, 2, 3, 4, 5, 6, 7, 8], problem, sample: 0 }),
  );
  const steps = 8 + 56 - 1;
  return 2 * parameters * 64 * steps / await fastest(() => sampler.sample(weights, requests, [1, 2])) / 1e9;
}

/** A runtime whose sessions add up the time they compute. */
function timed(inner: Runtime): { runtime: Runtime; seconds: () => number } {
  let total = 0;
  const load = async (bytes: Uint8Array): Promise<Session> => {
    const session = await inner.load(bytes);
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
      load,
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
      training: new Map([["full", graph("training_model.onnx")]]),
      optimizer: new Map([["full", graph("optimizer_model.onnx")]]),
      evaluation: graph("eval_model.onnx"),
    },
    model.weights,
    profile.temperature,
  );
  const sampler = await Sampler.open(watched, graph(artifactName("rollout_model")), model.config, {
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

const product = await matrixProductSpeed(runtime, REPEATS) / 1e9;
const training = await trainingSpeed(), decoding = await decodingSpeed();
const { host, grading } = await hostShare();
print(`| ${threads} thread${threads > 1 ? "s" : ""}, ${parameters} parameters | measured | required |
|---|---|---|
| training step, 6·parameters·tokens, over the 1024³ product | ${(training / product).toFixed(2)} | ≥ 0.50 |
| decoding at batch 64, 2·parameters·tokens, over the 1024³ product | ${
  (decoding / product).toFixed(2)
} | ≥ 0.25 |
| Deno's own share of a training run | ${(100 * host).toFixed(1)} % | < 15 % |
| the grader's share of a training run | ${(100 * grading).toFixed(1)} % | |`);
