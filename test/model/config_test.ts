import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { parseConfig, rotaryFrequencies } from "../../src/model/mod.ts";

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

Deno.test("parseConfig() names the field that it cannot use", () => {
  const cases: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
    [{ architectures: ["GemmaForCausalLM"] }, "architectures.0: "],
    [{ hidden_size: undefined }, "hidden_size: "],
    [{ vocab_size: 0 }, "vocab_size: "],
    [{ rms_norm_eps: "1e-6" }, "rms_norm_eps: "],
    [{ hidden_act: "gelu" }, "hidden_act: "],
    [{ rope_scaling: { rope_type: "yarn", factor: 4 } }, "rope_scaling.rope_type: "],
    [{ use_sliding_window: true }, "use_sliding_window: "],
    [{ num_attention_heads: 3 }, "3 heads do not share 2 key-value heads evenly"],
    [{ head_dim: undefined, num_attention_heads: 6 }, "the head dimension is 10.66"],
    [{ head_dim: 15 }, "the head dimension is 15, expected an even number"],
  ];
  for (const [changes, message] of cases) {
    const { message: found } = assertThrows(() => parse(changes), SyntaxError);
    assert(found.startsWith("Cannot use config.json: ") && found.includes(message), found);
  }
  assertThrows(() => parseConfig("{"), SyntaxError, "Cannot use config.json: it is not JSON");
});

Deno.test("rotaryFrequencies() are geometric, from 1 down towards 1 over the base", () => {
  const frequencies = rotaryFrequencies(parse());
  assertEquals(frequencies.length, 16);
  frequencies.forEach((frequency, i) =>
    assertAlmostEquals(frequency, Math.exp(-Math.log(10000) * i / 16), 1e-12)
  );
});

Deno.test("rotaryFrequencies() stretch long wavelengths alone when Llama 3 scales them", () => {
  const scaling = {
    rope_type: "llama3",
    factor: 8,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 256,
  };
  const plain = rotaryFrequencies(parse());
  const scaled = rotaryFrequencies(parse({ rope_scaling: scaling }));
  const regions = scaled.map((frequency, i) => {
    const before = plain[i] as number, wavelength = 2 * Math.PI / before;
    if (wavelength < 256 / 4) assertAlmostEquals(frequency, before, 1e-15);
    else if (wavelength > 256) assertAlmostEquals(frequency, before / 8, 1e-15);
    else assert(frequency < before && frequency > before / 8);
    return wavelength < 64 ? "kept" : wavelength > 256 ? "stretched" : "between";
  });
  assertEquals(new Set(regions), new Set(["kept", "between", "stretched"]));
});
