/**
 * Completions from a file of JSON Lines.
 *
 * @module
 */

import { z } from "zod";
import type { Tokenizer } from "../model/mod.ts";
import { type PromptTemplate, promptTokens } from "../suite/mod.ts";
import type { Completion } from "./model_inspection.ts";

/** How texts become tokens. */
export interface CompletionFormat {
  /** The model's tokenizer. */
  readonly tokenizer: Tokenizer;
  /** The wording around a `question`. */
  readonly template: PromptTemplate;
  /** The most prompt tokens; a longer prompt loses its beginning. */
  readonly maxPromptTokens: number;
  /** The most response tokens; a longer completion loses its end. */
  readonly maxResponseTokens: number;
}

const lineSchema = z.object({
  problem: z.union([z.string(), z.number()]).optional(),
  prompt: z.string().optional(),
  question: z.string().optional(),
  completion: z.string(),
});

/**
 * Reads completions. A line has `completion` and either `prompt`, the text as the model sees it, chat markup included, or
 * `question`, which is put into the template. `problem` names what intervals are clustered by; without it, each prompt
 * is a problem.
 *
 * @throws {SyntaxError} If a line is no such object: one line that names the file and the line.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { loadTokenizer } from "../model/mod.ts";
 * import { promptTemplates } from "../suite/mod.ts";
 * import { parseCompletions } from "./completions.ts";
 *
 * const tokenizer = await loadTokenizer("benchmarks/model");
 * const text = '{"question": "Find 2+3", "completion": "2+3=5", "problem": "p1"}\n';
 * const [{ problem, response }] = parseCompletions(text, "some.jsonl", {
 *   tokenizer,
 *   template: promptTemplates.bare,
 *   maxPromptTokens: 28,
 *   maxResponseTokens: 40,
 * });
 * assertEquals([problem, tokenizer.decode(response)], ["p1", "2+3=5"]);
 * ```
 */
export function parseCompletions(
  text: string,
  file: string,
  { tokenizer, template, maxPromptTokens, maxResponseTokens }: CompletionFormat,
): [Completion, ...Completion[]] {
  const completions = text.split("\n").flatMap((line, i): Completion[] => {
    if (line.trim() === "") return [];
    const fail = (reason: string): never => {
      throw new SyntaxError(`Cannot read ${file}, line ${i + 1}: ${reason}`);
    };
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      fail("it is no JSON");
    }
    const { data, error } = lineSchema.safeParse(value);
    if (!data) return fail(`${error.issues[0]?.path.join(".") || "the line"}: ${error.issues[0]?.message}`);
    const { prompt, question, completion, problem } = data;
    const asked = prompt ?? question ?? fail('it has no "prompt" and no "question"');
    const tokens = prompt !== undefined
      ? tokenizer.encode(prompt).slice(-maxPromptTokens)
      : promptTokens({ question: asked }, template, tokenizer, maxPromptTokens).tokens;
    const response = tokenizer.encode(completion).slice(0, maxResponseTokens);
    if (tokens.length === 0) fail("its prompt has no tokens");
    return [{ problem: String(problem ?? asked), prompt: tokens, response }];
  });
  const [first, ...others] = completions;
  if (!first) throw new SyntaxError(`Cannot read ${file}: it has no completions, expected a line each`);
  return [first, ...others];
}
