import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Outcome, runTask } from "./run_task.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const smoke = JSON.parse(await Deno.readTextFile(join(root, "benchmarks/profiles/smoke.json")));

/** Runs a command of the project with records, results and a key in the test's folder. */
async function run(directory: string, args: readonly string[]): Promise<Outcome> {
  return await runTask(args, { cwd: root, folder: directory, env: { BUPO_KEY: join(directory, "key.pem") } });
}

/** A profile that trains one step of each method, and two suites of one's own. */
async function withProfile(
  test: (directory: string, flags: readonly string[]) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir(), profile = join(directory, "short.json");
  try {
    const training = { ...smoke.training, steps: 1 };
    const evaluation = { ...smoke.evaluation, suites: ["mini-aime", "mini-math"] };
    await Deno.writeTextFile(
      profile,
      JSON.stringify({ ...smoke, $schema: undefined, name: "short", seeds: [1], training, evaluation }),
    );
    for (const name of ["sums", "products"]) {
      const sign = name === "sums" ? "+" : "*";
      const lines = Array.from(
        { length: 5 },
        (_, i) =>
          JSON.stringify({ problem: `${i}${sign}2`, answer: `${sign === "+" ? i + 2 : i * 2}` }) + "\n",
      );
      await Deno.writeTextFile(join(directory, `${name}.jsonl`), lines.join(""));
    }
    await test(directory, ["--profile", profile, "--store", join(directory, "store"), "--quiet"]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("--suite, --samples and --limit change the evaluation, its name and its record; training stays", async () => {
  await withProfile(async (directory, flags) => {
    const key = await run(directory, ["keys", "generate", "--key", join(directory, "key.pem")]);
    assertEquals(key.code, 0, key.stderr);
    const suites = ["sums", "products"].flatMap((name) => ["--suite", join(directory, `${name}.jsonl`)]);
    const changed = [...flags, ...suites, "--samples", "2", "--limit", "3"];
    const out = join(directory, "results", "partial");
    const made = await run(directory, ["reproduce", ...changed, "--workers", "1", "--out", out]);
    assertEquals(made.code, 0, made.stderr);
    const record = JSON.parse(await Deno.readTextFile(join(out, "results.json")));
    assertEquals([record.profile.name, record.profile.evaluation.limit], ["short-partial", 3]);
    type Used = { name: string; problems: unknown[]; samples: number };
    assertEquals(
      record.suites.map(({ name, problems, samples }: Used) => [name, problems.length, samples]),
      [["sums", 3, 2], ["products", 3, 2]],
    );
    assertEquals(record.profile.training.suites, smoke.training.suites);

    // A number of a part is never published.
    const keys = ["--keys", join(directory, "results", "keys"), "--out", directory, "--json"];
    const published = await run(directory, ["publish", out, ...keys]);
    assertEquals(published.code, 1, published.stderr);
    assertStringIncludes(published.stdout, "it is a partial run: --limit 3");

    // The stage alone finds the checkpoint that was trained, and gives the same counts.
    const alone = await run(directory, ["evaluate", ...changed, "--method", "bupo", "--seed", "1", "--json"]);
    assertEquals(alone.code, 0, alone.stderr);
    type Score = { suite: string; samples: number; average: number };
    const scores: Score[] = JSON.parse(alone.stdout).suites;
    type Run = { method: string; suites: Record<string, { correct: number[] }> };
    const trained = record.runs.find(({ method }: Run) => method === "bupo")?.suites;
    assertEquals(
      scores.map(({ suite, samples, average }) => [suite, samples, Math.round(average * 6)]),
      ["sums", "products"].map((
        name,
      ) => [name, 2, trained[name].correct.reduce((a: number, b: number) => a + b)]),
    );
  });
});

Deno.test("--samples alone keeps the profile's suites; a limit beyond a suite takes all of it", async () => {
  await withProfile(async (directory, flags) => {
    const { code, stdout, stderr } = await run(directory, ["evaluate", ...flags, "--samples", "1"]);
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /^mini-aime +avg@1 .+\nmini-math +avg@1 .+\n$/);
    const sums = ["--suite", join(directory, "sums.jsonl"), "--limit", "50"];
    const all = await run(directory, ["evaluate", ...flags, ...sums, "--json"]);
    assertEquals(all.code, 0, all.stderr);
    const [{ suite, samples, average }] = JSON.parse(all.stdout).suites;
    assertEquals([suite, samples], ["sums", smoke.evaluation.samples]);
    assert(Number.isInteger(Math.round(average * 5 * samples * 1e9) / 1e9));
  });
});

Deno.test("a mistake in --suite, --samples or --limit is one line", async () => {
  await withProfile(async (directory, flags) => {
    await Deno.writeTextFile(join(directory, "empty.jsonl"), "");
    await Deno.writeTextFile(join(directory, "odd.jsonl"), '{"question":"1+1"}\n');
    await Deno.writeTextFile(join(directory, "math_500.jsonl"), '{"question":"1+1","answer":"2"}\n');
    const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
      [
        ["--suite", join(directory, "math_500.jsonl")],
        1,
        /its results would be called as those of math-500 are/,
      ],
      [["--samples", "0"], 2, /Cannot read "--samples 0": expected an integer of at least 1/],
      [["--limit", "some"], 2, /Cannot read "--limit some": expected an integer of at least 1/],
      [["--suite="], 2, /Cannot read "--suite": it needs a value/],
      [["--suite", "mini-mth"], 1, /Cannot .+"mini-mth".+did you mean "mini-math"/],
      [
        ["--suite", join(directory, "none.jsonl")],
        1,
        /Cannot read the suite ".+none\.jsonl": there is no such file/,
      ],
      [["--suite", join(directory, "empty.jsonl")], 1, /Cannot .+empty/],
      [["--suite", join(directory, "odd.jsonl")], 1, /Cannot .+odd\.jsonl.+answer/],
    ];
    for (const [more, expected, message] of cases) {
      const { code, stdout, stderr } = await run(directory, ["evaluate", ...flags, ...more]);
      assertEquals([code, stdout], [expected, ""], stderr);
      assertMatch(stderr, message);
      assertEquals(stderr.trimEnd().split("\n").length, 1, stderr);
    }
  });
});
