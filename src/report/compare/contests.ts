/**
 * Which methods are compared with which.
 *
 * @module
 */

import { type Method, methodsOf, runMeans, scoresOf } from "./compared_method.ts";
import type { ComparisonInput } from "./comparison.ts";

/** Two methods to be compared. */
export interface Contest {
  /** Of two inputs, or of one. */
  readonly kind: "records" | "methods";
  /** What is judged. */
  readonly candidate: Method;
  /** What it is compared with. */
  readonly baseline: Method;
}

/** Up to so many methods of a result, each is compared with each: the work grows with their square. */
export const MOST_ALL_PAIRS = 12;

/** The unweighted mean of a method over seeds and suites. */
function average(method: Method): number {
  const means = method.input.record.suites.flatMap(({ name, samples }) =>
    runMeans(scoresOf(method, name, samples))
  );
  return means.reduce((sum, mean) => sum + mean, 0) / means.length;
}

/** The method with the highest average; of equals the first. */
function bestOf(methods: readonly Method[]): Method | undefined {
  const ranked = methods.map((method) => ({ method, mean: average(method) }));
  return ranked.toSorted((a, b) => b.mean - a.mean)[0]?.method;
}

/** The method that each other one is compared with, however many there are. */
const REFERENCE = "grpo";

/** The pairs of methods inside an input: all, or where they are too many those with the first, the reference and the best. */
function within(input: ComparisonInput): Contest[] {
  const methods = methodsOf(input);
  const [first] = methods, best = methods.length > MOST_ALL_PAIRS ? bestOf(methods) : undefined;
  const always = (method: Method): boolean => method === best || method.name === REFERENCE;
  return methods.flatMap((candidate, index) =>
    methods.slice(0, index)
      .filter((baseline) => !best || baseline === first || always(baseline) || always(candidate))
      .map((baseline): Contest => ({ kind: "methods", candidate, baseline }))
  );
}

/** The methods of an input against those of the baseline: of the same name, or the two that were chosen. */
function across(input: ComparisonInput, baseline: ComparisonInput): Contest[] {
  const references = methodsOf(baseline);
  const chosen = input.method !== undefined && baseline.method !== undefined;
  return methodsOf(input).flatMap((candidate) =>
    references
      .filter(({ name }) => chosen || name === candidate.name)
      .map((baseline): Contest => ({ kind: "records", candidate, baseline }))
  );
}

/** Everything that is compared, input by input. */
export function contestsOf(inputs: readonly ComparisonInput[], baseline: ComparisonInput): Contest[] {
  return inputs.flatMap((
    input,
  ) => [...(input === baseline ? [] : across(input, baseline)), ...within(input)]);
}
