/**
 * llama.cpp, in a child process: log-probs of given tokens under the model of a GGUF file. It is not a dependency: a folder in
 * which `npm install node-llama-cpp` was run is named by BUPO_LLAMA_CPP.
 *
 * @module
 */

import { join } from "node:path";

/** The folder with node-llama-cpp; undefined where it is not installed. */
export const llamaFolder: string | undefined = Deno.env.get("BUPO_LLAMA_CPP");

const program = `
import { getLlama, LlamaLogLevel } from "node-llama-cpp";
const { path, rows } = JSON.parse(process.argv[2]);
const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error, maxThreads: 1 });
const model = await llama.loadModel({ modelPath: path });
const kv = { experimentalKvCacheKeyType: "F32", experimentalKvCacheValueType: "F32" };
const context = await model.createContext({ contextSize: 256, batchSize: 256, threads: 1, flashAttention: false, ...kv });
const sequence = context.getSequence();
const options = { temperature: 1, topK: 0, topP: 1, minP: 0 };
const logprobs = [];
for (const row of rows) {
  await sequence.clearHistory();
  const input = row.map((token) => [token, { generateNext: { probabilities: true, options } }]);
  const answers = await sequence.controlledEvaluate(input);
  logprobs.push(row.slice(1).map((token, i) => Math.log(answers[i].next.probabilities.get(token))));
}
const template = model.fileInfo.metadata.tokenizer.chat_template;
console.log(JSON.stringify({ logprobs, text: model.detokenize(rows[0]), template }));
process.exit(0);
`;

/** What llama.cpp says of a file. */
export interface LlamaAnswer {
  /** log π of each token but the first, by row, in nats. */
  readonly logprobs: number[][];
  /** The first row as text. */
  readonly text: string;
  /** The chat template in the file. */
  readonly template?: string;
}

/** Scores rows of tokens with a float32 KV cache. */
export async function askLlama(
  folder: string,
  path: string,
  rows: readonly number[][],
): Promise<LlamaAnswer> {
  const script = join(await Deno.makeTempDir(), "ask.mjs"), link = join(script, "../node_modules");
  await Deno.writeTextFile(script, program);
  await Deno.symlink(join(folder, "node_modules"), link);
  await Deno.writeTextFile(join(script, "../package.json"), "{}");
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-lock", "--node-modules-dir=manual", script, JSON.stringify({ path, rows })],
    cwd: join(script, ".."),
  }).output();
  await Deno.remove(join(script, ".."), { recursive: true });
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}
