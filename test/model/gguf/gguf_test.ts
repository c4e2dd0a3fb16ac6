import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { gguf } from "@huggingface/gguf";
import { join } from "node:path";

import {
  type CheckpointType,
  loadModel,
  loadTokenizer,
  openSafetensors,
  parseConfig,
  readTensors,
  rotaryFrequencies,
  writeGguf,
} from "../../../src/model/mod.ts";
import { ggufMetadata } from "../../../src/model/gguf/metadata.ts";
import { readTokenizerFiles } from "../../../src/model/tokenizer/mod.ts";
import { fileSource } from "../../../src/byte_source.ts";
import { qwen3Files, withDirectory } from "../tokenizer_directory.ts";
import { askLlama, llamaFolder } from "./llama_cpp.ts";

const golden = "test/golden/models", cases = ["qwen3", "qwen3_untied", "qwen2", "llama3"] as const;

/** A byte-pair tokenizer of so many tokens for models that have none. */
function tokenizerOf(size: number): Record<string, unknown> {
  const vocab = Object.fromEntries(
    Array.from({ length: size - 1 }, (_, id) => [String.fromCharCode(33 + id), id]),
  );
  const end = { id: size - 1, content: "<end>", special: true, normalized: false };
  return {
    "tokenizer.json": {
      version: "1.0",
      added_tokens: [{ ...end, single_word: false, lstrip: false, rstrip: false }],
      pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
      decoder: { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
      model: { type: "BPE", vocab, merges: [] },
    },
    "tokenizer_config.json": { tokenizer_class: "PreTrainedTokenizerFast", eos_token: "<end>" },
  };
}

/** Exports a golden model and runs a test on the file. */
async function exported<T>(
  name: (typeof cases)[number],
  dtype: CheckpointType,
  test: (path: string) => Promise<T>,
): Promise<T> {
  const text = await Deno.readTextFile(`${golden}/${name}/config.json`), config = parseConfig(text);
  const document = { ...JSON.parse(text), max_position_embeddings: config.contextLength ?? 256 };
  const files = { "config.json": document, ...tokenizerOf(config.vocabularySize) };
  return await withDirectory(files, async (directory) => {
    const weights = await openSafetensors(await fileSource(`${golden}/${name}/model.safetensors`));
    const path = join(directory, "model.gguf");
    await writeGguf(directory, weights, path, { dtype, name });
    return await test(path);
  });
}

const tensorsOf = async (path: string) => {
  return await readTensors(await openSafetensors(await fileSource(path)));
};

for (const name of cases) {
  Deno.test({
    name: `llama.cpp computes the reference log-probs of ${name} from its GGUF file` +
      (llamaFolder ? "" : " (ignored: BUPO_LLAMA_CPP names no folder with node-llama-cpp)"),
    ignore: !llamaFolder,
    fn: async () => {
      const [inputs, expected] = [
        await tensorsOf(`${golden}/${name}/inputs.safetensors`),
        await tensorsOf(`${golden}/${name}/expected.safetensors`),
      ];
      const ids = inputs.get("input_ids"), wanted = expected.get("logprobs.full");
      const [rows = 0, width = 0] = ids?.shape ?? [];
      // The last row has no padding.
      const row = Array.from(ids?.data.slice((rows - 1) * width) ?? [], Number);
      const reference = Array.from(wanted?.data.slice((rows - 1) * (width - 1)) ?? [], Number);
      assertEquals(
        Array.from(inputs.get("attention_mask")?.data ?? [], Number).slice(-width),
        row.map(() => 1),
      );
      await exported(name, "float32", async (path) => {
        const { logprobs: [found = []] } = await askLlama(llamaFolder ?? "", path, [row]);
        assertEquals(found.length, width - 1);
        found.forEach((value, i) => assertAlmostEquals(value, reference[i] ?? NaN, 1e-4));
      });
    },
  });
}

Deno.test({
  name: "llama.cpp loads the embedded model with its template and reads ids as it does" +
    (llamaFolder ? "" : " (ignored: BUPO_LLAMA_CPP names no folder with node-llama-cpp)"),
  ignore: !llamaFolder,
  fn: async () => {
    const model = await loadModel("benchmarks/model"), path = await Deno.makeTempFile({ suffix: ".gguf" });
    const { sameTokens } = await writeGguf(model.directory, model.weights, path, {
      dtype: "float32",
      name: "embedded",
    });
    // Its tokenizer keeps digits apart by a pattern of its own, which llama.cpp has no name for.
    assertEquals(sameTokens, false);
    const text = "Find 147 mod 8. \\frac{1}{2}";
    const { text: read, template } = await askLlama(llamaFolder ?? "", path, [model.tokenizer.encode(text)]);
    await Deno.remove(path);
    assertEquals(read, text);
    assert(template?.includes("<|im_start|>"), template);
  },
});

Deno.test("a GGUF file holds sizes, names and elements of the model, aligned to 32 bytes", async () => {
  for (const name of cases) {
    const config = parseConfig(await Deno.readTextFile(`${golden}/${name}/config.json`));
    const stored = await tensorsOf(`${golden}/${name}/model.safetensors`);
    await exported(name, "float32", async (path) => {
      const { metadata, tensorInfos, tensorDataOffset } = await gguf(path, { allowLocalFile: true });
      const { architecture, of } = facts(metadata);
      assertEquals(architecture, name === "llama3" ? "llama" : name.replace("_untied", ""));
      assertEquals(of("block_count"), config.layers);
      assertEquals(of("attention.head_count_kv"), config.keyValueHeads);
      assertEquals(of("attention.key_length"), config.headDimension);
      assertEquals(of("rope.freq_base"), config.ropeTheta);
      assertEquals(tensorInfos.length, stored.size + (config.ropeScaling ? 1 : 0));
      assertEquals(Number(tensorDataOffset) % 32, 0);
      const bytes = await Deno.readFile(path);
      const read = (tensor: string): Float32Array => {
        const info = tensorInfos.find((candidate) => candidate.name === tensor);
        assert(info, tensor);
        const start = Number(tensorDataOffset) + Number(info.offset);
        assertEquals([Number(info.dtype), Number(info.offset) % 32], [0, 0]);
        const length = info.shape.reduce((a, b) => a * Number(b), 1);
        return new Float32Array(bytes.slice(start, start + 4 * length).buffer);
      };
      assertEquals(read("blk.2.ffn_down.weight"), stored.get("model.layers.2.mlp.down_proj.weight")?.data);
      assertEquals(read("output_norm.weight"), stored.get("model.norm.weight")?.data);
      const info = tensorInfos.find((candidate) => candidate.name === "token_embd.weight");
      assertEquals(info?.shape.map(Number), [config.hiddenSize, config.vocabularySize]);
      const query = stored.get("model.layers.0.self_attn.q_proj.weight")?.data;
      if (architecture !== "llama") assertEquals(read("blk.0.attn_q.weight"), query);
      else assertTurned(read("blk.0.attn_q.weight"), query as Float32Array, config.hiddenSize);
      if (!config.ropeScaling) return;
      const plain = rotaryFrequencies({ ...config, ropeScaling: undefined });
      read("rope_freqs.weight").forEach((factor, i) => {
        assertAlmostEquals((plain[i] ?? 0) / factor, rotaryFrequencies(config)[i] ?? 0, 1e-6);
      });
    });
  }
});

/** What a test asks of metadata. */
function facts(metadata: Awaited<ReturnType<typeof gguf>>["metadata"]): {
  architecture: string;
  of: (key: string) => unknown;
} {
  const architecture = String(metadata["general.architecture"]);
  return {
    architecture,
    of: (key) => (metadata as unknown as Record<string, unknown>)[`${architecture}.${key}`],
  };
}

/** In heads of 16 rows, row 2i is the old row i and row 2i + 1 the old row i + 8. */
function assertTurned(found: Float32Array, old: Float32Array, width: number): void {
  const row = (data: Float32Array, i: number): Float32Array => data.slice(i * width, (i + 1) * width);
  for (const head of [0, 3]) {
    for (let i = 0; i < 8; i++) {
      assertEquals(row(found, 16 * head + 2 * i), row(old, 16 * head + i));
      assertEquals(row(found, 16 * head + 2 * i + 1), row(old, 16 * head + i + 8));
    }
  }
}

Deno.test("16-bit GGUF files keep vectors in float32, and a size is what its type says", async () => {
  const sizes = new Map<CheckpointType, number>();
  for (const [dtype, element] of [["float32", 0], ["float16", 1], ["bfloat16", 30]] as const) {
    await exported("qwen2", dtype, async (path) => {
      const { tensorInfos } = await gguf(path, { allowLocalFile: true });
      for (const info of tensorInfos) {
        assertEquals(Number(info.dtype), info.shape.length === 1 ? 0 : element, info.name);
      }
      sizes.set(dtype, (await Deno.stat(path)).size);
    });
  }
  assertEquals(sizes.get("float16"), sizes.get("bfloat16"));
  assert((sizes.get("float16") ?? 0) < (sizes.get("float32") ?? 0));
});

Deno.test("a published tokenizer keeps llama.cpp's name, its merges and its special tokens", async () => {
  const { tokenizer, config: settings } = await qwen3Files();
  const files = { "tokenizer.json": tokenizer, "tokenizer_config.json": settings };
  const document = JSON.parse(await Deno.readTextFile(`${golden}/qwen3/config.json`));
  const sizes = { ...document, vocab_size: 151936, max_position_embeddings: 40960 };
  const described = { config: parseConfig(JSON.stringify(sizes)), name: "qwen3", fileType: 0, tensors: 1 };
  await withDirectory(files, async (directory) => {
    const sources = await readTokenizerFiles(directory), loaded = await loadTokenizer(directory);
    const { metadata, sameTokens } = ggufMetadata({ ...described, sources, tokenizer: loaded });
    const value = (key: string): unknown => metadata[`tokenizer.ggml.${key}`]?.value;
    assertEquals([sameTokens, value("pre")], [true, "qwen2"]);
    const tokens = value("tokens") as string[], kinds = value("token_type") as number[];
    assertEquals([tokens.length, tokens[151645], kinds[151645]], [151936, "<|im_end|>", 3]);
    assertEquals([tokens[151935], kinds[151935]], ["[PAD151935]", 5]);
    assertEquals([(value("merges") as string[])[0], value("eos_token_id")], ["Ġ Ġ", 151645]);
    assertEquals([value("add_bos_token"), value("bos_token_id")], [false, undefined]);
    // Three digits at a time is Llama 3's way; an unknown way has no name.
    const split = JSON.stringify(sources.tokenizer);
    const cut = (from: string, to: string): unknown => {
      const other = { ...sources, tokenizer: JSON.parse(split.replace(from, to)) };
      return ggufMetadata({ ...described, sources: other, tokenizer: loaded }).metadata["tokenizer.ggml.pre"]
        ?.value;
    };
    assertEquals(cut("|\\\\p{N}|", "|\\\\p{N}{1,3}|"), "llama-bpe");
    assertEquals(cut("|\\\\p{N}|", "|\\\\p{N}{1,2}|"), "default");
  });
});

Deno.test("what a GGUF file cannot say is refused before anything is written", async () => {
  const text = await Deno.readTextFile(`${golden}/qwen3/config.json`), config = parseConfig(text);
  const files = tokenizerOf(config.vocabularySize);
  const vocabulary = files["tokenizer.json"] as Record<string, unknown>;
  const word = { type: "WordLevel", vocab: { a: 0 }, unk_token: "a" };
  const { max_position_embeddings: _, ...endless } = JSON.parse(text);
  const broken: [Record<string, unknown>, string][] = [
    [{ ...files, "config.json": endless }, "no max_position_embeddings"],
    [{
      ...files,
      "config.json": { ...endless, max_position_embeddings: 9 },
      "tokenizer.json": { ...vocabulary, model: word },
    }, "not a byte-pair vocabulary"],
  ];
  for (const [directoryFiles, message] of broken) {
    await withDirectory(directoryFiles, async (directory) => {
      const weights = await openSafetensors(await fileSource(`${golden}/qwen3/model.safetensors`));
      const path = join(directory, "model.gguf");
      const written = writeGguf(directory, weights, path, { dtype: "float32", name: "qwen3" });
      await assertRejects(() => written, TypeError, message);
      await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
    });
  }
});
