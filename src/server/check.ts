/**
 * Does a server serve this model? A name proves nothing about weights: it scores fixed prompts and draws responses to them,
 * and the log-probs are compared with those that our own evaluation graph gives the same tokens.
 *
 * @module
 */

import { randomKey } from "../random.ts";
import { printable } from "../http/mod.ts";
import { concurrently } from "./concurrent.ts";
import { OtherModelError, ServerError } from "./error.ts";
import { responseSeed } from "./seeds.ts";
import type { InferenceServer, ServedResponse, Vocabulary } from "./server.ts";

/** A text whose end is scored. */
export interface Scored {
  /** What is given. */
  readonly prompt: readonly number[];
  /** What is scored. */
  readonly response: readonly number[];
}

/** What the check needs. */
export interface CheckOptions {
  /** The fixed prompts. */
  readonly prompts: readonly (readonly number[])[];
  /** The most tokens of a response to them. */
  readonly maxTokens: number;
  /** The temperature of the evaluation. */
  readonly temperature: number;
  /** The largest difference of log-probs, in nats. */
  readonly bound: number;
  /** Requests at a time. */
  readonly concurrency: number;
  /** The model's tokens. */
  readonly vocabulary: Vocabulary;
  /** The model's text of tokens. */
  readonly decode: (tokens: readonly number[]) => string;
  /** log π of each response token by our own evaluation graph. */
  readonly score: (texts: readonly Scored[], temperature: number) => Promise<number[][]>;
}

/** Whether log-probs are of the model (`raw`), of what was sampled from (`processed`), or both, at temperature 1. */
export type LogprobsMode = "raw" | "processed" | "the same";

/** What the check found. */
export interface ServerCheck {
  /** Fixed prompts. */
  readonly prompts: number;
  /** Tokens whose log-probs were compared. */
  readonly tokens: number;
  /** The largest difference, in nats. */
  readonly largest: number;
  /** The mean difference, in nats. */
  readonly mean: number;
  /** What was allowed. */
  readonly bound: number;
  /** What the engine's log-probs at the evaluation's temperature are of. */
  readonly logprobs: LogprobsMode;
}

/** Tokens with the log-probs that the server gave them. */
interface Answered extends Scored {
  readonly logprobs: readonly number[];
}

/** Absolute differences of two lists of log-probs. */
function gaps(answered: readonly Answered[], own: readonly (readonly number[])[]): number[] {
  return answered.flatMap(({ logprobs }, i) =>
    logprobs.map((value, t) => Math.abs(value - (own[i]?.[t] ?? NaN)))
  );
}

/** A text without what tokenizers and servers treat each in their own way: spaces, and characters that were cut. */
function bare(text: string): string {
  return text.replace(/[\s\uFFFD]/gu, "");
}

/** Responses whose log-probs are all there. */
function withLogprobs(prompts: CheckOptions["prompts"], responses: readonly ServedResponse[]): Answered[] {
  return responses.flatMap(({ tokens, logprobs }, i) => {
    const prompt = prompts[i];
    return prompt && logprobs ? [{ prompt, response: tokens, logprobs }] : [];
  });
}

/** The largest number; NaN if one is. */
function largestOf(values: readonly number[]): number {
  return values.reduce((most, value) => value <= most ? most : value, 0);
}

/**
 * Compares a server with this model.
 *
 * @throws {OtherModelError} If it serves another tokenizer or other weights.
 * @throws {ServerError} If it does not say log-probs.
 */
export async function checkServer(server: InferenceServer, options: CheckOptions): Promise<ServerCheck> {
  const { prompts, maxTokens, temperature, bound, concurrency, vocabulary, decode, score } = options;
  const key = randomKey("server check");
  const draw = async (at: number, round: number): Promise<ServedResponse[]> =>
    await concurrently(prompts, concurrency, (prompt, i) => {
      const request = { prompt, seed: responseSeed(key, i, round), temperature: at, maxTokens };
      return server.complete(request, vocabulary);
    });
  // At temperature 1 every engine's log-probs are the model's.
  const drawn = await draw(1, 0);
  for (const { tokens, text } of drawn) {
    const own = decode(tokens);
    if (bare(own) === bare(text)) continue;
    throw new OtherModelError(
      `Cannot use the server: it reads tokens as "${printable(text)}" that this model reads as "${
        printable(own)
      }": it serves another tokenizer`,
    );
  }
  const answered = withLogprobs(prompts, drawn);
  if (server.scores) {
    const long = prompts.filter((prompt) => prompt.length > 1);
    answered.push(
      ...await concurrently(long, concurrency, async (prompt): Promise<Answered> => ({
        prompt: prompt.slice(0, 1),
        response: prompt.slice(1),
        logprobs: await server.score(prompt),
      })),
    );
  }
  const differences = gaps(answered, await score(answered, 1)), largest = largestOf(differences);
  if (differences.length === 0) {
    throw new ServerError(
      "Cannot use the server: none of its answers to the fixed prompts has all log-probs",
    );
  }
  if (!(largest <= bound)) {
    throw new OtherModelError(
      `Cannot use the server: its log-probs of fixed prompts differ from this model's by up to ${
        largest.toPrecision(3)
      } nats, expected at most ${bound} (evaluation.server.maxLogprobGap): it serves other weights, or computes with fewer bits`,
    );
  }
  return {
    prompts: prompts.length,
    tokens: differences.length,
    largest,
    mean: differences.reduce((sum, value) => sum + value, 0) / differences.length,
    bound,
    logprobs: temperature === 1
      ? "the same"
      : await modeOf(withLogprobs(prompts, await draw(temperature, 1)), options),
  };
}

/** What the log-probs at another temperature are of. */
async function modeOf(
  answered: readonly Answered[],
  { bound, score, temperature }: CheckOptions,
): Promise<LogprobsMode> {
  const raw = largestOf(gaps(answered, await score(answered, 1)));
  if (raw <= bound) return "raw";
  // Differences grow as temperatures fall.
  const processed = largestOf(gaps(answered, await score(answered, temperature)));
  if (processed <= bound / Math.min(1, temperature)) return "processed";
  throw new OtherModelError(
    `Cannot use the server: at temperature ${temperature} its log-probs are neither the model's (up to ${
      raw.toPrecision(3)
    } nats off) nor of what it samples from (${
      processed.toPrecision(3)
    }): it does not sample at this temperature from all tokens`,
  );
}
