/**
 * How rewards and scores are graded.
 *
 * @module
 */

import type { VerifyOptions } from "../grade/mod.ts";

/** The boxed answer alone counts, and a rounded number is not the exact one. */
export const GRADING: Pick<VerifyOptions, "mode" | "rounding"> = { mode: "strict", rounding: false };
