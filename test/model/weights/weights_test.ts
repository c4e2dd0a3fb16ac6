import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import {
  formatSafetensors,
  initializeWeights,
  loadModel,
  loadTokenizer,
  type ModelConfig,
  openWeights,
  readTensors,
  type StoredTensor,
  tensorsInMemory,
  type TensorSource,
  writeModelDirectory,
} from "../../../src/model/mod.ts";
import { toBfloat16 } from "../../../src/bfloat16.ts";
import { tinyConfig } from "../../rl/tiny_model.ts";

const config = tinyConfig(), weights = initializeWeights(config, 1);

/** Runs a test in a throw-away folder. */
async function withFolder(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Writes weights in shards of at most a number of bytes; the base folder has no tokenizer. */
async function shard(directory: string, shardBytes: number): Promise<string[]> {
  await Deno.writeTextFile(join(directory, "config.json"), JSON.stringify({ torch_dtype: "float32" }));
  return await writeModelDirectory(directory, tensorsInMemory(weights), directory, {
    dtype: "float32",
    shardBytes,
    replace: true,
  });
}

Deno.test("openWeights() reads one file and shards alike, in the order of the parameters", async () => {
  await withFolder(async (directory) => {
    const single = join(directory, "single"), sharded = join(directory, "sharded");
    for (const path of [single, sharded]) await Deno.mkdir(path);
    // The file's own order does not matter.
    const reversed = new Map([...weights].toReversed());
    await Deno.writeFile(join(single, "model.safetensors"), await formatSafetensors(reversed));
    const files = await shard(sharded, 8000);
    assert(files.filter((name) => name.endsWith(".safetensors")).length > 3, `${files}`);
    assert(!files.includes("model.safetensors") && files.includes("model.safetensors.index.json"));
    for (const path of [single, sharded]) {
      assertEquals([...await readTensors(await openWeights(path, config))], [...weights]);
    }
    for (const name of files.filter((file) => file.endsWith(".safetensors"))) {
      assert((await Deno.stat(join(sharded, name))).size < 8000 + 4 * 40 * 32 + 2000, name);
    }
  });
});

Deno.test("openWeights() names the file and the tensor that is wrong", async () => {
  await withFolder(async (directory) => {
    const files = await shard(directory, 8000);
    const index = join(directory, "model.safetensors.index.json");
    const good = await Deno.readTextFile(index);
    const { weight_map: map } = JSON.parse(good) as { weight_map: Record<string, string> };
    const [first = "", second = ""] = files.filter((name) => name.endsWith(".safetensors"));
    const tensor = Object.keys(map).find((name) => map[name] === first) ?? "";
    const change = async (changes: Record<string, string | undefined>, message: string): Promise<void> => {
      await Deno.writeTextFile(index, JSON.stringify({ weight_map: { ...map, ...changes } }));
      const { message: found } = await assertRejects(() => openWeights(directory, config), Error);
      assert(found.includes(message) && !found.includes("\n"), found);
    };
    await change({ [tensor]: second }, `${first}: it holds "${tensor}", which the index places in ${second}`);
    await change({ [tensor]: undefined }, `it holds "${tensor}", which the index places in no file`);
    await change({ extra: first }, `${first}: the tensor "extra" is missing, which the index places there`);
    for (
      const path of ["../x.safetensors", "/etc/x.safetensors", "a/b.safetensors", ".x.safetensors", "x.bin"]
    ) {
      await change({ extra: path }, `it places the tensor "extra" in "${path}"`);
    }
    await Deno.writeTextFile(index, "[1]");
    await assertRejects(() => openWeights(directory, config), SyntaxError, "index.json: ");
    await Deno.writeTextFile(index, "{");
    await assertRejects(() => openWeights(directory, config), SyntaxError, "it is not JSON");
    await Deno.writeTextFile(index, good);
    await Deno.truncate(join(directory, first), 700);
    await assertRejects(() => openWeights(directory, config), SyntaxError, first);
    await Deno.remove(join(directory, first));
    await assertRejects(
      () => openWeights(directory, config),
      Deno.errors.NotFound,
      `the shard ${first} is missing`,
    );
  });
});

Deno.test("openWeights() leaves rotary buffers and a repeated tied head out, and refuses another head", async () => {
  await withFolder(async (directory) => {
    const write = async (head: StoredTensor): Promise<void> => {
      const buffer: StoredTensor = { dtype: "float32", shape: [8], data: new Float32Array(8) };
      const all = new Map(
        [
          ...weights,
          ["lm_head.weight", head],
          ["model.layers.0.self_attn.rotary_emb.inv_freq", buffer],
        ] as const,
      );
      await Deno.writeFile(join(directory, "model.safetensors"), await formatSafetensors(all));
    };
    const embedding = weights.get("model.embed_tokens.weight");
    assert(embedding?.dtype === "float32");
    await write(embedding);
    assertEquals([...(await openWeights(directory, config)).entries.keys()], [...weights.keys()]);
    const other = Float32Array.from(embedding.data as Float32Array);
    other[7] = (other[7] as number) + 1;
    await write({ ...embedding, data: other });
    await assertRejects(
      () => openWeights(directory, config),
      SyntaxError,
      '"lm_head.weight" is another tensor than',
    );
  });
});

Deno.test("toBfloat16() rounds to nearest, ties to even, and keeps what is not a number", () => {
  const cases: readonly (readonly [number, number])[] = [
    [1, 0x3f80],
    [-2, 0xc000],
    [1 + 2 ** -8, 0x3f80], // half way, the even neighbour is below
    [1 + 3 * 2 ** -8, 0x3f82], // half way, the even neighbour is above
    [1 + 2 ** -8 + 2 ** -20, 0x3f81],
    [3.4e38, 0x7f80], // rounds to infinity
    [-Infinity, 0xff80],
    [0, 0],
    [-0, 0x8000],
  ];
  assertEquals([...toBfloat16(Float32Array.from(cases, ([value]) => value))], cases.map(([, bits]) => bits));
  const [nan = 0] = toBfloat16(Float32Array.of(NaN));
  assert((nan & 0x7f80) === 0x7f80 && (nan & 0x7f) !== 0);
});

/** Writes the weights of the embedded model, changed, with its other files, and opens them. */
async function openChanged(
  directory: string,
  change: (tensors: Map<string, StoredTensor>) => Map<string, StoredTensor>,
  config: ModelConfig,
): Promise<TensorSource> {
  const tensors = change(await readTensors((await loadModel("benchmarks/model")).weights));
  await Deno.writeFile(join(directory, "model.safetensors"), await formatSafetensors(tensors));
  return await openWeights(directory, config);
}

Deno.test("openWeights() takes names as training wrappers and bare decoders write them, where all agree", async () => {
  await withFolder(async (directory) => {
    const { config, weights } = await loadModel("benchmarks/model");
    const rename = (to: (name: string) => string) => (tensors: Map<string, StoredTensor>) =>
      new Map([...tensors].map(([name, tensor]) => [to(name), tensor]));
    const names = [...weights.entries.keys()], original = await weights.read(names[3] ?? "");
    const writings: readonly ((name: string) => string)[] = [
      (name) => `_orig_mod.${name}`,
      (name) => `module.${name}`,
      (name) => `module._orig_mod.${name}`,
      (name) => name.replace(/^model\./, ""),
      (name) => `_orig_mod.${name.replace(/^model\./, "")}`,
    ];
    for (const to of writings) {
      const opened = await openChanged(directory, rename(to), config);
      assertEquals([...opened.entries.keys()], names);
      assertEquals(await opened.read(names[3] ?? ""), original);
    }
    let first = true;
    const mixed = rename((name) => first ? (first = false, `_orig_mod.${name}`) : name);
    await assertRejects(() => openChanged(directory, mixed, config), SyntaxError, "is missing");
    const surplus = (name: string) => (tensors: Map<string, StoredTensor>) =>
      new Map([...tensors, [name, original]]);
    for (
      const [name, message] of [
        ["_orig_mod.model.norm.weight", "is a training wrapper's, and not all tensors have it"],
        ["layers.0.mlp.up_proj.weight", 'it lacks "model." in front'],
        ["model.layers.0.mlp.up_proj.lora_A.weight", "merge that into the model"],
      ] as const
    ) await assertRejects(() => openChanged(directory, surplus(name), config), SyntaxError, message);
  });
});

Deno.test("openWeights() refuses numbers that are not finite, by the tensor's name, when they are read", async () => {
  await withFolder(async (directory) => {
    const { config } = await loadModel("benchmarks/model");
    for (const value of [NaN, Infinity, -Infinity]) {
      const opened = await openChanged(directory, (tensors) => {
        const norm = tensors.get("model.norm.weight");
        assert(norm);
        return new Map([...tensors, ["model.norm.weight", {
          ...norm,
          data: (norm.data as Float32Array).map((x, i) => i === 5 ? value : x),
        }]]);
      }, config);
      await opened.read("model.embed_tokens.weight");
      await assertRejects(
        () => opened.read("model.norm.weight"),
        SyntaxError,
        `model.safetensors: the tensor "model.norm.weight" holds ${value} at element 5`,
      );
    }
  });
});

Deno.test("a tied head is left out where it is the embedding, rounded or not; else the difference is named", async () => {
  await withFolder(async (directory) => {
    const { config, weights } = await loadModel("benchmarks/model");
    assert(config.tiedEmbeddings);
    const embedding = await weights.read("model.embed_tokens.weight"), data = embedding.data as Float32Array;
    const withHead = (head: Float32Array) => (tensors: Map<string, StoredTensor>) =>
      new Map([...tensors, ["lm_head.weight", { ...embedding, data: head }]]);
    const bfloat16 = new Float32Array(Uint32Array.from(toBfloat16(data), (half) => half << 16).buffer);
    assert(bfloat16.some((value, i) => value !== data[i]));
    for (const head of [data, bfloat16, new Float32Array(new Float16Array(data))]) {
      const opened = await openChanged(directory, withHead(head), config);
      assertEquals(opened.entries.has("lm_head.weight"), false);
    }
    const other = data.map((value, i) => i === 7 ? value + 1 : value);
    await assertRejects(
      () => openChanged(directory, withHead(other), config),
      SyntaxError,
      `tie_word_embeddings is true, but "lm_head.weight" is another tensor than "model.embed_tokens.weight": element 7 is ${
        other[7]
      } and ${data[7]}`,
    );
    await assertRejects(
      () => openChanged(directory, (tensors) => tensors, { ...config, tiedEmbeddings: false }),
      SyntaxError,
      'the tensor "lm_head.weight" is missing; if the model ties it to the input embedding, config.json must say so',
    );
  });
});

Deno.test("a Git LFS pointer is called what it is, as weights and as JSON", async () => {
  await withFolder(async (directory) => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"a".repeat(64)}\nsize 123456\n`;
    await Deno.writeTextFile(join(directory, "model.safetensors"), pointer);
    const { config } = await loadModel("benchmarks/model");
    await assertRejects(
      () => openWeights(directory, config),
      SyntaxError,
      "model.safetensors: it is a Git LFS pointer",
    );
    await Deno.writeTextFile(join(directory, "tokenizer.json"), pointer);
    await Deno.writeTextFile(join(directory, "tokenizer_config.json"), "{}");
    await assertRejects(
      () => loadTokenizer(directory),
      SyntaxError,
      "tokenizer.json: it is a Git LFS pointer",
    );
  });
});

Deno.test("an export says its element type wherever config.json does, and leaves its numbers as they are written", async () => {
  await withFolder(async (directory) => {
    const base = join(directory, "base"), { weights } = await loadModel("benchmarks/model");
    await Deno.mkdir(base);
    const written = async (config: string): Promise<string> => {
      await Deno.writeTextFile(join(base, "config.json"), config);
      const out = join(directory, "out");
      await writeModelDirectory(base, weights, out, { dtype: "bfloat16" });
      return (await Deno.readTextFile(join(out, "config.json"))).replace(/\s/g, "");
    };
    assertEquals(
      await written('{"dtype":"float32","torch_dtype":"float32","rope_theta":1000000.0,"eps":1e-06}'),
      '{"dtype":"bfloat16","torch_dtype":"bfloat16","rope_theta":1000000.0,"eps":1e-06}',
    );
    assertEquals(
      await written('{"rope_parameters":{"rope_theta":500000.0,"factor":8.0},"dtype":"float32"}'),
      '{"rope_parameters":{"rope_theta":500000.0,"factor":8.0},"dtype":"bfloat16"}',
    );
    assertEquals(await written("{}"), '{"torch_dtype":"bfloat16"}');
  });
});

Deno.test("writeModelDirectory() leaves no weights of an earlier export, and none of another model at all", async () => {
  await withFolder(async (directory) => {
    const base = await loadModel("benchmarks/model"), out = join(directory, "out");
    const write = (shardBytes: number, replace = false): Promise<string[]> =>
      writeModelDirectory(base.directory, base.weights, out, { dtype: "float32", shardBytes, replace });
    const weightsIn = async (): Promise<string[]> =>
      (await Array.fromAsync(Deno.readDir(out))).map(({ name }) => name)
        .filter((name) => /safetensors/.test(name)).sort();
    await write(5e9);
    assertEquals(await weightsIn(), ["model.safetensors"]);
    const shards = await write(2e6);
    assertEquals(await weightsIn(), shards.filter((name) => /safetensors/.test(name)).sort());
    assert(shards.length > 5 && !shards.includes("model.safetensors"));
    await write(4e6);
    assert((await weightsIn()).length < shards.length);
    await loadModel(out);
    await write(5e9);
    assertEquals(await weightsIn(), ["model.safetensors"]);

    await Deno.remove(join(out, "bupo_export.json"));
    const before = await Deno.readFile(join(out, "model.safetensors"));
    await assertRejects(() => write(2e6), RangeError, "which no export wrote; write somewhere else");
    assertEquals(await Deno.readFile(join(out, "model.safetensors")), before);
    assertEquals(await weightsIn(), ["model.safetensors"]);
    await assertRejects(
      () => writeModelDirectory(out, base.weights, join(out, "..", "out"), { dtype: "float32" }),
      RangeError,
      "it is the folder of the base model",
    );
    await write(2e6, true);
    assertEquals(await weightsIn(), shards.filter((name) => /safetensors/.test(name)).sort());
    await Deno.mkdir(join(directory, "notes"));
    await Deno.writeTextFile(join(directory, "notes", "README.md"), "mine");
    await writeModelDirectory(base.directory, base.weights, join(directory, "notes"), { dtype: "float32" });
  });
});

Deno.test("writeModelDirectory() writes a directory that loads as the model that was trained", async () => {
  await withFolder(async (directory) => {
    const base = await loadModel("benchmarks/model");
    for (const dtype of ["float32", "bfloat16"] as const) {
      const out = join(directory, dtype);
      const files = await writeModelDirectory(base.directory, base.weights, out, { dtype });
      assertEquals(
        files.toSorted(),
        (await Array.fromAsync(Deno.readDir(out))).map(({ name }) => name).toSorted(),
      );
      const { weights, config, tokenizer } = await loadModel(out);
      assertEquals(config, base.config);
      assertEquals(tokenizer.encode("Find 3"), base.tokenizer.encode("Find 3"));
      assertEquals(JSON.parse(await Deno.readTextFile(join(out, "config.json"))).torch_dtype, dtype);
      const header = new TextDecoder().decode(
        (await Deno.readFile(join(out, "model.safetensors"))).subarray(8, 100),
      );
      assert(header.startsWith('{"__metadata__":{"format":"pt"}'), header);
      for (const [name, { data }] of await readTensors(weights)) {
        const original = (await base.weights.read(name)).data as Float32Array;
        const worst = (data as Float32Array).reduce((most, value, i) => {
          return Math.max(most, Math.abs(value - (original[i] ?? NaN)) / Math.abs(original[i] || 1));
        }, 0);
        assert(worst <= (dtype === "float32" ? 0 : 2 ** -8), `${name}: ${worst}`);
      }
    }
  });
});
