/**
 * Checks the decoder, its gradients and the optimizer against a folder of reference tensors (test/golden/models).
 *
 * @module
 */

import { z } from "zod";
import {
  artifactName,
  buildArtifacts,
  buildSamplingArtifacts,
  firstMomentName,
  gradientName,
  inspectionGraph,
  outputName,
  type PolicyChoice,
  secondMomentName,
} from "../artifact/mod.ts";
import type { GoldenGroup } from "./agreement.ts";
import {
  type ModelConfig,
  type ParameterLayout,
  parameterShapes,
  parseConfig,
  parseSafetensors,
  plainLayout,
  type StoredTensors,
  tensorsInMemory,
} from "../model/mod.ts";
import type { DeviceTensor, DeviceTensors, Runtime } from "../runtime/mod.ts";
import { toOnnx } from "../tensor/mod.ts";
import {
  crossEntropyLoss,
  placeParameters,
  policyLoss,
  type Reduction,
  Sampler,
  samplerArtifacts,
  tokenWeights,
} from "../rl/mod.ts";

/** The files of a reference model. */
export interface ModelCase {
  /** `config.json`. */
  readonly config: string;
  /** `meta.json`. */
  readonly meta: string;
  /** `model.safetensors`. */
  readonly model: Uint8Array;
  /** `inputs.safetensors`. */
  readonly inputs: Uint8Array;
  /** `expected.safetensors`. */
  readonly expected: Uint8Array;
}

/** What the loss is multiplied by in float16. */
const LOSS_SCALE = 2 ** 12;

/** The largest relative error that counts as agreement. */
const TOLERANCE = 1e-4;

const modeToReduction: Readonly<Record<string, Reduction>> = {
  "token-mean": "token-mean",
  "seq-mean-token-mean": "sequence-mean",
  "seq-mean-token-sum": "sequence-sum",
};

const lossSchema = z.looseObject({ loss: z.number(), grad_norm: z.number() });

const metaSchema = z.object({
  internal_layer: z.int(),
  policy_loss: z.object({
    clip_ratio_low: z.number(),
    clip_ratio_high: z.number(),
    clip_ratio_c: z.number(),
    loss_agg_mode: z.enum(Object.keys(modeToReduction) as [string]),
  }),
  optimizer: z.object({
    lr: z.number(),
    betas: z.tuple([z.number(), z.number()]),
    eps: z.number(),
    weight_decay: z.number(),
    max_grad_norm: z.number(),
  }),
  expected: z.object({ ce: lossSchema, grpo_full: lossSchema, grpo_layer: lossSchema }),
});

/**
 * Collects the worst relative error of each group: |Δ| over the largest expected magnitude. Gradients are measured each
 * against its own tensor, so that a small one cannot hide behind a large one; activations against their group, because a
 * policy that is nearly certain has next to no entropy, and so are updated parameters, because the first AdamW step
 * g / (|g| + ε) magnifies float32 noise where a gradient is as small as ε.
 */
export class Comparison {
  readonly #groups = new Map<string, Map<string, { error: number; scale: number; count: number }>>();

  add(group: string, actual: ArrayLike<number>, expected: ArrayLike<number>, tensor = ""): void {
    const tensors = this.#groups.get(group) ??
      new Map<string, { error: number; scale: number; count: number }>();
    this.#groups.set(group, tensors);
    const entry = tensors.get(tensor) ?? { error: 0, scale: 0, count: 0 };
    tensors.set(tensor, entry);
    for (let i = 0; i < expected.length; i++) {
      const a = actual[i] ?? NaN, e = expected[i] ?? NaN;
      // A NaN on our side is an infinite error, never a skipped one.
      entry.error = Math.max(entry.error, Number.isNaN(a - e) ? Infinity : Math.abs(a - e));
      entry.scale = Math.max(entry.scale, Math.abs(e));
      entry.count++;
    }
  }

  results(): GoldenGroup[] {
    return [...this.#groups].map(([name, tensors]) => {
      const entries = [...tensors.values()];
      return {
        name,
        worst: Math.max(...entries.map(({ error, scale }) => error / (scale || 1))),
        tolerance: TOLERANCE,
        count: entries.reduce((sum, { count }) => sum + count, 0),
      };
    });
  }
}

/** The case's tensors on the host and its inputs on the device. */
interface Loaded {
  readonly runtime: Runtime;
  readonly layout: ParameterLayout;
  readonly attentionBlock: number | undefined;
  readonly config: ModelConfig;
  readonly meta: z.infer<typeof metaSchema>;
  readonly weights: StoredTensors;
  readonly inputs: StoredTensors;
  readonly expected: StoredTensors;
  readonly batch: number;
  readonly length: number;
  readonly tokens: DeviceTensors;
}

/** The numbers of a reference tensor. */
export function numbersOf(tensors: StoredTensors, name: string): number[] {
  const stored = tensors.get(name);
  if (!stored) throw new ReferenceError(`Cannot check the model: the reference tensor "${name}" is missing`);
  return Array.from(stored.data, Number);
}

async function load(
  runtime: Runtime,
  files: ModelCase,
  layout: ParameterLayout,
  attentionBlock: number | undefined,
): Promise<Loaded> {
  const inputs = await parseSafetensors(files.inputs, "inputs.safetensors");
  const [batch = 0, length = 0] = inputs.get("input_ids")?.shape ?? [];
  const ids = numbersOf(inputs, "input_ids");
  const integers = (values: number[]): DeviceTensor =>
    runtime.upload("int64", [batch, length], BigInt64Array.from(values.map(BigInt)));
  return {
    runtime,
    layout: { ...layout, onHost: runtime.provider === "cpu" },
    attentionBlock,
    config: parseConfig(files.config),
    meta: metaSchema.parse(JSON.parse(files.meta)),
    weights: await parseSafetensors(files.model, "model.safetensors"),
    inputs,
    expected: await parseSafetensors(files.expected, "expected.safetensors"),
    batch,
    length,
    tokens: {
      input_ids: integers(ids),
      target_ids: integers(ids.map((_, i) => (i + 1) % length === 0 ? 0 : ids[i + 1] ?? 0)),
      position_ids: integers(numbersOf(inputs, "position_ids")),
      segment_ids: integers(numbersOf(inputs, "attention_mask")),
    },
  };
}

function place(runtime: Runtime, weights: StoredTensors): Record<string, DeviceTensor> {
  return Object.fromEntries([...weights].map(([name, { shape, data }]) => {
    return [name, runtime.upload("float32", shape, Float32Array.from(data as Float32Array))];
  }));
}

/** Stored tensors of every state and policy; padded positions are not compared. */
async function checkStates(loaded: Loaded, comparison: Comparison): Promise<void> {
  const { runtime, config, inputs, expected, batch, length, tokens } = loaded;
  const mask = numbersOf(inputs, "attention_mask");
  const session = await runtime.load(toOnnx(inspectionGraph(config)));
  const outputs = await session.run({ ...tokens, ...place(runtime, loaded.weights) });
  // From the reference's side, so that nothing it has goes unchecked.
  for (const [name, reference] of expected) {
    if (/^(grads|adamw)\.|^greedy_ids$/.test(name)) continue;
    const tensor = outputs[name];
    if (!tensor) throw new ReferenceError(`Cannot check the model: the inspection graph has no "${name}"`);
    const values = await tensor.download(), predicted = name.startsWith("logprobs.");
    const width = values.length / (batch * length), columns = predicted ? length - 1 : length;
    for (let row = 0; row < batch; row++) {
      for (let t = 0; t < columns; t++) {
        const at = row * length + t;
        if (!mask[at] || (predicted && !mask[at + 1])) continue;
        const from = (row * columns + t) * width;
        const actual = Array.from(values.slice(at * width, (at + 1) * width), Number);
        comparison.add(
          name.replace(/\.\d+$/, ""),
          actual,
          Array.from(reference.data.slice(from, from + width), Number),
        );
      }
    }
  }
  await session.dispose();
}

/** Cross-entropy, GRPO and layer-k losses: gradients, and one AdamW step where the reference has one. */
async function checkGradients(loaded: Loaded, comparison: Comparison): Promise<void> {
  const { runtime, layout, attentionBlock, config, meta, inputs, expected, batch, length, tokens } = loaded;
  const half = layout.precision === "float16", scale = half ? LOSS_SCALE : 1;
  const read = await placeParameters(runtime, tensorsInMemory(loaded.weights), layout);
  const { clip_ratio_low: clipLow, clip_ratio_high: clipHigh, clip_ratio_c: dualClip, loss_agg_mode } =
    meta.policy_loss;
  const { betas, eps, weight_decay: weightDecay, max_grad_norm: maxGradientNorm, lr } = meta.optimizer;
  const mask = Array.from({ length: batch }, (_, row) => {
    return numbersOf(inputs, "loss_mask").slice(row * (length - 1), (row + 1) * (length - 1));
  });
  const wide = (values: readonly ArrayLike<number>[]): DeviceTensor => {
    const data = new Float32Array(batch * length);
    values.forEach((row, i) => data.set(Array.from(row), i * length));
    return runtime.upload("float32", [batch, length], data);
  };
  const rows = (name: string): number[][] => {
    const values = numbersOf(inputs, name);
    return mask.map((_, row) => values.slice(row * (length - 1), (row + 1) * (length - 1)));
  };
  const optimizer = { betas, epsilon: eps, weightDecay, maxGradientNorm };
  const internalLayer = meta.internal_layer;
  const policyArtifacts = buildArtifacts({
    config,
    objective: (tensors) => policyLoss(tensors, { clipLow, clipHigh, dualClip }),
    optimizer,
    internalLayer,
    layout,
    attentionBlock,
  });
  const supervised = buildArtifacts({
    config,
    objective: (tensors) => ({ loss: crossEntropyLoss(tensors), metrics: {} }),
    optimizer,
    internalLayer: undefined,
    layout,
    attentionBlock,
  });
  const cases: readonly [
    keyof typeof meta.expected,
    Readonly<Record<string, Uint8Array>>,
    PolicyChoice,
    string,
  ][] = [
    ["ce", supervised, "full", "old_logprobs.full"],
    ["grpo_full", policyArtifacts, "full", "old_logprobs.full"],
    ["grpo_layer", policyArtifacts, internalLayer, "old_logprobs.layer"],
  ];
  for (const [name, artifacts, policy, old] of cases) {
    const suffix = policy === "full" ? "" : `.layer_${policy}`;
    const graph = (model: string): Uint8Array => artifacts[`${model}${suffix}.onnx`] ?? new Uint8Array();
    const training = await runtime.load(graph("training_model"));
    const shapes = [...parameterShapes(config)].filter(([parameter]) =>
      training.inputNames.includes(parameter)
    );
    const parameters = place(runtime, loaded.weights);
    const of = (tensors: DeviceTensors): DeviceTensors =>
      Object.fromEntries(shapes.map(([parameter]) => [parameter, tensors[parameter] as DeviceTensor]));
    const zeros = (suffixOf: (parameter: string) => string): DeviceTensors =>
      Object.fromEntries(shapes.map(([parameter, shape]) => {
        const size = shape.reduce((a, b) => a * b, 1);
        return [suffixOf(parameter), runtime.upload("float32", shape, new Float32Array(size))];
      }));
    const reduction = name === "ce" ? "token-mean" : modeToReduction[loss_agg_mode] ?? "token-mean";
    const outputs = await training.run({
      ...tokens,
      ...of(read),
      ...zeros(gradientName),
      old_logprobs: wide(rows(old)),
      advantages: wide(rows("advantages")),
      weights: wide(tokenWeights(mask, reduction).map((row) => Array.from(row, (weight) => scale * weight))),
      metric_weights: wide(tokenWeights(mask, "token-mean")),
      temperature: runtime.upload("float32", [], Float32Array.of(1)),
      reset_gradient: runtime.upload("bool", [], Uint8Array.of(1)),
    });
    const scalar = async (from: DeviceTensors, key: string, over = 1): Promise<number[]> => {
      return [Number((await from[key]?.download())?.[0]) / over];
    };
    const reference = meta.expected[name];
    comparison.add(`loss.${name}`, await scalar(outputs, "loss", scale), [reference.loss]);
    if (name !== "ce") {
      const metrics = [["clipFraction", "pg_clipfrac"], ["clipFractionLower", "pg_clipfrac_lower"], [
        "approxKl",
        "ppo_kl",
      ]] as const;
      for (const [ours, theirs] of metrics) {
        comparison.add(`metrics.${name}`, await scalar(outputs, ours), [Number(reference[theirs])]);
      }
    }
    const withGradient = [...expected.keys()].filter((key) => key.startsWith(`grads.${name}.`));
    comparison.add(`parameters.${name}`, [shapes.length], [withGradient.length]);
    const gradients: Record<string, DeviceTensor> = {};
    for (const [parameter] of shapes) {
      const gradient = outputs[outputName(gradientName(parameter))] as DeviceTensor;
      gradients[gradientName(parameter)] = gradient;
      comparison.add(
        `grads.${name}`,
        (await gradient.download() as Float32Array).map((value) => value / scale),
        numbersOf(expected, `grads.${name}.${parameter}`),
        parameter,
      );
    }
    await training.dispose();
    const step = await runtime.load(graph("optimizer_model"));
    const updated = await step.run({
      ...of(parameters),
      ...gradients,
      ...(half ? { gradient_scale: runtime.upload("float32", [], Float32Array.of(1 / scale)) } : {}),
      ...zeros(firstMomentName),
      ...zeros(secondMomentName),
      learning_rate: runtime.upload("float32", [], Float32Array.of(lr)),
      step: runtime.upload("int64", [shapes.length], new BigInt64Array(shapes.length).fill(1n)),
    });
    comparison.add(`grad_norm.${name}`, await scalar(updated, "gradient_norm"), [
      reference?.grad_norm ?? NaN,
    ]);
    // The reference has no step on the cross-entropy.
    for (const [parameter] of name === "ce" ? [] : shapes) {
      const value = await updated[outputName(parameter)]?.download() as Float32Array;
      comparison.add(`adamw.${name}`, value, numbersOf(expected, `adamw.${name}.${parameter}`));
    }
    await step.dispose();
  }
}

/** The greedy continuation through prefill and decoding, at a temperature so low that the best token always wins. */
async function checkGreedy(loaded: Loaded, comparison: Comparison): Promise<void> {
  const { runtime, config, inputs, expected } = loaded;
  const ids = numbersOf(inputs, "prompt_ids"), mask = numbersOf(inputs, "prompt_attention_mask");
  const [batch = 0, width = 0] = inputs.get("prompt_ids")?.shape ?? [];
  const wanted = numbersOf(expected, "greedy_ids"), steps = wanted.length / batch;
  const prompts = Array.from({ length: batch }, (_, row) => {
    return ids.slice(row * width, (row + 1) * width).filter((_, t) => mask[row * width + t]);
  });
  const files = buildSamplingArtifacts(config);
  // All three names are in the set.
  const graphs = samplerArtifacts((model) => files[artifactName(model)] as Uint8Array);
  const sampler = await Sampler.open(runtime, graphs, config, {
    temperature: 1e-4,
    maxPromptTokens: width,
    maxResponseTokens: steps,
    endIds: [],
    batch,
    // Prompts go through in more than one piece.
    piece: 4,
  });
  const requests = prompts.map((prompt, problem) => ({ prompt, problem, sample: 0 }));
  const rollouts = await sampler.sample(place(runtime, loaded.weights), requests, [0, 0]);
  await sampler.dispose();
  comparison.add("greedy_ids", rollouts.flatMap(({ response }) => response), wanted);
}

/**
 * Checks one reference model and returns the worst relative error of each tensor group.
 *
 * @param layout How gradients and optimizer steps are computed; states and continuations are in float32.
 * @param attentionBlock How many queries attention takes at a time where gradients are computed. Absent: all at once.
 */
export async function checkModel(
  runtime: Runtime,
  files: ModelCase,
  layout: ParameterLayout = plainLayout,
  attentionBlock?: number,
): Promise<GoldenGroup[]> {
  const loaded = await load(runtime, files, layout, attentionBlock), comparison = new Comparison();
  await checkStates(loaded, comparison);
  await checkGradients(loaded, comparison);
  await checkGreedy(loaded, comparison);
  return comparison.results();
}
