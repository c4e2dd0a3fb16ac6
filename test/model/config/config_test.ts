import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parameterCount, parameterShapes, parseConfig, rotaryFrequencies } from "../../../src/model/mod.ts";
import { llamaTransformers5, published, qwen3Transformers5 } from "./published_configs.ts";

const base = {
  architectures: ["Qwen3ForCausalLM"],
  vocab_size: 96,
  hidden_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 32,
  intermediate_size: 128,
  rms_norm_eps: 1e-6,
  rope_theta: 10000,
  tie_word_embeddings: true,
  hidden_act: "silu",
};
const parse = (changes: Readonly<Record<string, unknown>> = {}) =>
  parseConfig(JSON.stringify({ ...base, ...changes }));

Deno.test("parseConfig() tells the families apart and reads what the files name", () => {
  assertEquals(parse(), {
    vocabularySize: 96,
    hiddenSize: 64,
    layers: 2,
    heads: 4,
    keyValueHeads: 2,
    headDimension: 32,
    intermediateSize: 128,
    contextLength: undefined,
    rmsNormEpsilon: 1e-6,
    ropeTheta: 10000,
    ropeScaling: undefined,
    tiedEmbeddings: true,
    queryKeyNorm: true,
    queryKeyValueBias: false,
  });
  const qwen2 = parse({ architectures: ["Qwen2ForCausalLM"] });
  assertEquals([qwen2.queryKeyNorm, qwen2.queryKeyValueBias], [false, true]);
  const llama = parse({
    architectures: ["LlamaForCausalLM"],
    tie_word_embeddings: undefined,
    head_dim: null,
  });
  assertEquals([llama.queryKeyNorm, llama.queryKeyValueBias], [false, false]);
  assertEquals([llama.tiedEmbeddings, llama.headDimension], [false, 16]);
});

Deno.test("parseConfig() reads the published files: every shape is right, so their parameters count exactly", () => {
  for (const [name, [fields, parameters]] of Object.entries(published)) {
    const config = parseConfig(JSON.stringify(fields));
    assertEquals(parameterCount(parameterShapes(config)), parameters, name);
    assertEquals(config.contextLength, fields.max_position_embeddings, name);
  }
});

Deno.test("parseConfig() reads either spelling of rotary settings the same", () => {
  const pairs = [["Qwen3-4B", qwen3Transformers5], [
    "Llama-3.2-3B, OctoThinker-3B",
    llamaTransformers5,
  ]] as const;
  for (const [name, newer] of pairs) {
    const [older] = published[name] ?? [];
    assertEquals(parseConfig(JSON.stringify(newer)), parseConfig(JSON.stringify(older)));
  }
  const [llama] = published["Llama-3.2-3B, OctoThinker-3B"] ?? [{}];
  assertEquals(parseConfig(JSON.stringify(llama)).ropeScaling, {
    factor: 32,
    lowFrequencyFactor: 1,
    highFrequencyFactor: 4,
    originalContext: 8192,
  });
  assertEquals(parse({ rope_scaling: { type: "default" } }), parse());
  assertEquals(parse({ rope_parameters: { rope_theta: 10000, partial_rotary_factor: 1 } }), parse());
});

const llama3 = {
  rope_type: "llama3",
  factor: 8,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 256,
};

Deno.test("parseConfig() names the field that it cannot use, its value, and what is supported", () => {
  const cases: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
    [{ architectures: undefined }, "architectures is absent, expected one of Qwen3ForCausalLM, "],
    [
      { architectures: ["Qwen3MoeForCausalLM"] },
      'architectures is ["Qwen3MoeForCausalLM"], expected one of Qwen3',
    ],
    [{ architectures: ["GemmaForCausalLM"] }, 'architectures is ["GemmaForCausalLM"], '],
    [{ architectures: ["MistralForCausalLM"] }, "Qwen2ForCausalLM, LlamaForCausalLM"],
    [{ architectures: ["Qwen3ForCausalLM", "LlamaForCausalLM"] }, "architectures is "],
    [{ model_type: "llama" }, 'model_type is "llama", expected "qwen3"'],
    [{ hidden_size: undefined }, "hidden_size is absent, expected a whole number from 1 to "],
    [{ vocab_size: 0 }, "vocab_size is 0, "],
    [{ vocab_size: 1e300 }, "vocab_size is 1e+300, "],
    [{ num_hidden_layers: 1e9 }, "num_hidden_layers is 1000000000, expected a whole number from 1 to 1024"],
    [{ intermediate_size: 2.5 }, "intermediate_size is 2.5, "],
    [{ rms_norm_eps: "1e-6" }, 'rms_norm_eps is "1e-6", expected a positive number'],
    [{ rope_theta: undefined }, "rope_theta is absent, "],
    [{ hidden_act: "gelu" }, 'hidden_act is "gelu", expected "silu"'],
    [{ hidden_act: undefined }, 'hidden_act is absent, expected "silu"'],
    [{ tie_word_embeddings: "yes" }, 'tie_word_embeddings is "yes", expected true or false'],
    [{ head_dim: undefined }, "head_dim is absent, expected a number"],
    [{ num_key_value_heads: null }, "num_key_value_heads is null, expected a number"],
    [{ num_attention_heads: 3 }, "3 heads do not share 2 key-value heads evenly"],
    [
      { architectures: ["LlamaForCausalLM"], head_dim: null, num_attention_heads: 6 },
      "the head dimension is 10.66",
    ],
    [{ head_dim: 15 }, "the head dimension is 15, expected an even number"],
    [{ vocab_size: 2 ** 24, hidden_size: 2 ** 22 }, "the sizes make 7.04e+13 parameters, expected at most "],
    // Rotary positions.
    [
      { rope_scaling: { rope_type: "yarn", factor: 4 } },
      'rope_scaling.rope_type is "yarn", expected "default" or',
    ],
    [{ rope_scaling: { type: "linear", factor: 4 } }, 'rope_scaling.type is "linear", '],
    [{ rope_scaling: { type: "dynamic", factor: 4 } }, "rope_scaling.type"],
    [{ rope_parameters: { rope_type: "longrope" } }, "rope_parameters.rope_type"],
    [{ rope_scaling: { factor: 4 } }, "rope_scaling.factor is 4, expected it absent"],
    [{ rope_scaling: "llama3" }, 'rope_scaling is "llama3", expected an object or null'],
    [{ rope_scaling: { ...llama3, factor: undefined } }, "rope_scaling.factor is absent, "],
    [
      { rope_scaling: { ...llama3, high_freq_factor: 1 } },
      "rope_scaling.high_freq_factor is 1, expected more than",
    ],
    [{ rope_scaling: { ...llama3, attention_factor: 2 } }, "rope_scaling.attention_factor is 2, "],
    [{ rope_scaling: llama3, rope_parameters: { factor: 4 } }, "rope_parameters.factor is 4, expected 8"],
    [{ rope_parameters: { rope_theta: 5 } }, "rope_parameters.rope_theta is 5, expected 10000"],
    [
      { rope_parameters: { full_attention: { rope_type: "default" } } },
      "rope_parameters.full_attention is an object",
    ],
    [
      { rope_parameters: { partial_rotary_factor: 0.5 } },
      "rope_parameters.partial_rotary_factor is 0.5, expected 1",
    ],
    [{ partial_rotary_factor: 0.25 }, "partial_rotary_factor is 0.25, expected 1"],
    // Windows.
    [{ use_sliding_window: true, sliding_window: 4096 }, "use_sliding_window is true, expected false"],
    [{ use_sliding_window: true, sliding_window: 4096, max_window_layers: 1 }, "use_sliding_window is true"],
    [{ use_sliding_window: "yes" }, 'use_sliding_window is "yes", expected true or false'],
    [
      {
        use_sliding_window: true,
        sliding_window: 4096,
        layer_types: ["full_attention", "sliding_attention"],
      },
      'layer_types.1 is "sliding_attention", ',
    ],
    [
      { original_max_position_embeddings: 64 },
      'original_max_position_embeddings is 64, expected it absent: rotary type "default" has no such setting',
    ],
    [{ layer_types: ["full_attention", "sliding_attention"] }, 'layer_types.1 is "sliding_attention", '],
    [
      { layer_types: ["full_attention"] },
      'layer_types is ["full_attention"], expected a list of one type a layer',
    ],
    // Other mathematics.
    [{ attention_bias: true }, "attention_bias is true, expected false"],
    [{ mlp_bias: true }, "mlp_bias is true, expected false"],
    [{ pretraining_tp: 2 }, "pretraining_tp is 2, expected 1"],
    [{ attention_dropout: 0.1 }, "attention_dropout is 0.1, expected 0: training here has no dropout"],
    [{ quantization_config: { bits: 4 } }, "quantization_config is an object, expected it absent or null"],
    [{ auto_map: { AutoModel: "x" } }, "auto_map is an object, "],
    [{ num_experts: 128 }, "num_experts is 128, "],
    [{ final_logit_softcapping: 30 }, "final_logit_softcapping is 30, "],
    [{ logit_scale: 0.5 }, "logit_scale is 0.5, expected 1"],
    [{ attention_multiplier: 1 }, "attention_multiplier is 1, "],
    // Fields that nobody has heard of yet.
    [{ attn_logit_cap: 50 }, "attn_logit_cap is 50, expected it absent or off"],
    [{ residual_scale: 0.5 }, "residual_scale is 0.5, "],
    [{ use_qk_rms: true }, "use_qk_rms is true, "],
    [{ "head gate\n": "sigmoid" }, '"head gate\\n" is "sigmoid", '],
  ];
  for (const [changes, message] of cases) {
    const { message: found } = assertThrows(() => parse(changes), SyntaxError);
    assert(found.startsWith("Cannot use config.json: ") && found.includes(message), found);
  }
  assertThrows(() => parseConfig("{"), SyntaxError, "Cannot use config.json: it is not JSON");
  assertThrows(() => parseConfig("[]"), SyntaxError, "the document is [], expected an object");
});

Deno.test("parseConfig() ignores bookkeeping, known or new, and mathematics that is switched off", () => {
  const bookkeeping = {
    _name_or_path: "somewhere",
    _attn_implementation_autoset: true,
    dtype: "bfloat16",
    eos_token_id: [1, 2],
    max_window_layers: 28,
    output_attentions: true,
    unsloth_fixed: true,
    unsloth_version: "2030.1",
    model_card: { licence: "MIT" },
    pad_token_id: 7,
    use_cache: true,
  };
  const off = {
    attention_bias: null,
    attn_logit_softcapping: null,
    embedding_multiplier: 1,
    num_experts: 0,
    pruned_heads: {},
    quantization_config: null,
    router_aux_loss_coef: 0,
    sliding_window: null,
    some_new_logit_scale: 1,
    use_mrope: false,
  };
  assertEquals(parse({ ...bookkeeping, ...off }), parse());
  const window = { sliding_window: 131072 }, layers = ["full_attention", "full_attention"];
  for (
    const unused of [
      { ...window, use_sliding_window: false },
      window,
      { ...window, use_sliding_window: true, max_window_layers: 2 },
      { ...window, use_sliding_window: true, layer_types: layers },
      { sliding_window: null, use_sliding_window: true },
    ]
  ) assertEquals(parse(unused), parse(), JSON.stringify(unused));
});

/** Parses, or throws a SyntaxError of one readable line; nothing else may happen. */
function parseOrRefuse(text: string): void {
  try {
    const config = parseConfig(text);
    assert(parameterCount(parameterShapes(config)) <= 1e13);
    assert(rotaryFrequencies(config).every(Number.isFinite));
  } catch (error) {
    assert(error instanceof SyntaxError, `${error}`);
    assert(/^Cannot use config\.json: [^\p{Cc}\p{Zl}\p{Zp}]{1,400}$/u.test(error.message), error.message);
  }
}

Deno.test("parseConfig() parses or refuses in one line when given any text, any JSON, any mutated file", () => {
  const files = Object.values(published).map(([fields]) => fields);
  const names = [...new Set(files.flatMap(Object.keys))];
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(0, -1, 1e308, 2 ** 53, 0.1, true, null, "", "\u2028\n", [], {}, [[[]]], llama3),
    fc.record({
      rope_type: fc.constantFrom("llama3", "default", 1),
      factor: fc.double(),
      rope_theta: fc.jsonValue(),
    }),
  );
  const field = fc.oneof(fc.constantFrom(...names), fc.constantFrom("__proto__", "constructor"), fc.string());
  const mutated = fc.record({
    file: fc.constantFrom(...files),
    changes: fc.array(fc.tuple(field, value), { maxLength: 4 }),
    removed: fc.subarray(names, { maxLength: 2 }),
  }).map(({ file, changes, removed }) => {
    const kept = Object.entries(file).filter(([name]) => !removed.includes(name));
    // Texts and not objects: a file may name a field twice, or "__proto__".
    return `{${
      [...kept, ...changes].filter(([, v]) => v !== undefined).map(([k, v]) => {
        return `${JSON.stringify(k)}:${JSON.stringify(v)}`;
      }).join()
    }}`;
  });
  const cut = fc.tuple(mutated, fc.nat(2000)).map(([text, at]) => text.slice(0, at));
  fc.assert(fc.property(fc.oneof(mutated, cut, fc.json(), fc.string()), parseOrRefuse), {
    numRuns: 3000,
    seed: 1,
  });
});

Deno.test("parseConfig() refuses in one line when given documents that are deep, long or enormous", () => {
  const deep = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  const [file] = published["Qwen3-4B"] ?? [{}];
  const text = JSON.stringify(file).slice(0, -1);
  for (const field of ["architectures", "rope_scaling", "head_dim", "layer_types", "attention_gate"]) {
    parseOrRefuse(`${text},"${field}":${deep(100_000)}}`);
    parseOrRefuse(`${text},"${field}":${"[".repeat(100_000)}${"]".repeat(100_000)}}`);
    parseOrRefuse(`${text},"${field}":"${"x".repeat(1_000_000)}"}`);
    assertThrows(() => parseConfig(`${text},"${field}":[${"1,".repeat(100_000)}1]}`), SyntaxError);
  }
  parseOrRefuse(`${text},${JSON.stringify("layer".repeat(100_000))}:1}`);
  parseOrRefuse(deep(100_000));
});

Deno.test("rotaryFrequencies() are geometric, from 1 down towards 1 over the base", () => {
  const frequencies = rotaryFrequencies(parse());
  assertEquals(frequencies.length, 16);
  frequencies.forEach((frequency, i) =>
    assertAlmostEquals(frequency, Math.exp(-Math.log(10000) * i / 16), 1e-12)
  );
});

Deno.test("rotaryFrequencies() stretch long wavelengths alone when Llama 3 scales them", () => {
  const plain = rotaryFrequencies(parse());
  const scaled = rotaryFrequencies(parse({ rope_scaling: llama3 }));
  const regions = scaled.map((frequency, i) => {
    const before = plain[i] as number, wavelength = 2 * Math.PI / before;
    if (wavelength < 256 / 4) assertAlmostEquals(frequency, before, 1e-15);
    else if (wavelength > 256) assertAlmostEquals(frequency, before / 8, 1e-15);
    else assert(frequency < before && frequency > before / 8);
    return wavelength < 64 ? "kept" : wavelength > 256 ? "stretched" : "between";
  });
  assertEquals(new Set(regions), new Set(["kept", "between", "stretched"]));
});
