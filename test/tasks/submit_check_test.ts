import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { keepProblems } from "../result/judge/edits.ts";
import { writeForgery } from "../result/judge/forger.ts";
import { copyOf, honestParts, type Parts } from "../result/judge/honest.ts";
import { runTask } from "./run_task.ts";

const root = new URL("../../", import.meta.url).pathname;
const honest = await honestParts();

/** Runs the command, with the permissions of its task, on results of a folder. */
async function check(
  results: Readonly<Record<string, Parts>>,
  ...names: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, parts] of Object.entries(results)) await writeForgery(join(folder, name), parts);
    const directories = names.map((name) => join(folder, name));
    return await runTask(["submit-check", ...directories, "--quiet", "--workers", "1"], {
      folder,
      cwd: root,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("submit-check lets an honest result in, and says what was checked", async () => {
  const { code, stdout, stderr } = await check({ mine: copyOf(honest) }, "mine");
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^ok +counts /m);
  assertMatch(stdout, /mine: may enter$/m);
});

Deno.test("submit-check refuses a forgery, a copy and a name, each with the reason", async () => {
  const forged = copyOf(honest);
  keepProblems(forged, "mini-aime", (_, place) => place !== 3);
  const other = copyOf(honest);
  other.record.profile.description = "another";
  const { code, stdout } = await check(
    {
      forged,
      mine: copyOf(honest),
      yours: copyOf(honest),
      "Best Ever": other,
    },
    "forged",
    "mine",
    "Best Ever",
  );
  assertEquals(code, 1);
  assertStringIncludes(stdout, "because problems: mini-aime: it has 11 problems, expected 12");
  assertStringIncludes(stdout, "because it is the same result as yours");
  assertStringIncludes(stdout, 'because its folder is called "Best Ever"');
  assertEquals(stdout.match(/CANNOT enter$/gm)?.length, 3);
});

Deno.test("submit-check names a directory that is not there, in one line", async () => {
  const { code, stderr } = await check({}, "none");
  assertEquals([code, stderr.trim().split("\n").length], [2, 1]);
  assertStringIncludes(stderr, "there is no such directory");
});
