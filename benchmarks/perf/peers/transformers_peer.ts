/**
 * transformers.js, decoding on request with `generate()`.
 *
 *     deno run -A benchmarks/perf/peers/transformers_peer.ts THREADS
 *
 * A work's "directory" is a model's folder as {@linkcode transformersFolder} makes it.
 *
 * @module
 */

import { AutoModelForCausalLM, env, Tensor } from "@huggingface/transformers";
import { basename, dirname, resolve } from "node:path";
import { type DecodingWork, tokenAt } from "../work.ts";
import { type Ready, serve } from "./serve.ts";

const threads = Number(Deno.args[0] ?? 1);

async function decoding({ batch, prompt, response }: DecodingWork, directory: string): Promise<Ready> {
  env.allowRemoteModels = false;
  env.localModelPath = dirname(resolve(directory));
  const model = await AutoModelForCausalLM.from_pretrained(basename(directory), {
    dtype: "fp32",
    device: "cpu",
    local_files_only: true,
    session_options: { intraOpNumThreads: threads, interOpNumThreads: 1 },
  });
  const { vocab_size: vocabulary } = JSON.parse(await Deno.readTextFile(`${directory}/config.json`));
  const ids = BigInt64Array.from(
    { length: batch * prompt },
    (_, i) => BigInt(tokenAt(Math.floor(i / prompt), i % prompt, vocabulary)),
  );
  const generate = async (): Promise<Tensor> => {
    const found = await model.generate(
      {
        input_ids: new Tensor("int64", ids, [batch, prompt]),
        attention_mask: new Tensor("int64", new BigInt64Array(ids.length).fill(1n), [batch, prompt]),
        max_new_tokens: response,
        min_new_tokens: response,
        do_sample: false,
        // None is: a response ends at its length.
        eos_token_id: -1,
      } as unknown as Parameters<typeof model.generate>[0],
    );
    return found as Tensor;
  };
  const rows = (await generate()).tolist() as bigint[][];
  return { numbers: { tokens: rows.map((row) => row.slice(prompt).map(Number)) }, run: generate };
}

await serve({
  about: () => ({ version: env.version, kernel: "onnxruntime-node, float32" }),
  prepare: async (work, directory) => {
    if (work.kind === "decode") return await decoding(work, directory);
    throw new TypeError(`Cannot do "${work.kind}": transformers.js only decodes`);
  },
});
