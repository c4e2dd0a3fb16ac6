/**
 * What a device does with a model of a given shape and random weights: sampled tokens a second at two batch sizes, the
 * time of a training step and its share of floating-point work, what it costs to keep the state in this process's memory
 * instead of the device's, and how far log-probabilities are from the CPU's.
 *
 *     deno run -A benchmarks/perf/device.ts [auto|webgpu|cuda|cpu] [0.6b|tiny] [float32|float16|bfloat16] [PEAK]
 *
 * PEAK is what the card's data sheet says of that precision, in TFLOP/s: with it a step's share of it is printed.
 *
 * @module
 */

import { artifactName, type Artifacts, buildArtifacts, type PolicyChoice } from "../../src/artifact/mod.ts";
import {
  initializeWeights,
  type ModelConfig,
  parameterCount,
  type ParameterLayout,
  parameterShapes,
  parseConfig,
  plainLayout,
  type Precision,
  tensorsInMemory,
} from "../../src/model/mod.ts";
import { Learner, losses, objectiveOf, Sampler, samplerArtifacts, type Sequence } from "../../src/rl/mod.ts";
import { openRuntime, type Runtime, type RuntimeOptions } from "../../src/runtime/mod.ts";
import { print } from "../../tasks/shared/command.ts";

/** The shape of Qwen3-0.6B, and one that a program can compute in place of a card. */
const shapes: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "0.6b": {
    head_dim: 128,
    hidden_size: 1024,
    intermediate_size: 3072,
    num_attention_heads: 16,
    num_hidden_layers: 28,
    num_key_value_heads: 8,
    vocab_size: 151936,
  },
  tiny: {
    head_dim: 16,
    hidden_size: 32,
    intermediate_size: 48,
    num_attention_heads: 4,
    num_hidden_layers: 2,
    num_key_value_heads: 2,
    vocab_size: 100,
  },
};

const [provider = "auto", shape = "0.6b", precision = "float32", peak] = Deno.args;
const tiny = shape === "tiny", batches = tiny ? [4, 8] : [64, 256], internalLayer = tiny ? 1 : 6;
const promptTokens = 8, responseTokens = tiny ? 4 : 64, rows = tiny ? 2 : 8, sequence = tiny ? 16 : 512;

const config: ModelConfig = parseConfig(JSON.stringify({
  architectures: ["Qwen3ForCausalLM"],
  hidden_act: "silu",
  rms_norm_eps: 1e-6,
  rope_theta: 1000000,
  tie_word_embeddings: true,
  ...shapes[shape],
}));
const runtime = openRuntime({ provider: provider as RuntimeOptions["provider"], threads: 1 });
const layout: ParameterLayout = {
  precision: precision as Precision,
  largestTensor: runtime.largestTensor,
};
function build(layout: ParameterLayout): Artifacts {
  return buildArtifacts({
    config,
    objective: objectiveOf(losses.reference),
    optimizer: { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01, maxGradientNorm: 1 },
    internalLayer,
    layout,
  });
}

const files = build(layout);

function graph(name: string, policy: PolicyChoice = "full", of = files): Uint8Array {
  return of[artifactName(name, policy)] ?? new Uint8Array();
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

const weights = initializeWeights(config, 1), parameters = parameterCount(parameterShapes(config));

function open(on: Runtime, held = layout): Promise<Learner> {
  const policies: PolicyChoice[] = ["full", internalLayer], of = held === layout ? files : build(held);
  return Learner.open(
    on,
    {
      training: new Map(policies.map((policy) => [policy, graph("training_model", policy, of)])),
      optimizer: new Map(policies.map((policy) => [policy, graph("optimizer_model", policy, of)])),
      evaluation: graph("eval_model", "full", of),
    },
    tensorsInMemory(weights),
    1,
    held,
  );
}

/** Tokens within the vocabulary. */
const tokens = (count: number, seed: number): number[] =>
  Array.from({ length: count }, (_, i) => (i * 7 + seed * 13) % config.vocabularySize);
const sequences: Sequence[] = Array.from({ length: rows }, (_, row) => ({
  prompt: tokens(promptTokens, row),
  response: tokens(sequence - promptTokens, row + 1),
}));
const targets = sequences.map(({ response }) => ({
  oldLogprobs: response.map(() => -3),
  advantages: response.map((_, i) => i % 2 - 0.5),
  weights: response.map(() => 1 / sequence),
}));

/** Prints one line a measurement; the first run of each is not counted, because it makes the kernels. */
async function measure(runtime: Runtime, label: string): Promise<void> {
  const learner = await open(runtime);
  for (const batch of batches) {
    const sampler = await Sampler.open(runtime, samplerArtifacts(graph), config, {
      temperature: 1,
      maxPromptTokens: promptTokens,
      maxResponseTokens: responseTokens,
      endIds: [],
      precision: layout.precision,
      batch,
    });
    const requests = Array.from(
      { length: batch },
      (_, i) => ({ prompt: tokens(promptTokens, i), problem: i, sample: 0 }),
    );
    const run = () => sampler.sample(learner.parameters, requests, [1, 2]);
    await sampler.sample(learner.parameters, requests.slice(0, 4), [1, 2]);
    const rate = batch * responseTokens / await seconds(run);
    print(`| ${label} | rollout, batch ${batch} | ${rate.toFixed(0)} tokens/s |`);
    await sampler.dispose();
  }
  for (const policy of ["full", internalLayer] as const) {
    const accumulate = () => learner.accumulate(policy, sequences, targets, rows * sequence, rows * sequence);
    await accumulate();
    const backward = await seconds(accumulate);
    await learner.step(policy, 1e-6);
    const update = await seconds(() => learner.step(policy, 1e-6));
    const work = 6 * parameters * rows * sequence / backward / 1e12;
    const share = peak === undefined ? "" : `, ${(100 * work / Number(peak)).toFixed(1)} % of the peak`;
    const speed = policy === "full" ? `, ${work.toFixed(3)} TFLOP/s${share}` : "";
    print(
      `| ${label} | gradient of ${rows} × ${sequence} tokens, policy ${policy} | ${
        backward.toFixed(3)
      } s${speed} |`,
    );
    print(`| ${label} | AdamW step, policy ${policy} | ${update.toFixed(3)} s |`);
  }
  await learner.dispose();
}

const on = runtime.adapter ?? runtime.provider;
print(
  `${shape} in ${precision}: ${(parameters / 1e6).toFixed(1)} M parameters on ${runtime.provider} (${on}); ${
    runtime.fallback ?? ""
  }`,
);
print("| state | what | measured |\n|---|---|---|");
await measure(runtime, "on the device");
if (runtime.provider !== "cpu") {
  // The same, with parameters, gradients, moments and caches in this process's memory: each run copies them.
  const copied: Runtime = {
    provider: runtime.provider,
    threads: runtime.threads,
    largestTensor: runtime.largestTensor,
    transfers: runtime.transfers,
    memory: runtime.memory,
    load: (model) => runtime.load(model),
    prepare: (model) => runtime.prepare(model),
    upload: (dtype, dims, data) => runtime.stage(dtype, dims, data),
    stage: (dtype, dims, data) => runtime.stage(dtype, dims, data),
    giveBack: () => runtime.giveBack(),
  };
  await measure(copied, "copied at each run");
}
const score = async (where: Runtime, held: ParameterLayout): Promise<number[]> => {
  const learner = await open(where, held);
  const scores = await learner.score(sequences.slice(0, 2), 2 * sequence);
  await learner.dispose();
  return scores.flatMap(({ logprobs, entropy }) => [...logprobs, ...entropy]);
};
const own = await score(runtime, layout),
  reference = await score(openRuntime({ provider: "cpu", threads: 4 }), plainLayout);
const gap = own.reduce((most, value, i) => Math.max(most, Math.abs(value - (reference[i] ?? NaN))), 0);
print(
  `| parity | largest difference of a log-probability or entropy from the CPU in float32 | ${
    gap.toExponential(1)
  } nats |`,
);
print(
  `\nTransfers: ${JSON.stringify(runtime.transfers)} bytes; on the device at the end: ${
    JSON.stringify(runtime.memory)
  }`,
);
