import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plan } from "../../src/pipeline/mod.ts";
import { readFlags } from "../../tasks/shared/command.ts";
import { checkDisk, diskFault, diskFlag } from "../../tasks/shared/disk_check.ts";
import { runDeno, runTask } from "./run_task.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

Deno.test("a run that the disk cannot hold is refused in one line, unless it is forced", async () => {
  const directory = await Deno.makeTempDir(), store = join(directory, "not/there/yet");
  const flags = (...args: readonly string[]) => readFlags(args, { boolean: [diskFlag] });
  const plan = (total: number) => ({ storage: { states: total, artifacts: 0, total, download: 0 } }) as Plan;
  try {
    await checkDisk(flags(), plan(1000), store);
    const error = await assertRejects(() => checkDisk(flags(), plan(1e18), store), RangeError);
    assertMatch(
      error.message,
      /^Cannot run with the store .+yet: it will take \d+\.\d TB more, the disk has .+--force-disk$/,
    );
    await checkDisk(flags("--force-disk"), plan(1e18), store);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("what a store holds already is part of what a run needs", () => {
  assertEquals(diskFault(1000, 600, 400, "s"), undefined);
  assertMatch(diskFault(1000, 599, 400, "s") ?? "", /it will take 401 B more, the disk has 400 B/);
});

Deno.test("train asks for the disk before the first step, with the permissions of its task", async () => {
  const directory = await Deno.makeTempDir(), store = join(directory, "store");
  try {
    const smoke = JSON.parse(await Deno.readTextFile(join(root, "benchmarks/profiles/smoke.json")));
    // So many states as no disk holds: every step of every seed is a run's own.
    const seeds = Array.from({ length: 200_000 }, (_, seed) => seed);
    const profile = join(directory, "many.json");
    await Deno.writeTextFile(profile, JSON.stringify({ ...smoke, $schema: undefined, name: "many", seeds }));
    const { code, stdout, stderr } = await runTask(
      ["train", "--profile", profile, "--store", store, "--quiet", "--workers", "1"],
      { cwd: root, folder: directory },
    );
    assertEquals([code, stdout], [1, ""], stderr);
    assertMatch(stderr, /^error: Cannot run with the store .+ TB more, the disk has /);
    assertEquals((await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name), ["many.json"]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("keys generate says in one line where it may write, and the command that it names works", async () => {
  const directory = await Deno.makeTempDir(), key = join(directory, "key.pem");
  try {
    const refused = await runTask(["keys", "generate", "--key", key], { cwd: root, folder: root });
    assertEquals([refused.code, refused.stdout], [2, ""], refused.stderr);
    assertMatch(
      refused.stderr,
      /^error: Cannot make a key at .+key\.pem: this task writes to the project and .+\n$/,
    );
    const command = /"deno (run .+)"/.exec(refused.stderr)?.[1]?.split(" ") ?? [];
    const made = await runDeno(command, { cwd: root });
    assertEquals(made.code, 0, made.stderr);
    assertMatch(made.stdout, /^.+key\.pem: ed25519 SHA256:/);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("reproduce asks for its key before anything is downloaded, computed or written", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const smoke = JSON.parse(await Deno.readTextFile(join(root, "benchmarks/profiles/smoke.json")));
    const profile = join(directory, "p.json");
    // Neither the model nor the suites are there: the key is asked for first.
    const model = { repository: "nobody/nothing", revision: "main" };
    await Deno.writeTextFile(profile, JSON.stringify({ ...smoke, $schema: undefined, name: "p", model }));
    const { code, stderr } = await runTask(
      [
        "reproduce",
        "--profile",
        profile,
        "--store",
        join(directory, "store"),
        "--out",
        join(directory, "out"),
        "--offline",
      ],
      { cwd: root, folder: directory, env: { BUPO_KEY: join(directory, "none.pem"), HF_HOME: directory } },
    );
    assertEquals([code, stderr], [
      1,
      `error: Cannot sign: there is no key at ${join(directory, "none.pem")}\n`,
    ]);
    assertEquals((await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name), ["p.json"]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
