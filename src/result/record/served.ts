/**
 * What a record says of responses that an inference server sampled: enough to judge them by, nothing of the site.
 *
 * @module
 */

import { z } from "zod";
import { digestSchema } from "./names.ts";

/** Who sampled the responses of a run on a suite, where it was an inference server. */
export interface ServedOutcome {
  /** Another run of the server gives other bytes: only statistics can agree. */
  readonly claim: "statistical";
  /** The engine. */
  readonly engine: string;
  /** Its version; `unknown` where the site does not show it. */
  readonly version: string;
  /** The build that its answers named; null where they do not. */
  readonly fingerprint: string | null;
  /** The weights as we know them: SHA-256 of the checkpoint's file, or the base model's content id. */
  readonly model: string;
  /** What layers compute in; null where nobody said. */
  readonly dtype: string | null;
  /** The element type of KV caches; null where nobody said. */
  readonly kvCacheDtype: string | null;
  /** Whether the engine promises that batches change nothing; null where it does not say. */
  readonly deterministic: boolean | null;
  /** Responses that it computes at a time; null where it does not say. */
  readonly slots: number | null;
  /** Requests at a time. */
  readonly concurrency: number;
  /** How the seeds of responses came about. */
  readonly seeds: string;
  /** What its log-probs are of: the model, what was sampled from, or both. */
  readonly logprobs: "raw" | "processed" | "the same";
  /** Responses of which the engine left log-probs out. */
  readonly withoutLogprobs: number;
  /** The fixed prompts: how far the server's log-probs were from ours. */
  readonly check: {
    /** How many. */
    readonly prompts: number;
    /** Tokens that were compared. */
    readonly tokens: number;
    /** The largest difference, in nats, before and after the run. */
    readonly largest: number;
    /** The mean difference, in nats. */
    readonly mean: number;
    /** What was allowed. */
    readonly bound: number;
  };
}

const count = z.int().nonnegative();
const word = z.string().regex(/^[\x20-\x7e]{1,100}$/, "expected up to 100 printable characters");

/** The schema. */
export const servedSchema: z.ZodType<ServedOutcome> = z.strictObject({
  claim: z.literal("statistical"),
  engine: word,
  version: word,
  fingerprint: word.nullable(),
  model: digestSchema,
  dtype: word.nullable(),
  kvCacheDtype: word.nullable(),
  deterministic: z.boolean().nullable(),
  slots: count.nullable(),
  concurrency: z.int().positive(),
  seeds: word,
  logprobs: z.enum(["raw", "processed", "the same"]),
  withoutLogprobs: count,
  check: z.strictObject({
    prompts: z.int().positive(),
    tokens: z.int().positive(),
    largest: z.number().nonnegative(),
    mean: z.number().nonnegative(),
    bound: z.number().positive(),
  }),
});
