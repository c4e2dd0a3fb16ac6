/**
 * Tuples by place, sets and lists in any order, and the rules that keep an answer from passing by naming several.
 *
 * @module
 */

import { keyOf, type Node } from "../expression/mod.ts";
import { asEquations } from "./relation.ts";
import { type Fingerprint, fingerprintOf, tellApart } from "./fingerprint.ts";
import type { Comparison, Context } from "./scalar.ts";

/** The most elements that two collections may have, besides identical ones, to be compared in any order. */
const MAX_ELEMENTS = 200;

type Tuple = Node & { kind: "bracket" };
type Unordered = Node & { kind: "set" | "list" };

const isUnordered = (node: Node): node is Unordered => node.kind === "set" || node.kind === "list";

/** Are these alternatives, "3 or 4", which have no order? */
export const isAlternative = (node: Node): boolean => node.kind === "list" && node.joiner === "or";

/** Are all items equal to their partners by place? */
function inOrder(gold: readonly Node[], answer: readonly Node[], context: Context): boolean {
  return gold.length === answer.length &&
    gold.every((item, index) => context.compare(item, answer[index] as Node).equal);
}

/** Has every item a partner on the other side, whatever the order? Repeated items count once, unless they count. */
function inAnyOrder(gold: readonly Node[], answer: readonly Node[], context: Context): boolean {
  const { countRepeats } = context.policy;
  if (countRepeats && gold.length !== answer.length) return false;
  const keys = new Map<string, number[]>();
  answer.forEach((item, index) => {
    const key = keyOf(item), same = keys.get(key);
    if (same) same.push(index);
    else keys.set(key, [index]);
  });
  context.budget.spend(gold.length + answer.length);
  const found = new Set<number>(), left: Node[] = [];
  const isFree = (index: number): boolean => !countRepeats || !found.has(index);
  for (const item of gold) {
    const same = keys.get(keyOf(item)), index = countRepeats ? same?.find(isFree) : same?.[0];
    if (index === undefined) left.push(item);
    else for (const one of countRepeats ? [index] : same ?? []) found.add(one);
  }
  const open = answer.flatMap((item, index) => found.has(index) ? [] : [{ item, index }]);
  if (left.length === 0 && open.length === 0) return true;
  if (left.length > MAX_ELEMENTS || open.length > MAX_ELEMENTS) return inOrder(gold, answer, context);
  return matched(left, gold, open, answer, context, found);
}

/** Finds partners for the items that no identical one has; fingerprints rule out most of them. */
function matched(
  left: readonly Node[],
  gold: readonly Node[],
  open: readonly { readonly item: Node; readonly index: number }[],
  answer: readonly Node[],
  context: Context,
  found: Set<number>,
): boolean {
  const { countRepeats, rounding, tolerance, relativeTolerance } = context.policy;
  const exact = !rounding && tolerance === 0 && relativeTolerance === 0;
  const prints = new Map<Node, Fingerprint | undefined>();
  const printOf = (item: Node): Fingerprint | undefined => {
    if (!prints.has(item)) prints.set(item, fingerprintOf(item, exact, context.budget));
    return prints.get(item);
  };
  // Few items are compared sooner than evaluated.
  const few = left.length * open.length <= 4;
  const pairs = (a: Node, b: Node): boolean =>
    !(!few && tellApart(printOf(a), printOf(b))) && context.compare(a, b).equal;
  for (const item of left) {
    const partner = open.find(({ item: other, index }) => !found.has(index) && pairs(item, other))?.index ??
      (countRepeats ? undefined : answer.findIndex((other, index) => found.has(index) && pairs(item, other)));
    if (partner === undefined || partner < 0) return false;
    found.add(partner);
  }
  return open.every(({ item, index }) =>
    found.has(index) || (!countRepeats && gold.some((other) => pairs(other, item)))
  );
}

/** Compares tuples, sets and lists; `undefined` if neither side is one. */
export function compareCollections(gold: Node, answer: Node, context: Context): Comparison | undefined {
  if (gold.kind === "bracket" && answer.kind === "bracket") {
    const sameEnds = gold.open === answer.open && gold.close === answer.close;
    return { equal: sameEnds && inOrder(gold.items, answer.items, context), method: "place by place" };
  }
  if (isUnordered(gold) && isUnordered(answer)) return compareUnordered(gold, answer, context);
  if (gold.kind === "bracket") return tupleAgainst(gold, answer, true, context);
  if (answer.kind === "bracket") return tupleAgainst(answer, gold, false, context);
  if (isUnordered(gold)) return severalAgainst(gold, answer, true, context);
  if (isUnordered(answer)) return severalAgainst(answer, gold, false, context);
  return undefined;
}

function compareUnordered(gold: Unordered, answer: Unordered, context: Context): Comparison {
  const labelled = oneSideLabelled(gold.items, answer.items);
  // "3 or 4" gives no letter a value.
  if (labelled && (isAlternative(gold) || isAlternative(answer))) {
    return { equal: false, method: "alternatives" };
  }
  const equal = (labelled ? inOrder : inAnyOrder)(gold.items, answer.items, context);
  return { equal, method: labelled ? "place by place" : "elements in any order" };
}

/** A value against several: equal only if they all are that value, so naming candidates never helps. */
function severalAgainst(
  several: Unordered,
  one: Node,
  goldIsSeveral: boolean,
  context: Context,
): Comparison | undefined {
  const equations = asEquations(one);
  if (equations !== one) {
    return goldIsSeveral ? context.compare(several, equations) : context.compare(equations, several);
  }
  if (one.kind === "relation" && several.items.length > 2) {
    const isChain = one.operators.length > 1 && one.operators.every((operator) => operator === "<");
    if (isChain) return undefined;
  }
  // x = {1, 2} gives a name to the collection itself.
  if (one.kind === "relation" && one.items.some((side) => isUnordered(side) || side.kind === "union")) {
    return undefined;
  }
  const equal = several.items.length > 0 && several.items.length <= MAX_ELEMENTS &&
    several.items.every((item) =>
      (goldIsSeveral ? context.compare(item, one) : context.compare(one, item)).equal
    );
  return { equal, method: "elements in any order" };
}

/** A tuple against a list of the same length, or against an assignment such as `(x, y) = (1, 2)`. */
function tupleAgainst(
  tuple: Tuple,
  other: Node,
  goldIsTuple: boolean,
  context: Context,
): Comparison | undefined {
  const method = "place by place";
  if (other.kind === "relation") return undefined;
  if (isUnordered(other) && other.items.length === 1) {
    const [only] = other.items;
    if (only) return goldIsTuple ? context.compare(tuple, only) : context.compare(only, tuple);
  }
  if (isAlternative(other)) return { equal: false, method: "alternatives" };
  const isRound = tuple.open === "(" && tuple.close === ")";
  // [1, 2, 3] is how programs print a list; of two elements it would be an interval.
  const isPrinted = tuple.open === "[" && tuple.close === "]" && tuple.items.length !== 2;
  if (
    !isUnordered(other) || !context.policy.bareTuples || !(isPrinted || (isRound && other.kind === "list"))
  ) {
    return { equal: false, method };
  }
  const [a, b] = goldIsTuple ? [tuple.items, other.items] : [other.items, tuple.items];
  return other.kind === "set"
    ? { equal: inAnyOrder(a, b, context), method: "elements in any order" }
    : { equal: inOrder(a, b, context), method };
}

/** Does one list name each of its values, and the other none? Then the values have an order. */
function oneSideLabelled(a: readonly Node[], b: readonly Node[]): boolean {
  const labels = (items: readonly Node[]): number =>
    new Set(items.flatMap((item) => {
      const name = item.kind === "relation" && item.operators[0] === "=" ? item.items[0] : undefined;
      return name?.kind === "symbol" || name?.kind === "apply" ? [keyOf(name)] : [];
    })).size;
  const x = labels(a), y = labels(b);
  return (x === a.length && x > 1 && y === 0) || (y === b.length && y > 1 && x === 0);
}
