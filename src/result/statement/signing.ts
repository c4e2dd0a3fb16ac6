/**
 * When statements were signed, and after which edits: what stands in a provenance of its own signing.
 *
 * @module
 */

import { z } from "zod";
import { formatTime, timeSchema } from "./time.ts";

/** That files were changed after they had been signed, and why. Whoever signs them again says so, or does not sign. */
export interface AfterEdit {
  /** The signer's reason. */
  readonly why: string;
  /** The files of which the statements before did not hold, in order of name. */
  readonly files: readonly string[];
}

/** How the statements came to be signed. */
export interface Signing {
  /** When: RFC 3339 in UTC, whole seconds; the signer's word, like all times. */
  readonly signedOn: string;
  /** Set where statements that did not hold were replaced. */
  readonly afterEdit?: AfterEdit;
}

/** The most files that are named; a result has some dozens. */
const MOST_FILES = 100;

const text = z.string().min(1).max(1000);

/** The schema of {@linkcode Signing}. */
export const signingSchema: z.ZodType<Signing> = z.strictObject({
  signedOn: timeSchema,
  afterEdit: z.exactOptional(z.strictObject({
    why: text.refine(
      (text) => !/[\p{Cc}\p{Cf}]/u.test(text) && text.trim() === text,
      "expected a reason in one line, without control characters",
    ),
    files: z.array(text).min(1).max(MOST_FILES + 1),
  })),
});

/**
 * The time of signing now. Where `SOURCE_DATE_EPOCH` is set it is that instant, so that the same run gives the same bytes.
 *
 * @param finishedOn The end of the run: nothing is signed before.
 * @throws {RangeError} If it would be signed before the run ended.
 */
export function signingTime(now: Date, finishedOn: string, sourceDateEpoch?: string): string {
  const signedOn = formatTime(sourceDateEpoch ? new Date(Number(sourceDateEpoch) * 1000) : now);
  if (signedOn >= finishedOn) return signedOn;
  const clock = sourceDateEpoch
    ? `SOURCE_DATE_EPOCH says ${signedOn}`
    : `this machine's clock says ${signedOn}`;
  throw new RangeError(`Cannot sign a run that ended on ${finishedOn}: ${clock}, expected no earlier time`);
}

/** What is said of an edit: the reason, and the files, as many of them as a statement takes. */
export function afterEdit(why: string, files: Iterable<string>): AfterEdit {
  const names = [...new Set(files)].sort();
  const named = names.slice(0, MOST_FILES);
  if (names.length > MOST_FILES) named.push(`and ${names.length - MOST_FILES} more`);
  return { why: why.trim(), files: named };
}
