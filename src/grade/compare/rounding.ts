/**
 * Numbers that are equal but for rounding, or within a tolerance.
 *
 * @module
 */

import {
  type Budget,
  contains,
  distance,
  Evaluator,
  freeSymbols,
  magnitude,
  type Node,
  TooLarge,
  type Value,
} from "../expression/mod.ts";
import type { Policy } from "./policy.ts";

/** No letter has a value. */
const NO_UNKNOWNS: ReadonlyMap<string, Value> = new Map();

/** How many decimals a number shows, if it is a decimal; those of a percentage are counted as a share of 1. */
function decimalsOf(node: Node): number | undefined {
  if (node.kind === "number") return node.decimals;
  if (node.kind === "percent") {
    const inner = decimalsOf(node.items[0]);
    return inner === undefined ? undefined : inner + 2;
  }
  if (node.kind === "product" && node.items.length === 2 && node.items[0]?.kind === "number") {
    return node.items[0].value.numerator === -1n && node.items[1] ? decimalsOf(node.items[1]) : undefined;
  }
  return undefined;
}

/** How many digits of a decimal are significant. */
function significantDigits(node: Node): number {
  if (node.kind !== "number") return "items" in node ? Math.max(0, ...node.items.map(significantDigits)) : 0;
  const { numerator, denominator } = node.value;
  const digits = numerator * 10n ** BigInt(node.decimals ?? 0) / denominator;
  return digits === 0n ? 0 : (digits < 0n ? -digits : digits).toString().length;
}

/**
 * Is one side a decimal and the other an exact number that rounds to it? The gold decimal needs two places (three if
 * the exact number contains π or e), an answered decimal three, and an answered decimal is never π or e.
 */
export function isRounded(gold: Node, answer: Node, budget: Budget): boolean {
  const goldPlaces = decimalsOf(gold), answerPlaces = decimalsOf(answer);
  if (goldPlaces !== undefined && answerPlaces !== undefined) {
    // 0.30000000000000004 is how floating-point arithmetic prints 0.3.
    const printed = Math.max(significantDigits(gold), significantDigits(answer)) >= 16;
    return printed && within(gold, answer, 0, budget, 1e-15);
  }
  if ((goldPlaces === undefined) === (answerPlaces === undefined)) return false;
  const exact = goldPlaces === undefined ? gold : answer, decimal = goldPlaces === undefined ? answer : gold;
  if (significantDigits(decimal) < 2) return false;
  const transcendental = contains(exact, (node) => node.kind === "constant");
  if (transcendental && goldPlaces === undefined) return false;
  // An angle in degrees is no decimal in radians, and what was computed from decimals is not exact.
  if (contains(exact, ({ kind }) => kind === "degree")) return false;
  const fewest = goldPlaces === undefined || transcendental ? 3 : 2;
  const places = goldPlaces ?? answerPlaces ?? 0;
  const isExact = !contains(exact, (node) => node.kind === "number" && node.decimals !== undefined);
  if (places < (isExact ? fewest : 6) || freeSymbols(exact).size > 0) return false;
  return within(gold, answer, 0.5 * 10 ** -places * (1 + 1e-9), budget);
}

/** Do two numbers differ by no more than the policy's tolerances? */
export function isTolerated(gold: Node, answer: Node, policy: Policy, budget: Budget): boolean {
  if (policy.tolerance <= 0 && policy.relativeTolerance <= 0) return false;
  if (freeSymbols(gold).size + freeSymbols(answer).size > 0) return false;
  return within(gold, answer, policy.tolerance, budget, policy.relativeTolerance);
}

/** Do two numbers differ by no more than a tolerance, or a share of the first? */
export function within(gold: Node, answer: Node, tolerance: number, budget: Budget, share = 0): boolean {
  try {
    // What differs by far in doubles needs no more digits.
    const doubles = new Evaluator(budget, NO_UNKNOWNS), rough = doubles.value(gold);
    const apart = magnitude(distance(rough, doubles.value(answer))), size = magnitude(rough);
    if (apart > 2 * Math.max(tolerance, share * size) + 1e-9 * size) return false;
    const evaluator = new Evaluator(budget);
    const a = evaluator.value(gold), b = evaluator.value(answer);
    return magnitude(distance(a, b)) <= Math.max(tolerance, share * magnitude(a));
  } catch (error) {
    if (error instanceof TooLarge) return false;
    throw error;
  }
}
