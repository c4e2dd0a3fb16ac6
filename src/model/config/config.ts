/**
 * The architecture of a decoder, read from a Hugging Face `config.json`.
 *
 * @module
 */

import { z } from "zod";
import {
  checkFields,
  type ConfigDocument,
  count,
  fromOne,
  isObject,
  positive,
  readFields,
  show,
  unsupported,
} from "./fields.ts";
import { parameterCount, parameterShapes } from "./parameters.ts";
import type { ModelConfig } from "./model_config.ts";
import { readRope } from "./rope.ts";

/**
 * What the model classes differ in, and the `model_type` that goes with each. Required are the sizes for which a class
 * has a fixed default instead of deriving it from other sizes: to take a default is to guess a shape.
 */
const architectures = {
  Qwen3ForCausalLM: {
    modelType: "qwen3",
    required: ["num_key_value_heads", "head_dim"],
    differences: { queryKeyNorm: true, queryKeyValueBias: false },
  },
  Qwen2ForCausalLM: {
    modelType: "qwen2",
    required: ["num_key_value_heads"],
    differences: { queryKeyNorm: false, queryKeyValueBias: true },
  },
  LlamaForCausalLM: {
    modelType: "llama",
    required: [],
    differences: { queryKeyNorm: false, queryKeyValueBias: false },
  },
} as const;

type Architecture = keyof typeof architectures;

/** Limits no decoder comes near; beyond them a file is damaged, and building its graph would take all memory. */
const MAX_LAYERS = 1024, MAX_SIZE = 2 ** 24, MAX_PARAMETERS = 1e13;

const size = count(MAX_SIZE);

const schema = z.object({
  vocab_size: size,
  hidden_size: size,
  num_hidden_layers: count(MAX_LAYERS),
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  intermediate_size: size,
  rms_norm_eps: positive,
  rope_theta: fromOne,
  tie_word_embeddings: z.boolean("true or false").nullish(),
  hidden_act: z.literal("silu", '"silu"'),
  max_position_embeddings: count(2 ** 31 - 1).nullish(),
});

/** The architecture, and that `model_type` agrees: one library chooses the class by the one, another by the other. */
function architectureOf(document: ConfigDocument): Architecture {
  const named = document.architectures, known = Object.keys(architectures) as Architecture[];
  const found = Array.isArray(named) && named.length === 1 && known.find((name) => name === named[0]);
  if (!found) {
    throw unsupported("architectures", named, `one of ${known.join(", ")}: the families that are supported`);
  }
  const { modelType } = architectures[found], type = document.model_type;
  if (type !== undefined && type !== modelType) {
    throw unsupported("model_type", type, `"${modelType}", as architectures is ${found}`);
  }
  return found;
}

/**
 * Refuses windows that a layer uses. A `sliding_window` says nothing without `use_sliding_window`, which is false where it
 * is absent; with it, windows begin with layer `max_window_layers`, or `layer_types` names the layers that have one.
 */
function checkWindows(document: ConfigDocument): void {
  const { sliding_window: window, use_sliding_window: used, layer_types: types } = document;
  if (used !== undefined && used !== null && typeof used !== "boolean") {
    throw unsupported("use_sliding_window", used, "true or false");
  }
  const { max_window_layers: first, num_hidden_layers: all } = document;
  const none = typeof first === "number" && typeof all === "number" && first >= all;
  if (used && window !== undefined && window !== null && !Array.isArray(types) && !none) {
    throw unsupported(
      "use_sliding_window",
      used,
      `false, or max_window_layers of at least num_hidden_layers: every layer attends to the whole context`,
    );
  }
  if (types === undefined || types === null) return;
  const layers = document.num_hidden_layers;
  if (!Array.isArray(types) || types.length !== layers) {
    throw unsupported(
      "layer_types",
      types,
      `a list of one type a layer, num_hidden_layers being ${show(layers)}`,
    );
  }
  const other = types.findIndex((type) => type !== "full_attention");
  if (other >= 0) throw unsupported(`layer_types.${other}`, types[other], '"full_attention" in every layer');
}

/** Refuses sizes that contradict each other or that no machine holds. */
function checkSizes(config: ModelConfig): ModelConfig {
  const { heads, keyValueHeads, headDimension } = config;
  if (heads % keyValueHeads !== 0) {
    throw new SyntaxError(
      `Cannot use config.json: ${heads} heads do not share ${keyValueHeads} key-value heads evenly`,
    );
  }
  if (headDimension % 2 !== 0) {
    throw new SyntaxError(
      `Cannot use config.json: the head dimension is ${headDimension}, expected an even number`,
    );
  }
  const parameters = parameterCount(parameterShapes(config));
  if (parameters > MAX_PARAMETERS) {
    throw new SyntaxError(
      `Cannot use config.json: the sizes make ${parameters.toPrecision(3)} parameters, ` +
        `expected at most ${MAX_PARAMETERS}`,
    );
  }
  return config;
}

/**
 * Reads a Hugging Face `config.json` of Qwen3, Qwen2 (Qwen2.5, Qwen2.5-Math, DeepSeek-R1-Distill-Qwen) or Llama 3
 * (OctoThinker). What would change the mathematics is refused by name (`config_fields.ts`).
 *
 * @throws {SyntaxError} If the file is no JSON, or a field is missing or asks for mathematics that is not supported.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseConfig } from "./config.ts";
 *
 * const text = `{"architectures":["LlamaForCausalLM"],"vocab_size":96,"hidden_size":64,"num_hidden_layers":2,
 *   "num_attention_heads":4,"intermediate_size":128,"rms_norm_eps":1e-6,"rope_theta":10000,"hidden_act":"silu"}`;
 * const config = parseConfig(text);
 * assertEquals([config.headDimension, config.keyValueHeads, config.queryKeyNorm], [16, 4, false]);
 *
 * const { message } = assertThrows(() => parseConfig(text.replace("silu", "gelu"))) as SyntaxError;
 * assertEquals(
 *   message,
 *   'Cannot use config.json: hidden_act is "gelu", expected "silu": the feed-forward layer is SwiGLU',
 * );
 * ```
 */
export function parseConfig(text: string): ModelConfig {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError("Cannot use config.json: it is not JSON", { cause: error });
  }
  if (!isObject(document)) throw unsupported("the document", document, "an object");
  const architecture = architectureOf(document);
  checkFields(document);
  checkWindows(document);
  const { theta, scaling } = readRope(document);
  const data = readFields(schema, { ...document, rope_theta: theta });
  const { required, differences } = architectures[architecture];
  for (const field of required) {
    if (typeof data[field] !== "number") throw unsupported(field, document[field], "a number");
  }
  const heads = data.num_attention_heads;
  return checkSizes({
    vocabularySize: data.vocab_size,
    hiddenSize: data.hidden_size,
    layers: data.num_hidden_layers,
    heads,
    keyValueHeads: data.num_key_value_heads ?? heads,
    headDimension: data.head_dim ?? data.hidden_size / heads,
    intermediateSize: data.intermediate_size,
    contextLength: data.max_position_embeddings ?? undefined,
    rmsNormEpsilon: data.rms_norm_eps,
    ropeTheta: data.rope_theta,
    ropeScaling: scaling,
    tiedEmbeddings: data.tie_word_embeddings ?? false,
    ...differences,
  });
}
