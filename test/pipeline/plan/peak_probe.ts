/**
 * Trains a model with random weights for a step of each of some methods, with responses that are all as long as
 * is allowed, in a process of its own, and prints as JSON what the plan says of it and what it took. It reads /proc, which
 * needs all permissions.
 *
 * @module
 */

import { artifactName, buildArtifacts, criticWeights, type PolicyChoice } from "../../../src/artifact/mod.ts";
import {
  attentionBlock,
  initializeWeights,
  parseConfig,
  plainLayout,
  tensorsInMemory,
  type TensorSource,
} from "../../../src/model/mod.ts";
import {
  graphVariants,
  type Machine,
  parseProfile,
  planProfile,
  type ProfileMethod,
  TOKENIZER_BYTES,
  WORKER_BYTES,
} from "../../../src/pipeline/mod.ts";
import {
  Learner,
  longestRow,
  losses,
  methods,
  objectiveOf,
  placeParameters,
  Sampler,
  samplerArtifacts,
  trainStep,
} from "../../../src/rl/mod.ts";
import { openRuntime } from "../../../src/runtime/mod.ts";

/** What is measured. */
export interface PeakCase {
  /** Fields of a config.json that differ from the embedded model's. */
  readonly config: Readonly<Record<string, number>>;
  /** Prompt and response tokens, and the most positions of a micro-batch. */
  readonly lengths: readonly [prompt: number, response: number, microBatch: number];
  /** Prompts and responses a prompt of a step. */
  readonly batch: readonly [prompts: number, group: number];
  /** Gradient checkpointing, and memory by stage. */
  readonly settings: { readonly checkpointing?: boolean; readonly stagedMemory?: boolean };
  /** The methods, one step each; default GRPO, BuPO's first phase, GRPO. */
  readonly methods?: readonly ("grpo" | "bupo" | "ppo")[];
  /** Whether a step of GRPO with a divergence from the base model follows. */
  readonly reference?: boolean;
}

/** Bytes. */
export interface Peaks {
  /** What the plan says, with what this program takes in place of a whole one. */
  readonly planned: number;
  /** What was resident at most. */
  readonly measured: number;
}

/** Bytes of the objects that graphs are traced and written with, beside the loaded program; measured. */
const TRACING_BYTES = 50e6;

function resident(): number {
  return 1024 * Number(/VmHWM:\s+(\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))?.[1]);
}

/** Frees arrays that nobody holds, where this process was started with V8's `--expose-gc`. */
function collect(): void {
  const { gc } = globalThis as { gc?: () => void };
  gc?.();
}

async function measure(
  { config: changes, lengths, batch, settings, methods: names = ["grpo", "bupo", "grpo"], reference = false }:
    PeakCase,
): Promise<Peaks> {
  const text = await Deno.readTextFile("benchmarks/model/config.json");
  const config = parseConfig(
    JSON.stringify({ ...JSON.parse(text), max_position_embeddings: 8192, ...changes }),
  );
  const path = "benchmarks/profiles/smoke.json", smoke = parseProfile(await Deno.readTextFile(path), path);
  const [maxPromptTokens, maxResponseTokens, microBatchTokens] = lengths, [promptsPerStep, groupSize] = batch;
  const training = {
    ...smoke.training,
    ...settings,
    promptsPerStep,
    groupSize,
    microBatchTokens,
    updatesPerStep: 1,
  };
  const kl = { in: "reward", estimator: "k1", coefficient: 0.01 } as const;
  const rows: ProfileMethod[] = reference ? [...names, { name: "held", row: "grpo", kl }] : [...names];
  const profile = { ...smoke, methods: rows, maxPromptTokens, maxResponseTokens, training },
    internalLayer = 2;
  const machine: Machine = {
    memory: undefined,
    available: undefined,
    cores: 1,
    speed: undefined,
    named: false,
  };
  const { memory } = planProfile(profile, config, machine, { workers: 1, suites: [], quick: true });
  // No worker, no tokenizer, no lists of a whole pipeline.
  const bare = WORKER_BYTES + TOKENIZER_BYTES * config.vocabularySize + memory.host;
  const planned = memory.peak - bare;

  const before = resident(), runtime = openRuntime({ provider: "cpu", threads: 1 });
  const files = buildArtifacts({
    config,
    objective: objectiveOf(losses.reference),
    optimizer: profile.optimizer,
    internalLayer,
    checkpointing: settings.checkpointing ?? false,
    attentionBlock: attentionBlock(longestRow(profile)),
    variants: graphVariants(profile, config.layers),
  });
  const graph = (model: string, policy: PolicyChoice = "full"): Uint8Array =>
    files[artifactName(model, policy)] ?? new Uint8Array();
  const policies: PolicyChoice[] = ["full", internalLayer];
  // Made where they are used: what nobody reads would be in the peak.
  const weights = (): TensorSource => tensorsInMemory(initializeWeights(config, 1));
  const learner = await Learner.open(
    runtime,
    {
      training: new Map(policies.map((policy) => [policy, graph("training_model", policy)])),
      optimizer: new Map(policies.map((policy) => [policy, graph("optimizer_model", policy)])),
      evaluation: graph("eval_model"),
    },
    weights(),
    1,
  );
  const critic = names.includes("ppo")
    ? await Learner.open(
      runtime,
      {
        training: new Map([["full", files["critic_training.ppo.onnx"] ?? new Uint8Array()]]),
        optimizer: new Map([["full", files["critic_optimizer.ppo.onnx"] ?? new Uint8Array()]]),
        evaluation: graph("critic_eval"),
      },
      criticWeights(config, weights()),
      1,
    )
    : undefined;
  const held = reference ? await placeParameters(runtime, weights(), plainLayout) : undefined;
  const sampler = await Sampler.open(runtime, samplerArtifacts(graph), config, {
    temperature: 1,
    maxPromptTokens,
    maxResponseTokens,
    endIds: [],
    batch: profile.rolloutBatch,
  });
  const prompts = Array.from(
    { length: promptsPerStep },
    (_, p) => Array.from({ length: maxPromptTokens }, (_, t) => 1 + (p + t) % 400),
  );
  for (
    const method of [...names.map((name) => methods[name]), ...(reference ? [{ ...methods.grpo, kl }] : [])]
  ) {
    const step = {
      ...training,
      method,
      loss: losses.reference,
      seed: 1,
      steps: 9,
      layers: config.layers,
      internalLayer,
      internalSteps: 1,
      schedule: { peak: 1e-6, warmupSteps: 0, finalShare: 1 },
      maxResponseTokens,
      logprobTolerance: 1e-2,
    };
    collect();
    await trainStep(step, learner, sampler, { prompts, reward: (_, { response }) => response[0] ?? 0 }, 1, {
      critic: method.critic && critic,
      reference: method.kl && held,
    });
  }
  return { planned: planned + before + TRACING_BYTES, measured: resident() };
}

if (import.meta.main) {
  const peaks = await measure(JSON.parse(Deno.args[0] ?? "{}") as PeakCase);
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(peaks)}\n`));
}
