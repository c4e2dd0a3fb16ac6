import { assert, assertEquals, assertMatch } from "@std/assert";
import { parseRecord } from "../../benchmarks/perf/history.ts";
import { rows } from "../../benchmarks/perf/rows.ts";
import { taskPermissions } from "../tasks/task_permissions.ts";

/** Runs `deno task perf` with the permissions of the task. */
async function perf(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...taskPermissions("perf"), "benchmarks/perf/speed.ts", ...args],
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("deno task perf measures a row without peers, and writes the record", async () => {
  const file = await Deno.makeTempFile({ dir: ".", suffix: ".tmp" });
  try {
    const { code, stdout, stderr } = await perf(
      ...["--rows", "adamw", "--rows", "verify", "--rounds", "2", "--peers", "none", "--json", file],
    );
    assertEquals([code, stderr], [0, ""]);
    assertMatch(
      stdout,
      /^gradient norm and AdamW, embedded\n {2}ours: \S+ ms at best, .*, peak 0\.\d+ GiB\n/,
    );
    const { results, machine, command } = parseRecord(await Deno.readTextFile(file), file);
    assertEquals(results.map(({ row, rounds, against }) => [row, rounds, against.length]), [
      ["adamw", 2, 0],
      ["verify", 2, 0],
    ]);
    assert(results.every(({ ours }) => ours.best > 0 && ours.best <= (ours.median ?? 0)));
    assert(machine.cores >= 1 && machine.memory > 0);
    assertMatch(command, /^deno task perf --rows adamw /);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("deno task perf names peers that are missing, and refuses what it does not know", async () => {
  const missing = await perf("--rows", "help", "--rounds", "1", "--python", "no-such-python");
  assertEquals(missing.code, 0, missing.stderr);
  assertMatch(missing.stdout, /^PyTorch of no-such-python: missing: .+$/m);
  assertMatch(missing.stdout, /^llama\.cpp F32: missing: give --llama FOLDER/m);
  assertMatch(missing.stdout, /^transformers\.js \d+\.\d+\.\d+: /m);
  for (
    const args of [["--rows", "nothing"], ["--peers", "jax"], ["--rounds", "0"], ["--fast"], [
      "--json",
      "/no/such/x.json",
    ], [
      "--json",
      "no/such/x.json",
    ]]
  ) {
    const { code, stderr } = await perf(...args);
    assertEquals(code, 2);
    assertMatch(stderr, /^error: Cannot [^\n]+\n$/);
  }
});

Deno.test("deno task perf --help names every row", async () => {
  const { stdout } = await perf("--help");
  for (const { name, title } of rows) assert(stdout.includes(`  ${name} `) && stdout.includes(title), name);
});
