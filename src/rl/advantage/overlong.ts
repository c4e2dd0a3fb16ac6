/**
 * The soft penalty on overlong responses.
 *
 * @module
 */

/** Where the penalty starts and how hard it is. */
export interface OverlongSettings {
  /** The longest response allowed, in tokens. */
  readonly maxLength: number;
  /** The last tokens before it, over which the penalty grows. */
  readonly buffer: number;
  /** The penalty at the longest response; default 1. */
  readonly factor?: number;
}

/**
 * DAPO's soft overlong punishment (arXiv 2503.14476, eq. 13), to be added to a reward: 0 up to
 * `maxLength − buffer` tokens, then falling linearly to `−factor` at `maxLength`.
 *
 * @throws {RangeError} If the buffer is not within 1..maxLength.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { overlongPenalty } from "./overlong.ts";
 *
 * assertEquals(overlongPenalty(28, { maxLength: 32, buffer: 8 }), -0.5);
 * ```
 */
export function overlongPenalty(length: number, { maxLength, buffer, factor = 1 }: OverlongSettings): number {
  if (!(buffer >= 1 && buffer <= maxLength)) {
    throw new RangeError(
      `Cannot penalise overlong responses: the buffer is ${buffer}; expected 1 to ${maxLength} tokens`,
    );
  }
  const excess = length - (maxLength - buffer);
  return excess <= 0 ? 0 : -(excess / buffer) * factor;
}
