/** Which files make a tree differ from its commit. */
import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "node:path";
import { changedFiles, namesText } from "../../../src/result/git/work_tree.ts";
import { sourceDependencies } from "../../../src/result/mod.ts";
import { type Repository, withRepository } from "../history_fixture.ts";

/** A committed tree with a source, a page, a result and a key. */
async function withTree(
  work: (repository: Repository, write: (path: string, text?: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  await withRepository(async (repository) => {
    const write = async (path: string, text = "changed"): Promise<void> => {
      const place = join(repository.root, path);
      await Deno.mkdir(dirname(place), { recursive: true });
      await Deno.writeTextFile(place, text);
    };
    for (
      const path of ["main.ts", "src/a.ts", "src/deep/b.ts", "docs/page.md", "results/embedded/results.json"]
    ) {
      await write(path, "first");
    }
    await write(".gitignore", ".store/\n");
    await repository.commit("first");
    await work(repository, write);
  });
}

const cases: Readonly<Record<string, readonly [readonly string[], readonly string[]]>> = {
  "nothing": [[], []],
  "an untracked public key": [["results/keys/new.pem"], []],
  "results": [["results/embedded/results.json", "results/new/results.json", "results/leaderboard.html"], []],
  "notes beside the sources": [["notes.txt", "docs/new.md", "data/x.jsonl"], []],
  "what git ignores": [[".store/x"], []],
  "what systems and editors leave": [
    ["src/.DS_Store", "src/a.ts~", "src/.a.ts.swp", "src/deep/Thumbs.db"],
    [],
  ],
  "a changed source": [["src/a.ts"], ["src/a.ts"]],
  "a changed page": [["docs/page.md"], ["docs/page.md"]],
  "new sources": [["src/new/c.ts", "tasks/x.ts", "benchmarks/profiles/p.json"], [
    "benchmarks/profiles/p.json",
    "src/new/c.ts",
    "tasks/x.ts",
  ]],
  "both": [["main.ts", "src/new.ts", "results/keys/k.pem", "notes.txt"], ["main.ts", "src/new.ts"]],
};

for (const [what, [paths, expected]] of Object.entries(cases)) {
  Deno.test(`changedFiles() with ${what}: ${expected.join(", ") || "none"}`, async () => {
    await withTree(async (repository, write) => {
      for (const path of paths) await write(path);
      assertEquals(await changedFiles(repository.root), expected);
      const [source] = await sourceDependencies(repository.root);
      assertEquals(
        source?.annotations,
        expected.length === 0 ? { dirty: false } : { dirty: true, changed: expected.join(", ") },
      );
    });
  });
}

Deno.test("changedFiles() finds staged, removed and moved files", async () => {
  await withTree(async (repository, write) => {
    await write("src/a.ts");
    await repository.git("add", "-A");
    await Deno.remove(join(repository.root, "main.ts"));
    await repository.git("mv", "src/deep/b.ts", "src/deep/c.ts");
    assertEquals(await changedFiles(repository.root), [
      "main.ts",
      "src/a.ts",
      "src/deep/b.ts",
      "src/deep/c.ts",
    ]);
  });
});

Deno.test("changedFiles() finds what git was told to pass over", async () => {
  await withTree(async (repository, write) => {
    await repository.git("update-index", "--assume-unchanged", "src/a.ts", "src/deep/b.ts");
    await repository.git("update-index", "--skip-worktree", "main.ts", "docs/page.md");
    assertEquals(await changedFiles(repository.root), []);
    for (const path of ["src/a.ts", "main.ts"]) await write(path);
    assertEquals(await repository.git("status", "--porcelain"), "", "git says nothing");
    assertEquals(await changedFiles(repository.root), ["main.ts", "src/a.ts"]);
    await Deno.remove(join(repository.root, "src/deep/b.ts"));
    // As a sparse checkout leaves it.
    await Deno.remove(join(repository.root, "docs/page.md"));
    assertEquals(await changedFiles(repository.root), ["main.ts", "src/a.ts", "src/deep/b.ts"]);
  });
});

Deno.test("changedFiles() believes no program that a repository names", async () => {
  await withTree(async (repository, write) => {
    // Git splits a program's path at spaces.
    const folder = await Deno.makeTempDir(), hook = join(folder, "hook.sh"), mark = join(folder, "ran");
    await Deno.writeTextFile(hook, `#!/bin/sh\ntouch "${mark}"\nprintf 'token\\0'\n`, { mode: 0o755 });
    await repository.git("config", "core.fsmonitor", hook);
    await repository.git("config", "core.fsmonitorHookVersion", "2");
    await repository.git("status");
    assert((await Deno.stat(mark)).isFile, "git itself runs it");
    await Deno.remove(mark);
    await write("src/a.ts", "other");
    assertEquals(await changedFiles(repository.root), ["src/a.ts"]);
    assertEquals(await Deno.stat(mark).then(() => true, () => false), false);
    await Deno.remove(folder, { recursive: true });
  });
});

Deno.test("changedFiles() says paths from the folder it is asked in", async () => {
  await withTree(async (repository, write) => {
    await write("src/a.ts");
    await write("src/src/new.ts");
    assertEquals(await changedFiles(join(repository.root, "src")), ["a.ts", "src/new.ts"]);
  });
});

Deno.test("namesText() is a text of bearable length", () => {
  assertEquals(namesText(["a", "b"]), "a, b");
  assertEquals(namesText(["a\nb\u202e"]), "a\ufffdb\ufffd");
  const many = Array.from({ length: 1000 }, (_, i) => `src/${"x".repeat(90)}${i}.ts`);
  const text = namesText(many);
  assertEquals([text.length < 1000, / and 99\d more$/.test(text)], [true, true], text);
  assert(namesText(["x".repeat(5000)]).length <= 900);
});
