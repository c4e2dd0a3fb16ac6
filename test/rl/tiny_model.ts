/**
 * A small model with random weights, its artifacts, and what runs them, for tests.
 *
 * @module
 */

import {
  artifactName,
  buildArtifacts,
  buildSamplingArtifacts,
  type Objective,
  type ObjectiveInputs,
  type PolicyChoice,
} from "../../src/artifact/mod.ts";
import {
  initializeWeights,
  type ModelConfig,
  type ParameterLayout,
  parseConfig,
  plainLayout,
  type StoredTensors,
  tensorsInMemory,
} from "../../src/model/mod.ts";
import { RandomStream } from "../../src/random.ts";
import {
  Learner,
  policyLoss,
  Sampler,
  samplerArtifacts,
  type SamplingSettings,
  type Sequence,
} from "../../src/rl/mod.ts";
import type { TokenTargets } from "../../src/rl/mod.ts";
import { type DeviceTensor, type DeviceTensors, openRuntime, type Runtime } from "../../src/runtime/mod.ts";

/** One thread, as in the profiles. */
export const runtime: Runtime = openRuntime({ provider: "cpu", threads: 1 });

const architectures = {
  qwen3: "Qwen3ForCausalLM",
  qwen2: "Qwen2ForCausalLM",
  llama: "LlamaForCausalLM",
} as const;

/** A configuration with grouped heads. */
export function tinyConfig(
  { family = "qwen3", layers = 3, tied = true, vocabulary = 40 }: {
    family?: keyof typeof architectures;
    layers?: number;
    tied?: boolean;
    vocabulary?: number;
  } = {},
): ModelConfig {
  return parseConfig(JSON.stringify({
    architectures: [architectures[family]],
    vocab_size: vocabulary,
    hidden_size: 32,
    num_hidden_layers: layers,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    head_dim: 16,
    intermediate_size: 48,
    rms_norm_eps: 1e-6,
    rope_theta: 10000,
    tie_word_embeddings: tied,
    hidden_act: "silu",
  }));
}

/** The clipped surrogate of the reference settings. */
export function objective(inputs: ObjectiveInputs): ReturnType<Objective> {
  return policyLoss(inputs, { clipLow: 0.2, clipHigh: 0.2, dualClip: 10 });
}

/** AdamW as in the profiles. */
export const optimizer = {
  betas: [0.9, 0.999],
  epsilon: 1e-8,
  weightDecay: 0.01,
  maxGradientNorm: 1,
} as const;

/** Loads a learner of the full policy and that of a layer. */
export async function openLearner(
  config: ModelConfig,
  {
    weights = initializeWeights(config, 1),
    layer = 2,
    temperature = 1,
    on = runtime,
    checkpointing = false,
    layout = plainLayout,
    loss = objective,
    home = on,
    attentionBlock,
  }: {
    weights?: StoredTensors;
    layer?: number;
    temperature?: number;
    on?: Runtime;
    checkpointing?: boolean;
    layout?: ParameterLayout;
    loss?: Objective;
    home?: Runtime;
    attentionBlock?: number | undefined;
  } = {},
): Promise<Learner> {
  const files = buildArtifacts({
    config,
    objective: loss,
    optimizer,
    internalLayer: layer,
    checkpointing,
    layout,
    attentionBlock,
  });
  const graph = (model: string, policy: PolicyChoice = "full"): Uint8Array => {
    const bytes = files[artifactName(model, policy)];
    if (!bytes) throw new ReferenceError(`no ${artifactName(model, policy)}`);
    return bytes;
  };
  const policies: PolicyChoice[] = ["full", layer];
  const artifacts = {
    training: new Map(policies.map((policy) => [policy, graph("training_model", policy)])),
    optimizer: new Map(policies.map((policy) => [policy, graph("optimizer_model", policy)])),
    evaluation: graph("eval_model"),
  };
  return await Learner.open(on, artifacts, tensorsInMemory(weights), temperature, layout, home);
}

/** Loads a sampler. */
export async function openSampler(
  config: ModelConfig,
  settings: Partial<SamplingSettings> = {},
  on: Runtime = runtime,
  layout: ParameterLayout = plainLayout,
): Promise<Sampler> {
  const files = buildSamplingArtifacts(config, layout, settings.cachePrecision);
  const graphs = samplerArtifacts((model) => files[artifactName(model)] ?? new Uint8Array());
  return await Sampler.open(on, graphs, config, {
    temperature: 1,
    maxResponseTokens: 12,
    maxPromptTokens: 8,
    endIds: [0],
    batch: 4,
    precision: layout.precision,
    ...settings,
  });
}

/** Weights on the device. */
export function place(weights: StoredTensors): DeviceTensors {
  return Object.fromEntries([...weights].map(([name, { shape, data }]): [string, DeviceTensor] => {
    return [name, runtime.upload("float32", shape, Float32Array.from(data as Float32Array))];
  }));
}

/** Random sequences of ragged lengths with targets as a training step would make them. */
export function randomBatch(
  count: number,
  vocabulary: number,
  seed = 0,
): { sequences: Sequence[]; targets: TokenTargets[]; tokens: number } {
  const random = new RandomStream("batch", seed);
  const list = (length: number): number[] => Array.from({ length }, () => random.integer(1, vocabulary - 1));
  const sequences = Array.from({ length: count }, () => ({
    prompt: list(random.integer(1, 6)),
    response: list(random.integer(1, 14)),
  }));
  const tokens = sequences.reduce((total, { response }) => total + response.length, 0);
  const targets = sequences.map(({ response }) => ({
    oldLogprobs: response.map(() => -4 + 0.5 * random.normal()),
    advantages: response.map(() => random.normal()),
    weights: response.map(() => 1 / tokens),
  }));
  return { sequences, targets, tokens };
}

/** The norm of the difference of two gradients, relative to the norm of the second. */
export function relativeDifference(
  actual: ReadonlyMap<string, Float32Array>,
  expected: ReadonlyMap<string, Float32Array>,
): number {
  let difference = 0, size = 0;
  for (const [name, values] of expected) {
    const others = actual.get(name);
    values.forEach((value, i) => {
      difference += ((others?.[i] ?? NaN) - value) ** 2;
      size += value ** 2;
    });
  }
  return Math.sqrt(difference / size);
}

/** The bytes of a number list, so that equality is equality of bits. */
export function bits(values: ArrayLike<number>): Uint8Array {
  return new Uint8Array(Float64Array.from(values).buffer);
}
