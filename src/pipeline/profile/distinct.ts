/**
 * Numbers of a profile, and lists in which nothing may be named twice.
 *
 * @module
 */

import { z } from "zod";
import { generatedSuites, suiteName } from "../../suite/mod.ts";
import { ownSuite } from "../../suite_name.ts";

/** The items whose name is that of an earlier one, together with that one. */
export function namedTwice<T>(items: readonly T[], nameOf: (item: T) => unknown): T[] {
  const groups = Map.groupBy(items, nameOf);
  return [...groups.values()].find((group) => group.length > 1) ?? [];
}

/** At least one item, and none twice. */
export function distinct<T>(item: z.ZodType<T>, what: string): z.ZodType<T[]> {
  return z.array(item).min(1).refine((items) => namedTwice(items, (each) => each).length === 0, {
    error: ({ input }) => {
      const [twice] = namedTwice(input as T[], (each) => each);
      return `expected each ${what} once, found ${JSON.stringify(twice)} twice`;
    },
  }).meta({ uniqueItems: true });
}

/** Suites by name. */
export const suites: z.ZodType<string[]> = distinct(z.string().min(1), "suite").refine(
  (names) => namedTwice(names, suiteName).length === 0,
  {
    error: ({ input }) => {
      const twice = namedTwice(input as string[], suiteName);
      return `expected each suite's name once, found "${suiteName(twice[0] ?? "")}" twice: ${
        twice.join(", ")
      }; give one another name, such as other=${ownSuite(twice[1] ?? "")?.path ?? "PATH"}`;
    },
  },
).describe(
  `Generated suites (${
    Object.keys(generatedSuites).join(", ")
  }), names of definitions in benchmarks/suites, files beside the profile, or data sets of the Hub`,
);

/** How many of something there are. */
export const count: z.ZodInt = z.int().positive();

/** Graphs compute in float32, where a small number is 0 and a large one infinite. */
export const real: z.ZodNumber = z.number().positive().refine((value) => {
  const rounded = Math.fround(value);
  return rounded > 0 && Number.isFinite(rounded);
}, "expected a number within float32's range, 1e-45 to 3.4e38");
