import { assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { examineSuites, parseProfile, type SuiteFinding } from "../../src/pipeline/mod.ts";
import { findingFault } from "../../tasks/shared/suite_check.ts";

const smoke = JSON.parse(await Deno.readTextFile("benchmarks/profiles/smoke.json"));

/** What is found in a suite of these rows, which is evaluated. */
async function examine(rows: readonly unknown[]): Promise<SuiteFinding> {
  const directory = await Deno.makeTempDir(), suite = join(directory, "own.jsonl");
  try {
    await Deno.writeTextFile(suite, rows.map((row) => JSON.stringify(row) + "\n").join(""));
    const evaluation = { ...smoke.evaluation, problems: undefined, samples: 1, suites: [suite] };
    const profile = parseProfile(
      JSON.stringify({ ...smoke, $schema: undefined, name: "own", evaluation }),
      "own",
    );
    const findings = await examineSuites({
      profile,
      root: ".",
      files: { model: "benchmarks/model", datasets: {} },
    });
    assertEquals(findings.map(({ part }) => part), ["training", "evaluation"]);
    const found = findings.find(({ part }) => part === "evaluation");
    if (!found) throw new Error("the suite was not read");
    return found;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const good = { problem: "Find 2+3", answer: "5" };

Deno.test("examineSuites() finds the reference answers that no response can equal, and says where and why", async () => {
  const { unreadable, problems } = await examine([
    good,
    { problem: "Find 1", answer: "\\frac{7}{" },
    { problem: "Find 2", answer: "Adding three to three we get six" },
    { problem: "Find 3", answer: "3 + 4 = <<3+4=7>>7" },
    { problem: "Find 4", answer: "\\text{east}" },
    { problem: "Find 5", answer: "x^2 + 2x + 1, x > 0" },
  ]);
  assertEquals([problems, unreadable.map(({ place }) => place)], [6, ["line 2", "line 3", "line 4"]]);
  assertMatch(
    unreadable.map(({ reason }) => reason).join("; "),
    /cannot be read.*; it is a sentence; it is a whole/,
  );
});

Deno.test("examineSuites() counts prompts that are cut, and those that lose more than half of their question", async () => {
  const sum = (terms: number) => ({
    problem: `Find ${Array.from({ length: terms }, (_, i) => i).join("+")}`,
    answer: "1",
  });
  const whole = await examine([good]);
  assertEquals([whole.cut, whole.lost], [0, []]);
  const { cut, lost } = await examine([good, sum(12), sum(60)]);
  assertEquals([cut, lost], [2, ["line 3"]]);
});

Deno.test("examineSuites() takes equal answers in other writings for no contradiction", async () => {
  const rows = ["1/2", "0.5", "\\frac12", "2"].map((answer) => ({ problem: "Find it", answer }));
  const { contradictions } = await examine(rows);
  assertEquals(contradictions.map(({ answers: [, other] }) => other), ["2"]);
});

Deno.test("findingFault() refuses above the share that is allowed, and not at it", async () => {
  const found = await examine([good, { problem: "Find 1", answer: "{" }]);
  assertEquals([0.5, 1].map((share) => findingFault([found], 28, share)), [undefined, undefined]);
  assertMatch(
    findingFault([found], 28, 0.49) ?? "",
    /^Cannot use the suite own: 1 of 2 reference answers cannot be read/,
  );
});
