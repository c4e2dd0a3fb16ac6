import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import {
  checkWeights,
  formatSafetensors,
  initializeWeights,
  loadModel,
  modelDigest,
  parameterCount,
  parameterShapes,
  type StoredTensor,
} from "../../src/model/mod.ts";
import { tinyConfig } from "../rl/tiny_model.ts";

const committed = "benchmarks/model";

/** Runs a test on a copy of the committed model. */
async function withModel(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    for (const name of ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]) {
      await Deno.copyFile(join(committed, name), join(directory, name));
    }
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("loadModel() loads the committed model: weights, tokenizer and digest fit", async () => {
  const { config, weights, tokenizer, digest } = await loadModel(committed);
  assertEquals([...weights.entries.keys()], [...parameterShapes(config).keys()]);
  assertEquals(tokenizer.vocabularySize <= config.vocabularySize, true);
  const count = parameterCount(parameterShapes(config));
  assertEquals(count >= 1e6 && count <= 3e6, true, `${count} parameters`);
  assertMatch(digest, /^[0-9a-f]{64}$/);
  assertEquals(digest, await modelDigest(committed));
});

Deno.test("modelDigest() changes with any byte of any file and with nothing else", async () => {
  await withModel(async (directory) => {
    const before = await modelDigest(directory);
    assertEquals(before, await modelDigest(committed));
    await Deno.writeTextFile(join(directory, "README.md"), "a note");
    assertEquals(await modelDigest(directory), before);
    for (const name of ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]) {
      const path = join(directory, name), bytes = await Deno.readFile(path), changed = bytes.slice();
      const at = Math.floor(bytes.length / 2);
      changed[at] = (changed[at] as number) ^ 1;
      await Deno.writeFile(path, changed);
      assertNotEquals(await modelDigest(directory), before, name);
      await Deno.writeFile(path, bytes);
    }
    // Files that not every model has, but that decide how prompts begin and where responses end.
    const seen = new Set([before]);
    for (const name of ["chat_template.jinja", "generation_config.json", "special_tokens_map.json"]) {
      await Deno.writeTextFile(join(directory, name), "{}");
      seen.add(await modelDigest(directory));
      await Deno.writeTextFile(join(directory, name), "{ }");
      seen.add(await modelDigest(directory));
    }
    assertEquals(seen.size, 7);
  });
});

Deno.test("loadModel() refuses a tokenizer with tokens that have no embedding", async () => {
  await withModel(async (directory) => {
    const path = join(directory, "tokenizer.json");
    const file: { added_tokens: { id: number; content: string }[] } = JSON.parse(
      await Deno.readTextFile(path),
    );
    const [token] = file.added_tokens;
    assert(token);
    file.added_tokens.push({ ...token, id: 480, content: "<|more|>" });
    await Deno.writeTextFile(path, JSON.stringify(file));
    await assertRejects(
      () => loadModel(directory),
      SyntaxError,
      "the tokenizer has 481 tokens, config.json's vocab_size is 480, expected at least as many",
    );
  });
});

Deno.test("loadModel() rejects when a file is missing or does not fit", async () => {
  await withModel(async (directory) => {
    const path = join(directory, "model.safetensors");
    await Deno.writeFile(path, await formatSafetensors(initializeWeights(tinyConfig(), 1)));
    await assertRejects(() => loadModel(directory), SyntaxError, `Cannot use ${path}: `);
    await Deno.remove(path);
    await assertRejects(() => loadModel(directory), Deno.errors.NotFound);
  });
});

Deno.test("checkWeights() names the tensor that is missing, surplus or of another shape or type", () => {
  const config = tinyConfig(), name = "model.norm.weight";
  const change = (tensor: StoredTensor | undefined, at = name): Map<string, StoredTensor> => {
    const weights = initializeWeights(config, 1);
    if (tensor) weights.set(at, tensor);
    else weights.delete(at);
    return weights;
  };
  checkWeights(config, initializeWeights(config, 1), () => "w");
  const cases: readonly (readonly [Map<string, StoredTensor>, string])[] = [
    [change(undefined), `the tensor "${name}" is missing`],
    [
      change({ dtype: "float32", shape: [31], data: new Float32Array(31) }),
      "is float32[31], expected float32[32]",
    ],
    [
      change({ dtype: "float64", shape: [32], data: new Float64Array(32) }),
      "is float64[32], expected float32[32]",
    ],
    [
      change({ dtype: "float32", shape: [1], data: new Float32Array(1) }, "extra"),
      'the tensor "extra" is none of the model\'s',
    ],
  ];
  for (const [weights, message] of cases) {
    assertThrows(() => checkWeights(config, weights, () => "w"), SyntaxError, message);
  }
});
