import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startArguments } from "../../tasks/installed.ts";
import { runDeno } from "./run_task.ts";
import { readTaskConfig } from "./task_permissions.ts";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, ""), config = readTaskConfig();
const start = (...args: string[]): string[] => startArguments(config, args, root, "/home/me");

Deno.test("the installed command starts each task with its permissions, and writes where it is called", () => {
  const of = (
    set: string,
  ): string[] => ["run", "--config", `${root}/deno.json`, "-q", `-P=${set}`, "--no-prompt"];
  assertEquals(start("train", "--seed", "1"), [...of("train"), `${root}/main.ts`, "train", "--seed", "1"]);
  assertEquals(start("plan"), [...of("plan"), "--allow-write=.", `${root}/main.ts`, "plan"]);
  assertEquals(start("verify", "x"), [...of("verify"), `${root}/main.ts`, "verify", "x"]);
  assert(start("attest", "x").includes("--allow-write=results,.store,/home/me/.config/bupo-bench"));
  // What is no command is left to the command line to refuse, and may write nothing.
  for (const name of ["test", "check", "constructor", "--help"]) {
    assertEquals(start(name), [...of("results"), `${root}/main.ts`, name]);
  }
});

Deno.test("deno install makes a command that works from any folder", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    // The program that is made starts Deno by its name.
    await Deno.mkdir(join(folder, "bin"));
    await Deno.symlink(Deno.execPath(), join(folder, "bin/deno"));
    const env = { PATH: `${folder}/bin:/usr/bin:/bin` }, script = join(root, "tasks/installed.ts");
    const allowed = ["--allow-read", "--allow-run", "--allow-env=HOME"];
    const installed = await runDeno(
      ["install", "-g", "--root", folder, "-n", "bupo-bench", ...allowed, script],
      { cwd: folder, env },
    );
    assertEquals(installed.code, 0, installed.stderr);
    const call = async (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
      const { code, stdout, stderr } = await new Deno.Command("/bin/sh", {
        // A shell starts it: tests may run no program that they have only just made.
        args: ["-c", 'exec "$@"', "sh", join(folder, "bin/bupo-bench"), ...args],
        cwd: folder,
        env: { ...env, NO_COLOR: "1" },
        stdin: "null",
      }).output();
      const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
      return { code, stdout: text(stdout), stderr: text(stderr) };
    };
    const profile = await call("profile", "--resolve", "smoke");
    assertEquals(JSON.parse(profile.stdout).name, "smoke", profile.stderr);
    const keys = await call("keys", "generate", "--key", "key.pem");
    assertMatch(keys.stdout, /SHA256:/, keys.stderr);
    assert((await Deno.stat(join(folder, "key.pem"))).isFile);
    // What it says names it as it is called, in helps and in errors.
    assertMatch((await call("--help")).stdout, /^Usage: bupo-bench <command>/m);
    assertMatch((await call("store", "--help")).stdout, /^Usage: bupo-bench store /);
    const noKey = await call("keys", "show", "--key", "none.pem");
    assertMatch(noKey.stderr, /with "bupo-bench keys generate"/);
    const wrong = await call("plann");
    assertEquals([wrong.code, wrong.stderr], [
      2,
      'error: Cannot run "plann": no such command; did you mean "plan"?\n',
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
