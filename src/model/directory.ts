/**
 * A model directory in the Hugging Face layout: config.json, weights, tokenizer.json, tokenizer_config.json.
 *
 * @module
 */

import { fileSource, sha256Stream, streamOf } from "../byte_source.ts";
import { contentId } from "../canonical_json.ts";
import { type ModelConfig, parseConfig } from "./config/mod.ts";
import type { TensorSource } from "./weights/mod.ts";
import { loadTokenizer, type Tokenizer } from "./tokenizer/mod.ts";
import { openWeights, weightFiles } from "./weights/mod.ts";

/** The files that decide, besides the weights, what a model computes. */
const required = ["config.json", "tokenizer.json", "tokenizer_config.json"] as const;

/** Those that it may have besides: they decide how prompts begin and where responses end. */
const optional = ["chat_template.jinja", "generation_config.json", "special_tokens_map.json"] as const;

/** A loaded model; its weights stay on disk until they are read. */
export interface Model {
  /** Where it lies. */
  readonly directory: string;
  /** The architecture. */
  readonly config: ModelConfig;
  /** The parameters. */
  readonly weights: TensorSource;
  /** The tokenizer. */
  readonly tokenizer: Tokenizer;
  /** Content id of the directory: over the SHA-256 of each file. */
  readonly digest: string;
}

/** The files of a model directory that decide what the model computes. */
export async function modelFiles(directory: string): Promise<string[]> {
  const present = new Set((await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name));
  return [...required, ...optional.filter((name) => present.has(name)), ...await weightFiles(directory)];
}

/** The content id of a model directory. */
export async function modelDigest(directory: string): Promise<string> {
  const digests: Record<string, string> = {};
  for (const file of await modelFiles(directory)) {
    digests[file] = await sha256Stream(streamOf(await fileSource(`${directory}/${file}`)));
  }
  return await contentId(digests);
}

/**
 * Loads a model directory.
 *
 * @throws {Deno.errors.NotFound} If a file is missing.
 * @throws {SyntaxError} If a file cannot be read as what it should be.
 */
export async function loadModel(directory: string): Promise<Model> {
  const config = parseConfig(await Deno.readTextFile(`${directory}/config.json`));
  const weights = await openWeights(directory, config);
  const tokenizer = await loadTokenizer(directory);
  // More embeddings than tokens is usual; a token without an embedding would be read from outside of the table.
  if (tokenizer.vocabularySize > config.vocabularySize) {
    throw new SyntaxError(
      `Cannot use ${directory}: the tokenizer has ${tokenizer.vocabularySize} tokens, ` +
        `config.json's vocab_size is ${config.vocabularySize}, expected at least as many`,
    );
  }
  return { directory, config, weights, tokenizer, digest: await modelDigest(directory) };
}
