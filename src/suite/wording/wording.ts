/**
 * A profile's own wording: what changes in the named one, checked before anything runs.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { z } from "zod";
import { canonicalJson } from "../../canonical_json.ts";
import { type ChatOptions, SPECIAL_TOKENS, templateVariables, type Tokenizer } from "../../model/mod.ts";
import {
  type PromptName,
  type PromptTemplate,
  promptTemplates,
  promptTokens,
  WORDING_VARIABLES,
  type WorkedExample,
} from "./prompt.ts";

/** What a profile words itself; what it leaves out is as in its `template`. */
export interface Wording {
  /** In the chat template, or as plain text. */
  readonly format?: "chat" | "text" | undefined;
  /** The system message; empty: none. */
  readonly system?: string | undefined;
  /** The user message or the plain text, with `{question}` and perhaps `{instruction}` in it. */
  readonly user?: string | undefined;
  /** How to answer: behind the question, or where `{instruction}` stands. */
  readonly instruction?: string | undefined;
  /** Questions with their answers that stand before the question. */
  readonly examples?: readonly WorkedExample[] | undefined;
  /** A Jinja template in place of the model's own. */
  readonly template?: string | undefined;
  /** Variables of the template. */
  readonly options?: ChatOptions | undefined;
  /** SHA-256 of the whole wording, as it came out. */
  readonly digest?: string | undefined;
}

/** A name in braces that stands for something; in LaTeX braces stand behind a command, `^`, `_` or another brace. */
const PLACEHOLDER = /(?<![A-Za-z}\]\\^_{])\{([a-z_]{3,})\}/g;

/** What may stand in braces. */
const PLACEHOLDERS: readonly string[] = ["question", "instruction"];

/** Why a user message is none; `undefined` if it is one. */
function userFault(user: string): string | undefined {
  const names = [...user.matchAll(PLACEHOLDER)].flatMap(([, name = ""]) => name);
  const unknown = names.filter((name) => !PLACEHOLDERS.includes(name)).map((name) => `{${name}}`);
  if (unknown.length > 0) {
    return `expected no other names in braces than {question} and {instruction}, found ${unknown.join(", ")}`;
  }
  return user.includes("{question}")
    ? undefined
    : "expected {question} in it, or every prompt would be the same";
}

/** Why a template is none; `undefined` if it is one. */
function templateFault(text: string, options: ChatOptions = {}): string | undefined {
  let read: readonly string[];
  try {
    read = templateVariables(text);
  } catch (error) {
    return `it is no Jinja template: ${
      (error instanceof Error ? error.message : `${error}`).split("\n", 1)[0]
    }`;
  }
  const given = ["messages", "add_generation_prompt", "tools", "documents", ...WORDING_VARIABLES];
  const known: readonly string[] = [...given, ...SPECIAL_TOKENS, ...Object.keys(options)];
  const unknown = read.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    return `expected known variables (${given.join(", ")}, ${
      SPECIAL_TOKENS.slice(0, 2).join(", ")
    }, and what "options" names), found ${unknown.join(", ")}`;
  }
  return read.includes("messages") || read.includes("question")
    ? undefined
    : "it reads neither messages nor question, so every prompt would be the same";
}

/** The schema of a wording. */
export const wordingSchema: z.ZodType<Wording> = z.strictObject({
  format: z.enum(["chat", "text"]).optional().describe(
    "In the model's chat template, or as plain text; absent: as in the named wording",
  ),
  system: z.string().optional().describe("The system message; empty: none; absent: the named wording's"),
  user: z.string().optional().describe(
    "The user message or the plain text, with {question} in it; absent: the named wording's, or with an instruction {question} alone",
  ),
  instruction: z.string().min(1).optional().describe(
    "How to answer: a paragraph behind the question, or where {instruction} stands in user",
  ),
  examples: z.array(z.strictObject({
    question: z.string().min(1).describe("What is asked, worded as the question is"),
    answer: z.string().min(1).describe("What is answered, as the model should"),
  })).optional().describe("Few-shot examples before the question: { question, answer }"),
  template: z.string().min(1).optional().describe(
    "A Jinja template in place of the model's own: a file beside the profile that ends in .jinja or .j2, or the text",
  ),
  options: z.record(z.string(), z.union([z.boolean(), z.number(), z.string()])).optional().describe(
    "Variables of the chat template, such as enable_thinking; absent: the named wording's",
  ),
  digest: z.string().regex(/^[0-9a-f]{64}$/).optional().describe(
    "SHA-256 of the whole wording; written by a run, refused where it is another's",
  ),
}).check(({ value, issues }) => {
  const refuse = (field: keyof Wording, message: string | undefined): void => {
    if (message !== undefined) issues.push({ code: "custom", input: value[field], path: [field], message });
  };
  if (value.user !== undefined) refuse("user", userFault(value.user));
  if (value.template === undefined) return;
  if (value.format === "text") {
    refuse("template", "expected none beside format text: plain text goes through no template");
  } else refuse("template", templateFault(value.template, value.options));
});

/** How questions are worded, as far as a profile says it. */
export interface WordedProfile {
  /** The name of a wording. */
  readonly template: PromptName;
  /** What changes in it. */
  readonly wording?: Wording | undefined;
}

/**
 * The wording of a profile.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { promptTemplateOf } from "./wording.ts";
 *
 * const wording = { system: "You are brief.", instruction: "Answer in \\boxed{}." };
 * assertEquals(promptTemplateOf({ template: "bare", wording }), {
 *   user: "{question}\n\nAnswer in \\boxed{}.",
 *   system: "You are brief.",
 * });
 * ```
 */
export function promptTemplateOf({ template: name, wording = {} }: WordedProfile): PromptTemplate {
  const base = promptTemplates[name],
    { format, system, user, instruction, examples, template, options } = wording;
  const asked = user ?? (instruction === undefined ? base.user : "{question}");
  const instructed = asked.includes("{instruction}")
    ? asked.replaceAll("{instruction}", () => instruction ?? "")
    : instruction === undefined
    ? asked
    : `${asked}\n\n${instruction}`;
  const { system: named, ...rest } = base, spoken = system ?? named ?? "";
  return {
    ...rest,
    ...(format === undefined ? {} : { format }),
    ...(spoken === "" ? {} : { system: spoken }),
    user: instructed,
    ...(options === undefined ? {} : { chatOptions: options }),
    ...(examples === undefined || examples.length === 0 ? {} : { examples }),
    ...(template === undefined ? {} : { chatTemplate: template }),
  };
}

/**
 * A profile whose own wording has its digest.
 *
 * @throws {SyntaxError} If it has another one: it was changed since.
 */
export function withWordingDigest<T extends WordedProfile>(profile: T, source: string): T {
  const { wording } = profile;
  if (wording === undefined) return profile;
  const digest = createHash("sha256").update(canonicalJson(promptTemplateOf(profile))).digest("hex");
  if (wording.digest !== undefined && wording.digest !== digest) {
    throw new SyntaxError(
      `Cannot use ${source}: wording.digest: expected ${digest}, found ${wording.digest}: the wording was changed; leave the digest out`,
    );
  }
  return { ...profile, wording: { ...wording, digest } };
}

/** What is asked to see whether a prompt keeps its question. */
const PROBE = "Compute 12345 plus 67890.";

/**
 * Asks a question to see whether it is in the prompt.
 *
 * @throws {RangeError} If it is not: what a model then answers is an answer to nothing.
 * @throws {SyntaxError} If a template refuses the conversation.
 */
export function checkWording(template: PromptTemplate, tokenizer: Tokenizer): void {
  const { tokens } = promptTokens({ question: PROBE }, template, tokenizer, Number.POSITIVE_INFINITY);
  const plain = (text: string): string => text.replace(/\s+/g, "").toLowerCase();
  const text = tokenizer.decode(tokens);
  if (plain(text).includes(plain(PROBE))) return;
  throw new RangeError(
    `Cannot word questions so: the prompt of "${PROBE}" does not hold it, but is ${
      JSON.stringify(text.length > 160 ? `${text.slice(0, 157)}...` : text)
    }; correct the template, or the wording's`,
  );
}
