/**
 * Sets of real numbers: intervals, unions and inequalities in one unknown, brought to one normal form.
 *
 * @module
 */

import { type Budget, TooLarge } from "./budget.ts";
import { freeSymbols, type Node } from "./expression.ts";
import { Evaluator } from "./numeric.ts";

/** One end of an interval. */
export interface End {
  /** The value as a double, for ordering. */
  readonly value: number;
  /** The exact value, for comparison; `undefined` at infinity. */
  readonly node: Node | undefined;
  /** Does the end belong to the interval? */
  readonly closed: boolean;
}

/** An interval from `low` to `high`. */
export interface Interval {
  /** The lower end. */
  readonly low: End;
  /** The upper end. */
  readonly high: End;
}

/** Disjoint intervals in ascending order, and the unknown that they speak of, if it was named. */
export interface Region {
  /** The intervals. */
  readonly intervals: readonly Interval[];
  /** The unknown. */
  readonly variable: string | undefined;
}

const FULL: Interval = {
  low: { value: -Infinity, node: undefined, closed: false },
  high: { value: Infinity, node: undefined, closed: false },
};

/** The region that an answer describes, or `undefined` if it describes none. */
export function regionOf(node: Node, budget: Budget): Region | undefined {
  budget.spend(20);
  switch (node.kind) {
    case "reals":
      return { intervals: [FULL], variable: undefined };
    case "bracket": {
      const [low, high] = node.items.map((item, index) =>
        endOf(item, index === 0 ? node.open === "[" : node.close === "]", budget)
      );
      if (node.items.length !== 2 || !low || !high || low.value > high.value) return undefined;
      return { intervals: [{ low, high }], variable: undefined };
    }
    case "set": {
      const ends = node.items.map((item) => endOf(item, true, budget));
      if (ends.some((end) => !end)) return undefined;
      return normal(ends.flatMap((end) => end ? [{ low: end, high: end }] : []), undefined);
    }
    case "union":
      return merged(node.items, "or", budget);
    case "list":
      return node.joiner === "," ? undefined : merged(node.items, node.joiner, budget);
    case "relation":
      return fromRelation(node, budget);
    default:
      return undefined;
  }
}

/** The union or intersection of several regions. */
function merged(nodes: readonly Node[], joiner: "or" | "and", budget: Budget): Region | undefined {
  const regions: Region[] = [];
  for (const node of nodes) {
    const region = regionOf(node, budget);
    if (!region) return undefined;
    regions.push(region);
  }
  const names = new Set(regions.flatMap(({ variable }) => variable === undefined ? [] : [variable]));
  if (names.size > 1) return undefined;
  const [variable] = names;
  if (joiner === "or") return normal(regions.flatMap(({ intervals }) => intervals), variable);
  const common = regions.map(({ intervals }) => intervals).reduce((a, b) => {
    budget.spend(a.length * b.length);
    return a.flatMap((x) => b.flatMap((y) => intersection(x, y)));
  });
  return normal(common, variable);
}

/** What two intervals have in common: one interval or none. */
function intersection(x: Interval, y: Interval): readonly Interval[] {
  const low = compareEnds(x.low, y.low, 1) >= 0 ? x.low : y.low;
  const high = compareEnds(x.high, y.high, -1) <= 0 ? x.high : y.high;
  const empty = low.value > high.value || (low.value === high.value && !(low.closed && high.closed));
  return empty ? [] : [{ low, high }];
}

/** The order of two lower (1) or upper (-1) ends; at the same value an open lower end begins later. */
function compareEnds(a: End, b: End, side: 1 | -1): number {
  if (a.value !== b.value) return a.value < b.value ? -1 : 1;
  return side * (Number(b.closed) - Number(a.closed));
}

/** Sorts intervals and joins those that touch. */
function normal(intervals: readonly Interval[], variable: string | undefined): Region {
  const result: Interval[] = [];
  for (const interval of [...intervals].sort((a, b) => compareEnds(a.low, b.low, 1))) {
    const last = result.at(-1);
    const touches = last && (interval.low.value < last.high.value ||
      (interval.low.value === last.high.value && (interval.low.closed || last.high.closed)));
    if (!touches) result.push(interval);
    else if (compareEnds(interval.high, last.high, -1) > 0) {
      result[result.length - 1] = { low: last.low, high: interval.high };
    }
  }
  return { intervals: result, variable };
}

/** `x > 3`, `1 < x \le 4`, `x \in [1, 2]`, `x \ne 5`. */
function fromRelation(node: Node & { kind: "relation" }, budget: Budget): Region | undefined {
  const { items, operators } = node;
  const unknowns = items.filter((item) => item.kind === "symbol");
  const unknown = unknowns[0];
  if (unknowns.length !== 1 || unknown?.kind !== "symbol") return undefined;
  if (operators.length === 1 && operators[0] === "in" && items[0] === unknown && items[1]) {
    const region = regionOf(items[1], budget);
    return region && { ...region, variable: unknown.name };
  }
  let intervals: readonly Interval[] = [FULL];
  for (const [index, operator] of operators.entries()) {
    const left = items[index], right = items[index + 1];
    if (left !== unknown && right !== unknown) return undefined;
    const bound = left === unknown ? right : left;
    const end = bound && endOf(bound, operator === "<=" || operator === ">=", budget);
    if (!end) return undefined;
    const above = (operator === ">" || operator === ">=") === (left === unknown);
    if (operator === "!=") {
      const parts = [{ low: FULL.low, high: end }, { low: end, high: FULL.high }];
      intervals = intervals.flatMap((interval) => parts.flatMap((part) => intersection(interval, part)));
    } else if (operator === "<" || operator === ">" || operator === "<=" || operator === ">=") {
      const half = above ? { low: end, high: FULL.high } : { low: FULL.low, high: end };
      intervals = intervals.flatMap((interval) => intersection(interval, half));
    } else return undefined;
  }
  return normal(intervals, unknown.name);
}

/** An end of an interval: infinity, or a formula without unknowns. */
function endOf(node: Node, closed: boolean, budget: Budget): End | undefined {
  const sign = infinitySign(node);
  if (sign !== 0) return { value: sign * Infinity, node: undefined, closed: false };
  if (freeSymbols(node).size > 0) return undefined;
  try {
    const value = Number(new Evaluator(budget).value(node).toString());
    return Number.isNaN(value) ? undefined : { value, node, closed };
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}

/** 1 for ∞, -1 for -∞, 0 for anything else. */
function infinitySign(node: Node): number {
  if (node.kind === "constant" && node.name === "infinity") return 1;
  const [sign, rest] = node.kind === "product" && node.items.length === 2 ? node.items : [];
  return sign?.kind === "number" && sign.value.numerator === -1n && rest ? -infinitySign(rest) : 0;
}
