/**
 * What an experiment needs of memory, stage by stage: what stays, and the most that a graph holds while it runs.
 *
 * @module
 */

import { criticParameters } from "../../artifact/mod.ts";
import {
  EMBEDDING,
  type ModelConfig,
  outputEmbedding,
  parameterCount,
  type ParameterLayout,
  type ParameterShapes,
  parameterShapes,
  parameterType,
  type Precision,
} from "../../model/mod.ts";
import { cacheSlots, COPIES, decodedRows, longestPack, prefillSizes } from "../../rl/mod.ts";
import { probeCost } from "../../policy/mod.ts";
import { runPolicies } from "../method_graphs.ts";
import { type CostOf, type PlanGraphs, type PolicyCosts, withPlannedLayer } from "./graphs.ts";
import { methodRows, PROBE_TOKENS, type Profile } from "../profile/mod.ts";

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

/** Settings that memory depends on. */
export interface MemorySettings {
  /** Padded positions of a micro-batch. */
  readonly microBatchTokens: number;
  /** Rows that are decoded together. */
  readonly rolloutBatch: number;
  /** The most response tokens. */
  readonly maxResponseTokens: number;
  /** What layers compute in. */
  readonly precision: Precision;
  /** The element type of KV caches; absent: what layers compute in. */
  readonly kvCache: "float32" | "float16" | undefined;
  /** Gradient checkpointing. */
  readonly checkpointing: boolean;
  /** Float32 parameters and moments on the host, where the optimizer runs. */
  readonly offload: boolean;
  /** What a stage does not use is freed. */
  readonly stagedMemory: boolean;
}

/** The settings of a profile. */
export function memorySettings(profile: Profile, rolloutBatch = profile.rolloutBatch): MemorySettings {
  const { maxResponseTokens, precision = "float32", training } = profile;
  return {
    microBatchTokens: training.microBatchTokens,
    rolloutBatch,
    maxResponseTokens,
    precision,
    kvCache: profile.rollout?.kvCache,
    checkpointing: training.checkpointing ?? false,
    offload: training.offload ?? false,
    stagedMemory: training.stagedMemory ?? false,
  };
}

/** Memory of one worker, in bytes, where its graphs compute: on a device, or in the process. */
export interface WorkerMemory {
  /** Parameters as float32. */
  readonly weights: number;
  /** Their 16-bit copies that layers compute with; 0 in float32. */
  readonly halves: number;
  /** Of both, what lies where graphs compute; less where float32 parameters lie on the host. */
  readonly placed: number;
  /** Their gradients. */
  readonly gradients: number;
  /** AdamW's two moments where graphs compute; 0 where they lie on the host. */
  readonly moments: number;
  /** The KV caches of rollouts: that of the rows, and that of the prompts that are copied to them. */
  readonly cache: number;
  /** Program, tokenizer and loaded graphs; none of it on a device. */
  readonly program: number;
  /** Tokens, log-probs and scores of a step's responses; the same. */
  readonly host: number;
  /** What a device's user needs of the host: program, tokens, and the state that lies there. */
  readonly onHost: number;
  /** The frozen base model that a divergence is taken from; 0 where no method has one. */
  readonly reference: number;
  /** A critic's parameters, their 16-bit copies, gradients and moments; 0 where no method has one. */
  readonly critic: number;
  /** Weights as the CPU's kernel of products reads them, which only sampling holds. */
  readonly arranged: number;
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
export function microBatchRows(
  { microBatchTokens }: Pick<MemorySettings, "microBatchTokens">,
  length: number,
): number {
  return Math.max(1, Math.floor(microBatchTokens / length));
}

/** The positions of the longest sequence. */
export function longestSequence(
  profile: Profile,
  settings: Pick<MemorySettings, "maxResponseTokens">,
): number {
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

/**
 * Bytes of the weights as the CPU's kernel of products reads them, which decoding holds besides: `[out, in]` in panels of
 * 16 outputs. Those of 16-bit layers are arranged at each run.
 */
export function arrangedBytes(config: ModelConfig, shapes: ParameterShapes, layout: ParameterLayout): number {
  const multiplied = [...shapes].filter(([name, shape]) =>
    shape.length === 2 && parameterType(name, shape, layout) === "float32" &&
    (name !== EMBEDDING || outputEmbedding(config) === EMBEDDING)
  );
  return multiplied.reduce((sum, [, [out = 0, width = 0]]) => sum + 4 * width * 16 * Math.ceil(out / 16), 0);
}

/** Bytes of the largest tensor: what reading, copying and saving hold besides. */
function largest(shapes: ParameterShapes): number {
  return 4 * Math.max(...[...shapes.values()].map((shape) => shape.reduce((a, b) => a * b, 1)));
}

/** The most logits of one position that exist at a time: as many as the vocabulary, cut in chunks of which all live. */
function logitBytes(config: ModelConfig, tokens: number): number {
  return 4 * tokens * config.vocabularySize;
}

/**
 * The sizes of micro-batches that memory may peak at: rows of the longest sequence, and the longest row that several
 * responses share.
 */
export function microBatchSizes(
  profile: Profile,
  settings: MemorySettings,
): readonly { readonly batch: number; readonly sequence: number }[] {
  const longest = longestSequence(profile, settings), tokens = settings.microBatchTokens;
  const { maxPromptTokens: prompt, training: { groupSize: group } } = profile;
  const shared = longestPack({ prompt, response: settings.maxResponseTokens, group, tokens });
  const lengths = shared > longest && shared <= tokens ? [longest, shared] : [longest];
  return lengths.map((sequence) => ({ batch: microBatchRows(settings, sequence), sequence }));
}

/** What a probe holds while it reads: tables, a layer, states. The choice of a layer holds less than training does. */
function probePeak(
  { maxPromptTokens, training: { probe } }: Profile,
  config: ModelConfig,
  { maxResponseTokens }: MemorySettings,
): number {
  if (!probe) return 0;
  const layers = probe.layers === "all"
    ? Array.from({ length: config.layers }, (_, i) => i + 1)
    : probe.layers;
  const responseTokens = Math.min(PROBE_TOKENS, maxResponseTokens);
  return probeCost(
    config,
    { completions: probe.problems, promptTokens: maxPromptTokens, responseTokens },
    layers,
  ).peak;
}

/** The memory of a worker that trains and evaluates, where its graphs compute. */
export function workerMemory(
  profile: Profile,
  config: ModelConfig,
  graphs: PlanGraphs,
  settings: MemorySettings,
  device = false,
): WorkerMemory {
  const shapes = parameterShapes(config), weights = 4 * parameterCount(shapes);
  const sizes = microBatchSizes(profile, settings), { stagedMemory } = settings;
  const { maxPromptTokens, threads } = profile, { rolloutBatch: batchRows, maxResponseTokens } = settings;
  // On the CPU device and host are one.
  const offload = device && settings.offload;
  const sampling = { maxPromptTokens, maxResponseTokens, batch: batchRows };
  const prompts = prefillSizes(sampling, threads), decoded = decodedRows(batchRows, graphs.layout.precision);
  const capacity = cacheSlots(sampling);
  const rows = methodRows(profile), layered = withPlannedLayer(profile, config);
  const choices = rows.map((row) =>
    new Set(row.seeds.flatMap((seed) => [...runPolicies(layered, row, seed, config.layers).keys()]))
  );
  const inner = [...new Set(choices.flatMap((policies) => [...policies]))].filter((policy) =>
    policy !== "full"
  );
  const most = (cost: CostOf): number => Math.max(...sizes.map((size) => cost(size).peakBytes));
  const decoding = graphs.rollout({ batch: decoded, capacity });
  const prefill = graphs.prefill({ batch: prompts.rows, piece: prompts.piece, prompt_slots: prompts.slots });
  const copy = graphs.copy({
    copies: Math.min(COPIES, decoded),
    prompts: prompts.rows,
    prompt_slots: prompts.slots,
    batch: decoded,
    capacity,
  });
  const [size] = sizes, first = size ?? { batch: 1, sequence: 1 };
  const trainedKernels = ({ training, optimizer }: PolicyCosts): number =>
    training(first).kernels + optimizer.kernels;
  // A run loads the graphs of its own method.
  const own = rows.map(({ method: { critic } }, i) =>
    [...choices[i] ?? []].reduce<number>((sum, policy) => sum + trainedKernels(graphs.policy(policy)), 0) +
    (critic ? trainedKernels(graphs.critic) + graphs.critic.evaluation(first).kernels : 0)
  );
  const kernels = [graphs.evaluation(first), decoding, prefill, copy]
    .reduce((sum, cost) => sum + cost.kernels, Math.max(...own));
  const program = WORKER_BYTES + TOKENIZER_BYTES * config.vocabularySize + KERNEL_BYTES * kernels;
  const host = HOST_TOKEN_BYTES * profile.training.promptsPerStep * profile.training.groupSize *
    longestSequence(profile, settings);
  const halves = halfBytes(shapes, graphs.layout),
    elementBytes = graphs.cachePrecision === "float32" ? 4 : 2;
  const cache = cacheBytes(config, decoded, capacity, elementBytes) +
    cacheBytes(config, prompts.rows, prompts.slots, elementBytes);
  const sampled = Math.max(decoding.peakBytes, prefill.peakBytes, copy.peakBytes);
  const internalTraining = graphs.internal.training;
  const critics = rows.some(({ method }) => method.critic) ? [graphs.critic] : [];
  const trained = [graphs.full, ...inner.map((policy) => graphs.policy(policy)), ...critics];
  const intermediates = {
    rollout: sampled,
    scoring: Math.max(
      ...[graphs, ...critics].map(({ evaluation }) => most(evaluation)),
      probePeak(profile, config, settings),
    ),
    training: Math.max(...trained.map(({ training }) => most(training))),
    optimizer: offload
      ? 0
      : Math.max(...trained.map(({ optimizer }) => optimizer.peakBytes), largest(shapes)),
    evaluation: sampled,
  };
  // A copy takes half the room of what it stands for.
  const used = weights - halves, placed = offload ? used : weights + halves;
  const gradients = weights, moments = offload ? 0 : 2 * weights;
  const reference = rows.some(({ method }) => method.kl) ? weights + halves : 0;
  const head = critics.length > 0 ? criticParameters(config) : new Map<string, readonly number[]>();
  const criticWeights = 4 * parameterCount(head), criticHalves = halfBytes(head, graphs.layout);
  const criticPlaced = offload ? criticWeights - criticHalves : criticWeights + criticHalves;
  const criticMoments = offload ? 0 : 2 * criticWeights;
  // What of these is there in all of training, and gradients, which staged memory frees.
  const beside = reference + criticPlaced + criticMoments, allGradients = gradients + criticWeights;
  // Of one process: sums of shards that wait on the host for their neighbours in the tree.
  const waiting = Math.log2(profile.training.gradientShards ?? 1) * allGradients;
  const inProcess = device ? 0 : program + host;
  // What runs have freed stays in their arena for the next ones, so that all of them take as much as the largest.
  const arena = Math.max(...Object.values(intermediates));
  const arranged = device ? 0 : arrangedBytes(config, shapes, graphs.layout);
  const alive: Readonly<Record<Stage, number>> = {
    rollout: placed + moments + beside + cache + arranged + (stagedMemory ? 0 : allGradients),
    scoring: placed + moments + beside + (stagedMemory ? 0 : allGradients + cache),
    training: placed + moments + beside + allGradients + (device ? 0 : waiting) + (stagedMemory ? 0 : cache),
    optimizer: placed + moments + beside + allGradients + (stagedMemory ? 0 : cache),
    // Nothing was trained in this process, or its arena is given back as far as it is not needed.
    evaluation: used + cache + arranged,
  };
  const peaks = Object.fromEntries(stages.map((stage) => {
    const own = device || stage === "evaluation" ? intermediates[stage] : arena;
    return [stage, alive[stage] + own + inProcess];
  })) as Record<Stage, number>; // one for each stage
  return {
    weights,
    halves,
    placed,
    gradients,
    moments,
    cache,
    program,
    host,
    // Parameters, moments, gradients, and rounded parameters on their way to the device.
    onHost: program + host + (device ? waiting : 0) +
      (offload ? 4 * (weights + criticWeights) + halves + criticHalves : 0),
    reference,
    critic: criticPlaced + criticMoments + criticWeights,
    arranged,
    intermediates,
    internalTraining: most(internalTraining),
    logits: logitBytes(config, Math.max(...sizes.map(({ batch, sequence }) => batch * sequence))),
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
