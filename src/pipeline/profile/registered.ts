/**
 * The part of a profile that says how its result will be read.
 *
 * @module
 */

import { z } from "zod";
import type { RegisteredPlan } from "../../stats/mod.ts";

const method = z.string().min(1), count = z.int().positive();

/** The schema of a plan. */
export const registeredPlanSchema: z.ZodType<RegisteredPlan> = z.strictObject({
  suites: z.array(z.string().min(1)).min(1).describe(
    "The primary suites, over whose mean pairs are compared",
  ),
  metric: z.enum(["avg", "pass"]).describe("avg@k or pass@k"),
  samples: count.describe("k: responses a problem"),
  pairs: z.array(
    z.strictObject({
      method: method.describe("The method that is judged"),
      against: method.describe("The method that it is compared with; base: the untrained model"),
      planted: z.enum(["better", "worse", "tied"]).optional().describe(
        "What a control must come out as; absent: that is the question",
      ),
    }).refine(({ method, against }) => method !== against, "expected two methods"),
  ).min(1).describe("The comparisons; any other is a look at what came out"),
  seeds: count.describe("Training seeds of each method"),
  smallestEffect: z.number().positive().lt(100).describe(
    "The smallest difference that would matter, in points: within it methods count as tied",
  ),
});
