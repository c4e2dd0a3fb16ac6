/**
 * Which files of a model's repository are needed to run it.
 *
 * @module
 */

/** The configuration, the tokenizer, and the weights as safetensors, in one file or in shards. */
const files: readonly RegExp[] = [
  /^(config|generation_config)\.json$/,
  /^(tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab)\.json$/,
  /^(merges|vocab)\.txt$/,
  /^(tokenizer|spiece)\.model$/,
  /^chat_template\.(jinja|json)$/,
  /^model\.safetensors\.index\.json$/,
  /^[\w.-]+\.safetensors$/,
];

/**
 * Is this file of a repository part of the model itself? Files in folders are not (`original/`, `onnx/`), nor are weights
 * in other formats (`.bin`, `.gguf`).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isModelFile } from "./model_file.ts";
 *
 * const paths = ["config.json", "model-00001-of-00002.safetensors", "original/model.safetensors", "README.md"];
 * assertEquals(paths.filter(isModelFile), ["config.json", "model-00001-of-00002.safetensors"]);
 * ```
 */
export function isModelFile(path: string): boolean {
  return files.some((pattern) => pattern.test(path));
}
