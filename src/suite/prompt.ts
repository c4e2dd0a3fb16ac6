/**
 * How a problem is put to a model, and what pretraining teaches it to answer.
 *
 * @module
 */

import type { Message } from "../model/mod.ts";
import { pretrainingExample } from "./generate.ts";
import type { DraftProblem } from "./problem.ts";

/** The wording around a question. */
export interface PromptTemplate {
  /** The system message; none if absent. */
  readonly system?: string;
  /** The user message, in which `{question}` stands for the question. */
  readonly user: string;
}

/** The wordings that profiles can name. */
export type PromptName = "bare" | "boxed";

/** The templates: `bare` for the embedded model, `boxed` for models that must be told where the answer goes. */
export const promptTemplates: Readonly<Record<PromptName, PromptTemplate>> = {
  bare: { user: "{question}" },
  boxed: { user: "{question}\n\nReason step by step, and write the final answer inside \\boxed{}." },
};

/**
 * The chat messages that put a problem to a model.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { promptMessages } from "./prompt.ts";
 *
 * assertEquals(promptMessages({ question: "Find 2+3" }), [{ role: "user", content: "Find 2+3" }]);
 * ```
 */
export function promptMessages(
  problem: { readonly question: string },
  template: PromptTemplate = promptTemplates.bare,
): Message[] {
  // A function as replacement: a "$" in a question must stay a "$".
  const content = template.user.replace("{question}", () => problem.question);
  const user: Message = { role: "user", content };
  return template.system === undefined ? [user] : [{ role: "system", content: template.system }, user];
}

/** What the assistant is taught to answer in pretraining, without the end token. */
export function trainingText(problem: Pick<DraftProblem, "solution">): string {
  return problem.solution;
}

/** The texts that the embedded tokenizer is made from: the first examples of a pretraining stream, with chat roles. */
export function* tokenizerCorpus(seed: number, examples: number): Generator<string> {
  for (let index = 0; index < examples; index++) {
    const example = pretrainingExample(seed, index);
    yield* ["user\n", example.question, "assistant\n", trainingText(example)];
  }
}
