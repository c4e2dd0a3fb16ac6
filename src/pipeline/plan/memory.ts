/**
 * What an experiment needs of memory, stage by stage: what stays, and the most that a graph holds while it runs.
 *
 * @module
 */

import {
  type ModelConfig,
  parameterCount,
  type ParameterLayout,
  type ParameterShapes,
  parameterShapes,
  parameterType,
} from "../../model/mod.ts";
import { cacheSlots, COPIES, decodedRows, methods, prefillSizes } from "../../rl/mod.ts";
import type { PlanGraphs } from "./graphs.ts";
import type { Profile } from "../profile/mod.ts";

/** Bytes of Deno, this program and ONNX Runtime before anything is loaded; measured. */
export const PROCESS_BYTES = 370e6;
/** Bytes of a worker's own copy of the program, without tokenizer and graphs; measured. */
export const WORKER_BYTES = 170e6;
/** Bytes of a tokenizer for each of its tokens: its tables as JavaScript objects; measured on Qwen3's. */
export const TOKENIZER_BYTES = 1600;
/** Bytes of a loaded graph for each of its kernels; measured. */
export const KERNEL_BYTES = 10_000;
/** Bytes of lists that the host keeps for each token of a step: tokens, log-probs, scores, targets. */
export const HOST_TOKEN_BYTES = 80;

/** The stages of training and evaluation whose peaks differ. */
export const stages = ["rollout", "scoring", "training", "optimizer", "evaluation"] as const;

/** A stage. */
export type Stage = typeof stages[number];

/** Settings that memory depends on and that a user can lower. */
export interface MemorySettings {
  /** Padded positions of a micro-batch. */
  readonly microBatchTokens: number;
  /** Rows that are decoded together. */
  readonly rolloutBatch: number;
  /** The most response tokens. */
  readonly maxResponseTokens: number;
}

/** Memory of one worker, in bytes. */
export interface WorkerMemory {
  /** Parameters as float32. */
  readonly weights: number;
  /** Their 16-bit copies that layers compute with; 0 in float32. */
  readonly halves: number;
  /** Their gradients. */
  readonly gradients: number;
  /** AdamW's two moments. */
  readonly moments: number;
  /** The KV caches of rollouts: that of the rows, and that of the prompts that are copied to them. */
  readonly cache: number;
  /** Program, tokenizer and loaded graphs. */
  readonly program: number;
  /** Tokens, log-probs and scores of a step's responses. */
  readonly host: number;
  /** The most that a graph holds besides, by stage. */
  readonly intermediates: Readonly<Record<Stage, number>>;
  /** The intermediates of training the internal policy. */
  readonly internalTraining: number;
  /** The logits that exist at a time in training and scoring: part of the intermediates. */
  readonly logits: number;
  /** All that is resident in a stage. */
  readonly stages: Readonly<Record<Stage, number>>;
  /** The highest of them. */
  readonly peak: number;
}

/** The rows of a micro-batch of the longest sequences. */
export function microBatchRows({ microBatchTokens }: MemorySettings, length: number): number {
  return Math.max(1, Math.floor(microBatchTokens / length));
}

/** The positions of the longest sequence. */
export function longestSequence(profile: Profile, settings: MemorySettings): number {
  return profile.maxPromptTokens + settings.maxResponseTokens - 1;
}

/** Bytes of a KV cache: keys and values of every layer, slot and row. */
export function cacheBytes(config: ModelConfig, rows: number, slots: number, elementBytes = 4): number {
  return 2 * rows * slots * config.layers * config.keyValueHeads * config.headDimension * elementBytes;
}

/** Bytes of the 16-bit copies that layers compute with. */
function halfBytes(shapes: ParameterShapes, layout: ParameterLayout): number {
  return 2 *
    parameterCount(
      new Map([...shapes].filter(([name, shape]) => parameterType(name, shape, layout) !== "float32")),
    );
}

/** Bytes of the largest tensor: what reading, copying and saving hold besides. */
function largest(shapes: ParameterShapes): number {
  return 4 * Math.max(...[...shapes.values()].map((shape) => shape.reduce((a, b) => a * b, 1)));
}

/** The most logits of one position that exist at a time: as many as the vocabulary, cut in chunks of which all live. */
function logitBytes(config: ModelConfig, tokens: number): number {
  return 4 * tokens * config.vocabularySize;
}

/** The memory of a worker that trains and evaluates. */
export function workerMemory(
  profile: Profile,
  config: ModelConfig,
  graphs: PlanGraphs,
  settings: MemorySettings,
): WorkerMemory {
  const shapes = parameterShapes(config), weights = 4 * parameterCount(shapes);
  const length = longestSequence(profile, settings), batch = microBatchRows(settings, length);
  const { maxPromptTokens, threads } = profile, { rolloutBatch: batchRows, maxResponseTokens } = settings;
  const sampling = { maxPromptTokens, maxResponseTokens, batch: batchRows };
  const prompts = prefillSizes(sampling, threads), rows = decodedRows(batchRows);
  const capacity = cacheSlots(sampling);
  const sizes = { batch, sequence: length };
  const bottomUp = profile.methods.some((name) => methods[name].bottomUp);
  const training = graphs.full.training(sizes), internal = graphs.internal.training(sizes);
  const evaluation = graphs.evaluation(sizes), decoding = graphs.rollout({ batch: rows, capacity });
  const prefill = graphs.prefill({ batch: prompts.rows, piece: prompts.piece, prompt_slots: prompts.slots });
  const copy = graphs.copy({
    copies: Math.min(COPIES, rows),
    prompts: prompts.rows,
    prompt_slots: prompts.slots,
    batch: rows,
    capacity,
  });
  const sampled = Math.max(decoding.peakBytes, prefill.peakBytes, copy.peakBytes);
  const kernels = [training, graphs.full.optimizer, evaluation, decoding, prefill, copy]
    .concat(bottomUp ? [internal, graphs.internal.optimizer] : [])
    .reduce((sum, cost) => sum + cost.kernels, 0);
  const program = WORKER_BYTES + TOKENIZER_BYTES * config.vocabularySize +
    KERNEL_BYTES * kernels;
  const host = HOST_TOKEN_BYTES * profile.training.promptsPerStep * profile.training.groupSize * length;
  const halves = halfBytes(shapes, graphs.layout),
    elementBytes = graphs.layout.precision === "float32" ? 4 : 2;
  const cache = cacheBytes(config, rows, capacity, elementBytes) +
    cacheBytes(config, prompts.rows, prompts.slots, elementBytes);
  const intermediates = {
    rollout: sampled,
    scoring: evaluation.peakBytes,
    training: bottomUp ? Math.max(training.peakBytes, internal.peakBytes) : training.peakBytes,
    optimizer: Math.max(graphs.full.optimizer.peakBytes, largest(shapes)),
    evaluation: sampled,
  };
  const state = 4 * weights + halves + cache + program + host;
  // A copy takes half the room of what it stands for.
  const evaluated = weights - halves + cache + program;
  const peaks = Object.fromEntries(stages.map((stage) => {
    return [stage, (stage === "evaluation" ? evaluated : state) + intermediates[stage]];
  })) as Record<Stage, number>; // one for each stage
  return {
    weights,
    halves,
    gradients: weights,
    moments: 2 * weights,
    cache,
    program,
    host,
    intermediates,
    internalTraining: internal.peakBytes,
    logits: logitBytes(config, batch * length),
    stages: peaks,
    peak: Math.max(...Object.values(peaks)),
  };
}

/** The memory of the process with a number of workers, in bytes. */
export function processMemory(
  { peak }: Pick<WorkerMemory, "peak">,
  workers: number,
  config: ModelConfig,
): number {
  return PROCESS_BYTES + TOKENIZER_BYTES * config.vocabularySize + workers * peak;
}
