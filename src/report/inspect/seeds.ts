/**
 * Models before and after training, the seeds of a method as one curve: means over seeds with Student's intervals.
 *
 * @module
 */

import type { Mean, QuantityName } from "../../policy/mod.ts";
import { studentQuantile } from "../../stats/mod.ts";
import type { InspectedDocumentModel, Inspection } from "./document.ts";
import type { Place } from "../draw/mod.ts";
import { curveOf } from "./numbers.ts";

/** The trained models of a method, one a seed. */
export interface TrainedGroup {
  /** The method's name in tables. */
  readonly label: string;
  /** Its models. */
  readonly models: readonly InspectedDocumentModel[];
}

/** A base model and what was trained from it. */
export interface BeforeAfter {
  /** Before training. */
  readonly base: InspectedDocumentModel;
  /** After, by method. */
  readonly groups: readonly TrainedGroup[];
}

/** The models of an inspection as before and after; nothing where they are not. */
export function beforeAfter({ models }: Inspection): BeforeAfter | undefined {
  const base = models.find(({ run }) => run === null), trained = models.filter(({ run }) => run !== null);
  if (!base || trained.length === 0) return undefined;
  const groups = [...Map.groupBy(trained, ({ run }) => run?.label ?? "")];
  return { base, groups: groups.map(([label, own]) => ({ label, models: own })) };
}

/**
 * The mean of numbers, one a seed, with Student's 95 % interval; a single one has none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { seedMean } from "./seeds.ts";
 *
 * assertEquals(seedMean([2]), { mean: 2, low: null, high: null });
 * assertEquals(seedMean([1, 1, 1]), { mean: 1, low: 1, high: 1 });
 * ```
 */
export function seedMean(values: readonly number[], confidence = 0.95): Mean {
  const n = values.length, mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, low: null, high: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = studentQuantile((1 + confidence) / 2, n - 1) * Math.sqrt(variance / n);
  return { mean, low: mean - half, high: mean + half };
}

/** A quantity over the layers, mean over the seeds. */
export function seedCurve({ models }: TrainedGroup, name: QuantityName): Place[] {
  const curves = models.map((model) => curveOf(model, name));
  return (curves[0] ?? []).map(({ at }, i) => ({
    at,
    ...seedMean(curves.map((curve) => curve[i]?.mean ?? NaN)),
  }));
}

/** What training changed of a quantity over the layers, mean over the seeds. */
export function seedChange(
  base: InspectedDocumentModel,
  { models }: TrainedGroup,
  name: QuantityName,
): Place[] {
  const before = curveOf(base, name), curves = models.map((model) => curveOf(model, name));
  return before.map(({ at, mean }, i) => ({
    at,
    ...seedMean(curves.map((curve) => (curve[i]?.mean ?? NaN) - mean)),
  }));
}

/** Is a mean told from 0: does its interval exclude it? A single seed tells nothing. */
export function isTold({ low, high }: Mean): boolean {
  return low !== null && high !== null && (low > 0 || high < 0);
}
