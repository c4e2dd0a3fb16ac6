import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import {
  initializeWeights,
  parseConfig,
  type StoredTensor,
  type StoredTensors,
  tensorsInMemory,
  writeModelDirectory,
} from "../../src/model/mod.ts";
import { parseInspection } from "../../src/report/mod.ts";
import { llamaFiles } from "../model/tokenizer_directory.ts";
import { runTask } from "./run_task.ts";

/** Llama-3.2's fields as they are published, with small sizes. */
const llama = {
  architectures: ["LlamaForCausalLM"],
  attention_bias: false,
  attention_dropout: 0.0,
  bos_token_id: 256,
  eos_token_id: 258,
  head_dim: 8,
  hidden_act: "silu",
  hidden_size: 24,
  initializer_range: 0.02,
  intermediate_size: 64,
  max_position_embeddings: 131072,
  mlp_bias: false,
  model_type: "llama",
  num_attention_heads: 3,
  num_hidden_layers: 4,
  num_key_value_heads: 1,
  pretraining_tp: 1,
  rms_norm_eps: 1e-5,
  rope_scaling: {
    factor: 32.0,
    high_freq_factor: 4.0,
    low_freq_factor: 1.0,
    original_max_position_embeddings: 8192,
    rope_type: "llama3",
  },
  rope_theta: 500000.0,
  tie_word_embeddings: true,
  torch_dtype: "bfloat16",
  use_cache: true,
  vocab_size: 259,
};

const qwen3 = (tied: boolean) => ({
  architectures: ["Qwen3ForCausalLM"],
  attention_bias: false,
  head_dim: 16,
  hidden_act: "silu",
  hidden_size: 24,
  intermediate_size: 40,
  max_position_embeddings: 40960,
  max_window_layers: 3,
  model_type: "qwen3",
  num_attention_heads: 4,
  num_hidden_layers: 3,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-6,
  rope_theta: 1000000,
  sliding_window: null,
  tie_word_embeddings: tied,
  torch_dtype: "bfloat16",
  use_sliding_window: false,
  vocab_size: 264,
});

/** Makes a model directory of several shards, and returns its path. */
async function makeModel(
  folder: string,
  name: string,
  config: Readonly<Record<string, unknown>>,
  change: (weights: Map<string, StoredTensor>) => StoredTensors = (weights) => weights,
): Promise<string> {
  const base = join(folder, `${name}-base`), directory = join(folder, name);
  const { tokenizer, config: tokenizerConfig } = llamaFiles();
  await Deno.mkdir(base);
  for (
    const [file, value] of Object.entries({
      "config.json": config,
      "tokenizer.json": tokenizer,
      "tokenizer_config.json": tokenizerConfig,
    })
  ) await Deno.writeTextFile(join(base, file), JSON.stringify(value));
  const weights = initializeWeights(parseConfig(JSON.stringify(config)), 3);
  const shards = await writeModelDirectory(base, tensorsInMemory(change(weights)), directory, {
    dtype: "bfloat16",
    shardBytes: 8000,
  });
  assert(shards.filter((file) => file.endsWith(".safetensors")).length > 2, `${shards}`);
  return directory;
}

const completions = [
  { problem: "a", question: "What is 1+1?", completion: "It is \\boxed{2}." },
  { problem: "a", question: "What is 1+1?", completion: "1+1=2" },
  { problem: "b", prompt: "user: 2+2<|eot_id|>assistant: ", completion: "\\boxed{4}<|eot_id|>" },
].map((line) => JSON.stringify(line)).join("\n");

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(folder, "completions.jsonl"), completions);
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("inspect reads sharded Llama 3.2 beside a tied and an untied Qwen3, and writes all files", async () => {
  await withFolder(async (folder) => {
    const llamaDirectory = await makeModel(folder, "llama", llama);
    const tied = await makeModel(folder, "tied", qwen3(true)),
      untied = await makeModel(folder, "untied", qwen3(false));
    const args = ["inspect", "--model", llamaDirectory, "--checkpoint", tied, "--checkpoint", untied];
    const out = join(folder, "out"), file = join(folder, "completions.jsonl");
    const { code, stdout, stderr } = await runTask(
      [...args, "--completions", file, "--template", "chat-boxed", "--out", out, "--quiet", "--top", "2"],
      { folder },
    );
    assertEquals([stderr, code], ["", 0]);
    assertStringIncludes(stdout, "of 3 completions of 2 problems, from a file");
    assertMatch(stdout, /Beside each other/);
    const inspection = parseInspection(JSON.parse(await Deno.readTextFile(join(out, "inspect.json"))));
    assertEquals(inspection.models.map(({ shape }) => [shape.layers, shape.tiedEmbeddings]), [
      [4, true],
      [3, true],
      [3, false],
    ]);
    for (const { source, layers, shape } of inspection.models) {
      assertEquals([source.from, layers.length], ["file", shape.layers + 1]);
    }
    assertStringIncludes(await Deno.readTextFile(join(out, "inspect.html")), "<!DOCTYPE html>");
    const names = (await Array.fromAsync(Deno.readDir(join(out, "figures")))).map(({ name }) => name);
    assertEquals(names.filter((name) => !name.endsWith(".svg")).length, 3);
    // Sampled by the model itself, the same seed gives the same document.
    const own = [
      "inspect",
      "--model",
      tied,
      "--problems",
      "2",
      "--samples",
      "1",
      "--max-tokens",
      "6",
      "--threads",
      "1",
    ];
    const json = async (seed: string): Promise<string> =>
      (await runTask([...own, "--seed", seed, "--skip-random", "--quiet", "--json"])).stdout;
    const first = await json("5");
    assertEquals(parseInspection(JSON.parse(first)).models[0]?.completions, 2);
    assertEquals(await json("5"), first);
    assert(await json("6") !== first);
  });
});

Deno.test("a mistake is one clear line: layer, suite, completions, weights, names", async () => {
  await withFolder(async (folder) => {
    const file = (name: string, text: string): string => {
      Deno.writeTextFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const model = await makeModel(folder, "model", llama), lines = join(folder, "completions.jsonl");
    const broken = await makeModel(folder, "broken", llama, (weights) => {
      const name = "model.layers.2.self_attn.k_proj.weight", tensor = weights.get(name);
      if (tensor) (tensor.data as Float32Array)[5] = NaN;
      return weights;
    });
    const name = folder.split("/").at(-1);
    const refused: readonly (readonly [readonly string[], number, string])[] = [
      [
        ["--model", model, "--completions", lines, "--layer", "5"],
        2,
        `Cannot point out layer 5 of ${name}/model: it has layers 1 to 4, which the released code counts from 0 to 3`,
      ],
      [["--model", model, "--suite", file("empty.jsonl", "")], 1, "empty.jsonl"],
      [
        ["--model", model, "--completions", file("none.jsonl", "\n\n")],
        1,
        "none.jsonl: it has no completions, expected a line each",
      ],
      [
        ["--model", model, "--completions", file("bad.jsonl", '{"completion": 5}\n')],
        1,
        "bad.jsonl, line 1: completion: ",
      ],
      [
        ["--model", model, "--completions", file("half.jsonl", '{"completion": "x"}')],
        1,
        'has no "prompt" and no "question"',
      ],
      [["--model", model, "--completions", lines, "--example", "9"], 2, "Cannot show completion 9 of"],
      [
        ["--model", model, "--completions", lines, "--samples", "2"],
        2,
        "Cannot use --suite or --samples with --completions",
      ],
      [
        ["--model", broken, "--completions", lines],
        1,
        'the tensor "model.layers.2.self_attn.k_proj.weight" holds NaN at element 5',
      ],
      [["--model", join(folder, "nothing")], 2, 'nothing": there is no such folder'],
      [["--model", model, "--profile", "smoke"], 2, "Cannot inspect both --model and --profile: choose one"],
      [["--model", model, "--template", "bear"], 2, 'Cannot word questions as "bear": expected bare, '],
    ];
    const outcomes = await Promise.all(refused.map(([args]) => runTask(["inspect", "--quiet", ...args])));
    outcomes.forEach(({ code, stdout, stderr }, i) => {
      const [args, expected, message] = refused[i] ?? [[], 0, ""];
      assertStringIncludes(stderr, message, args.join(" "));
      assertMatch(stderr, /^error: [^\n]+\n$/, args.join(" "));
      assertEquals([code, stdout], [expected, ""], args.join(" "));
    });
  });
});
