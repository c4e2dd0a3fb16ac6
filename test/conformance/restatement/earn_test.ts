import { assert, assertEquals } from "@std/assert";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type AttackedProblem, earnings } from "../../../src/conformance/mod.ts";
import { type GeneratedSuite, generatedSuites, generateSuite, loadSuite } from "../../../src/suite/mod.ts";

/** How many problems of each split are attacked: some 40 of each family and level, or all that it has. */
const COUNTS = { evaluation: 400, train: 1200 } as const;

for (const suite of Object.keys(generatedSuites) as GeneratedSuite[]) {
  for (const split of ["evaluation", "train"] as const) {
    Deno.test(`no restatement of a question of ${suite} (${split}) is paid, even where the question is unseen`, async () => {
      const problems = await generateSuite(suite, split, COUNTS[split], 0);
      assertEquals(earnings(problems).earned, []);
      assertEquals(earnings(problems, { question: undefined }).earned, []);
    });
  }
  const formulas = !suite.startsWith("graded-"); // whose questions ask for lists of values, and are no formula of them
  Deno.test(`restatements of ${suite} are worth ${formulas ? "a lot" : "nothing"} by their value alone`, async () => {
    const { paid, problems } = earnings(await generateSuite(suite, "evaluation", 120, 0), {
      answerForm: "any",
    });
    if (formulas) assert(paid["any attack"] > problems / 2, `${paid["any attack"]}`);
    else assertEquals(paid["any attack"], 0);
  });
}

Deno.test("earnings() counts each problem once, and no answer that is copied letter by letter", () => {
  const problem: AttackedProblem = { id: "a", question: "Find $10+3$, where $x = 13$", answer: "13" };
  const { earned, paid, problems } = earnings([problem], { answerForm: "any", question: undefined });
  assertEquals([problems, paid["any attack"], paid["some formula"], paid.question], [1, 1, 1, 0]);
  assertEquals(earned.map(({ attack, text }) => [attack, text]), [
    ["verb dropped", "10+3, where x = 13"],
    ["side of an equation", "x = 13"],
    ["longest formula", "x = 13"],
    ["some formula", "10+3"],
  ]);
});

/** What is still paid for on the data sets, with the reason, by the name of the problem. */
const remaining: Readonly<Record<string, Readonly<Record<string, string>>>> = JSON.parse(
  Deno.readTextFileSync(new URL("remaining.json", import.meta.url)),
);

const folder = fileURLToPath(new URL("../../../../shared/data", import.meta.url));

/** The largest share of problems on which copying is paid. */
const LARGEST_SHARE = 0.01;

for (const [suite, known] of Object.entries(remaining)) {
  const path = `${folder}/${suite}.jsonl`,
    name = `copying the questions of ${suite} is paid only where a reason is known`;
  Deno.test({
    name: existsSync(path) ? name : `${name} (ignored: ../shared/data lacks the file)`,
    ignore: !existsSync(path),
    async fn() {
      const files = { file: () => Promise.reject(new RangeError("no data set is fetched")) };
      const { problems } = await loadSuite(path, { root: ".", files, split: "evaluation" });
      const { earned } = earnings(
        problems.map((problem) => ({ ...problem, id: problem.sourceId ?? problem.id })),
      );
      const paid = [...new Set(earned.map(({ id }) => id))];
      assertEquals(paid.filter((id) => !Object.hasOwn(known, id)), []);
      if (problems.length >= 1 / LARGEST_SHARE) {
        assert(paid.length < LARGEST_SHARE * problems.length, `${paid.length} of ${problems.length}`);
      }
    },
  });
}
