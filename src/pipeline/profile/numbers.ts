/**
 * The numbers of a profile.
 *
 * @module
 */

import { z } from "zod";

/** How many of something there are. */
export const count: z.ZodInt = z.int().positive();

/** Graphs compute in float32, where a small number is 0 and a large one infinite. */
export const real: z.ZodNumber = z.number().positive().refine((value) => {
  const rounded = Math.fround(value);
  return rounded > 0 && Number.isFinite(rounded);
}, "expected a number within float32's range, 1e-45 to 3.4e38");
