/**
 * Names in records.
 *
 * @module
 */

import { z } from "zod";
import { limits } from "./limits.ts";

const encoder = new TextEncoder();

/** What no name may have: it could steer a terminal or turn a text around. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** The schema of a name that becomes part of a file's name on every system: profile, method, suite, graph. */
export const nameSchema: z.ZodType<string> = z.string().min(1).refine(
  (name) => encoder.encode(name).length <= limits.nameBytes,
  { error: `expected a name of at most ${limits.nameBytes} bytes`, abort: true },
).refine(
  (name) =>
    name.isWellFormed() && name.trim() === name && !UNSEEN.test(name) && !/[\\/:]/.test(name) &&
    name !== "." && name !== "..",
  "expected a name without slashes, colons and control characters",
);

/** The schema of a problem's id: any text that can be shown. */
export const problemIdSchema: z.ZodType<string> = z.string().min(1).max(limits.problemIdLength).refine(
  (id) => id.isWellFormed() && !UNSEEN.test(id),
  "expected an id without control characters",
);

/** A lower-case hexadecimal SHA-256. */
export const digestSchema: z.ZodType<string> = z.string().regex(
  /^[0-9a-f]{64}$/,
  "expected a SHA-256 in hex",
);
