/**
 * Times as statements hold them: RFC 3339 in UTC, whole seconds. Such times compare as texts do.
 *
 * @module
 */

import { z } from "zod";

/** A moment as a statement writes it. */
export function formatTime(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}

/** The schema of a time's form; whether there is such a time, and whether it is past, is the judge's to say. */
export const timeSchema: z.ZodType<string> = z.string().regex(
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  "expected a time such as 2026-01-31T12:00:00Z",
);
