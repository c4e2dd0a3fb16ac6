/**
 * The grids of the compared results' profiles, a setting a side.
 *
 * @module
 */

import { type Grid, sweepTables, type SweptScore } from "../table/mod.ts";
import type { Comparison } from "./comparison.ts";

/** The method that grids are compared with: GRPO where an input has it, else the first. */
function referenceOf(methods: readonly string[]): string | undefined {
  return methods.includes("grpo") ? "grpo" : methods[0];
}

/** What the tables of an input's grids show of a method. */
function scoreOf(
  comparison: Comparison,
  input: string,
  method: string,
  reference: string,
): SweptScore | undefined {
  const found = comparison.methods.find((one) => one.input === input && one.method === method);
  const pair = comparison.overall.find(({ candidate, baseline }) =>
    candidate.input === input && baseline.input === input &&
    [candidate.method, baseline.method].toSorted().join() === [method, reference].toSorted().join()
  );
  const suites = comparison.cells.filter((cell) => cell.input === input && cell.method === method);
  if (!found) return undefined;
  const { value = NaN, low = NaN, high = NaN } = pair?.result.difference ?? {};
  const turned = pair?.candidate.method === reference;
  const swapped = { better: "worse", worse: "better" } as const, verdict = pair?.verdict;
  return {
    average: found.average,
    suites: suites.map(({ average }) => average),
    difference: verdict === undefined ? undefined : !turned ? { value, low, high, verdict } : {
      value: -value,
      low: -high,
      high: -low,
      verdict: verdict === "better" || verdict === "worse" ? swapped[verdict] : verdict,
    },
  };
}

/** The tables of all grids. */
export function sweepSections(comparison: Comparison): { readonly title: string; readonly rows: Grid }[] {
  return (comparison.sweeps ?? []).flatMap(({ input, sweep }) => {
    const own = comparison.methods.filter((one) => one.input === input), [first] = own;
    const reference = referenceOf(own.map(({ method }) => method));
    return sweepTables(sweep, {
      metric: "accuracy in %",
      suites: first?.suites ?? [],
      reference,
      of: (method) => reference === undefined ? undefined : scoreOf(comparison, input, method, reference),
    }).map(({ title, grid }) => ({
      title: comparison.inputs.length > 1 ? `${title} @ ${input}` : title,
      rows: grid,
    }));
  });
}
