/**
 * A seed for every response: a number that depends on the response's address alone, whatever shares its batch.
 *
 * @module
 */

import { philox } from "../random.ts";

/** How seeds come about, for records. */
export const SEED_RULE = "Philox4x32-10 at (problem, sample), 31 bits";

/** The seed of a response; 31 bits, which every engine takes. */
export function responseSeed(key: readonly [number, number], problem: number, sample: number): number {
  return philox([problem >>> 0, sample >>> 0, 0, 0], key)[0] >>> 1;
}
