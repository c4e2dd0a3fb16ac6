import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Outcome, runDeno } from "../tasks/run_task.ts";
import { taskPermissions } from "../tasks/task_permissions.ts";

const run = fileURLToPath(new URL("../run.ts", import.meta.url));
const config = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** Runs the tests of a project that has these files. */
async function runTests(
  files: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Outcome> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(folder, "deno.json"), '{ "test": { "permissions": { "read": true } } }');
    for (const [name, text] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
      await Deno.writeTextFile(join(folder, name), text);
    }
    const flags = ["--config", config, ...taskPermissions("test", folder)];
    return await runDeno(["run", ...flags, run, ...args], { cwd: folder });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const good =
  'Deno.test("good", () => {}); Deno.test({ name: "flies (needs a moon)", ignore: true, fn() {} });';
const bad = 'Deno.test("bad", () => { throw new Error("the reason"); });';

Deno.test("the runner counts tests on its last line, and names what was skipped and what took long", async () => {
  const { code, stdout, stderr } = await runTests({ "test/good_test.ts": good }, "good_test.ts");
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /\nothers: 1 passed, 0 failed, 1 skipped in /);
  assertStringIncludes(stdout, "\nskipped 1: needs a moon\n");
  assertMatch(stdout, /\nThe slowest tests:\n( +\d+\.\d s .+\n)+\n1 passed, 0 failed, 1 skipped\n$/);
});

Deno.test("the runner prints why a test failed, and ends with code 1", async () => {
  const { code, stdout } = await runTests(
    { "test/good_test.ts": good, "test/bad_test.ts": bad },
    "good_test.ts",
    "bad_test.ts",
  );
  assertEquals(code, 1);
  assertStringIncludes(stdout, "the reason");
  assertMatch(stdout, /\n1 passed, 1 failed, 1 skipped\n$/);
});

Deno.test("the runner ends with code 1 where a test file cannot be run, or a process dies", async () => {
  for (
    const [text, said] of [["const x: = 1;", "SyntaxError"], ["globalThis.process.abort();", ""]]
  ) {
    const { code, stdout } = await runTests({ "test/bad_test.ts": text ?? "" }, "bad_test.ts");
    assertEquals(code, 1);
    assertStringIncludes(stdout, said ?? "");
    assertMatch(stdout, /\n0 passed, 1 failed, 0 skipped\n$/);
  }
});

Deno.test("the runner runs every test once, each in the process of its folder", async () => {
  const folders = [
    "src/rl",
    "src/grade",
    "tasks",
    "test",
    "test/grade",
    "test/pipeline",
    "test/provider",
    "test/rl",
  ];
  const files = folders.map((folder) => [`${folder}/${folder.length}_test.ts`, good]);
  const { code, stdout } = await runTests(Object.fromEntries(files));
  assertEquals(code, 0, stdout);
  const counts = [...stdout.matchAll(/^(\w+): (\d+) passed, 0 failed, \2 skipped in /gm)]
    .map(([, name, count]) => `${name} ${count}`);
  assertEquals(counts.toSorted(), ["grade 2", "others 3", "provider 1", "training 2"]);
  assertMatch(stdout, /\n8 passed, 0 failed, 8 skipped\n$/);
});

Deno.test("the runner refuses what it does not know", async () => {
  const { code, stdout } = await runTests({}, "none");
  assertEquals(code, 2);
  assertMatch(stdout, /^error: Cannot test "none": expected a group \([^\n]+\n$/);
  assertEquals((await runTests({}, "--fast")).code, 2);
});
