/**
 * A model directory in the Hugging Face layout: config.json, model.safetensors, tokenizer.json, tokenizer_config.json.
 *
 * @module
 */

import { contentId, sha256 } from "../canonical_json.ts";
import { type ModelConfig, parseConfig } from "./config.ts";
import { parameterShapes } from "./parameters.ts";
import { parseSafetensors, type StoredTensors } from "./safetensors.ts";
import { loadTokenizer, type Tokenizer } from "./tokenizer.ts";

/** The files that decide what a model computes. */
const files = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"] as const;

/** Those that it may have besides: they decide how prompts begin and where responses end. */
const optional = ["chat_template.jinja", "generation_config.json", "special_tokens_map.json"] as const;

/** A model in memory. */
export interface Model {
  /** The architecture. */
  readonly config: ModelConfig;
  /** The parameters. */
  readonly weights: StoredTensors;
  /** The tokenizer. */
  readonly tokenizer: Tokenizer;
  /** Content id of the directory: over the SHA-256 of each file. */
  readonly digest: string;
}

/**
 * Checks that weights are those of an architecture.
 *
 * @throws {SyntaxError} If a tensor is missing, surplus, or of another shape or type.
 */
export function checkWeights(config: ModelConfig, weights: StoredTensors, name: string): void {
  const shapes = parameterShapes(config);
  for (const [tensor, shape] of shapes) {
    const stored = weights.get(tensor);
    if (!stored) throw new SyntaxError(`Cannot use ${name}: the tensor "${tensor}" is missing`);
    if (stored.shape.join() !== shape.join() || stored.dtype !== "float32") {
      const found = `${stored.dtype}[${stored.shape}]`;
      throw new SyntaxError(`Cannot use ${name}: "${tensor}" is ${found}, expected float32[${shape}]`);
    }
  }
  for (const tensor of weights.keys()) {
    if (!shapes.has(tensor)) {
      throw new SyntaxError(`Cannot use ${name}: the tensor "${tensor}" is none of the model's`);
    }
  }
}

/** The content id of a model directory. */
export async function modelDigest(directory: string): Promise<string> {
  const digests: Record<string, string> = {};
  for (const file of files) digests[file] = await sha256(await Deno.readFile(`${directory}/${file}`));
  for (const file of optional) {
    try {
      digests[file] = await sha256(await Deno.readFile(`${directory}/${file}`));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
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
  const path = `${directory}/model.safetensors`;
  const weights = parseSafetensors(await Deno.readFile(path), path);
  checkWeights(config, weights, path);
  const tokenizer = await loadTokenizer(directory);
  // More embeddings than tokens is usual; a token without an embedding would be read from outside of the table.
  if (tokenizer.vocabularySize > config.vocabularySize) {
    throw new SyntaxError(
      `Cannot use ${directory}: the tokenizer has ${tokenizer.vocabularySize} tokens, ` +
        `config.json's vocab_size is ${config.vocabularySize}, expected at least as many`,
    );
  }
  return { config, weights, tokenizer, digest: await modelDigest(directory) };
}
