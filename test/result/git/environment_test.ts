import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { gitCommit } from "../../../src/result/git/environment.ts";
import { describeEnvironment, sourceDependencies } from "../../../src/result/mod.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";

/** Writes files, by path, under a fresh folder. */
async function withFiles(files: Readonly<Record<string, string>>, run: (root: string) => Promise<void>) {
  const root = await Deno.makeTempDir();
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(join(root, path, ".."), { recursive: true });
    await Deno.writeTextFile(join(root, path), text);
  }
  await run(root);
  await Deno.remove(root, { recursive: true });
}

const layouts: readonly (readonly [string, Readonly<Record<string, string>>, string | undefined])[] = [
  ["a branch", { ".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": `${commit}\n` }, commit],
  ["a detached HEAD", { ".git/HEAD": `${commit}\n` }, commit],
  [
    "a packed branch",
    {
      ".git/HEAD": "ref: refs/heads/x/y\n",
      ".git/packed-refs": `# pack-refs with: peeled\n${
        "f".repeat(40)
      } refs/heads/y\n${commit} refs/heads/x/y\n`,
    },
    commit,
  ],
  [
    "a linked work tree",
    {
      ".git": "gitdir: main/.git/worktrees/w\n",
      "main/.git/worktrees/w/HEAD": "ref: refs/heads/w\n",
      "main/.git/worktrees/w/commondir": "../..\n",
      "main/.git/refs/heads/w": `${commit}\n`,
    },
    commit,
  ],
  ["a branch without a commit", { ".git/HEAD": "ref: refs/heads/main\n" }, undefined],
  ["a folder outside of git", { "deno.json": "{}" }, undefined],
];

for (const [name, files, expected] of layouts) {
  Deno.test(`gitCommit() reads ${name}`, async () => {
    await withFiles(files, async (root) => assertEquals(await gitCommit(root), expected));
  });
}

Deno.test("sourceDependencies() names the commit and the lock file", async () => {
  await withFiles({ ".git/HEAD": commit, "deno.lock": "" }, async (root) => {
    const [source, lock] = await sourceDependencies(root);
    assertEquals(source?.digest, { gitCommit: commit });
    // A made-up repository: git, if it may run, rejects it, so nobody can tell.
    assertEquals(source?.annotations, { dirty: "unknown" });
    // SHA-256 of nothing (FIPS 180-4 example).
    assertEquals(lock?.digest.sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });
});

const granted = (await Promise.all((["cpus", "osRelease"] as const).map((kind) => {
  return Deno.permissions.query({ name: "sys", kind });
}))).every(({ state }) => state === "granted");

Deno.test({
  name: `describeEnvironment() tells this machine and keeps what the caller knows${
    granted ? "" : " (ignored: no permission to ask)"
  }`,
  ignore: !granted,
  fn: () => {
    const environment = describeEnvironment({ provider: "cpu", threads: 2, onnxruntime: "1.30.0" });
    assertEquals([environment.provider, environment.threads], ["cpu", 2]);
    assertMatch(environment.os, /^\w+ \S+/);
    assert(environment.cpu.length > 0);
  },
});

const python = await new Deno.Command("python3", { args: ["--version"] }).output().then(
  ({ success }) => success,
  () => false,
);

const linux = Deno.build.os === "linux";

// A program that sets the variable has to be one that Deno lets run: another one sets it and becomes Deno.
Deno.test({
  name: `git is asked also where libraries of one's own are loaded${
    python && linux ? "" : " (ignored: no python3 on Linux)"
  }`,
  ignore: !python || !linux,
  fn: async () => {
    const module = new URL("../../../src/result/mod.ts", import.meta.url).href;
    const script = await Deno.makeTempFile({ suffix: ".ts" });
    await Deno.writeTextFile(
      script,
      `import { GitRepository, sourceDependencies } from ${JSON.stringify(module)};
      const [source] = await sourceDependencies(".");
      console.log(typeof source?.annotations?.dirty, typeof (await GitRepository.open(".")).shallow);`,
    );
    const flags = ["run", "--quiet", "--no-prompt", "--no-check", "--config=deno.json", "--allow-read"];
    const command = ["deno", ...flags, "--allow-run=git", "--allow-env", "--allow-sys", script];
    const child = new Deno.Command("python3", {
      args: [
        "-c",
        "import os, sys; os.environ['LD_LIBRARY_PATH'] = '/nowhere'; os.execvp(sys.argv[1], sys.argv[1:])",
        ...command,
      ],
    });
    const { stdout, stderr } = await child.output();
    await Deno.remove(script);
    const inGit = await gitCommit(".") !== undefined;
    assertEquals(
      new TextDecoder().decode(stdout).trim(),
      inGit ? "boolean boolean" : "",
      new TextDecoder().decode(stderr),
    );
  },
});
