import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname } from "node:path";
import { readHistory } from "../../benchmarks/perf/history.ts";
import { taskPermissions } from "../tasks/task_permissions.ts";

/** Runs a program in a folder. */
async function run(
  folder: string,
  command: string,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args: [...args], cwd: folder }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** A work tree of its own with one commit: all files as they are here. */
async function copyTree(folder: string): Promise<void> {
  const { stdout } = await run(".", "git", "ls-files", "-co", "--exclude-standard", "-z");
  for (const path of stdout.split("\0").filter((path) => path !== "")) {
    await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
    await Deno.copyFile(path, `${folder}/${path}`).catch((error) => {
      // A file that was deleted and not committed is listed as well.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
  const name = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"];
  for (const args of [["init", "-q"], ["add", "-A"], [...name, "commit", "-q", "-m", "test: all of it"]]) {
    const { code, stderr } = await run(folder, "git", ...args);
    assertEquals(code, 0, stderr);
  }
}

Deno.test("deno task perf --record writes a file of the history and the document's table, of a commit alone", async () => {
  const folder = await Deno.makeTempDir();
  const record = () =>
    run(
      folder,
      Deno.execPath(),
      ...["run", ...taskPermissions("perf"), "benchmarks/perf/speed.ts"],
      ...["--rows", "help", "--rounds", "1", "--peers", "none", "--record"],
    );
  try {
    await copyTree(folder);
    const before = await readHistory(`${folder}/benchmarks/perf/history`);
    const { code, stdout, stderr } = await record();
    assertEquals([code, stderr], [0, ""]);
    assertMatch(
      stdout,
      /\nRecorded benchmarks\/perf\/history\/\S+\.json, and docs\/performance\.md made again\.\n$/,
    );
    const changed = (await run(folder, "git", "status", "--porcelain")).stdout;
    assertMatch(
      changed,
      /^ M docs\/performance\.md\n\?\? benchmarks\/perf\/history\/[\d-]{10}-[0-9a-f]{7}\.json\n$/,
    );
    const after = await readHistory(`${folder}/benchmarks/perf/history`);
    assertEquals(after.length, before.length + 1);
    const [own] = after.filter(({ commit }) => before.every((other) => other.commit !== commit));
    assertEquals(own?.commit, (await run(folder, "git", "rev-parse", "HEAD")).stdout.trim());
    assertEquals(own?.command, "deno task perf --rows help --rounds 1 --peers none");
    const document = await Deno.readTextFile(`${folder}/docs/performance.md`);
    assertStringIncludes(document, `\`${own?.commit.slice(0, 7)}\``);
    // What was measured now would no longer be a commit.
    const again = await record();
    assertEquals(again.code, 2);
    assertMatch(again.stderr, /^error: Cannot record: files differ from the commit; [^\n]+\n$/);
    assert(!again.stdout.includes("ours:"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
