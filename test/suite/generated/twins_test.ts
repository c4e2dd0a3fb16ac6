import { assertEquals } from "@std/assert";
import { parsePretrainingSettings } from "../../../src/pipeline/mod.ts";
import {
  type DraftProblem,
  type GeneratedSuite,
  generatedSuites,
  generateSuite,
  pretrainingExample,
} from "../../../src/suite/mod.ts";
import { rewritings, valueOf } from "./twins.ts";

const names = Object.keys(generatedSuites) as GeneratedSuite[];

/** All that the embedded base models are pretrained on, each question once. */
const pretraining = new Map<string, DraftProblem>();
for (const folder of ["model", "model-deep"]) {
  const source = `benchmarks/${folder}/pretraining.json`;
  const settings = parsePretrainingSettings(await Deno.readTextFile(source), source);
  for (let index = 0; index < settings.steps * settings.examplesPerStep; index++) {
    const example = pretrainingExample(settings.seed, index, settings);
    pretraining.set(example.question, example);
  }
}

/** Finds, for a problem, those of some problems that ask the same in another writing or in the same. */
function twinFinder(
  problems: ReadonlyMap<string, DraftProblem>,
): (problem: DraftProblem) => { readonly text: DraftProblem[]; readonly value: DraftProblem[] } {
  const byValue = Map.groupBy(problems.values(), valueOf);
  return (problem) => ({
    text: [problem.question, ...rewritings(problem.question)].flatMap((text) => problems.get(text) ?? []),
    value: byValue.get(valueOf(problem)) ?? [],
  });
}

Deno.test("no held-out question is trained on in any writing, in pretraining or by a suite of any seed", async () => {
  const trained = new Map(pretraining), held: DraftProblem[] = [];
  for (const name of names) {
    for (let seed = 1; seed <= 5; seed++) {
      for (const problem of await generateSuite(name, "train", 1000, seed)) {
        trained.set(problem.question, problem);
      }
      held.push(...await generateSuite(name, "evaluation", 300, seed));
    }
  }
  const twins = twinFinder(trained),
    found = held.flatMap((problem) => {
      const { text, value } = twins(problem);
      return [...text, ...value].map(({ question }) => `${problem.question} <- ${question}`);
    });
  assertEquals(found, []);
});

Deno.test("no suite asks the same twice in two writings", async () => {
  for (const [split, count] of [["evaluation", 450], ["train", 2000]] as const) {
    for (const name of names) {
      const problems = await generateSuite(name, split, count, 2);
      const twins = twinFinder(new Map(problems.map((problem) => [problem.question, problem])));
      const found = problems.flatMap((problem) => {
        const { text, value } = twins(problem);
        return [...text, ...value].filter((other) => other !== problem).map(({ question }) =>
          `${problem.question} <- ${question}`
        );
      });
      assertEquals(found, []);
    }
  }
});

/** The answer; of running totals only the last, because those on the way follow the order of the terms. */
function endOf({ family, answer }: DraftProblem): string {
  return family === "sum" ? answer.replace(/^.*,/, "") : answer;
}

Deno.test("the other writings that these tests look for occur, with the same answer and the same meaning", () => {
  const twins = twinFinder(pretraining), seen = { text: new Set<string>(), value: new Set<string>() };
  for (const problem of pretraining.values()) {
    const found = twins(problem);
    for (const kind of ["text", "value"] as const) {
      for (const other of found[kind]) {
        if (other === problem) continue;
        assertEquals([endOf(other), other.meaning], [endOf(problem), problem.meaning], other.question);
        seen[kind].add(problem.family);
      }
    }
  }
  assertEquals([...seen.text].sort(), [
    "arithmetic",
    "digit_sum",
    "expand",
    "fraction_product",
    "fraction_sum",
    "midpoint",
    "percentage",
    "residue",
    "sum",
    "surds",
  ]);
  assertEquals([...seen.value].sort(), ["derivative", "expand", "last_digit", "sum", "system"]);
});
