/**
 * A registered plan: what an experiment says before it is run about how it will be read, and how a result deviates from
 * it.
 *
 * @module
 */

/** What a control must come out as, because it was planted. */
export type Planted = "better" | "worse" | "tied";

/** Two methods that will be compared. */
export interface RegisteredPair {
  /** The method that is judged. */
  readonly method: string;
  /** The method that it is compared with; `base` is the untrained model. */
  readonly against: string;
  /** What it must come out as; absent: that is the question. */
  readonly planted?: Planted | undefined;
}

/** How an experiment will be read. */
export interface RegisteredPlan {
  /** The primary suites, over whose mean the pairs are compared. */
  readonly suites: readonly string[];
  /** Mean accuracy over the samples, or the share of problems that one of them solves. */
  readonly metric: "avg" | "pass";
  /** k: responses a problem. */
  readonly samples: number;
  /** The comparisons; each other is a look at what came out. */
  readonly pairs: readonly RegisteredPair[];
  /** Training seeds of each method that is trained. */
  readonly seeds: number;
  /** The smallest difference that would matter, in points: within it methods count as tied. */
  readonly smallestEffect: number;
}

/** A member of a value that may be anything. */
function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

/** Whether a value is such as a field of a plan may be. */
const fits: { readonly [F in keyof RegisteredPlan]: (value: unknown) => boolean } = {
  suites: (value) =>
    Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string"),
  metric: (value) => value === "avg" || value === "pass",
  samples: (value) => Number.isInteger(value) && Number(value) > 0,
  pairs: (value) =>
    Array.isArray(value) && value.length > 0 && value.every((pair) => {
      const method = member(pair, "method"),
        against = member(pair, "against"),
        planted = member(pair, "planted");
      return typeof method === "string" && typeof against === "string" && method !== against &&
        [undefined, "better", "worse", "tied"].includes(planted as Planted | undefined);
    }),
  seeds: (value) => Number.isInteger(value) && Number(value) > 0,
  smallestEffect: (value) => typeof value === "number" && value > 0 && value < 100,
};

/**
 * A plan as a result record has it.
 *
 * @throws {SyntaxError} If there is one that cannot be read: the field that does not fit.
 */
export function registeredPlanOf(profile: unknown): RegisteredPlan | undefined {
  const plan = member(profile, "registered");
  if (plan === undefined) return undefined;
  for (const [field, fit] of Object.entries(fits)) {
    if (!fit(member(plan, field))) {
      throw new SyntaxError(
        `Cannot read the registered plan: registered.${field} is ${JSON.stringify(member(plan, field))}`,
      );
    }
  }
  return plan as RegisteredPlan;
}

/** What was run. */
export interface RunExtent {
  /** Responses a problem, by suite. */
  readonly suites: ReadonlyMap<string, number>;
  /** The number of training seeds, by method; 0 for an untrained one. */
  readonly seeds: ReadonlyMap<string, number>;
}

/**
 * How what was run deviates from its plan, each in a few words; nothing where it does not.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { deviations } from "./plan.ts";
 *
 * const pairs = [{ method: "bupo", against: "grpo" }];
 * const plan = { suites: ["a"], metric: "avg", samples: 8, pairs, seeds: 5, smallestEffect: 2 } as const;
 * const seeds = new Map([["bupo", 3], ["grpo", 5]]);
 * assertEquals(deviations(plan, { suites: new Map([["a", 8]]), seeds }), ["bupo has 3 seeds in place of 5"]);
 * ```
 */
export function deviations(plan: RegisteredPlan, { suites, seeds }: RunExtent): string[] {
  const methods = [...new Set(plan.pairs.flatMap(({ method, against }) => [method, against]))];
  return [
    ...plan.suites.flatMap((name) => {
      const samples = suites.get(name);
      if (samples === undefined) return [`${name} was not evaluated`];
      return samples === plan.samples ? [] : [`${name} has ${samples} samples in place of ${plan.samples}`];
    }),
    ...methods.flatMap((name) => {
      const found = seeds.get(name);
      if (found === undefined) return [`${name} was not run`];
      if (name === "base" || found === plan.seeds) return [];
      return [`${name} has ${found} seed${found === 1 ? "" : "s"} in place of ${plan.seeds}`];
    }),
  ];
}
