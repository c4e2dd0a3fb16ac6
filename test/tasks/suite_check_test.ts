import { assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Outcome, runTask } from "./run_task.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const smoke = JSON.parse(await Deno.readTextFile(join(root, "benchmarks/profiles/smoke.json")));

/** A folder with a profile and a suite of these rows. */
async function withSuite(
  rows: readonly unknown[],
  test: (run: (...args: readonly string[]) => Promise<Outcome>, directory: string) => Promise<void>,
  changes: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const directory = await Deno.makeTempDir(), suite = join(directory, "own.jsonl");
  try {
    await Deno.writeTextFile(suite, rows.map((row) => JSON.stringify(row) + "\n").join(""));
    const profile = join(directory, "own-profile.json");
    const evaluation = { ...smoke.evaluation, problems: undefined, samples: 1, suites: [suite] };
    await Deno.writeTextFile(
      profile,
      JSON.stringify({ ...smoke, $schema: undefined, name: "own-profile", evaluation, ...changes }),
    );
    await test((command, ...args) => {
      const store = command === "plan" ? [] : ["--store", join(directory, "store")];
      const shared = [command ?? "", "--profile", profile, ...store, ...args];
      return runTask(shared, {
        cwd: root,
        folder: directory,
        env: { BUPO_KEY: join(directory, "key.pem"), HF_HOME: join(directory, "hub") },
      });
    }, directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const good = { problem: "Find 2+3", answer: "5" };
const sentence = { problem: "Find 3+3", answer: "Adding three to three we get six" };
const broken = { problem: "Find 4+3", answer: "\\frac{7}{" };

Deno.test("reference answers that no response can equal are listed and refused before anything runs", async () => {
  await withSuite([good, sentence, broken], async (run, directory) => {
    for (const command of ["evaluate", "train", "plan"]) {
      const { code, stdout, stderr } = await run(command, ...command === "plan" ? [] : ["--quiet"]);
      const said = command === "plan" ? stdout : stderr;
      assertEquals(code, 1, said);
      assertMatch(said, /own: 2 of 3 reference answers cannot be read.*line 2 .*a sentence.*line 3/);
      assertMatch(said, /--allow-unreadable-golds/);
      if (command !== "plan") assertEquals(stderr.trimEnd().split("\n").length, 1, stderr);
    }
    const names = (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name).sort();
    assertEquals(names, ["own-profile.json", "own.jsonl"]);
    const some = await run("evaluate", "--quiet", "--unreadable-share", "0.5");
    assertEquals(some.code, 1, some.stderr);
    for (const flags of [["--unreadable-share", "0.7"], ["--allow-unreadable-golds"]]) {
      const allowed = await run("evaluate", ...flags);
      assertEquals(allowed.code, 0, allowed.stderr);
      assertMatch(allowed.stderr, /warning: own: 2 of 3 reference answers cannot be read/);
    }
    const wrong = await run("evaluate", "--unreadable-share", "2");
    assertEquals(
      [wrong.code, wrong.stderr.includes("expected a number from 0 to 1")],
      [2, true],
      wrong.stderr,
    );
  });
});

Deno.test("layouts that were recognised and contradictions are said before anything runs", async () => {
  const rows = [
    { question: "Find 2+3", answer: "<<2+3=5>>\n#### 5" },
    { question: "Find 2+4", answer: "6" },
    { question: "Find 2+4 ", answer: "7" },
    { question: "Find 2+4", answer: "6.0" },
  ];
  await withSuite(rows, async (run) => {
    const { code, stdout, stderr } = await run("evaluate");
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /^own +avg@1/);
    assertMatch(stderr, /own: answers: behind the last "####" of answer, in 1 rows/);
    assertMatch(
      stderr,
      /own: 1 repeated questions have another answer, the first counts: line 2 "6" and line 3 "7"/,
    );
    const planned = await run("plan");
    assertEquals(planned.code, 0, planned.stderr);
    assertMatch(planned.stdout, /behind the last "####"/);
  });
});

Deno.test("prompts that the limit cuts are said first, and refused where the question is lost", async () => {
  const long = { problem: `Find ${Array.from({ length: 12 }, (_, i) => i).join("+")}`, answer: "66" };
  await withSuite([good, long], async (run) => {
    for (const command of ["evaluate", "plan", "train"]) {
      const { code, stdout, stderr } = await run(command);
      assertEquals(code, 0, stderr);
      assertMatch(
        command === "plan" ? stdout : stderr,
        /warning: own, evaluation: cut to 28 tokens: the beginning of 1 of 2 prompts/,
      );
    }
  }, { training: { ...smoke.training, steps: 1 }, methods: ["grpo"], seeds: [1] });
  const longer = { problem: `Find ${Array.from({ length: 60 }, (_, i) => i).join("+")}`, answer: "1770" };
  await withSuite([good, longer], async (run) => {
    for (const command of ["evaluate", "plan", "train"]) {
      const { code, stdout, stderr } = await run(command);
      assertEquals(code, 1, stdout);
      assertMatch(
        command === "plan" ? stdout : stderr,
        /own: 1 prompts lose more than half of their question at 28 tokens: line 2; raise maxPromptTokens/,
      );
    }
  });
});

Deno.test("a profile's model may lie anywhere; one that is not there is told in one line, and what to write for the Hub", async () => {
  await withSuite([good], async (run) => {
    const { code, stderr } = await run("evaluate", "--quiet");
    assertEquals(code, 0, stderr);
  }, { model: join(root, "benchmarks/model") });
  const cases = [
    [
      "/data/models/mymodel",
      /^error: Cannot use the model "\/data\/models\/mymodel": there is no such folder\n$/,
    ],
    [
      "Qwen/Qwen3-0.6B",
      /there is no such folder; .+ "model": \{"repository": "Qwen\/Qwen3-0\.6B", "revision": "main"\}\n$/,
    ],
    ["benchmarks/suites", /there is no config\.json in it/],
  ] as const;
  for (const [model, message] of cases) {
    await withSuite([good], async (run) => {
      for (const command of ["evaluate", "plan"]) {
        const { code, stdout, stderr } = await run(command);
        assertEquals([code, stdout], [1, ""], stderr);
        assertMatch(stderr, message);
      }
    }, { model });
  }
});
