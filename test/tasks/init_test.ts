import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { profileFields } from "../../src/pipeline/mod.ts";
import { commentedProfile } from "../../tasks/shared/commented_profile.ts";
import { advice, type Asked, askedLines } from "../../tasks/shared/first_prompts.ts";
import { parseJsonc } from "../../tasks/shared/jsonc.ts";
import { readProfile } from "../../tasks/shared/profile_flag.ts";
import { copyDirectory } from "./copy_directory.ts";
import { runTask } from "./run_task.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

Deno.test("commentedProfile() says of each field what the schema says, and is the profile", async () => {
  for (const name of ["embedded", "qwen3-4b", "smoke"]) {
    const { $schema: _, ...profile } = await readProfile(name), text = commentedProfile(profile, "./s.json");
    assertEquals(parseJsonc(text, "x.jsonc"), {
      $schema: "./s.json",
      ...JSON.parse(JSON.stringify(profile)),
    });
    assertEquals(JSON.parse(text.replace(/^ *\/\/.*$/gm, "")).name, name);
    const plain = text.replace(/\n *\/\/ /g, " ");
    for (const field of ["training.steps", "training.groupSize", "optimizer.epsilon", "seeds"]) {
      assertStringIncludes(
        plain,
        profileFields().find(({ path }) => path === field)?.meaning ?? "none",
        field,
      );
    }
    assertStringIncludes(text, '// "wording": {');
    assert(text.split("\n").every((line) => line.length <= 110 || !line.trimStart().startsWith("//")));
  }
});

const asked: Asked = {
  problem: { id: "1", suite: "exam", family: "exam", question: "2+3", answer: "5" },
  prompt: "2+3\n\x1b[31m",
  promptTokens: 4,
  completion: "It is 5.",
  completionTokens: 9,
  cut: false,
  verdict: {
    verdict: "unparsed",
    extracted: undefined,
    span: undefined,
    source: undefined,
    rank: undefined,
    goldType: "integer",
    type: undefined,
    method: "none",
    reason: "no answer",
  },
};

Deno.test("what was asked is shown without what could steer a terminal, with what to change first", () => {
  const text = askedLines([asked]).join("\n");
  assertStringIncludes(text, "1. exam: a prompt of 4 tokens\n    2+3\n    \\u{1b}[31m\n");
  assertStringIncludes(text, "graded unparsed: expected 5, found no answer");
  assertMatch(advice([asked], 100).join(), /^No completion has an answer that is found: say how to answer/);
  assertMatch(advice([{ ...asked, cut: true }], 100).join(), /^Every completion was cut off at 100 tokens/);
  assertEquals(advice([{ ...asked, verdict: { ...asked.verdict, verdict: "wrong" } }], 100), []);
});

Deno.test("init writes a profile that runs, asks three prompts, and leaves nothing where something is wrong", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await copyDirectory(join(root, "benchmarks/model"), join(folder, "tiny"));
    const rows = Array.from(
      { length: 4 },
      (_, i) => JSON.stringify({ problem: `Find ${i}+2`, answer: i + 2 }),
    );
    await Deno.writeTextFile(join(folder, "exam.jsonl"), rows.join("\n"));
    await Deno.writeTextFile(
      join(folder, "bad.csv"),
      "question,answer\nFind 1+1,it is certainly the number two\n",
    );
    const run = (line: string): ReturnType<typeof runTask> =>
      runTask(line.split(" "), { folder, cwd: folder });
    const made = await run("init mine --model tiny --suite exam.jsonl --quiet");
    assertEquals(made.code, 0, made.stderr);
    assertEquals(made.stdout.match(/^\d\. exam: a prompt of \d+ tokens$/gm)?.length, 3);
    assertEquals(made.stdout.match(/^ {3}graded \w+: expected [234], found .+$/gm)?.length, 3);
    assertMatch(
      made.stdout,
      /^Written: mine\.jsonc\. Next:\n {2}bupo-bench plan --profile mine\.jsonc +# does it fit/m,
    );
    const written = await Deno.readTextFile(join(folder, "mine.jsonc"));
    const { $schema, name, model, evaluation } = parseJsonc(written, "mine.jsonc") as Record<string, unknown>;
    assertEquals([name, model, (evaluation as { suites: string[] }).suites], ["mine", "tiny", [
      "exam.jsonl",
    ]]);
    assert(existsSync(new URL(String($schema))));
    const plan = await run("plan --profile mine.jsonc --memory 8 --tflops 1");
    assertMatch(plan.stdout, /^mine +fits/, plan.stderr);

    const cases: readonly (readonly [string, RegExp])[] = [
      ["init", /^error: Cannot make a profile: name it, such as "bupo-bench init my-experiment"\n$/],
      ["init mine", /^error: Cannot write mine\.jsonc: there is mine\.jsonc already; /],
      ["init My_Exp", /^error: Cannot call an experiment "My_Exp": .+ such as "my-exp"\n$/],
      [
        "init smoke",
        /^error: Cannot call an experiment "smoke": so is a profile that is there; try "my-smoke"\n$/,
      ],
      ["init other --model none", /^error: Cannot use the model "none": there is no such folder; /],
      [
        "init other --suite none.csv --quiet",
        /^error: Cannot read the suite "none\.csv": there is no such file\n$/,
      ],
      [
        "init other --suite bad.csv --quiet",
        /^error: Cannot use the suite bad: 1 of 1 reference answers cannot be read/,
      ],
    ];
    for (const [line, said] of cases) {
      const { code, stderr } = await run(line);
      assert(code === 1 || code === 2, line);
      assertMatch(stderr, said, line);
    }
    assertEquals(existsSync(join(folder, "other.jsonc")), false);
    assertEquals(await Deno.readTextFile(join(folder, "mine.jsonc")), written);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
