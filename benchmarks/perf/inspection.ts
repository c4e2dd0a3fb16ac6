/**
 * What inspecting a model of a published shape takes on the CPU: writes random weights as a sharded model directory, runs
 * `inspect` on it in a process of its own, and prints that process's peak memory against one layer and the output
 * embedding, and its processor seconds a layer and token, which other work on the machine changes little.
 *
 *     deno run -A benchmarks/perf/inspection.ts [MODEL] [TOKENS] [LAYERS]
 *
 * MODEL is a file of benchmarks/models (qwen3-0.6b unless it is given), TOKENS the response tokens (512), LAYERS how many
 * of its layers there are (all).
 *
 * @module
 */

import { join } from "node:path";
import { layerParameterNames } from "../../src/artifact/mod.ts";
import {
  layerParameter,
  loadTokenizer,
  parameterShapes,
  parseConfig,
  type TensorSource,
  writeModelDirectory,
} from "../../src/model/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { print } from "../../tasks/shared/command.ts";

/** Where a tokenizer is taken from: which texts are read changes neither time nor memory. */
const TOKENIZER = "benchmarks/model";

/** Bytes of a shard. */
const SHARD = 400e6;

const [name = "qwen3-0.6b", tokens = "512", layers] = Deno.args;
const published = JSON.parse(await Deno.readTextFile(`benchmarks/models/${name}.json`));
const shape = layers === undefined ? published : { ...published, num_hidden_layers: Number(layers) };
const config = parseConfig(JSON.stringify(shape)), shapes = parameterShapes(config);
const size = (parameter: string): number => (shapes.get(parameter) ?? []).reduce((a, b) => a * b, 1);

/** Weights of a usual size, tiles of one block of normal numbers, made when they are read. */
function randomWeights(): TensorSource {
  const random = new RandomStream("inspection");
  const block = Float32Array.from({ length: 1 << 20 }, () => random.normal());
  return {
    entries: new Map([...shapes].map(([parameter, shape]) => [parameter, { dtype: "float32", shape }])),
    read: (parameter) => {
      const shape = shapes.get(parameter) ?? [], data = new Float32Array(size(parameter));
      const scale = shape.length === 1 ? undefined : 0.5 / Math.sqrt(shape[1] ?? 1);
      const tile = block.map((value) => scale === undefined ? 1 : scale * value);
      for (let at = 0; at < data.length; at += tile.length) data.set(tile.subarray(0, data.length - at), at);
      return Promise.resolve({ dtype: "float32", shape, data });
    },
  };
}

/** The highest resident memory that a process has had, in bytes; 0 once it has ended. */
async function peakMemory(process: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${process}/status`).catch(() => "");
  return 1024 * Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? 0);
}

/** Ticks of the clock in which Linux counts processor time, a second. */
const TICKS = 100;

/** The processor time that a process has had, all of its threads, in seconds; 0 once it has ended. */
async function processorTime(process: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${process}/stat`).catch(() => "");
  // The name, which may hold spaces, ends at the last bracket; user and system time are the 12th and 13th behind it.
  const [user = 0, system = 0] = status.replace(/^.*\) /s, "").split(" ").slice(11, 13).map(Number);
  return (user + system) / TICKS;
}

/** Runs a command; returns its peak memory in bytes, its seconds, and those of processor time. */
async function measured(
  args: readonly string[],
): Promise<{ readonly peak: number; readonly seconds: number; readonly processor: number }> {
  const started = performance.now();
  const child = new Deno.Command(Deno.execPath(), { args: [...args], stdout: "null" }).spawn();
  let peak = 0, processor = 0;
  const timer = setInterval(async () => {
    peak = Math.max(peak, await peakMemory(child.pid));
    processor = Math.max(processor, await processorTime(child.pid));
  }, 100);
  const { success } = await child.status;
  clearInterval(timer);
  if (!success) throw new Error("Cannot measure: the inspection failed");
  return { peak, seconds: (performance.now() - started) / 1000, processor };
}

const folder = await Deno.makeTempDir();
try {
  const base = join(folder, "base"), model = join(folder, "model"), file = join(folder, "completions.jsonl");
  await Deno.mkdir(base);
  await Deno.writeTextFile(join(base, "config.json"), JSON.stringify(shape));
  for (const part of ["tokenizer.json", "tokenizer_config.json"]) {
    await Deno.copyFile(join(TOKENIZER, part), join(base, part));
  }
  const files = await writeModelDirectory(base, randomWeights(), model, {
    dtype: "bfloat16",
    shardBytes: SHARD,
  });
  const tokenizer = await loadTokenizer(TOKENIZER), random = new RandomStream("completion");
  const completion = Array.from({ length: Number(tokens) }, () => String(random.integer(0, 9))).join("");
  const read = tokenizer.encode(completion).length;
  await Deno.writeTextFile(file, JSON.stringify({ prompt: "Find 1+1", completion, problem: "p" }) + "\n");
  const flags = ["--skip-random", "--quiet", "--json", "--max-tokens", tokens];
  const inspect = ["run", "-q", "-P=inspect", "--no-prompt", "main.ts", "inspect"];
  const { peak, seconds, processor } = await measured([
    ...inspect,
    "--model",
    model,
    "--completions",
    file,
    ...flags,
  ]);
  const layer = 4 * layerParameterNames(config).reduce((sum, own) => sum + size(layerParameter(1, own)), 0);
  const head = 4 * config.vocabularySize * config.hiddenSize;
  const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
  const shards = files.filter((path) => path.endsWith(".safetensors")).length;
  print(
    `${name}: ${config.layers} layers, vocabulary ${config.vocabularySize}, hidden size ${config.hiddenSize}; ${shards} shards, ${read} response tokens`,
  );
  print(`one layer ${gibibytes(layer)}, output embedding ${gibibytes(head)}, peak ${gibibytes(peak)}`);
  print(`beyond one layer and the output embedding: ${gibibytes(peak - layer - head)}`);
  print(
    `${seconds.toFixed(0)} s on ${navigator.hardwareConcurrency} threads, the whole command; processor time ${
      processor.toFixed(0)
    } s, ${(processor / config.layers / read).toFixed(4)} s a layer and token`,
  );
} finally {
  await Deno.remove(folder, { recursive: true });
}
