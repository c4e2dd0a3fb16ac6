import { assert, assertEquals, assertMatch } from "@std/assert";
import { downloadFileToCacheDir, scanCacheDir } from "@huggingface/hub";
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { isModelFile } from "../../src/model/mod.ts";
import {
  bytesOf,
  bytesSent,
  DIGEST,
  digestOf,
  filesBelow,
  refusal,
  startFixture,
  tiny,
  tinyModel,
  WEIGHTS,
} from "./hub_fixture.ts";

const config = createHash("sha1").update(`blob 22\0${tinyModel["config.json"]}`).digest("hex");
const commit = "d".repeat(40);
const content = { models: { "org/tiny": { commit, files: tinyModel } } };

/** A cache as Hugging Face's Python client leaves it: the weights and the configuration of `main`. */
async function foreignCache(cache: string, withLinks = true): Promise<string> {
  const folder = join(cache, "models--org--tiny");
  const snapshot = join(folder, "snapshots", commit);
  for (const path of [snapshot, join(folder, "blobs"), join(folder, "refs")]) {
    await Deno.mkdir(path, { recursive: true });
  }
  await Deno.writeTextFile(join(folder, "refs", "main"), commit);
  const files: readonly (readonly [string, string, Uint8Array])[] = [
    [WEIGHTS, DIGEST, tinyModel[WEIGHTS]],
    ["config.json", config, new TextEncoder().encode(tinyModel["config.json"])],
  ];
  for (const [path, digest, bytes] of files) {
    await Deno.writeFile(withLinks ? join(folder, "blobs", digest) : join(snapshot, path), bytes);
    if (withLinks) await Deno.symlink(join("..", "..", "blobs", digest), join(snapshot, path));
  }
  return folder;
}

Deno.test("files that another tool fetched are checked and used, with links and without", async () => {
  for (const withLinks of [true, false]) {
    await using fixture = await startFixture(content);
    const folder = await foreignCache(fixture.cache, withLinks);
    const snapshot = await fixture.hub().snapshot(tiny(), isModelFile);
    assertEquals(snapshot, join(folder, "snapshots", commit));
    assertEquals(bytesSent(fixture.mirror), 2); // the tokenizer
    assertEquals(await digestOf(join(snapshot, WEIGHTS)), DIGEST);
    assertEquals(
      fixture.news.filter(({ state }) => state === "cached").map(({ path }) => path).sort(),
      ["config.json", WEIGHTS],
    );
  }
});

Deno.test("a foreign file with a wrong digest is fetched anew, with links and without", async () => {
  for (const withLinks of [true, false]) {
    await using fixture = await startFixture(content);
    const folder = await foreignCache(fixture.cache, withLinks);
    const path = join(folder, "snapshots", commit, WEIGHTS);
    await Deno.writeFile(path, bytesOf(tinyModel[WEIGHTS].length, 7));
    assertEquals(await digestOf(await fixture.hub().file(tiny(), WEIGHTS)), DIGEST);
    assertEquals(bytesSent(fixture.mirror), tinyModel[WEIGHTS].length);
  }
});

Deno.test("offline, what another tool fetched is found by its links", async () => {
  await using fixture = await startFixture(content);
  const folder = await foreignCache(fixture.cache);
  const hub = fixture.hub({ offline: true });
  assertEquals((await hub.list(tiny())).map(({ path }) => path), ["config.json", WEIGHTS]);
  assertEquals(await hub.file(tiny(), WEIGHTS), join(folder, "snapshots", commit, WEIGHTS));
  assertEquals(
    await refusal(() => hub.file(tiny(), "tokenizer.json")),
    "Cannot download tokenizer.json of model org/tiny at main: it is not cached, and --offline (or HF_HUB_OFFLINE) forbids the network",
  );
  assertEquals(fixture.mirror.requests, []);
});

Deno.test("Hugging Face's own library finds our files and finds no fault with the cache", async () => {
  await using fixture = await startFixture(content);
  await fixture.hub().snapshot(tiny(), isModelFile);
  const { repos, warnings } = await scanCacheDir(fixture.cache);
  assertEquals(warnings, []);
  assertEquals(
    repos.map(({ id, revisions }) => [id, revisions.map(({ commitOid, refs }) => [commitOid, refs])]),
    [
      [{ name: "org/tiny", type: "model" }, [[commit, ["main"]]]],
    ],
  );
  assertEquals(repos[0]?.revisions[0]?.files.length, 3);
  const asked = fixture.mirror.requests.length;
  const path = await downloadFileToCacheDir({
    repo: "org/tiny",
    path: WEIGHTS,
    revision: commit,
    cacheDir: fixture.cache,
    hubUrl: fixture.mirror.url,
  });
  assertEquals(await digestOf(path), DIGEST);
  assertEquals(fixture.mirror.requests.length, asked);
});

Deno.test("a list of files that was damaged on disk is asked for again", async () => {
  await using fixture = await startFixture(content);
  const snapshot = await fixture.hub().snapshot(tiny(commit), isModelFile);
  const list = join(dirname(dirname(snapshot)), ".bupo-bench", `${commit}.json`);
  const good = await Deno.readTextFile(list);
  for (const damaged of ["", "{", "[{}]", good.slice(0, -20), good.replace("config.json", "../../../x")]) {
    await Deno.writeTextFile(list, damaged);
    assertEquals(await fixture.hub().snapshot(tiny(commit), isModelFile), snapshot);
    assertEquals(await Deno.readTextFile(list), good);
  }
});

Deno.test("two paths with the same content are one blob, and a branch that moves gets its own snapshot", async () => {
  await using fixture = await startFixture({
    models: { "org/tiny": { files: { "a.bin": "same", "b.bin": "same" } } },
  });
  const first = await fixture.hub().snapshot(tiny(), () => true);
  assertEquals(await filesBelow(first), ["a.bin", "b.bin"]);
  assertEquals(bytesSent(fixture.mirror), 4);
  await using moved = await startFixture({
    models: { "org/tiny": { files: { "a.bin": "same", "b.bin": "new" } } },
  });
  const second = await moved.hub({ cache: fixture.cache }).snapshot(tiny(), () => true);
  assert(first !== second);
  assertEquals(bytesSent(moved.mirror), 3);
  assertEquals(await Deno.readTextFile(join(first, "b.bin")), "same");
  assertEquals(await Deno.readTextFile(join(second, "b.bin")), "new");
  const offline = fixture.hub({ offline: true });
  assertEquals(await offline.snapshot(tiny(), () => true), second);
  assertEquals(await offline.snapshot(tiny(basename(first)), () => true), first);
});

Deno.test("a file that another process downloads is waited for, not fetched twice", async () => {
  await using fixture = await startFixture(content);
  const locks = join(fixture.cache, ".locks", "models--org--tiny");
  await Deno.mkdir(locks, { recursive: true });
  const lock = await Deno.open(join(locks, `${DIGEST}.lock`), { create: true, write: true });
  await lock.lock(true);
  let waited = 0;
  const path = await fixture.hub({
    onProgress: async ({ state, note }) => {
      if (state !== "waiting") return;
      assertEquals([note, ++waited], ["another process downloads it", 1]);
      await foreignCache(fixture.cache); // what the other process does meanwhile
      lock.close();
    },
  }).file(tiny(), WEIGHTS);
  assertEquals([waited, bytesSent(fixture.mirror)], [1, 0]);
  assertEquals(await digestOf(path), DIGEST);
});

Deno.test("several clients of one process fetch a file once", async () => {
  await using fixture = await startFixture(content);
  const paths = await Promise.all(Array.from({ length: 5 }, () => fixture.hub().file(tiny(), WEIGHTS)));
  assertEquals(new Set(paths).size, 1);
  assertEquals(bytesSent(fixture.mirror), tinyModel[WEIGHTS].length);
});

Deno.test("a cache that is no folder is one line", async () => {
  await using fixture = await startFixture(content);
  const cache = await Deno.makeTempFile();
  assertMatch(
    await refusal(() => fixture.hub({ cache }).snapshot(tiny(), isModelFile)),
    /^Cannot download model org\/tiny at main: the cache .* cannot be used \(.*\); set HF_HOME to a folder$/,
  );
  await Deno.remove(cache);
});

Deno.test("an endpoint may have a path", async () => {
  await using fixture = await startFixture({
    faults: [{ match: /^GET \/hub/, fault: { kind: "status", status: 410 } }],
  });
  const hub = fixture.hub({ endpoint: `${fixture.mirror.url}/hub/` });
  assertMatch(await refusal(() => hub.list(tiny())), /the server answers 410$/);
  assertMatch(fixture.mirror.requests[0]?.line ?? "", /^GET \/hub\/api\/models\/org\/tiny\/revision\/main\?/);
});
