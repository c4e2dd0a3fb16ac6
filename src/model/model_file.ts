/**
 * Which files of a model's repository are needed to run it, and why a repository cannot be run at all.
 *
 * @module
 */

/** The configuration and the tokenizer. */
const files: readonly RegExp[] = [
  /^(config|generation_config)\.json$/,
  /^(tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab)\.json$/,
  /^merges\.txt$/,
  /^chat_template\.jinja$/,
];

/** The weights in one file, and the list of shards. */
const SINGLE = "model.safetensors", INDEX = "model.safetensors.index.json";

/** A shard; an adapter's weights and copies in other layouts (`consolidated.safetensors`) are none. */
const SHARD = /^[\w.-]+-\d{5}-of-\d{5}\.safetensors$/;

/** Is this path that of weights which are read? */
function isWeights(path: string, paths: readonly string[]): boolean {
  if (paths.includes(SINGLE)) return path === SINGLE;
  if (path === INDEX || path === SINGLE) return true;
  const ours = paths.some((other) => SHARD.test(other) && other.startsWith("model-"));
  return SHARD.test(path) && (!ours || path.startsWith("model-"));
}

/**
 * Is this file of a repository part of the model itself? Files in folders are not (`original/`, `onnx/`), nor are weights
 * in other formats (`.bin`, `.gguf`), nor shards of a model that is there in one file too.
 *
 * @param paths All files of the repository.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isModelFile } from "./model_file.ts";
 *
 * const paths = ["config.json", "model-00001-of-00002.safetensors", "original/model.safetensors", "README.md"];
 * const needed = paths.filter((path) => isModelFile(path, paths));
 * assertEquals(needed, ["config.json", "model-00001-of-00002.safetensors"]);
 * ```
 */
export function isModelFile(path: string, paths: readonly string[]): boolean {
  return files.some((pattern) => pattern.test(path)) || isWeights(path, paths);
}

/** Weights in formats that are not read, and what they are called. */
const others: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^adapter_(config\.json|model\.)/, "an adapter alone, without its model: merge it into the base model"],
  [/\.gguf$/, "GGUF: use the repository that it was converted from"],
  [/\.(bin|pt|pth)$/, "PyTorch pickles: convert them to safetensors"],
  [/\.(onnx|h5|msgpack|npz)$/, "of another framework: use the repository that they were converted from"],
];

/**
 * Why a repository with these files cannot be run; `undefined` if it can, as far as names tell.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { modelFilesFault } from "./model_file.ts";
 *
 * const paths = ["config.json", "tokenizer.json", "tokenizer_config.json", "pytorch_model.bin"];
 * assertEquals(
 *   modelFilesFault(paths),
 *   "it has no weights as safetensors; what it has (pytorch_model.bin) are PyTorch pickles: convert them to safetensors",
 * );
 * assertEquals(modelFilesFault([...paths, "model.safetensors"]), undefined);
 * ```
 */
export function modelFilesFault(paths: readonly string[]): string | undefined {
  const weights = paths.includes(SINGLE) || (paths.includes(INDEX) && paths.some((path) => SHARD.test(path)));
  if (!weights) {
    for (const [pattern, what] of others) {
      const found = paths.find((path) => pattern.test(path));
      if (found !== undefined) {
        const be = what.startsWith("an ") || what.startsWith("GGUF") ? "is" : "are";
        return `it has no weights as safetensors; what it has (${found}) ${be} ${what}`;
      }
    }
    return `it has no weights as safetensors: neither ${SINGLE} nor ${INDEX} with its shards`;
  }
  const missing = ["config.json", "tokenizer.json"].find((name) => !paths.includes(name));
  return missing === undefined ? undefined : `it has no ${missing}`;
}
