/**
 * How a problem is put to a model, and what pretraining teaches it to answer.
 *
 * Deviations of the released code (Trae1ounG/BuPO, commit d3a85c6) from the paper (arXiv 2512.19673 v3), and what is done
 * here:
 *
 * 1. OctoThinker: the paper's figure 10 is plain text without chat markup; the released code defines it and never applies
 *    it, so that its Llama scripts would put the system message of Qwen into the chat template. `octothinker` is the
 *    paper's.
 * 2. Qwen3: training and evaluation run without thinking (`qwen3`), but the released evaluation script, whose responses
 *    the entropy analysis reads, leaves thinking on (`qwen3-thinking`).
 *
 * @module
 */

import {
  type ChatOptions,
  type Message,
  type Tokenizer,
  type TruncatedTokens,
  truncateLeft,
} from "../../model/mod.ts";
import { type GeneratedSuite, pretrainingExample } from "../generated/mod.ts";
import type { DraftProblem } from "../problem.ts";

/** The wording around a question. Part of every suite's digest: a field that is absent does not change it. */
export interface PromptTemplate {
  /** In the model's chat template, or as plain text; chat if absent. */
  readonly format?: "chat" | "text";
  /** The system message; none if absent. Plain text has none. */
  readonly system?: string;
  /** The user message or the plain text, in which `{question}` stands for the question. */
  readonly user: string;
  /** Variables of the chat template. */
  readonly chatOptions?: ChatOptions;
  /** Questions with their answers that stand before the question, worded alike; none if absent. */
  readonly examples?: readonly WorkedExample[];
  /** The text of a Jinja template in place of the model's own; the model's if absent. */
  readonly chatTemplate?: string;
}

/** A question that was answered. */
export interface WorkedExample {
  /** What is asked. */
  readonly question: string;
  /** What is answered, as a model should. */
  readonly answer: string;
}

/** The wordings that profiles can name. */
export type PromptName =
  | "bare"
  | "boxed"
  | "plain-boxed"
  | "chat-boxed"
  | "qwen3"
  | "qwen3-thinking"
  | "octothinker";

/** The system message of the training data that the paper used. */
const system = "Please reason step by step, and put your final answer within \\boxed{}.";

const chat = { system, user: "{question}" } as const;

/** The same, behind the question. */
const boxed = "{question}\n\nReason step by step, and write the final answer inside \\boxed{}.";

/**
 * The templates: `bare` for the embedded model; `boxed` for models that must be told where the answer goes and know no
 * system message, `plain-boxed` for those without a chat template; `qwen3` and `qwen3-thinking`; `chat-boxed` for other chat models; `octothinker` for OctoThinker.
 */
export const promptTemplates: Readonly<Record<PromptName, PromptTemplate>> = {
  bare: { user: "{question}" },
  boxed: { user: boxed },
  "plain-boxed": { format: "text", user: `${boxed}\n\n` },
  "chat-boxed": chat,
  qwen3: { ...chat, chatOptions: { enable_thinking: false } },
  "qwen3-thinking": { ...chat, chatOptions: { enable_thinking: true } },
  octothinker: {
    format: "text",
    user:
      "A conversation between User and Assistant. The user asks a question, and the Assistant solves it. " +
      "The assistant first thinks about the reasoning process in the mind and then provides the user with the answer. " +
      "User: You must put your answer inside \\boxed{} and Your final answer will be extracted automatically by the " +
      "\\boxed{} tag.\n{question}\nAssistant:",
  },
};

/** The text of a template around a question. */
function fill({ user }: PromptTemplate, question: string): string {
  // A function as replacement: a "$" in a question must stay a "$".
  return user.replaceAll("{question}", () => question);
}

/** A plain text with its examples before it. */
function plainText(template: PromptTemplate, question: string): string {
  const shown = (template.examples ?? []).map(({ question, answer }) => {
    const asked = fill(template, question);
    return `${asked}${/\s$/.test(asked) || /^\s/.test(answer) ? "" : " "}${answer.trimEnd()}\n\n`;
  });
  return shown.join("") + fill(template, question);
}

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
  const { system, examples = [] } = template;
  const asked = (question: string): Message => ({ role: "user", content: fill(template, question) });
  return [
    ...(system === undefined ? [] : [{ role: "system", content: system } as const]),
    ...examples.flatMap(({ question, answer }): Message[] => [
      asked(question),
      { role: "assistant", content: answer },
    ]),
    asked(problem.question),
  ];
}

/** What a template of a wording is given besides what every chat template is. */
export const WORDING_VARIABLES = ["question", "system", "examples"] as const;

/**
 * The tokens that put a problem to a model. Of a prompt that is too long the last tokens are kept, as in the reference
 * code (`truncation=left`): the question's end and the beginning of the answer, never the system message.
 *
 * @param limit The most tokens.
 * @throws {TypeError} If the model has no chat template and the prompt needs one.
 * @throws {RangeError} If the chat template does not know an option of the prompt, such as `enable_thinking`.
 * @throws {SyntaxError} If the chat template is malformed or refuses the messages.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { loadTokenizer } from "../../model/mod.ts";
 * import { promptTemplates, promptTokens } from "./prompt.ts";
 *
 * const tokenizer = await loadTokenizer("benchmarks/model");
 * const { tokens, truncated } = promptTokens({ question: "Find 2+3" }, promptTemplates.bare, tokenizer, 28);
 * assertEquals(tokenizer.decode(tokens), "<|im_start|>user\nFind 2+3<|im_end|><|im_start|>assistant\n");
 * assertEquals(truncated, false);
 * ```
 */
export function promptTokens(
  problem: { readonly question: string },
  template: PromptTemplate,
  tokenizer: Tokenizer,
  limit: number,
): TruncatedTokens {
  const { format, system = null, examples = [], chatTemplate: text, chatOptions } = template;
  const { question } = problem, variables = { question, system, examples };
  const tokens = format === "text" ? tokenizer.promptText(plainText(template, question)) : tokenizer.prompt(
    promptMessages(problem, template),
    chatOptions,
    text === undefined ? undefined : { text, variables },
  );
  return truncateLeft(tokens, limit);
}

/** What a limit leaves of a prompt: all of it, most of its question, or less than half of that. */
export type PromptFit = "whole" | "cut" | "lost";

/** How many items two lists have in common from one end. */
function common(one: readonly number[], other: readonly number[], at: (index: number) => number): number {
  const most = Math.min(one.length, other.length);
  for (let count = 0; count < most; count++) {
    if (one.at(at(count)) !== other.at(at(count))) return count;
  }
  return most;
}

/**
 * What a limit leaves of prompts. The wording around a question is what prompts of two different ones share at both
 * ends.
 *
 * @param limit The most tokens.
 */
export function promptFit(
  template: PromptTemplate,
  tokenizer: Tokenizer,
  limit: number,
): (problem: { readonly question: string }) => PromptFit {
  const whole = (question: string): number[] =>
    promptTokens({ question }, template, tokenizer, Number.POSITIVE_INFINITY).tokens;
  const one = whole("1"), other = whole("x");
  const head = common(one, other, (count) => count), tail = common(one, other, (count) => -1 - count);
  return ({ question }) => {
    const { length } = whole(question);
    if (length <= limit) return "whole";
    return 2 * (limit - tail) < length - head - tail ? "lost" : "cut";
  };
}

/** What the assistant is taught to answer in pretraining, without the end token. */
export function trainingText(problem: Pick<DraftProblem, "solution">): string {
  return problem.solution;
}

/** The texts that the embedded tokenizer is made from: the first examples of a pretraining stream, with chat roles. */
export function* tokenizerCorpus(
  seed: number,
  examples: number,
  suites?: readonly GeneratedSuite[],
): Generator<string> {
  for (let index = 0; index < examples; index++) {
    const example = pretrainingExample(seed, index, { suites });
    yield* ["user\n", example.question, "assistant\n", trainingText(example)];
  }
}
