/**
 * Are two answers equal? Typed and symmetric: tuples by place, sets and lists without order, relations up to
 * rearrangement, intervals by their ends, formulas by the ladder of `scalar.ts`.
 *
 * @module
 */

import { Algebra, constantOf } from "./algebra.ts";
import { TooLarge } from "./budget.ts";
import {
  contains,
  identical,
  integerNode,
  mapChildren,
  negative,
  type Node,
  type RelationOperator,
} from "./expression.ts";
import { type Region, regionOf } from "./region.ts";
import { compareScalars, type Comparison, type Context } from "./scalar.ts";

const different = (method: string): Comparison => ({ equal: false, method });

/** The most elements that two collections may have to be compared. */
const MAX_ELEMENTS = 200;

/** Compares two answers. */
export function compareAnswers(gold: Node, answer: Node, context: Context): Comparison {
  context.budget.spend(20);
  if (gold.kind === "text" || answer.kind === "text") return compareTexts(gold, answer);
  if (identical(gold, answer)) return { equal: true, method: "identical" };
  if (gold.kind === "quantity" || answer.kind === "quantity") return compareQuantities(gold, answer, context);
  const a = simplify(gold), b = simplify(answer);
  if (a !== gold || b !== answer) return compareAnswers(a, b, context);
  return compareMatrices(a, b, context) ?? compareRegions(a, b, context) ??
    compareCollections(a, b, context) ??
    compareRelations(a, b, context) ?? compareRatios(a, b, context) ?? compareScalars(a, b, context);
}

/** The answer without what carries no meaning: a collection of one, the sign ± written out. */
function simplify(node: Node): Node {
  if ((node.kind === "list" || node.kind === "set") && node.items.length === 1) return node.items[0] as Node;
  if (node.kind === "list" || node.kind === "set") {
    const items = node.items.flatMap((item) => {
      const plain = simplify(item);
      return plain !== item && plain.kind === "list" ? plain.items : [item];
    });
    return items.length === node.items.length ? node : { ...node, items };
  }
  if (node.kind === "relation" && node.operators.length === 1 && node.operators[0] === "in") {
    const [name, values] = node.items;
    if (name?.kind === "symbol" && values?.kind === "set") return values;
  }
  if (!contains(node, (child) => child.kind === "sign")) return node;
  return { kind: "list", joiner: "or", items: [withSign(node, 1), withSign(node, -1)] };
}

/** An answer with one choice of its signs. */
function withSign(node: Node, sign: 1 | -1): Node {
  if (node.kind === "sign") return integerNode(node.flipped ? -sign : sign);
  return mapChildren(node, (child) => withSign(child, sign));
}

/** Words are equal if they are the same words. */
function compareTexts(gold: Node, answer: Node): Comparison {
  const equal = gold.kind === "text" && answer.kind === "text" && gold.text === answer.text;
  return { equal, method: "words" };
}

/** A unit on one side is ignored; two must agree. */
function compareQuantities(gold: Node, answer: Node, context: Context): Comparison {
  if (gold.kind === "quantity" && answer.kind === "quantity" && gold.unit !== answer.unit) {
    return different("units");
  }
  const a = gold.kind === "quantity" ? gold.items[0] : gold;
  const b = answer.kind === "quantity" ? answer.items[0] : answer;
  return compareAnswers(a, b, context);
}

/** Are all items equal to their partners by place? */
function inOrder(gold: readonly Node[], answer: readonly Node[], context: Context): boolean {
  return gold.length === answer.length &&
    gold.every((item, index) => compareAnswers(item, answer[index] as Node, context).equal);
}

/** Has every item a partner on the other side, whatever the order? Repeated items count once. */
function inAnyOrder(gold: readonly Node[], answer: readonly Node[], context: Context): boolean {
  if (gold.length > MAX_ELEMENTS || answer.length > MAX_ELEMENTS) return inOrder(gold, answer, context);
  const found = new Set<number>();
  for (const item of gold) {
    const index = answer.findIndex((other) => compareAnswers(item, other, context).equal);
    if (index < 0) return false;
    found.add(index);
  }
  return answer.every((item, index) =>
    found.has(index) || gold.some((other) => compareAnswers(other, item, context).equal)
  );
}

function compareMatrices(gold: Node, answer: Node, context: Context): Comparison | undefined {
  if (gold.kind !== "matrix" && answer.kind !== "matrix") return undefined;
  const method = "entry by entry";
  if (gold.kind === "matrix" && answer.kind === "matrix") {
    return { equal: gold.columns === answer.columns && inOrder(gold.items, answer.items, context), method };
  }
  const matrix = gold.kind === "matrix" ? gold : answer, other = gold.kind === "matrix" ? answer : gold;
  const isVector = matrix.kind === "matrix" &&
    (matrix.columns === 1 || matrix.columns === matrix.items.length);
  if (!isVector || !context.policy.vectorsAsTuples || other.kind !== "bracket") return different(method);
  return { equal: inOrder(matrix.items, other.items, context), method };
}

/** Compares intervals, unions and inequalities in one unknown; two tuples are left to the collections. */
function compareRegions(gold: Node, answer: Node, context: Context): Comparison | undefined {
  const speaks = (node: Node): boolean =>
    node.kind === "union" || node.kind === "reals" ||
    (node.kind === "relation" && node.operators.some((operator) => operator !== "=" && operator !== "~")) ||
    (node.kind === "list" && node.joiner !== "," && node.items.every(speaks));
  if (!speaks(gold) && !speaks(answer)) return undefined;
  const a = regionOf(gold, context.budget), b = regionOf(answer, context.budget);
  if (!a || !b) return undefined;
  if (a.variable !== undefined && b.variable !== undefined && a.variable !== b.variable) {
    return different("intervals");
  }
  return { equal: sameRegion(a, b, context), method: "intervals" };
}

function sameRegion(a: Region, b: Region, context: Context): boolean {
  return a.intervals.length === b.intervals.length && a.intervals.every((interval, index) => {
    const other = b.intervals[index];
    return other !== undefined && (["low", "high"] as const).every((side) => {
      const x = interval[side], y = other[side];
      if (x.closed !== y.closed) return false;
      return x.node && y.node ? compareScalars(x.node, y.node, context).equal : x.value === y.value;
    });
  });
}

/** Compares tuples, sets and lists. */
function compareCollections(gold: Node, answer: Node, context: Context): Comparison | undefined {
  const isUnordered = (node: Node): node is Node & { kind: "set" | "list" } =>
    node.kind === "set" || node.kind === "list";
  if (gold.kind === "bracket" && answer.kind === "bracket") {
    const sameEnds = gold.open === answer.open && gold.close === answer.close;
    return { equal: sameEnds && inOrder(gold.items, answer.items, context), method: "place by place" };
  }
  if (isUnordered(gold) && isUnordered(answer)) {
    const labelled = oneSideLabelled(gold.items, answer.items);
    const equal = (labelled ? inOrder : inAnyOrder)(gold.items, answer.items, context);
    return { equal, method: labelled ? "place by place" : "elements in any order" };
  }
  const collection = [gold, answer].find((node) => isUnordered(node) || node.kind === "bracket");
  if (!collection) return undefined;
  const other = collection === gold ? answer : gold;
  if (other.kind === "bracket" && collection.kind === "bracket") return undefined;
  if (collection.kind === "bracket") return tupleAgainst(collection, other, gold, context);
  if (other.kind === "bracket") return tupleAgainst(other, collection, gold, context);
  // A value against several: equal only if they all are that value, so naming candidates never helps.
  const items = isUnordered(collection) ? collection.items : [];
  const equal = items.length > 0 && items.length <= MAX_ELEMENTS &&
    items.every((item) =>
      (collection === gold ? compareAnswers(item, other, context) : compareAnswers(other, item, context))
        .equal
    );
  return { equal, method: "elements in any order" };
}

/** A tuple against a list of the same length, or against an assignment such as `(x, y) = (1, 2)`. */
function tupleAgainst(
  tuple: Node & { kind: "bracket" },
  other: Node,
  gold: Node,
  context: Context,
): Comparison | undefined {
  const method = "place by place";
  if (other.kind === "relation") return undefined;
  if (other.kind !== "list" || !context.policy.bareTuples || tuple.open !== "(" || tuple.close !== ")") {
    return different(method);
  }
  const [a, b] = tuple === gold ? [tuple.items, other.items] : [other.items, tuple.items];
  return { equal: inOrder(a, b, context), method };
}

/** Does one list name each of its values, and the other none? Then the values have an order. */
function oneSideLabelled(a: readonly Node[], b: readonly Node[]): boolean {
  const labels = (items: readonly Node[]): number =>
    new Set(items.flatMap((item) => {
      const name = item.kind === "relation" && item.operators[0] === "=" ? item.items[0] : undefined;
      return name?.kind === "symbol" ? [name.name] : [];
    })).size;
  const x = labels(a), y = labels(b);
  return (x === a.length && x > 1 && y === 0) || (y === b.length && y > 1 && x === 0);
}

/** Does the left side of an equation name the value on the right? */
function isName(node: Node): boolean {
  switch (node.kind) {
    case "symbol":
    case "apply":
    case "ratio":
    case "text":
      return true;
    case "call":
      return node.name === "abs";
    case "bracket":
      return node.items.every(isName);
    case "product":
      return node.items.every((item) => item.kind === "symbol");
    default:
      return false;
  }
}

/** The value that an equation assigns: `x = 5`, `5 = x`, `x = 3 + 2 = 5`, `3 + 2 = 5`. */
function assigned(node: Node): Node | undefined {
  if (node.kind !== "relation" || node.operators.some((operator) => operator !== "=" && operator !== "~")) {
    return undefined;
  }
  const first = node.items[0] as Node, last = node.items.at(-1) as Node;
  if (isName(first)) return last;
  if (isConstant(first) && last.kind === "symbol") return first;
  return isConstant(last) && (isConstant(first) || node.items.length > 2) ? last : undefined;
}

/** Is a node a formula without unknowns? */
function isConstant(node: Node): boolean {
  return !contains(
    node,
    ({ kind }) => ["symbol", "apply", "relation", "list", "set", "bracket", "text"].includes(kind),
  );
}

function compareRelations(gold: Node, answer: Node, context: Context): Comparison | undefined {
  if (gold.kind !== "relation" && answer.kind !== "relation") return undefined;
  if (gold.kind === "relation" && answer.kind === "relation") {
    return compareTwoRelations(gold, answer, context);
  }
  const relation = gold.kind === "relation" ? gold : answer;
  const value = assigned(relation);
  if (!value) return different("relation against value");
  return relation === gold ? compareAnswers(value, answer, context) : compareAnswers(gold, value, context);
}

function compareTwoRelations(
  gold: Node & { kind: "relation" },
  answer: Node & { kind: "relation" },
  context: Context,
): Comparison {
  const a = assigned(gold), b = assigned(answer);
  const nameA = gold.items[0] as Node, nameB = answer.items[0] as Node;
  if (a && b && (identical(nameA, nameB) || (isConstant(nameA) && isConstant(nameB)))) {
    const values = compareAnswers(a, b, context);
    if (values.equal || nameA.kind !== "symbol") return values;
  }
  if (gold.operators.length !== 1 || answer.operators.length !== 1) {
    const sameSigns = gold.operators.join() === answer.operators.join();
    return { equal: sameSigns && inOrder(gold.items, answer.items, context), method: "side by side" };
  }
  return { equal: proportional(gold, answer, context), method: "up to rearrangement" };
}

/** The signs that are turned around when both sides change places. */
const TURNED: Readonly<Partial<Record<RelationOperator, RelationOperator>>> = { ">": "<", ">=": "<=" };

/** Do two relations say the same after moving everything to one side, up to a constant factor? */
function proportional(
  gold: Node & { kind: "relation" },
  answer: Node & { kind: "relation" },
  context: Context,
): boolean {
  const algebra = new Algebra(context.budget);
  const [a, b] = [gold, answer].map(({ items: [left, right], operators: [operator = "="] }) => {
    const turned = TURNED[operator];
    const [x, y] = turned ? [right, left] : [left, right];
    return { operator: turned ?? operator, left: x as Node, right: y as Node };
  });
  if (!a || !b || a.operator !== b.operator) return false;
  if (a.operator === "in") return inOrder([a.left, a.right], [b.left, b.right], context);
  try {
    const x = algebra.subtract(algebra.form(a.left), algebra.form(a.right));
    const y = algebra.subtract(algebra.form(b.left), algebra.form(b.right));
    if (a.operator === "<" || a.operator === "<=") {
      const factor = algebra.proportion(x.numerator, y.numerator);
      // A negative denominator would turn the sign around.
      const constants = [x, y].every(({ denominator }) => (constantOf(denominator)?.numerator ?? -1n) > 0n);
      return constants && factor !== undefined && factor.numerator > 0n;
    }
    if (algebra.proportion(x.numerator, y.numerator)) return true;
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
  }
  const difference = (side: typeof a): Node => ({ kind: "sum", items: [side.left, negative(side.right)] });
  return compareScalars(difference(a), difference(b), context).equal ||
    (a.operator === "=" && compareScalars(difference(a), negative(difference(b)), context).equal);
}

/** Ratios are equal if their parts are in proportion; 3:4 is also the number 3/4. */
function compareRatios(gold: Node, answer: Node, context: Context): Comparison | undefined {
  if (gold.kind !== "ratio" && answer.kind !== "ratio") return undefined;
  const method = "parts in proportion";
  if (gold.kind !== "ratio" || answer.kind !== "ratio" || gold.items.length !== answer.items.length) {
    return different(method);
  }
  const [a, b] = [gold.items[0] as Node, answer.items[0] as Node];
  const equal = gold.items.every((item, index) => {
    const other = answer.items[index] as Node;
    return compareScalars(
      { kind: "product", items: [item, b] },
      { kind: "product", items: [other, a] },
      context,
    ).equal;
  });
  return { equal, method };
}
