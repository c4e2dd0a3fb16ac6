import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { isModelFile } from "../../src/model/mod.ts";
import {
  blobs,
  bytesOf,
  bytesSent,
  DIGEST,
  digestOf,
  filesBelow,
  refusal,
  SIZE,
  startFixture,
  tiny,
  tinyModel,
  WEIGHTS,
} from "./hub_fixture.ts";

Deno.test("isModelFile() takes configuration, tokenizer and safetensors, and no other weights", () => {
  const wanted = [
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.json",
    "merges.txt",
    "chat_template.jinja",
    "model.safetensors",
  ];
  const others = [
    "model-00001-of-00002.safetensors",
    "model.safetensors.index.json",
    "tokenizer.model",
    "consolidated.safetensors",
    "adapter_model.safetensors",
    "README.md",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
    "model.gguf",
    "onnx/model.onnx",
    "original/consolidated.safetensors",
    "config.json.bak",
    "model.safetensors/x",
    ".gitattributes",
  ];
  const needed = (paths: readonly string[]) => paths.filter((path) => isModelFile(path, paths));
  assertEquals(needed([...wanted, ...others]), wanted);
  const shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
  const sharded = ["config.json", ...shards, "model.safetensors.index.json"];
  assertEquals(needed([...sharded, "other-00001-of-00002.safetensors", "consolidated.safetensors"]), sharded);
});

Deno.test("a snapshot has the selected files, byte for byte, and lists the others", async () => {
  await using fixture = await startFixture({ pageSize: 2 });
  const hub = fixture.hub();
  const files = await hub.list(tiny());
  assertEquals(files.map(({ path, size, sha256 }) => [path, size, sha256 !== undefined]), [
    ["README.md", 6, false],
    ["config.json", 22, false],
    [WEIGHTS, SIZE, true],
    ["original/consolidated.bin", 100, true],
    ["tokenizer.json", 2, false],
  ]);
  assertEquals(files[2]?.sha256, DIGEST);
  const folder = await hub.snapshot(tiny(), isModelFile);
  assertEquals(await filesBelow(folder), ["config.json", WEIGHTS, "tokenizer.json"]);
  assertEquals(await Deno.readTextFile(join(folder, "config.json")), tinyModel["config.json"]);
  assertEquals(await digestOf(join(folder, WEIGHTS)), DIGEST);
  assertEquals(bytesSent(fixture.mirror), SIZE + 24);
  const path = await hub.file(tiny(), "original/consolidated.bin");
  assertEquals(path, join(folder, "original", "consolidated.bin"));
  assertEquals(await Deno.readFile(path), tinyModel["original/consolidated.bin"]);
});

Deno.test("a data set comes from its own routes, and an empty file is a file", async () => {
  const files = { "data/test.parquet": bytesOf(10), "empty.txt": "", "empty.bin": "" };
  await using fixture = await startFixture({ datasets: { "org/suite": { files } } });
  const suite = { type: "dataset", id: "org/suite", revision: "main" } as const;
  const folder = await fixture.hub().snapshot(suite, () => true);
  assertEquals(await filesBelow(folder), ["data/test.parquet", "empty.bin", "empty.txt"]);
  assertEquals(await Deno.readTextFile(join(folder, "empty.txt")), "");
  assert(fixture.mirror.requests.every(({ line, origin }) => origin === "content" || /datasets/.test(line)));
  assert(folder.startsWith(join(fixture.cache, "datasets--org--suite", "snapshots")));
});

Deno.test("a second run downloads nothing, at a commit it asks nothing, and offline it works", async () => {
  await using fixture = await startFixture();
  const { mirror } = fixture;
  const folder = await fixture.hub().snapshot(tiny(), isModelFile);
  const commit = folder.split("/").at(-1) ?? "";
  const first = mirror.requests.length, sent = bytesSent(mirror);
  const hub = fixture.hub();
  assertEquals(await hub.snapshot(tiny(), isModelFile), folder);
  await hub.file(tiny(), "config.json");
  assertEquals(mirror.requests.slice(first).map(({ line }) => line.replace(/\?.*/, "")), [
    "GET /api/models/org/tiny/revision/main",
  ]);
  assertEquals(bytesSent(mirror), sent);
  const asked = mirror.requests.length;
  assertEquals(await fixture.hub().snapshot(tiny(commit), isModelFile), folder);
  assertEquals(await fixture.hub({ offline: true }).snapshot(tiny(), isModelFile), folder);
  assertEquals(await fixture.hub({ offline: true }).file(tiny(commit), WEIGHTS), join(folder, WEIGHTS));
  assertEquals(mirror.requests.length, asked);
  assertEquals(
    fixture.news.slice(-1).map(({ path, state, done, total }) => [path, state, done, total]),
    [[WEIGHTS, "cached", SIZE, SIZE]],
  );
});

Deno.test("offline, what is not cached is refused in one line each", async () => {
  await using fixture = await startFixture();
  const absent = `it is not cached in ${fixture.cache}; run it once without --offline (or HF_HUB_OFFLINE)`;
  const offline = fixture.hub({ offline: true });
  assertEquals(
    await refusal(() => offline.snapshot(tiny(), isModelFile)),
    `Cannot use model org/tiny at main offline: ${absent}`,
  );
  const commit = "a".repeat(40);
  assertEquals(
    await refusal(() => offline.list(tiny(commit))),
    `Cannot use model org/tiny at ${commit} offline: ${absent}`,
  );
  assertEquals(fixture.mirror.requests, []);
  await fixture.hub().file(tiny(), "config.json");
  assertEquals(
    await refusal(() => offline.snapshot(tiny(), (path) => path === WEIGHTS)),
    "Cannot download model.safetensors of model org/tiny at main: it is not cached or damaged, and --offline (or HF_HUB_OFFLINE) forbids the network",
  );
});

Deno.test("an interrupted file goes on where it stopped and is not fetched again from the start", async () => {
  await using fixture = await startFixture();
  const hub = fixture.hub();
  const incomplete = join(fixture.cache, "models--org--tiny", "blobs", `${DIGEST}.incomplete`);
  await hub.file(tiny(), "config.json"); // makes the folders
  await Deno.writeFile(incomplete, tinyModel[WEIGHTS].subarray(0, 30_000));
  const path = await hub.file(tiny(), WEIGHTS);
  assertEquals(await digestOf(path), DIGEST);
  const content = fixture.mirror.requests.filter(({ origin }) => origin === "content");
  assertEquals(content.map(({ range, sent }) => [range, sent]), [["bytes=30000-", 20_000]]);
});

Deno.test("a leftover that is whole is only checked; one that is wrong, or too long, is thrown away", async () => {
  const leftovers = [tinyModel[WEIGHTS], bytesOf(SIZE, 2), bytesOf(SIZE + 1), bytesOf(100, 2)];
  const sent: number[] = [], waits: number[] = [];
  for (const leftover of leftovers) {
    await using fixture = await startFixture();
    const hub = fixture.hub();
    await hub.file(tiny(), "README.md");
    const blob = join(fixture.cache, "models--org--tiny", "blobs", DIGEST);
    await Deno.writeFile(`${blob}.incomplete`, leftover);
    assertEquals(await digestOf(await hub.file(tiny(), WEIGHTS)), DIGEST);
    sent.push(bytesSent(fixture.mirror) - 6);
    waits.push(fixture.news.filter(({ state }) => state === "waiting").length);
  }
  assertEquals(waits, [0, 1, 0, 1]);
  assertEquals(sent, [0, SIZE, SIZE, SIZE - 100 + SIZE]);
});

Deno.test("at most four files are transferred at a time", async () => {
  const files = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${i}.bin`, bytesOf(2_000, i + 1)]));
  await using fixture = await startFixture({
    models: { "org/shards": { files } },
    faults: [{ match: /lfs/, fault: { kind: "slow", bytes: 1_000, milliseconds: 10 } }],
  });
  const running = new Set<string>();
  let most = 0;
  const hub = fixture.hub({
    onProgress: ({ path, state }) => {
      if (state === "downloading") running.add(path);
      if (state === "downloaded") running.delete(path);
      most = Math.max(most, running.size);
    },
  });
  const folder = await hub.snapshot({ type: "model", id: "org/shards", revision: "main" }, () => true);
  assertEquals((await filesBelow(folder)).length, 12);
  assertEquals(most, 4);
});

Deno.test("if one file cannot be had the others stop, and what has arrived is kept", async () => {
  await using fixture = await startFixture({
    faults: [
      { match: /resolve.*tokenizer/, fault: { kind: "status", status: 410 } },
      { match: /lfs/, times: 1, fault: { kind: "slow", bytes: 1_000, milliseconds: 100 } },
    ],
  });
  const error = await refusal(() => fixture.hub().snapshot(tiny(), isModelFile));
  assertEquals(error, "Cannot download tokenizer.json of model org/tiny at main: the server answers 410");
  assert(!(await blobs(fixture.cache)).includes(DIGEST));
  assert(bytesSent(fixture.mirror) < SIZE);
});

Deno.test("a damaged file is seen if its size or time changed, or on recheck, and is replaced", async () => {
  await using fixture = await startFixture();
  const path = await fixture.hub().file(tiny(), WEIGHTS);
  const blob = await Deno.realPath(path);
  const damage = async (bytes: Uint8Array): Promise<void> => {
    await Deno.writeFile(blob, bytes);
    await Deno.utime(blob, new Date(0), new Date(0));
  };
  for (const bytes of [bytesOf(SIZE, 3), bytesOf(10)]) {
    await damage(bytes);
    assertMatch(
      await refusal(() => fixture.hub({ offline: true }).file(tiny(), WEIGHTS)),
      /not cached or damaged/,
    );
    assertEquals(await digestOf(await fixture.hub().file(tiny(), WEIGHTS)), DIGEST);
  }
  const { mtime, atime } = await Deno.stat(blob);
  await Deno.writeFile(blob, bytesOf(SIZE, 4));
  await Deno.utime(blob, atime ?? 0, mtime ?? 0);
  const offline = fixture.hub({ offline: true, recheck: true });
  assertMatch(await refusal(() => offline.file(tiny(), WEIGHTS)), /damaged/);
  await fixture.hub({ recheck: true }).file(tiny(), WEIGHTS);
  assertEquals(await digestOf(path), DIGEST);
});
