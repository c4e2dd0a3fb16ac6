/**
 * llama.cpp behind the routes of its own server, in a child process on 127.0.0.1: node-llama-cpp ships the library and no
 * server. Where it lies: see `test/model/gguf/llama_cpp.ts`.
 *
 * @module
 */

import { join } from "node:path";

const program = `
import { createServer } from "node:http";
import { getLlama, LlamaLogLevel } from "node-llama-cpp";
const { path, kv, slots } = JSON.parse(process.argv[2]);
const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error, maxThreads: 1 });
const model = await llama.loadModel({ modelPath: path });
const types = { experimentalKvCacheKeyType: kv, experimentalKvCacheValueType: kv };
const context = await model.createContext({ contextSize: 128, sequences: slots, batchSize: 256, threads: 1, flashAttention: false, ...types });
const free = Array.from({ length: slots }, () => context.getSequence()), waiting = [];
const take = () => free.length > 0 ? Promise.resolve(free.pop()) : new Promise((resolve) => waiting.push(resolve));
const give = (sequence) => waiting.length > 0 ? waiting.shift()(sequence) : free.push(sequence);
async function complete({ prompt, n_predict, temperature, seed, top_p, top_k, min_p }) {
  const sequence = await take();
  try {
    await sequence.clearHistory();
    const tokens = [], rows = [];
    let stop_type = "limit";
    // llama.cpp's server reports the model's own probabilities; at temperature 1 those are what is sampled from.
    const raw = { temperature: 1, topK: 0, topP: 1, minP: 0 };
    let input = prompt;
    for (;;) {
      const options = { temperature, topK: top_k, topP: top_p, minP: min_p, seed: seed + tokens.length };
      const last = input.length - 1;
      const asked = input.map((token, i) => i < last ? token : [token, { generateNext: { token: true, probabilities: true, options: temperature === 1 ? { ...options } : raw } }]);
      const { next } = (await sequence.controlledEvaluate(asked))[last];
      let id = next.token;
      if (temperature !== 1) {
        if (temperature > 0.01) throw new Error("this stand-in samples at temperature 1 or greedily");
        id = [...next.probabilities].reduce((best, one) => one[1] > best[1] ? one : best)[0];
      }
      tokens.push(id);
      rows.push({ id, token: "", logprob: Math.log(next.probabilities.get(id)) });
      if (model.isEogToken(id)) { stop_type = "eos"; break; }
      if (tokens.length >= n_predict) break;
      input = [id];
    }
    return {
      content: model.detokenize(tokens.filter((id) => !model.isEogToken(id))),
      tokens,
      stop_type,
      tokens_predicted: tokens.length,
      tokens_evaluated: prompt.length,
      truncated: false,
      completion_probabilities: rows,
    };
  } finally {
    give(sequence);
  }
}
const server = createServer(async (request, response) => {
  const answer = (status, value) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  };
  if (request.url === "/v1/models") return answer(200, { data: [{ id: "model", owned_by: "llamacpp" }] });
  if (request.url === "/props") return answer(200, { build_info: "node-llama-cpp " + llama.llamaCppRelease.release, total_slots: slots });
  if (request.url !== "/completion") return answer(404, { error: { message: "not here" } });
  let text = "";
  for await (const piece of request) text += piece;
  try {
    answer(200, await complete(JSON.parse(text)));
  } catch (error) {
    answer(400, { error: { message: String(error.message) } });
  }
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
`;

/** How llama.cpp computes. */
export interface LlamaServerOptions {
  /** Element type of its KV caches. */
  readonly kv: "F32" | "F16";
  /** Responses that share its batches. */
  readonly slots: number;
}

/** A server that runs. */
export class LlamaServer implements AsyncDisposable {
  /** Where it answers. */
  readonly url: string;
  readonly #process: Deno.ChildProcess;
  readonly #folder: string;

  private constructor(url: string, process: Deno.ChildProcess, folder: string) {
    this.url = url;
    this.#process = process;
    this.#folder = folder;
  }

  /** Serves a GGUF file. */
  static async start(modules: string, path: string, options: LlamaServerOptions): Promise<LlamaServer> {
    const folder = await Deno.makeTempDir(), script = join(folder, "serve.mjs");
    await Deno.writeTextFile(script, program);
    await Deno.writeTextFile(join(folder, "package.json"), "{}");
    await Deno.symlink(join(modules, "node_modules"), join(folder, "node_modules"));
    const words = JSON.stringify({ path, ...options });
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-lock", "--node-modules-dir=manual", script, words],
      cwd: folder,
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let said = "";
    while (!said.includes("\n")) {
      const { done, value } = await reader.read();
      if (done) throw new Error("llama.cpp ended before it served");
      said += value;
    }
    await reader.cancel();
    return new LlamaServer(`http://127.0.0.1:${said.trim()}`, process, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}
