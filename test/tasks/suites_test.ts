import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { HUB_VARIABLES } from "../../src/hub/options.ts";
import { withFolder, writeIn } from "../suite/parquet/parquet_files.ts";

/** The command in a process of its own that may do nothing but read: no network, no cache. */
async function run(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--allow-read",
      `--allow-env=BUPO_TRACE,${HUB_VARIABLES}`,
      "main.ts",
      "suites",
      ...args,
    ],
    env: { HF_HOME: "no/such/cache" },
    stdin: "null",
  });
  const { code, stdout, stderr } = await command.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("suites lists the suites", async () => {
  const { code, stdout } = await run();
  assertEquals(code, 0);
  for (const name of ["mini-aime", "aime-2024", "math-500", "olympiadbench", "dapo-17k"]) {
    assertMatch(stdout, new RegExp(`^${name} `, "m"));
  }
  assertMatch(stdout, /^aime-2025 +evaluation +30 +32 .*MathArena\/aime_2025 /m);
  assertMatch(stdout, /^deepmath-5k +train +5000 +no +trl-lib\/DeepMath-103K +MIT/m);
  const { definitions } = JSON.parse((await run("--json")).stdout);
  assertEquals(definitions.length, 9);
});

Deno.test("suites checks a suite without showing its problems", async () => {
  await withFolder(async (folder) => {
    const secret = "Find the secret number";
    const path = await writeIn(
      folder,
      "own.jsonl",
      `{"problem": "${secret}", "answer": "\\\\frac12"}\n{"problem": "Find 7", "answer": 7}\n`,
    );
    const { code, stdout, stderr } = await run(path);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^problems +2 \(2 rows, 0 repeats\)$/m);
    assertMatch(stdout, /^digest +[0-9a-f]{64}$/m);
    assertMatch(stdout, /^checked +nothing$/m);
    assertMatch(stdout, /^answers +1 fraction, 1 integer$/m);
    assertMatch(stdout, /^first id +[0-9a-f]{16}$/m);
    assert(!stdout.includes(secret));
    const report = JSON.parse((await run(path, "--json", "--count", "1")).stdout);
    assertEquals([report.problems, report.rows, report.draws], [1, 2, [{ count: 1, seed: 0 }]]);
  });
});

Deno.test("suites --overlap counts what is trained on", async () => {
  await withFolder(async (folder) => {
    const train = await writeIn(
      folder,
      "train.jsonl",
      '{"problem": "Find 7", "answer": 7}\n{"problem": "Find $2+3$", "answer": 5}\n',
    );
    const held = await writeIn(
      folder,
      "held.jsonl",
      '{"problem": "find  7", "answer": 7}\n{"problem": "Find 8", "answer": 8}\n{"problem": "Find $3+2$.", "answer": 5}\n',
    );
    const { code, stdout } = await run("--overlap", train, held);
    assertEquals(code, 0);
    assertStringIncludes(stdout, "trained on: train, 2 problems");
    assertMatch(stdout, /^held +3 +1 +2 +0 +0 +3$/m);
    const { overlaps } = JSON.parse((await run("--overlap", "--json", train, held)).stdout);
    assertEquals([overlaps[0].exact.length, overlaps[0].meaning.length], [1, 2]);
  });
});

Deno.test("suites tells a mistake in one line", async () => {
  const cases: readonly (readonly [readonly string[], number, string])[] = [
    [["--overlap"], 2, "Cannot compare: name a training suite and at least one that is held out"],
    [["one", "two"], 2, 'Cannot use the argument "two"'],
    [["aime-2042"], 1, 'Cannot find the suite "aime-2042": did you mean "aime-2024"?'],
    [["mini-aime"], 1, "Cannot generate mini-aime: say how many problems"],
    [["none.parquet"], 1, 'Cannot read the suite "none.parquet": there is no such file'],
    [["--overlap", "math-500", "aime-2024"], 1, "Cannot train on math-500: it is held out for evaluation"],
  ];
  for (const [args, expected, message] of cases) {
    const { code, stdout, stderr } = await run(...args);
    assertEquals([code, stdout], [expected, ""], stderr);
    assert(stderr.startsWith(`error: ${message}`) && stderr.trimEnd().split("\n").length === 1, stderr);
  }
});
