/** The fields of published `config.json` files, as far as they differ within a family. */

type Fields = Readonly<Record<string, unknown>>;

const common: Fields = {
  attention_dropout: 0.0,
  hidden_act: "silu",
  initializer_range: 0.02,
  torch_dtype: "bfloat16",
  use_cache: true,
};

const qwen3: Fields = {
  ...common,
  architectures: ["Qwen3ForCausalLM"],
  model_type: "qwen3",
  attention_bias: false,
  bos_token_id: 151643,
  eos_token_id: 151645,
  head_dim: 128,
  max_position_embeddings: 40960,
  num_key_value_heads: 8,
  rms_norm_eps: 1e-6,
  rope_scaling: null,
  rope_theta: 1000000,
  sliding_window: null,
  transformers_version: "4.51.0",
  use_sliding_window: false,
  vocab_size: 151936,
};

const qwen2: Fields = {
  ...common,
  architectures: ["Qwen2ForCausalLM"],
  model_type: "qwen2",
  bos_token_id: 151643,
  eos_token_id: 151643,
  max_position_embeddings: 4096,
  max_window_layers: 28,
  num_attention_heads: 28,
  num_hidden_layers: 28,
  num_key_value_heads: 4,
  hidden_size: 3584,
  intermediate_size: 18944,
  rms_norm_eps: 1e-6,
  rope_theta: 10000,
  sliding_window: 4096,
  tie_word_embeddings: false,
  transformers_version: "4.44.0",
  use_mrope: false,
  use_sliding_window: false,
  vocab_size: 152064,
};

const llama3Scaling = {
  factor: 32.0,
  high_freq_factor: 4.0,
  low_freq_factor: 1.0,
  original_max_position_embeddings: 8192,
  rope_type: "llama3",
};

const llama: Fields = {
  ...common,
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  attention_bias: false,
  bos_token_id: 128000,
  eos_token_id: [128001, 128008, 128009],
  head_dim: 128,
  hidden_size: 3072,
  intermediate_size: 8192,
  max_position_embeddings: 131072,
  mlp_bias: false,
  num_attention_heads: 24,
  num_hidden_layers: 28,
  num_key_value_heads: 8,
  pretraining_tp: 1,
  rms_norm_eps: 1e-5,
  rope_scaling: llama3Scaling,
  rope_theta: 500000,
  tie_word_embeddings: true,
  transformers_version: "4.45.0",
  vocab_size: 128256,
};

function qwen3Of(hidden: number, layers: number, heads: number, intermediate: number, tied: boolean): Fields {
  return {
    ...qwen3,
    hidden_size: hidden,
    num_hidden_layers: layers,
    max_window_layers: layers,
    num_attention_heads: heads,
    intermediate_size: intermediate,
    tie_word_embeddings: tied,
  };
}

/** Qwen3-4B as transformers 5 writes it: `dtype`, `layer_types` and `rope_parameters`. */
export const qwen3Transformers5: Fields = (() => {
  const { torch_dtype, rope_theta, rope_scaling: _, ...rest } = qwen3Of(2560, 36, 32, 9728, true);
  return {
    ...rest,
    dtype: torch_dtype,
    layer_types: Array.from({ length: 36 }, () => "full_attention"),
    rope_parameters: { rope_theta, rope_type: "default" },
    pad_token_id: null,
    transformers_version: "5.0.0",
  };
})();

/** Llama-3.2-3B as transformers 5 writes it. */
export const llamaTransformers5: Fields = (() => {
  const { torch_dtype, rope_theta, rope_scaling: _, ...rest } = llama;
  return { ...rest, dtype: torch_dtype, rope_parameters: { ...llama3Scaling, rope_theta } };
})();

/** By model: the file, and how many parameters the model has, in exact numbers. */
export const published: Readonly<Record<string, readonly [Fields, number]>> = {
  "Qwen3-0.6B": [qwen3Of(1024, 28, 16, 3072, true), 596049920],
  "Qwen3-1.7B": [qwen3Of(2048, 28, 16, 6144, true), 1720574976],
  "Qwen3-4B": [qwen3Of(2560, 36, 32, 9728, true), 4022468096],
  "Qwen3-4B, transformers 5": [qwen3Transformers5, 4022468096],
  "Qwen3-8B": [qwen3Of(4096, 36, 32, 12288, false), 8190735360],
  "Qwen3-14B": [qwen3Of(5120, 40, 40, 17408, false), 14768307200],
  "Qwen2.5-Math-7B": [qwen2, 7615616512],
  "Qwen2.5-Math-1.5B": [{
    ...qwen2,
    hidden_size: 1536,
    intermediate_size: 8960,
    num_attention_heads: 12,
    num_key_value_heads: 2,
    max_window_layers: 21,
    tie_word_embeddings: true,
    vocab_size: 151936,
  }, 1543714304],
  "Qwen2.5-7B": [
    { ...qwen2, max_position_embeddings: 131072, rope_theta: 1000000, sliding_window: 131072 },
    7615616512,
  ],
  "DeepSeek-R1-Distill-Qwen-7B": [{
    ...qwen2,
    bos_token_id: 151643,
    max_position_embeddings: 131072,
    attention_dropout: 0.0,
  }, 7615616512],
  "Llama-3.2-3B, OctoThinker-3B": [llama, 3212749824],
  "Llama-3.2-3B, transformers 5": [llamaTransformers5, 3212749824],
  "Llama-3.1-8B, OctoThinker-8B": [{
    ...llama,
    head_dim: undefined,
    hidden_size: 4096,
    intermediate_size: 14336,
    num_attention_heads: 32,
    num_hidden_layers: 32,
    rope_scaling: { ...llama3Scaling, factor: 8.0 },
    tie_word_embeddings: false,
  }, 8030261248],
  "deepseek-math-7b-base": [{
    ...llama,
    head_dim: undefined,
    bos_token_id: 100000,
    eos_token_id: 100001,
    hidden_size: 4096,
    intermediate_size: 11008,
    max_position_embeddings: 4096,
    num_attention_heads: 32,
    num_hidden_layers: 30,
    num_key_value_heads: 32,
    rms_norm_eps: 1e-6,
    rope_scaling: null,
    rope_theta: 10000,
    tie_word_embeddings: false,
    vocab_size: 102400,
  }, 6910365696],
};
