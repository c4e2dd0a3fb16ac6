/**
 * Which fields of a Hugging Face `config.json` may have which values.
 *
 * Three kinds of field. (1) Fields that the decoder reads: `config.ts`. (2) Fields of known meaning that would change the
 * mathematics: `rules` below says what they may be. (3) All others are ignored, as the model classes that `architectures`
 * names ignore them, so that tomorrow's bookkeeping does not lock anybody out — unless the name speaks of a decoder's
 * parts (`attn`, `logit`, `scale`, `window` …) and the value switches something on. Such a field is refused by name:
 * a newer release of the class, or a fork, reads it, and silently computing another model is the worst outcome.
 * "Off" is null, false, an empty text, list or object, 0, and for scales, factors and multipliers 1.
 *
 * @module
 */

import { z } from "zod";

/** A `config.json` that was read as JSON. */
export type ConfigDocument = Readonly<Record<string, unknown>>;

/** What a field may be besides absent and null. */
interface Rule {
  /** The accepted values; none if it must be off. */
  readonly accepts?: string | number | boolean;
  /** Why nothing else is, and what to do. */
  readonly why: string;
}

const dropout: Rule = {
  accepts: 0,
  // Harmless when sampling, but the reference trains in training mode: dropout would act there and not here.
  why: "training here has no dropout; set it to 0 in a copy of the model to train without",
};
const dense = "feed-forward layers are dense, mixtures of experts are not supported";
const unscaled = "embeddings, logits and residual additions are not scaled or capped";

const rules: Readonly<Record<string, Rule>> = {
  hidden_act: { accepts: "silu", why: "the feed-forward layer is SwiGLU" },
  attention_bias: { accepts: false, why: "of attention's projections, Qwen2's q, k and v alone have biases" },
  mlp_bias: { accepts: false, why: "feed-forward projections have no bias" },
  pretraining_tp: { accepts: 1, why: "products are not cut into slices, which would round differently" },
  partial_rotary_factor: { accepts: 1, why: "rotary positions turn the whole head" },
  attention_dropout: dropout,
  hidden_dropout: dropout,
  resid_pdrop: dropout,
  embd_pdrop: dropout,
  quantization_config: { why: "load the repository with the unquantised weights" },
  compression_config: { why: "load the repository with the unquantised weights" },
  auto_map: { why: "it names the repository's own model code, which may compute anything" },
  num_experts: { accepts: 0, why: dense },
  num_local_experts: { accepts: 0, why: dense },
  n_routed_experts: { accepts: 0, why: dense },
  logit_scale: { accepts: 1, why: unscaled },
  logits_scaling: { accepts: 1, why: unscaled },
  embedding_multiplier: { accepts: 1, why: unscaled },
  residual_multiplier: { accepts: 1, why: unscaled },
  attention_multiplier: { why: "attention scores are divided by the root of the head dimension" },
  query_pre_attn_scalar: { why: "attention scores are divided by the root of the head dimension" },
  final_logit_softcapping: { why: unscaled },
  attn_logit_softcapping: { why: unscaled },
};

/** Fields that `config.ts` reads. */
const read: ReadonlySet<string> = new Set([
  "architectures",
  "model_type",
  "vocab_size",
  "hidden_size",
  "num_hidden_layers",
  "num_attention_heads",
  "num_key_value_heads",
  "head_dim",
  "intermediate_size",
  "rms_norm_eps",
  "rope_theta",
  "rope_scaling",
  "rope_parameters",
  "tie_word_embeddings",
  "max_position_embeddings",
  "sliding_window",
  "use_sliding_window",
  "layer_types",
  "original_max_position_embeddings",
]);

/** Fields that sound like mathematics and are none: how a library runs the model or what else it returns. */
const harmless: ReadonlySet<string> = new Set([
  // With which layer a sliding window begins: without a window it says nothing.
  "max_window_layers",
  "output_attentions",
  "output_hidden_states",
  "keys_to_ignore_at_inference",
  "attn_implementation",
  "_attn_implementation",
  "_attn_implementation_autoset",
  "_attn_implementation_internal",
  "_flash_attn_2_enabled",
]);

/** The beginnings of words that name the parts of a decoder. */
const parts = new RegExp(
  "^(activation|adapter|alibi|attention|attn|audio|bias|cap$|capping|clip|conv$|convolution|dropout|embed|experts?$|" +
    "factor|ffn|gates?$|gated|gating|heads?$|hidden|layer|logit|lora|mamba|mlp|moe|mrope|mup|multiplier|norm|position|" +
    "qk|quant|recurrent|residual|rope|rotary|router|scal|sink|sliding|softcap|softmax|sparse|ssm|vision|window)",
);

const scales = /^(factor|multiplier|scal)/;

/** Whether a value switches nothing on. */
function isOff(value: unknown, words: readonly string[]): boolean {
  if (typeof value === "number") return value === (words.some((word) => scales.test(word)) ? 1 : 0);
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === false || value === "";
}

/** The longest value that an error repeats, in characters. */
const LONGEST = 60;

/** A value on one line, short enough for an error. */
export function show(value: unknown): string {
  const plain = (x: unknown): boolean => typeof x !== "object" || x === null;
  if (!plain(value) && !(Array.isArray(value) && value.length <= 4 && value.every(plain))) {
    return Array.isArray(value) ? `a list of ${value.length}` : "an object";
  }
  const short = typeof value === "string" ? value.slice(0, LONGEST) : value;
  // JSON escapes line feeds, but not every character that breaks a line or steers a terminal.
  const text = (JSON.stringify(short) ?? "absent").replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cf}]/gu, "�");
  return text.length <= LONGEST + 2 ? text : `${text.slice(0, LONGEST)}…`;
}

/** The error of a field: what was found, and what is expected. */
export function unsupported(field: string, value: unknown, expected: string): SyntaxError {
  const name = /^[\w. ]{1,60}$/.test(field) ? field : show(field);
  return new SyntaxError(`Cannot use config.json: ${name} is ${show(value)}, expected ${expected}`);
}

/**
 * Refuses every field that would change what the model computes, apart from those that `config.ts` reads.
 *
 * @param path The object that the fields belong to, as a prefix of their names in errors.
 * @throws {SyntaxError} The first such field, its value, and what is supported.
 */
export function checkFields(document: ConfigDocument, known = read, path = ""): void {
  for (const [field, value] of Object.entries(document)) {
    if (known.has(field) || harmless.has(field)) continue;
    const rule = Object.hasOwn(rules, field) ? rules[field] : undefined;
    if (rule) {
      if (value === null || value === rule.accepts) continue;
      const accepted = rule.accepts === undefined ? "it absent or null" : show(rule.accepts);
      throw unsupported(path + field, value, `${accepted}: ${rule.why}`);
    }
    const words = field.toLowerCase().split(/[^a-z]+/);
    if (words.some((word) => parts.test(word)) && !isOff(value, words)) {
      throw unsupported(
        path + field,
        value,
        "it absent or off: it sounds like mathematics that this decoder does not have; if it is not, remove the field",
      );
    }
  }
}

/** A size or number of things. */
export function count(limit: number): z.ZodType<number> {
  const expected = `a whole number from 1 to ${limit}`;
  return z.int(expected).min(1, expected).max(limit, expected);
}

/** A number that is at least one. */
export const fromOne: z.ZodType<number> = z.number("a number from 1 up").min(1, "a number from 1 up");

/** A number above zero. */
export const positive: z.ZodType<number> = z.number("a positive number").positive("a positive number");
/**
 * The fields of a schema.
 *
 * @throws {SyntaxError} The first wrong one, its value, and what the schema says that it should be.
 */
export function readFields<T>(schema: z.ZodType<T>, document: ConfigDocument, path = ""): T {
  const { data, error } = schema.safeParse(document);
  if (data !== undefined) return data;
  const [issue] = error?.issues ?? [];
  const field = String(issue?.path[0]);
  throw unsupported(path + field, document[field], issue?.message ?? "another value");
}

/** Is it a JSON object? */
export function isObject(value: unknown): value is ConfigDocument {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
