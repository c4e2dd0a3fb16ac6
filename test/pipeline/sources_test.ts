import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { RECORD_ROOMS, sourcesOfCommit, sourceTree } from "../../src/pipeline/mod.ts";
import { files, imports, roomOf, texts } from "../imports.ts";

/** All files that a file loads, however far: types are gone by then. */
function loaded(from: string): Set<string> {
  const found = new Set<string>(), waiting = [from];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    const text = texts.get(file) ?? "";
    for (const { to } of imports.filter((each) => each.from === file)) {
      const relative = to.split("/").at(-1) ?? "";
      const typesOnly = new RegExp(`import type [^;]*/${relative}";`).test(text);
      if (!typesOnly) waiting.push(to);
    }
  }
  return found;
}

Deno.test("all that a worker loads is in the rooms whose sources are part of every key", () => {
  const outside = [...loaded("src/pipeline/pool/worker.ts")].filter((file) =>
    !RECORD_ROOMS.includes(roomOf(file))
  );
  assertEquals(outside, []);
  // A room that is not there would be listed for nothing.
  assertEquals(RECORD_ROOMS.filter((room) => !files.some((file) => roomOf(file) === room)), []);
});

async function git(root: string, ...args: string[]): Promise<void> {
  const identity = [
    "-c",
    "user.name=test",
    "-c",
    "user.email=test@example.org",
    "-c",
    "commit.gpgsign=false",
  ];
  const { success, stderr } = await new Deno.Command("git", { args: ["-C", root, ...identity, ...args] })
    .output();
  assert(success, new TextDecoder().decode(stderr));
}

Deno.test("sourceTree() and sourcesOfCommit() see what can change a record, and nothing else", async () => {
  const root = await Deno.makeTempDir(), { digest: none } = await sourceTree(".");
  const write = async (path: string, text: string): Promise<void> => {
    await Deno.mkdir(`${root}/${path}/..`.replace(/\/[^/]+\/\.\.$/, ""), { recursive: true });
    await Deno.writeTextFile(`${root}/${path}`, text);
  };
  await write("deno.lock", "{}");
  await write("src/rl/loss/kl.ts", "1");
  await write("src/random.ts", "2");
  await write("src/report/mod.ts", "3");
  await write("README.md", "4");
  await git(root, "init", "--quiet");
  await git(root, "add", "--all");
  await git(root, "commit", "--quiet", "--message", "first");
  const first = await sourceTree(root);
  assertNotEquals(first.digest, none);
  assertEquals([first.dirty, first.commit?.length], [false, 40]);
  assertEquals(await sourcesOfCommit(root, "HEAD"), { commit: first.commit, digest: first.digest });
  for (
    const [path, counts] of Object.entries({
      "src/rl/loss/kl.ts": true,
      "src/random.ts": true,
      "deno.lock": true,
      "src/grade/new.ts": true,
      "src/report/mod.ts": false,
      "README.md": false,
      "src/rl/notes.md": false,
    })
  ) {
    const before = await Deno.readTextFile(`${root}/${path}`).catch(() => undefined);
    await write(path, "changed");
    const { digest, dirty } = await sourceTree(root);
    assertEquals([digest !== first.digest, dirty], [counts, true], path);
    if (before === undefined) await Deno.remove(`${root}/${path}`);
    else await Deno.writeTextFile(`${root}/${path}`, before);
  }
  // What is committed is what was, whatever lies there now.
  await write("src/random.ts", "changed");
  assertEquals((await sourcesOfCommit(root, "HEAD")).digest, first.digest);
  await Deno.remove(root, { recursive: true });
});
