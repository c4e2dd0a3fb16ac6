/**
 * What a GGUF file says about its model before the weights: sizes, tokenizer, chat template.
 *
 * @module
 */

import type { GGUFTypedMetadata, MetadataValue } from "@huggingface/gguf";

import { type ConfigDocument, isObject, type ModelConfig } from "../config/mod.ts";
import type { Tokenizer, TokenizerSources } from "../tokenizer/mod.ts";
import { ggufArchitecture } from "./tensors.ts";

/** Numbers of value types, as the GGUF specification gives them. */
const types = { integer: 4, signed: 5, real: 6, truth: 7, text: 8, list: 9 } as const;

type Entry = GGUFTypedMetadata[string];

const entry = (type: keyof typeof types, value: MetadataValue): Entry => ({ type: types[type], value });
const list = (subType: keyof typeof types, value: string[] | number[]): Entry => {
  return { type: types.list, subType: types[subType], value };
};

/** Kinds of tokens: ordinary, special, added as text, and a row of the table that no token has. */
const kinds = { ordinary: 1, special: 3, added: 4, unused: 5 } as const;

/** Contractions, words with one sign before them, digits, signs with line ends, white space. */
const cut = (digits: string): string => {
  return String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|${digits}` +
    String.raw`| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
};

/** How texts are cut before byte pairs are merged: llama.cpp knows published patterns, each by a name. */
const cuts: ReadonlyMap<string, string> = new Map([
  [cut(String.raw`\p{N}`), "qwen2"],
  [cut(String.raw`\p{N}{1,3}`), "llama-bpe"],
]);

/** llama.cpp's name of a tokenizer's way to cut texts; undefined if it has none. */
function cutName({ pre_tokenizer: given }: ConfigDocument): string | undefined {
  const steps = isObject(given) && Array.isArray(given.pretokenizers) ? given.pretokenizers : [given];
  const patterns = steps.filter(isObject).flatMap(({ pattern }) => isObject(pattern) ? [pattern.Regex] : []);
  const [only] = patterns;
  return patterns.length === 1 && typeof only === "string" ? cuts.get(only) : undefined;
}

/** The tokens by id, as texts of the byte-level alphabet, and their kinds. */
function tokens(
  { model, added_tokens }: ConfigDocument,
  size: number,
): { texts: string[]; kinds: number[]; merges: string[] } {
  if (!isObject(model) || model.type !== "BPE" || !isObject(model.vocab) || !Array.isArray(model.merges)) {
    throw new TypeError(
      "Cannot write a GGUF file: tokenizer.json is not a byte-pair vocabulary; export it as safetensors",
    );
  }
  const texts = Array.from({ length: size }, (_, id) => `[PAD${id}]`);
  const kind = new Array<number>(size).fill(kinds.unused);
  for (const [text, id] of Object.entries(model.vocab)) {
    texts[Number(id)] = text;
    kind[Number(id)] = kinds.ordinary;
  }
  for (const added of Array.isArray(added_tokens) ? added_tokens.filter(isObject) : []) {
    texts[Number(added.id)] = String(added.content);
    kind[Number(added.id)] = added.special === true ? kinds.special : kinds.added;
  }
  const merges = model.merges.map((merge: unknown) => Array.isArray(merge) ? merge.join(" ") : String(merge));
  return { texts, kinds: kind, merges };
}

/** What {@linkcode ggufMetadata} describes. */
export interface Described {
  /** The architecture. */
  readonly config: ModelConfig;
  /** The tokenizer's files. */
  readonly sources: TokenizerSources;
  /** The tokenizer that they make. */
  readonly tokenizer: Tokenizer;
  /** How the file calls the model. */
  readonly name: string;
  /** llama.cpp's number of the element type of most weights. */
  readonly fileType: number;
  /** The number of tensors. */
  readonly tensors: number;
}

/**
 * The metadata, and whether llama.cpp cuts texts as this tokenizer does.
 *
 * @throws {TypeError} If the vocabulary is not one of byte pairs, or config.json does not say how long sequences may be.
 */
export function ggufMetadata(
  { config, sources, tokenizer, name, fileType, tensors }: Described,
): { metadata: GGUFTypedMetadata; sameTokens: boolean } {
  const architecture = ggufArchitecture(config), { contextLength, headDimension } = config;
  if (contextLength === undefined) {
    throw new TypeError(
      "Cannot write a GGUF file: config.json has no max_position_embeddings, which llama.cpp asks for; add it",
    );
  }
  const cutting = cutName(sources.tokenizer);
  const vocabulary = tokens(sources.tokenizer, config.vocabularySize);
  const own: Readonly<Record<string, Entry>> = {
    block_count: entry("integer", config.layers),
    context_length: entry("integer", contextLength),
    embedding_length: entry("integer", config.hiddenSize),
    feed_forward_length: entry("integer", config.intermediateSize),
    vocab_size: entry("integer", config.vocabularySize),
    "attention.head_count": entry("integer", config.heads),
    "attention.head_count_kv": entry("integer", config.keyValueHeads),
    "attention.key_length": entry("integer", headDimension),
    "attention.value_length": entry("integer", headDimension),
    "attention.layer_norm_rms_epsilon": entry("real", config.rmsNormEpsilon),
    "rope.dimension_count": entry("integer", headDimension),
    "rope.freq_base": entry("real", config.ropeTheta),
  };
  const [first] = tokenizer.promptText("1"), starts = tokenizer.encode("1")[0] !== first;
  const metadata = {
    version: { type: types.integer, value: 3 },
    tensor_count: { type: 10, value: BigInt(tensors) },
    kv_count: { type: 10, value: 0n }, // counted when it is written
    "general.architecture": entry("text", architecture),
    "general.name": entry("text", name),
    "general.file_type": entry("integer", fileType),
    "general.quantization_version": entry("integer", 2),
    ...Object.fromEntries(Object.entries(own).map(([key, value]) => [`${architecture}.${key}`, value])),
    "tokenizer.ggml.model": entry("text", "gpt2"),
    "tokenizer.ggml.pre": entry("text", cutting ?? "default"),
    "tokenizer.ggml.tokens": list("text", vocabulary.texts),
    "tokenizer.ggml.token_type": list("signed", vocabulary.kinds),
    "tokenizer.ggml.merges": list("text", vocabulary.merges),
    "tokenizer.ggml.eos_token_id": entry("integer", tokenizer.endIds[0] ?? 0),
    "tokenizer.ggml.padding_token_id": entry("integer", tokenizer.padId),
    "tokenizer.ggml.add_bos_token": entry("truth", starts),
    ...(starts && first !== undefined ? { "tokenizer.ggml.bos_token_id": entry("integer", first) } : {}),
    ...(sources.template === undefined ? {} : { "tokenizer.chat_template": entry("text", sources.template) }),
  };
  return { metadata: metadata as unknown as GGUFTypedMetadata, sameTokens: cutting !== undefined };
}
