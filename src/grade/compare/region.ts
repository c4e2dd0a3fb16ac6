/**
 * Sets of real numbers: intervals, unions and inequalities in one unknown, brought to one normal form.
 *
 * @module
 */

import {
  Evaluator,
  freeSymbols,
  integerNode,
  negative,
  type Node,
  type RelationOperator,
  TooLarge,
} from "../expression/mod.ts";
import { linearSolution, type Relation } from "./relation.ts";
import type { Context } from "./scalar.ts";

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

const MINUS_INFINITY: End = { value: -Infinity, node: undefined, closed: false };
const INFINITY: End = { value: Infinity, node: undefined, closed: false };
const FULL: Interval = { low: MINUS_INFINITY, high: INFINITY };
const zero = (closed: boolean): End => ({ value: 0, node: integerNode(0), closed });

/** The named sets of numbers that are regions. */
const DOMAINS: Readonly<Record<string, readonly Interval[]>> = {
  "R": [FULL],
  "R+": [{ low: zero(false), high: INFINITY }],
  "R0": [{ low: zero(true), high: INFINITY }],
  "R>=0": [{ low: zero(true), high: INFINITY }],
  "R-": [{ low: MINUS_INFINITY, high: zero(false) }],
  "R*": [{ low: MINUS_INFINITY, high: zero(false) }, { low: zero(false), high: INFINITY }],
};

/** The region that an answer describes, or `undefined` if it describes none. */
export function regionOf(node: Node, context: Context): Region | undefined {
  context.budget.spend(20);
  const region = (intervals: readonly Interval[] | undefined): Region | undefined =>
    intervals && { intervals, variable: undefined };
  switch (node.kind) {
    case "domain":
      return region(Object.hasOwn(DOMAINS, node.name) ? DOMAINS[node.name] : undefined);
    case "bracket": {
      const [low, high] = node.items.map((item, index) =>
        endOf(item, index === 0 ? node.open === "[" : node.close === "]", context)
      );
      if (node.items.length !== 2 || !low || !high || low.value > high.value) return undefined;
      return region([{ low, high }]);
    }
    case "number": {
      const end = endOf(node, true, context);
      return region(end && [{ low: end, high: end }]);
    }
    case "set": {
      const ends = node.items.map((item) => endOf(item, true, context));
      if (ends.some((end) => !end)) return undefined;
      return region(normal(ends.flatMap((end) => end ? [{ low: end, high: end }] : [])));
    }
    case "union":
    case "intersection":
    case "difference":
      return merged(node.items, node.kind, context);
    case "list": {
      const united = merged(node.items, "union", context);
      if (node.joiner === "or") return united;
      // "x < 1 and x > 3" can only mean the union.
      const common = merged(node.items, "intersection", context);
      return common && common.intervals.length > 0 ? common : united;
    }
    case "relation":
      return fromRelation(node, context);
    default:
      return undefined;
  }
}

/** The union, intersection or difference of several regions. */
function merged(
  nodes: readonly Node[],
  operation: "union" | "intersection" | "difference",
  context: Context,
): Region | undefined {
  const regions: Region[] = [];
  for (const node of nodes) {
    const region = regionOf(node, context);
    if (!region) return undefined;
    regions.push(region);
  }
  const names = new Set(regions.flatMap(({ variable }) => variable === undefined ? [] : [variable]));
  if (names.size > 1) return undefined;
  const [variable] = names;
  const all = regions.map(({ intervals }) => intervals);
  context.budget.spend(all.reduce((product, { length }) => Math.min(1e9, product * (1 + length)), 1));
  if (operation === "union") return { intervals: normal(all.flat()), variable };
  const combined = all.reduce((a, b) => common(a, operation === "difference" ? complement(b) : b));
  return { intervals: normal(combined), variable };
}

/** What two unions of intervals have in common. */
function common(a: readonly Interval[], b: readonly Interval[]): readonly Interval[] {
  return a.flatMap((x) => b.flatMap((y) => intersection(x, y)));
}

/** All real numbers outside disjoint ascending intervals. */
function complement(intervals: readonly Interval[]): readonly Interval[] {
  const turned = (end: End): End => ({ ...end, closed: end.node !== undefined && !end.closed });
  const lows = [MINUS_INFINITY, ...intervals.map(({ high }) => turned(high))];
  const highs = [...intervals.map(({ low }) => turned(low)), INFINITY];
  return lows.flatMap((low, i) => intersection(FULL, { low, high: highs[i] as End }));
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
function normal(intervals: readonly Interval[]): readonly Interval[] {
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
  return result;
}

/** `x > 3`, `1 < 2x \le 4`, `|x - 1| < 2`, `x \in [1, 2]`, `x \ne 5`. */
function fromRelation(node: Relation, context: Context): Region | undefined {
  const { items, operators } = node;
  const [name, ...others] = freeSymbols(node);
  if (name === undefined || others.length > 0) return undefined;
  const [operator] = operators;
  if (operators.length === 1 && (operator === "in" || operator === "notin")) {
    const region = items[0]?.kind === "symbol" && items[1] ? regionOf(items[1], context) : undefined;
    if (!region) return undefined;
    return { intervals: operator === "in" ? region.intervals : complement(region.intervals), variable: name };
  }
  let intervals: readonly Interval[] = [FULL];
  for (const [index, sign] of operators.entries()) {
    const left = items[index] as Node, right = items[index + 1] as Node;
    const part = solution(left, sign, right, name, context);
    if (!part) return undefined;
    intervals = common(intervals, part);
  }
  return { intervals: normal(intervals), variable: name };
}

/** Where one comparison holds, if it is linear in the unknown or in the absolute value of something linear. */
function solution(
  left: Node,
  sign: RelationOperator,
  right: Node,
  name: string,
  context: Context,
): readonly Interval[] | undefined {
  if (!["<", ">", "<=", ">=", "!=", "="].includes(sign)) return undefined;
  const absolute = [left, right].find((side) => side.kind === "call" && side.name === "abs");
  const inner = absolute?.kind === "call" ? absolute.items[0] : undefined;
  if (inner) {
    const size: Node = { kind: "symbol", name: `size of ${name}` };
    const sizes = solution(
      left === absolute ? size : left,
      sign,
      right === absolute ? size : right,
      size.name,
      context,
    );
    const values = sizes && common(sizes, [{ low: zero(true), high: INFINITY }]);
    return values && preimage(normal([...values, ...values.map(mirrored)]), inner, name, context);
  }
  const solved = linearSolution(left, right, name, context);
  const end = solved && endOf(solved.root, sign === "<=" || sign === ">=" || sign === "=", context);
  const slope = solved && endOf(solved.slope, true, context)?.value;
  if (!end || !slope) return undefined;
  if (sign === "=") return [{ low: end, high: end }];
  if (sign === "!=") return complement([{ low: { ...end, closed: true }, high: { ...end, closed: true } }]);
  const above = (sign === ">" || sign === ">=") === (slope > 0);
  return [above ? { low: end, high: INFINITY } : { low: MINUS_INFINITY, high: end }];
}

/** The values of the unknown for which a linear formula lies in some intervals. */
function preimage(
  intervals: readonly Interval[],
  inner: Node,
  name: string,
  context: Context,
): readonly Interval[] | undefined {
  if (inner.kind === "symbol") return intervals;
  const result: Interval[] = [];
  for (const { low, high } of intervals) {
    const ends = [low, high].map((end) => {
      if (!end.node) return end;
      const solved = linearSolution(inner, end.node, name, context);
      return solved && endOf(solved.root, end.closed, context);
    });
    const solved = linearSolution(inner, integerNode(0), name, context);
    const slope = solved && endOf(solved.slope, true, context)?.value;
    const [a, b] = ends;
    if (!a || !b || !slope) return undefined;
    result.push(slope > 0 ? { low: a, high: b } : { low: turnedInfinity(b), high: turnedInfinity(a) });
  }
  return normal(result);
}

/** The other infinity, for an end that is infinite. */
function turnedInfinity(end: End): End {
  return end.node ? end : { ...end, value: -end.value };
}

/** An interval on the other side of zero. */
function mirrored({ low, high }: Interval): Interval {
  const turned = (end: End): End => ({ ...end, value: -end.value, node: end.node && negative(end.node) });
  return { low: turned(high), high: turned(low) };
}

/** An end of an interval: infinity, or a formula without unknowns. */
function endOf(node: Node, closed: boolean, { budget }: Context): End | undefined {
  const sign = infinitySign(node);
  if (sign !== 0) return { value: sign * Infinity, node: undefined, closed: false };
  if (node.kind === "number" && node.value.denominator === 1n) {
    return { value: Number(node.value.numerator), node, closed };
  }
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

/** An interval with ends that may hold letters: `a \le x < b`, `[a, b)`, `x > a`. */
export function symbolicInterval(node: Node): Node & { kind: "bracket" } | undefined {
  if (node.kind === "bracket" && node.items.length === 2) return node;
  if (node.kind !== "relation") return undefined;
  const infinity: Node = { kind: "constant", name: "infinity" };
  const [first, middle, last] = node.items;
  const rising = node.operators.every((operator) => operator === "<" || operator === "<=");
  const falling = node.operators.every((operator) => operator === ">" || operator === ">=");
  if (!first || !middle || !(rising || falling)) return undefined;
  const closed = node.operators.map((operator) => operator.endsWith("="));
  const [a, b] = last ? [first, last] : middle.kind === "symbol" ? [first, undefined] : [undefined, middle];
  if ((last ? middle : a ? middle : first).kind !== "symbol") return undefined;
  const [low, high] = rising ? [a, b] : [b, a];
  const [lowClosed, highClosed] = rising ? [closed[0], closed.at(-1)] : [closed.at(-1), closed[0]];
  return {
    kind: "bracket",
    open: low && lowClosed ? "[" : "(",
    close: high && highClosed ? "]" : ")",
    items: [low ?? negative(infinity), high ?? infinity],
  };
}
