/**
 * What engines have in common: a response that is asked for, one that came, and what a dialect must say.
 *
 * @module
 */

import { z } from "zod";
import { ServerError } from "./error.ts";

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** A response that is asked for: token ids, never text, because the server's tokenizer would come between. */
export interface CompletionRequest {
  /** The name that the server serves the model under. */
  readonly model: string;
  /** The prompt's tokens. */
  readonly prompt: readonly number[];
  /** Seed of this response alone. */
  readonly seed: number;
  /** Softmax temperature; all tokens can be drawn. */
  readonly temperature: number;
  /** The most tokens. */
  readonly maxTokens: number;
  /** Tokens that end a response. */
  readonly endIds: readonly number[];
}

/** What vLLM and SGLang are both asked in a completion: every setting of the sampling, so that no default of theirs counts. */
export function completionBody(
  { model, prompt, seed, temperature, maxTokens, endIds }: CompletionRequest,
): Json {
  return {
    model,
    prompt,
    n: 1,
    seed,
    temperature,
    max_tokens: maxTokens,
    top_p: 1,
    top_k: -1,
    min_p: 0,
    presence_penalty: 0,
    frequency_penalty: 0,
    repetition_penalty: 1,
    min_tokens: 0,
    ignore_eos: false,
    stop_token_ids: endIds,
    logprobs: 1,
    echo: false,
    stream: false,
    skip_special_tokens: true,
    return_token_ids: true,
  };
}

/** A response as it came. */
export interface Completion {
  /** Its tokens, the end token included where it was drawn. */
  readonly tokens: readonly number[];
  /** log π of each token; absent where the engine leaves some out. */
  readonly logprobs: readonly number[] | undefined;
  /** `stop`: at an end token; `length`: at the limit. */
  readonly finish: string;
  /** The server's own text of the tokens. */
  readonly text: string;
  /** How many tokens the server read as the prompt. */
  readonly promptTokens: number;
  /** The build, where an answer says it. */
  readonly fingerprint: string | undefined;
}

/** What an engine says of itself. */
export interface EngineFacts {
  /** Its version; `unknown` where it does not say. */
  readonly version: string;
  /** What layers compute in. */
  readonly dtype?: string | undefined;
  /** The element type of KV caches. */
  readonly kvCacheDtype?: string | undefined;
  /** Whether it promises that batches change nothing. */
  readonly deterministic?: boolean | undefined;
  /** Responses that it computes at a time. */
  readonly slots?: number | undefined;
}

/** How log-probs of a given text are asked for. */
export interface Scoring {
  /** The request's body. */
  readonly body: (model: string, tokens: readonly number[]) => Json;
  /** log π of each token but the first. */
  readonly read: (answer: unknown, tokens: readonly number[]) => number[];
}

/** An engine's way to be asked. */
export interface Dialect {
  /** What `/v1/models` calls the owner of models. */
  readonly owner: string;
  /** Where completions are posted. */
  readonly path: string;
  /** A request's body. Every field of sampling is in it: what is left out, engines take from the model's repository. */
  readonly body: (request: CompletionRequest) => Json;
  /** Reads an answer. */
  readonly read: (answer: unknown) => Completion;
  /** Absent where the engine cannot score what it did not draw. */
  readonly scoring?: Scoring;
  /** Where it tells of itself: paths, the first that is there counts. */
  readonly factPaths: readonly string[];
  /** Reads what it tells of itself. */
  readonly facts: (answer: unknown) => EngineFacts;
}

/** A list of token ids. */
export const tokenList: z.ZodType<number[]> = z.array(z.int().nonnegative());

/** What vLLM and SGLang answer to `/v1/completions`, as far as it is read. */
export const completionSchema = z.object({
  system_fingerprint: z.string().nullish(),
  usage: z.object({ prompt_tokens: z.int(), completion_tokens: z.int() }),
  choices: z.array(z.object({
    text: z.string(),
    finish_reason: z.string().nullable(),
    token_ids: tokenList.nullish(),
    prompt_token_ids: tokenList.nullish(),
    logprobs: z.object({ token_logprobs: z.array(z.number().nullable()) }).nullish(),
  })).length(1),
});

/**
 * An answer that fits a schema.
 *
 * @throws {ServerError} If it does not: with the first place.
 */
export function answerOf<T>(schema: z.ZodType<T>, answer: unknown, what: string): T {
  const { data, error } = schema.safeParse(answer);
  if (data !== undefined) return data;
  const [issue] = error?.issues ?? [];
  throw new ServerError(
    `Cannot read the server's ${what}: ${
      issue?.path.join(".") || "the whole"
    }: ${issue?.message}; is "engine" the one that answers?`,
  );
}

/**
 * Reads the answer of `/v1/completions` as vLLM and SGLang give it.
 *
 * @param remedy What to do where token ids are missing.
 * @throws {ServerError} If it is another, or token ids or log-probs are missing.
 */
export function readCompletion(answer: unknown, remedy: string): Completion {
  const { system_fingerprint, usage, choices } = answerOf(completionSchema, answer, "completion");
  const [choice] = choices;
  const { token_ids: tokens, logprobs, text, finish_reason: finish } = choice ?? {};
  if (!tokens) throw new ServerError(`Cannot use the server: its answer has no token ids; ${remedy}`);
  const values = logprobs?.token_logprobs.filter((value) => value !== null);
  if (!values || values.length === 0) throw noLogprobs(remedy);
  checkCount("token ids", tokens.length, usage.completion_tokens);
  checkCount("log-probs", values.length, tokens.length);
  return {
    tokens,
    logprobs: values,
    finish: finish ?? "",
    text: text ?? "",
    promptTokens: choice?.prompt_token_ids?.length ?? usage.prompt_tokens,
    fingerprint: system_fingerprint ?? undefined,
  };
}

/** The error of an answer without log-probs. */
export function noLogprobs(remedy: string): ServerError {
  return new ServerError(
    `Cannot use the server: its answer has no log-probs, and without them nothing shows which weights it serves; ${remedy}`,
  );
}

/**
 * Stops where an answer holds another number of something than it says.
 *
 * @throws {ServerError} If so.
 */
export function checkCount(what: string, found: number, expected: number): void {
  if (found === expected) return;
  throw new ServerError(`Cannot use the server: an answer has ${found} ${what} for ${expected} tokens`);
}
