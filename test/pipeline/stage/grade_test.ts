import { assertEquals } from "@std/assert";
import { loadTokenizer } from "../../../src/model/mod.ts";
import type { Experiment } from "../../../src/pipeline/mod.ts";
import { grade } from "../../../src/pipeline/stage/context.ts";
import { type GeneratedProblem, generateSuite } from "../../../src/suite/mod.ts";

const tokenizer = await loadTokenizer("benchmarks/model");
/** Grading needs no more of an experiment than its tokenizer. */
const experiment = { model: { tokenizer } } as unknown as Experiment;

Deno.test("training and evaluation pay for an answer in the form of its problem, and not for its question", async () => {
  const problems = await generateSuite("mini-math", "evaluation", 10, 0);
  const problem = problems.find(({ family }) => family === "expand");
  if (!problem) throw new Error("mini-math has no problem of the family expand");
  const restated = problem.question.replace("Expand ", "");
  const verdictOf = (text: string, changes: Partial<GeneratedProblem> = {}): string =>
    grade(experiment, { ...problem, ...changes }, { response: tokenizer.encode(`\\boxed{${text}}`) }).verdict;
  assertEquals(verdictOf(problem.answer), "correct");
  assertEquals(verdictOf(restated, { question: "" }), "unevaluated");
  assertEquals(verdictOf(restated, { form: {} }), "unevaluated");
  assertEquals(verdictOf(restated, { question: "", form: {} }), "correct");
});
