/**
 * Ready rewards, to be mixed with each other and with modules of one's own.
 *
 * @module
 */

import { z } from "zod";
import { overlongPenalty } from "../rl/mod.ts";
import type { GradedResponse, Reward } from "./interface.ts";

/** Their settings; each may be left out. */
export interface PartSettings {
  /** The verifier's grade: 1 for a right answer, else `wrong`, default 0. */
  readonly correct: { readonly wrong?: number | undefined };
  /**
   * 1 where the verifier found an answer that it could read and each of `tags` (default none) stands once, opened and closed,
   * one behind the other; else 0.
   */
  readonly format: { readonly tags?: readonly string[] | undefined };
  /**
   * 1 up to `target` tokens (default 0), then falling linearly to 0 at the limit; 0 for a response without a right answer,
   * unless it is `of` all: brevity of wrong answers is cheap.
   */
  readonly length: { readonly target?: number | undefined; readonly of?: "correct" | "all" | undefined };
  /** 0, and over the last tokens before the limit, `buffer` as a share of it (default 0.2), falling linearly to −1. */
  readonly overlong: { readonly buffer?: number | undefined };
}

/** The names of the parts. */
export type PartName = keyof PartSettings;

/** Does each tag stand once in a text, opened and closed, one behind the other? */
function hasTags(text: string, tags: readonly string[]): boolean {
  let at = 0;
  return tags.every((tag) => {
    const [open, close] = [`<${tag}>`, `</${tag}>`] as const;
    const start = text.indexOf(open), end = text.indexOf(close);
    const once = start === text.lastIndexOf(open) && end === text.lastIndexOf(close);
    const follows = start >= at && end >= start + open.length;
    at = end + close.length;
    return once && follows;
  });
}

/** How long a response is; one that was cut counts with the limit. */
function lengthOf({ tokens, truncated, maxTokens }: GradedResponse): number {
  return truncated ? maxTokens : tokens.length;
}

/** The ready rewards. */
export const parts: { readonly [K in PartName]: (settings: PartSettings[K]) => Reward } = {
  correct: ({ wrong = 0 }) => ({ grade }) => grade.correct ? 1 : wrong,
  format: ({ tags = [] }) => ({ grade: { verdict }, completion }) =>
    verdict !== "unparsed" && verdict !== "timeout" && hasTags(completion, tags) ? 1 : 0,
  length: ({ target = 0, of = "correct" }) => (response) => {
    if (of === "correct" && !response.grade.correct) return 0;
    const { maxTokens } = response, over = Math.max(0, lengthOf(response) - target);
    return over === 0 ? 1 : Math.max(0, 1 - over / Math.max(1, maxTokens - target));
  },
  overlong: ({ buffer = 0.2 }) => (response) => {
    const { maxTokens } = response;
    return overlongPenalty(lengthOf(response), {
      maxLength: maxTokens,
      buffer: Math.max(1, Math.round(buffer * maxTokens)),
    });
  },
};

const number = z.number().min(-1e6).max(1e6);

/** The fields of each part, as people write them. */
export const partFields: { readonly [K in PartName]: z.ZodRawShape } = {
  correct: { wrong: number.optional().describe("Of an answer that is not right; absent: 0") },
  format: {
    tags: z.array(z.string().regex(/^[A-Za-z][\w-]*$/)).min(1).max(16).optional().describe(
      "Tags that each stand once, opened and closed, one behind the other, besides an answer that can be read",
    ),
  },
  length: {
    target: z.int().nonnegative().optional().describe(
      "Tokens up to which it is 1; it falls to 0 at the limit; absent: 0",
    ),
    of: z.enum(["correct", "all"]).optional().describe("Which responses have it; absent: correct ones"),
  },
  overlong: {
    buffer: z.number().gt(0).max(1).optional().describe(
      "The share of the limit over which it falls from 0 to −1; absent: 0.2",
    ),
  },
};

/** The names of the parts. */
export const partNames = Object.keys(parts) as [PartName, ...PartName[]];
