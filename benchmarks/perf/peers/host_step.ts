/**
 * Steps of the embedded profile's training, and how much of them is spent outside of ONNX Runtime.
 *
 * @module
 */

import { artifactName } from "../../../src/artifact/mod.ts";
import { verify } from "../../../src/grade/mod.ts";
import { internalLayerOf, openExperiment, parseProfile, sourceTree } from "../../../src/pipeline/mod.ts";
import {
  Learner,
  losses,
  methods,
  Sampler,
  samplerArtifacts,
  type TrainerSettings,
  trainStep,
} from "../../../src/rl/mod.ts";
import type { Runtime, Session } from "../../../src/runtime/mod.ts";
import type { Ready } from "./serve.ts";

/** A runtime whose sessions add up the time they compute. */
function timed(inner: Runtime): { readonly runtime: Runtime; readonly seconds: () => number } {
  let total = 0;
  const measured = async <T>(work: () => Promise<T>): Promise<T> => {
    const start = performance.now(), result = await work();
    total += (performance.now() - start) / 1000;
    return result;
  };
  const watched = (session: Session): Session => {
    const run: Session["run"] = (...args) => measured(() => session.run(...args));
    return {
      inputNames: session.inputNames,
      outputNames: session.outputNames,
      outputShapes: session.outputShapes,
      run,
      dispose: () => session.dispose(),
    };
  };
  const runtime: Runtime = {
    provider: inner.provider,
    threads: inner.threads,
    largestTensor: inner.largestTensor,
    load: async (bytes) => watched(await inner.load(bytes)),
    prepare: async (bytes) => {
      const program = await inner.prepare(bytes);
      return {
        bind: async (constants) => watched(await measured(() => program.bind(constants))),
        dispose: () => program.dispose(),
      };
    },
    transfers: inner.transfers,
    memory: inner.memory,
    upload: (...args) => inner.upload(...args),
    stage: (...args) => inner.stage(...args),
    giveBack: () => inner.giveBack(),
  };
  return { runtime, seconds: () => total };
}

/** A training step of the embedded profile, rollout and grading included, that is taken again and again. */
export async function hostStep(inner: Runtime): Promise<Ready> {
  const path = "benchmarks/profiles/embedded.json";
  const profile = parseProfile(await Deno.readTextFile(path), path);
  const { model, artifacts, layout, training: suite } = await openExperiment({
    profile,
    root: ".",
    provider: "cpu",
    files: { model: "benchmarks/model", datasets: {} },
    sources: await sourceTree("."),
  });
  const { runtime, seconds } = timed(inner), { training } = profile;
  const graph = (name: string): Uint8Array => artifacts[artifactName(name)] ?? new Uint8Array();
  const learner = await Learner.open(
    runtime,
    {
      training: new Map([["full", graph("training_model")]]),
      optimizer: new Map([["full", graph("optimizer_model")]]),
      evaluation: graph("eval_model"),
    },
    model.weights,
    profile.temperature,
  );
  const sampler = await Sampler.open(runtime, samplerArtifacts(graph), model.config, {
    ...profile,
    precision: layout.precision,
    endIds: model.tokenizer.endIds,
    batch: profile.rolloutBatch,
  });
  const settings: TrainerSettings = {
    ...training,
    layers: model.config.layers,
    internalLayer: internalLayerOf(profile),
    method: methods.grpo,
    loss: losses[profile.loss],
    seed: 1,
    schedule: { peak: training.learningRate, warmupSteps: 0, finalShare: 1 },
    maxResponseTokens: profile.maxResponseTokens,
    logprobTolerance: 1e-3,
  };
  let step = 0, outside = 0;
  const run = async (): Promise<void> => {
    const inside = seconds(), start = performance.now();
    await trainStep(settings, learner, sampler, {
      prompts: suite.prompts,
      reward: (problem, { response }) => {
        const text = model.tokenizer.decode(response, { skipSpecialTokens: true });
        const { verdict } = verify(suite.problems[problem]?.answer ?? "", text, { mode: "strict" });
        return verdict === "correct" ? 1 : 0;
      },
    }, ++step);
    outside = (performance.now() - start) / 1000 - (seconds() - inside);
  };
  await run();
  return { numbers: {}, run, outside: () => outside };
}
