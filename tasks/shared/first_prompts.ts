/**
 * A few problems put to the base model, to be looked at before anything is trained: what is asked, how many tokens that
 * takes, what is answered, and how that is graded.
 *
 * @module
 */

import { SCORING, type Verdict, verify } from "../../src/grade/mod.ts";
import { loadModel } from "../../src/model/mod.ts";
import { type JobContext, loadSuites } from "../../src/pipeline/mod.ts";
import { sampleResponses } from "../../src/policy/mod.ts";
import { openRuntime } from "../../src/runtime/mod.ts";
import { type Problem, promptTemplateOf, promptTokens } from "../../src/suite/mod.ts";
import { oneLine } from "./command.ts";

/** Problems that are asked, and tokens of a response at most. */
const PROMPTS = 3, TOKENS = 256;

/** A problem that was asked. */
export interface Asked {
  /** The problem. */
  readonly problem: Problem;
  /** The prompt as the model reads it. */
  readonly prompt: string;
  /** Tokens of the prompt. */
  readonly promptTokens: number;
  /** The completion. */
  readonly completion: string;
  /** Tokens of the completion. */
  readonly completionTokens: number;
  /** Whether it was cut off. */
  readonly cut: boolean;
  /** Its grade. */
  readonly verdict: Verdict;
}

/** The first held-out problems, of every suite in turn. */
async function firstProblems(context: JobContext): Promise<Problem[]> {
  const lists = (await loadSuites(context, "evaluation")).map(({ problems }) => problems);
  const turns = Array.from({ length: PROMPTS }, (_, turn) => lists.flatMap((list) => list[turn] ?? []));
  return turns.flat().slice(0, PROMPTS);
}

/** Asks the base model the first held-out problems. */
export async function askFirst(context: JobContext): Promise<Asked[]> {
  const { profile, files, provider } = context;
  const model = await loadModel(files.model), { tokenizer } = model, template = promptTemplateOf(profile);
  const problems = await firstProblems(context);
  const prompts = problems.map((problem) =>
    promptTokens(problem, template, tokenizer, profile.maxPromptTokens).tokens
  );
  const runtime = openRuntime({ provider, threads: profile.threads });
  const rollouts = await sampleResponses(
    runtime,
    { name: "the base model", config: model.config, weights: model.weights },
    prompts,
    {
      samples: 1,
      seed: profile.evaluation.seed,
      temperature: profile.temperature,
      maxResponseTokens: Math.min(TOKENS, profile.maxResponseTokens),
      endIds: tokenizer.endIds,
      batch: PROMPTS,
    },
  );
  return rollouts.flatMap(({ prompt, response, ended }, i): Asked[] => {
    const problem = problems[i];
    if (!problem) return [];
    const completion = tokenizer.decode(response, { skipSpecialTokens: true });
    const { answer, form, question } = problem;
    return [{
      problem,
      prompt: tokenizer.decode(prompt),
      promptTokens: prompt.length,
      completion,
      completionTokens: response.length,
      cut: !ended,
      verdict: verify(answer, completion, { ...SCORING, ...form, question }),
    }];
  });
}

/** A text in the terminal, set apart. */
function quoted(text: string): string[] {
  return text.split("\n").map((line) => `    ${oneLine(line)}`.trimEnd());
}

/** What was asked and answered, in lines. */
export function askedLines(asked: readonly Asked[]): string[] {
  return asked.flatMap((each, i) => {
    const { problem, verdict, cut } = each, found = verdict.extracted;
    return [
      `${i + 1}. ${problem.suite}: a prompt of ${each.promptTokens} tokens`,
      ...quoted(each.prompt),
      `   answered with ${each.completionTokens} tokens${cut ? ", cut off there" : ""}`,
      ...quoted(each.completion),
      `   graded ${verdict.verdict}: expected ${oneLine(problem.answer)}, found ${
        found === undefined ? "no answer" : oneLine(found)
      }`,
      "",
    ];
  });
}

/** What to change first, by what was answered; none if nothing stands out. */
export function advice(asked: readonly Asked[], maxResponseTokens: number): string[] {
  const cut = asked.every((each) => each.cut), all = asked.length > 0;
  const silent = asked.every(({ verdict }) => verdict.verdict === "unparsed");
  return [
    ...(all && cut && maxResponseTokens <= TOKENS
      ? [`Every completion was cut off at ${maxResponseTokens} tokens: raise maxResponseTokens.`]
      : []),
    ...(all && silent && !cut
      ? ['No completion has an answer that is found: say how to answer with "template" or "wording".']
      : []),
  ];
}
