/** What systems and editors leave in a result's folder is as if it were not there, and goes nowhere. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { attest, findResults, signModel, verify } from "../../../src/result/mod.ts";
import { exportResults, publication, readResult } from "../../../src/publish/mod.ts";
import { isStray } from "../../../src/result/statement/mod.ts";
import { facts, keysOf, newKey, readPayload, withSigned } from "../fixture.ts";
import { copyEmbedded, QUICK } from "../../publish/published_fixture.ts";
import { withThreeResults } from "../history_fixture.ts";

const strays = [
  ".DS_Store",
  "._results.json",
  "metrics/.DS_Store",
  ".Trashes/501/x",
  "__x/.AppleDouble/results.json",
  "Thumbs.db",
  "THUMBS.DB",
  "ehthumbs.db",
  "Desktop.ini",
  ".directory",
  ".nfs0000000012ab",
  "results.json~",
  ".results.json.swp",
  ".results.json.swo",
  "#results.json#",
];

const meant = [
  "results.json",
  "~",
  "metrics/grpo-1.jsonl",
  ".gitkeep",
  "a.swp",
  "#a",
  "x.orig",
  "x.bak",
  ".nfsx",
  "DS_Store",
];

/** Writes strays into a folder; one is a link to nowhere, as Emacs locks files. */
async function litter(directory: string): Promise<void> {
  for (const name of strays) {
    await Deno.mkdir(join(directory, name, ".."), { recursive: true });
    await Deno.writeTextFile(join(directory, name), "stray");
  }
  await Deno.symlink("user@host.1234", join(directory, ".#results.json"));
}

/** Every file below a folder. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const nested = await Promise.all(
    entries.map(({ name, isDirectory }) =>
      isDirectory ? filesBelow(join(folder, name)) : [join(folder, name)]
    ),
  );
  return nested.flat();
}

Deno.test("isStray() knows what the list says, and nothing else", () => {
  assertEquals([...strays, ".#results.json"].filter((name) => !isStray(name)), []);
  assertEquals(meant.filter(isStray), []);
});

Deno.test("the list of stray files is written in docs/results.md", async () => {
  const text = await Deno.readTextFile("docs/results.md");
  for (
    const name of [
      ".DS_Store",
      "._*",
      "Thumbs.db",
      "desktop.ini",
      "*~",
      ".*.swp",
      "#*#",
      ".#*",
      ".nfs*",
      ".directory",
    ]
  ) {
    assert(text.includes(`\`${name}\``), name);
  }
});

Deno.test("a result with stray files verifies, is read, signed again without them, and exported without them", async () => {
  await withSigned(async (directory, key) => {
    await litter(directory);
    const keys = keysOf(key), { ok, files, problems } = await verify(directory, keys);
    assertEquals([ok, problems, files.filter(isStray)], [true, [], []]);
    const [found] = await findResults(directory);
    assertEquals(found?.signature.state, "verified");
    await attest(directory, { ...facts, key });
    const { subject } = await readPayload(directory);
    assertEquals(subject.filter(({ name }: { name: string }) => isStray(name)), []);
    assertEquals((await verify(directory, keys)).ok, true);
    await Deno.writeTextFile(join(directory, "notes.txt"), "meant");
    assertEquals((await verify(directory, keys)).ok, false, "any other file still counts");
    await Deno.remove(join(directory, "notes.txt"));
  });
});

Deno.test("stray files are in no export", async () => {
  const root = await Deno.makeTempDir();
  try {
    const key = await copyEmbedded(root, "run"), out = join(root, "exports");
    await litter(join(root, "run"));
    const result = await readResult(join(root, "run"), keysOf(key));
    assert("record" in result, JSON.stringify(result));
    const { leaderboard } = await publication([result], [], QUICK);
    await exportResults(out, ".", [result], leaderboard);
    const written = await filesBelow(out);
    assertEquals(
      [written.length > 5, written.filter((path) => isStray(path.slice(out.length + 1)))],
      [true, []],
    );
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("stray files that were committed are passed over too", async () => {
  await withThreeResults(async (repository) => {
    await litter(repository.folder());
    await repository.commit("strays");
    const [found] = await findResults("HEAD", { directory: repository.root });
    assertEquals(found?.signature.state, "verified");
    assertEquals([...found?.files.sizes.keys() ?? []].filter(isStray), []);
  });
});

Deno.test("signModel() signs no stray file, and none is passed over: it asks for its removal", async () => {
  const directory = await Deno.makeTempDir(), key = await newKey("p256");
  await Deno.writeTextFile(join(directory, "config.json"), "{}");
  await Deno.writeTextFile(join(directory, ".DS_Store"), "");
  await assertRejects(() => signModel(directory, key), TypeError, 'remove ".DS_Store"');
  await Deno.remove(join(directory, ".DS_Store"));
  await signModel(directory, key);
  await Deno.remove(directory, { recursive: true });
});
