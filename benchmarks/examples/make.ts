/**
 * A model and data sets to try docs/your_model.md with, where none are at hand: a copy of the embedded model in two shards,
 * problems to train on as CSV, and held-out ones as parquet in the rows of verl.
 *
 *     deno run -A benchmarks/examples/make.ts FOLDER
 *
 * @module
 */

import { parquetWriteBuffer } from "hyparquet-writer";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateSuite, type Problem } from "../../src/suite/mod.ts";

/** How many problems are trained on, and how many are held out. */
const COUNTS = { train: 200, evaluation: 24 } as const;

const model = fileURLToPath(new URL("../model", import.meta.url));

/** An entry of a safetensors header. */
interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Writes tensors of a safetensors file as a file of their own. */
function shardOf(
  file: Uint8Array,
  start: number,
  tensors: readonly (readonly [string, Entry])[],
): Uint8Array {
  let at = 0;
  const placed = tensors.map(([name, { data_offsets: [from, to], ...entry }]) => {
    const begin = at;
    at += to - from;
    return [name, { ...entry, data_offsets: [begin, at] }] as const;
  });
  const text = JSON.stringify(Object.fromEntries(placed)),
    header = text.padEnd(Math.ceil(text.length / 8) * 8);
  const bytes = new Uint8Array(8 + header.length + at);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(new TextEncoder().encode(header), 8);
  for (const [i, [, { data_offsets: [from, to] }]] of tensors.entries()) {
    const [begin = 0] = placed[i]?.[1].data_offsets ?? [];
    bytes.set(file.subarray(start + from, start + to), 8 + header.length + begin);
  }
  return bytes;
}

/** Copies the embedded model, its weights in two files. */
async function writeModel(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const name of ["config.json", "tokenizer.json", "tokenizer_config.json"]) {
    await Deno.copyFile(join(model, name), join(folder, name));
  }
  const file = await Deno.readFile(join(model, "model.safetensors"));
  const length = Number(new DataView(file.buffer).getBigUint64(0, true)), start = 8 + length;
  const header: Record<string, Entry> = JSON.parse(new TextDecoder().decode(file.subarray(8, start)));
  const tensors = Object.entries(header).filter(([name]) => name !== "__metadata__");
  const half = Math.ceil(tensors.length / 2), map: Record<string, string> = {};
  for (const [i, part] of [tensors.slice(0, half), tensors.slice(half)].entries()) {
    const name = `model-0000${i + 1}-of-00002.safetensors`;
    for (const [tensor] of part) map[tensor] = name;
    await Deno.writeFile(join(folder, name), shardOf(file, start, part));
  }
  const index = { metadata: { total_size: file.length - start }, weight_map: map };
  await Deno.writeTextFile(join(folder, "model.safetensors.index.json"), JSON.stringify(index, null, 2));
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** Problems as CSV. */
function csv(problems: readonly Problem[]): string {
  const rows = problems.map(({ question, answer }) => `${quoted(question)},${quoted(answer)}\n`);
  return ["question,answer\n", ...rows].join("");
}

/** Problems as verl keeps them: a chat, and the answer beside how it is rewarded. */
function verl(problems: readonly Problem[]): Uint8Array {
  const text = (name: string) =>
    ({ name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" }) as const;
  const group = (name: string, ...fields: readonly string[]) =>
    [{ name, repetition_type: "OPTIONAL", num_children: fields.length }, ...fields.map(text)] as const;
  const bytes = parquetWriteBuffer({
    schema: [
      { name: "root", num_children: 3 },
      text("data_source"),
      { name: "prompt", repetition_type: "OPTIONAL", converted_type: "LIST", num_children: 1 },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      ...group("element", "content", "role"),
      ...group("reward_model", "style", "ground_truth"),
    ],
    columnData: [
      { name: "data_source", data: problems.map(() => "example") },
      { name: "prompt", data: problems.map(({ question }) => [{ content: question, role: "user" }]) },
      { name: "reward_model", data: problems.map(({ answer }) => ({ style: "rule", ground_truth: answer })) },
    ],
  });
  return new Uint8Array(bytes);
}

/** Writes all of it into a folder. */
export async function makeExample(folder: string): Promise<void> {
  await writeModel(join(folder, "my-model"));
  const problems = (split: keyof typeof COUNTS): Promise<Problem[]> =>
    generateSuite("mini-math", split, COUNTS[split], 5);
  await Deno.writeTextFile(join(folder, "train.csv"), csv(await problems("train")));
  await Deno.writeFile(join(folder, "test.parquet"), verl(await problems("evaluation")));
}

if (import.meta.main) {
  const [folder] = Deno.args;
  if (folder === undefined) throw new TypeError("Cannot write the example: name a folder");
  await makeExample(folder);
}
