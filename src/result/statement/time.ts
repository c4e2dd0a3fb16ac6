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

/** Is it a moment that there is? Not the 30th of February, nor 25 o'clock. */
function isMoment(text: string): boolean {
  const milliseconds = Date.parse(text);
  return !Number.isNaN(milliseconds) && formatTime(new Date(milliseconds)) === text;
}

/** The schema of a time: that of a day in the calendar. */
export const timeSchema: z.ZodType<string> = z.string().regex(
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  { error: "expected a time such as 2026-01-31T12:00:00Z", abort: true },
).refine(isMoment, "expected a day and an hour that there are, such as 2026-01-31T12:00:00Z");
