/**
 * The fields of a profile that say which inference server answers in an evaluation.
 *
 * @module
 */

import { z } from "zod";
import { type EngineName, engineNames } from "../../server/mod.ts";

/** An inference server that samples the responses of an evaluation. */
export interface ServerProfile {
  /** Where it answers; absent: `--server` says. Never recorded. */
  readonly url?: string | undefined;
  /** The name that it serves a policy under, with `{run}` for `base` or `<method>-<seed>`; absent: the only one. Never recorded. */
  readonly model?: string | undefined;
  /** The engine; absent: as it calls itself. */
  readonly engine?: EngineName | undefined;
  /** What its layers compute in, where it does not say. */
  readonly dtype?: string | undefined;
  /** The element type of its KV caches, where it does not say. */
  readonly kvCacheDtype?: string | undefined;
  /** Requests at a time. Default 8. */
  readonly concurrency?: number | undefined;
  /** Seconds until an answer is given up. Default 600. */
  readonly timeout?: number | undefined;
  /** How often a request is made again. Default 8. */
  readonly retries?: number | undefined;
  /** Fixed prompts of the check. Default 8. */
  readonly checkPrompts?: number | undefined;
  /** The largest difference of log-probs of the fixed prompts, in nats. Default 0.05. */
  readonly maxLogprobGap?: number | undefined;
}

/** The fields that have a value where a profile gives none. */
export type Settled = "concurrency" | "timeout" | "retries" | "checkPrompts" | "maxLogprobGap";

/** A server's settings with every default. */
export type ServerSettings =
  & Omit<ServerProfile, Settled>
  & { readonly [Field in Settled]: NonNullable<ServerProfile[Field]> };

/** What is taken where a profile says nothing. */
const defaults: Pick<ServerSettings, Settled> = {
  concurrency: 8,
  timeout: 600,
  retries: 8,
  checkPrompts: 8,
  maxLogprobGap: 0.05,
};

/** A server's settings with every default. */
export function serverSettings(server: ServerProfile = {}): ServerSettings {
  const { concurrency, timeout, retries, checkPrompts, maxLogprobGap, ...rest } = server;
  return {
    ...rest,
    concurrency: concurrency ?? defaults.concurrency,
    timeout: timeout ?? defaults.timeout,
    retries: retries ?? defaults.retries,
    checkPrompts: checkPrompts ?? defaults.checkPrompts,
    maxLogprobGap: maxLogprobGap ?? defaults.maxLogprobGap,
  };
}

const count = z.int().positive();
const type = z.string().regex(/^[a-z0-9_]{1,32}$/, "expected a name such as bfloat16");
const absent = (field: Settled): string => `absent: ${defaults[field]}`;

/** Their schema. */
export const serverSchema: z.ZodType<ServerProfile> = z.strictObject({
  url: z.string().min(1).optional().describe(
    "Where it answers, such as http://127.0.0.1:8000, without user name and password; never recorded; absent: --server says",
  ),
  model: z.string().min(1).optional().describe(
    "The name that it serves a policy under; {run} stands for base or <method>-<seed>; never recorded; absent: the only one",
  ),
  engine: z.enum(engineNames).optional().describe("How it is asked; absent: as it calls itself"),
  dtype: type.optional().describe("What its layers compute in, where it does not say itself"),
  kvCacheDtype: type.optional().describe("The element type of its KV caches, where it does not say itself"),
  concurrency: count.max(4096).optional().describe(
    `Requests at a time; in the record, because batches change last bits; ${absent("concurrency")}`,
  ),
  timeout: z.number().positive().max(86_400).optional().describe(
    `Seconds until an answer is given up and asked for again; ${absent("timeout")}`,
  ),
  retries: z.int().nonnegative().max(100).optional().describe(
    `How often a request that failed for a passing reason is made again; ${absent("retries")}`,
  ),
  checkPrompts: count.max(1024).optional().describe(
    `Fixed prompts that show which weights it serves; ${absent("checkPrompts")}`,
  ),
  maxLogprobGap: z.number().positive().optional().describe(
    `The largest difference, in nats, of its log-probs of the fixed prompts from our own; ${
      absent("maxLogprobGap")
    }`,
  ),
});
