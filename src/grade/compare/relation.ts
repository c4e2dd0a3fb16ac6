/**
 * Equations and inequalities: up to rearrangement, up to the names of bound letters, and against the value that they
 * assign.
 *
 * @module
 */

import {
  Algebra,
  constantOf,
  contains,
  freeSymbols,
  identical,
  integerNode,
  isInteger,
  negative,
  type Node,
  quotient,
  type RelationOperator,
  sharesFactor,
  substitute,
  TooLarge,
} from "../expression/mod.ts";
import { compareScalars, type Comparison, type Context } from "./scalar.ts";

/** A relation. */
export type Relation = Node & { kind: "relation" };

const different = (method: string): Comparison => ({ equal: false, method });

/** Does the left side of an equation name the value on the right? */
function isName(node: Node): boolean {
  switch (node.kind) {
    case "apply":
      // f(x), but not f(f(x)): that is an equation for f.
      return !node.items.some((item) => contains(item, ({ kind }) => kind === "apply"));
    case "symbol":
    case "ratio":
    case "text":
      return true;
    case "call":
      return freeSymbols(node).size > 0 && node.items.every(isName);
    case "intersection":
    case "union":
      return node.items.every(isName);
    case "binder":
      return freeSymbols(node).size > 0;
    case "power":
      // The lower part of a quotient, or a minus sign that makes an inverse.
      return node.items[0].kind === "symbol" && isInteger(node.items[1], -1n);
    case "sum":
      // m + n, f(0) + f(1)
      return node.items.every((item) => item.kind === "symbol" || item.kind === "apply");
    case "bracket":
      return node.items.every(isName);
    case "product":
      return node.items.every((item) => item.kind === "symbol" || (item.kind === "power" && isName(item)));
    default:
      return false;
  }
}

/** The value that an equation assigns: `x = 5`, `5 = x`, `x = 3 + 2 = 5`, `3 + 2 = 5`. */
export function assigned(node: Node): Node | undefined {
  if (node.kind !== "relation" || node.operators.some((operator) => operator !== "=")) return undefined;
  const first = node.items[0] as Node, last = node.items.at(-1) as Node;
  if (isName(first)) return last;
  if (isConstant(first) && last.kind === "symbol") return first;
  return isConstant(last) && (isConstant(first) || node.items.length > 2) ? last : undefined;
}

/**
 * The value that an equation states of what was asked: one side is a label, which is a letter, a named quantity or any
 * expression that is not made of numbers alone, such as `m - n` or `P(X = 1)`, and the other is the value. Nothing is
 * solved: `2x = 6` states that 2x is 6.
 */
export function labelled(node: Node): Node | undefined {
  const value = assigned(node);
  if (value || node.kind !== "relation" || node.operators.some((operator) => operator !== "=")) return value;
  const first = node.items[0] as Node, last = node.items.at(-1) as Node;
  // Only a number is told apart from a label: of two sides with letters neither is the value.
  if (isConstant(last)) return last;
  return isConstant(first) && node.items.length === 2 ? first : undefined;
}

/** Is a node a formula without unknowns? */
function isConstant(node: Node): boolean {
  return !contains(
    node,
    ({ kind }) => ["symbol", "apply", "relation", "list", "set", "bracket", "text"].includes(kind),
  );
}

/** `(x, y) = (1, 2)` as the list of its equations. */
export function asEquations(node: Node): Node {
  const [left, right] = node.kind === "relation" && node.items.length === 2 && node.operators[0] === "="
    ? node.items
    : [];
  if (left?.kind !== "bracket" || right?.kind !== "bracket" || left.items.length !== right.items.length) {
    return node;
  }
  const items = left.items.map((name, i): Node => ({
    kind: "relation",
    operators: ["="],
    items: [name, right.items[i] as Node],
  }));
  return { kind: "list", joiner: ",", items };
}

/** Compares a relation with a relation or a value; `undefined` if neither side is a relation. */
export function compareRelations(gold: Node, answer: Node, context: Context): Comparison | undefined {
  if (gold.kind !== "relation" && answer.kind !== "relation") return undefined;
  if (gold.kind === "relation" && answer.kind === "relation") {
    return compareTwoRelations(gold, answer, context);
  }
  const relation = (gold.kind === "relation" ? gold : answer) as Relation;
  const other = gold.kind === "relation" ? answer : gold;
  const order = compareOrder(relation, other, context);
  if (order) return order;
  // What the gold answer says may be solved for the letter that it is about; what is to be graded never is.
  const value = relation === gold
    ? assigned(relation) ?? solved(relation, other, context)
    : labelled(relation);
  if (!value) return different("relation against value");
  return relation === gold ? context.compare(value, answer) : context.compare(gold, value);
}

/** `b < a < c` says the order of the list `b, a, c`. */
function compareOrder({ items, operators }: Relation, other: Node, context: Context): Comparison | undefined {
  if (other.kind !== "list" || items.length < 3 || !operators.every((operator) => operator === "<")) {
    return undefined;
  }
  const equal = items.length === other.items.length && items.every(({ kind }) => kind === "symbol") &&
    items.every((item, i) => context.compare(item, other.items[i] as Node).equal);
  return { equal, method: "place by place" };
}

/** The most letters of an equation that is solved, or compared up to a factor. */
const MAX_LETTERS = 8;

/** What an equation says of one of its letters that another formula does not contain, if it is linear in it. */
function solved(relation: Relation, other: Node, context: Context): Node | undefined {
  const [left, right] = relation.items;
  if (!left || !right || relation.items.length !== 2 || relation.operators[0] !== "=") return undefined;
  const used = freeSymbols(other), names = freeSymbols(relation);
  if (names.size > MAX_LETTERS) return undefined;
  for (const name of names) {
    if (used.has(name)) continue;
    const value = linearSolution(left, right, name, context);
    // Where the slope may vanish, as in x(y - 1) = 0, nothing is solved.
    if (value && [...freeSymbols(value.slope)].every((letter) => used.has(letter))) return value.root;
  }
  return undefined;
}

/** The nodes that make polynomials and quotients of them. */
const POLYNOMIAL: ReadonlySet<Node["kind"]> = new Set(["symbol", "sum", "product", "power"]);

/** The solution of left = right for one letter, and the slope of left − right, if the equation is linear in it. */
export function linearSolution(
  left: Node,
  right: Node,
  name: string,
  { budget }: Context,
): { root: Node; slope: Node } | undefined {
  const difference: Node = { kind: "sum", items: [left, negative(right)] };
  const at = (value: number): Node => substitute(difference, name, integerNode(value));
  const minus = (a: Node, b: Node): Node => ({ kind: "sum", items: [a, negative(b)] });
  const slope = minus(at(1), at(0));
  if (freeSymbols(slope).has(name)) return undefined;
  // A letter under a root, a bar or another function is no longer linear.
  if (contains(difference, (node) => !POLYNOMIAL.has(node.kind) && freeSymbols(node).has(name))) {
    return undefined;
  }
  try {
    const { numerator, denominator } = new Algebra(budget).form(difference);
    const degree = (powers: ReadonlyMap<string, number>): number => powers.get(name) ?? 0;
    const degrees = [...numerator.values()].map(({ powers }) => degree(powers));
    if (Math.max(0, ...degrees) !== 1 || [...denominator.values()].some(({ powers }) => degree(powers) > 0)) {
      return undefined;
    }
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
  return { root: negative(quotient(at(0), slope)), slope };
}

/** A definition `f(x) = …` with its letters renamed to places, so that f(z) = z is f(x) = x. */
function canonicalDefinition(relation: Relation): Relation {
  const [head, ...rest] = relation.items;
  if (head?.kind !== "apply" || !head.items.every((item) => item.kind === "symbol")) return relation;
  const names = head.items.map((item) => item.kind === "symbol" ? item.name : "");
  const renamed = names.reduce<readonly Node[]>(
    (sides, name, i) => sides.map((side) => substitute(side, name, { kind: "symbol", name: `place ${i}` })),
    [head, ...rest],
  );
  return { ...relation, items: renamed };
}

function compareTwoRelations(first: Relation, second: Relation, context: Context): Comparison {
  const [headA, headB] = [first.items[0] as Node, second.items[0] as Node];
  if (sameFunction(headA, headB) && first.items.length === 2 && second.items.length === 2) {
    const [p, q] = [first.operators[0], second.operators[0]];
    const values = context.compare(first.items[1] as Node, second.items[1] as Node);
    if (p === "=" && q === "=" && values.equal) return values;
  }
  const gold = canonicalDefinition(first), answer = canonicalDefinition(second);
  const a = assigned(gold), b = assigned(answer);
  const nameA = gold.items[0] as Node, nameB = answer.items[0] as Node;
  if (
    a && b &&
    (identical(nameA, nameB) || sameLetter(nameA, nameB) || (isConstant(nameA) && isConstant(nameB)))
  ) {
    const values = context.compare(a, b);
    if (values.equal || nameA.kind !== "symbol") return values;
  }
  if (gold.operators.length !== 1 || answer.operators.length !== 1) {
    const turned = answer.operators.map(turn).reverse(), sides = [...answer.items].reverse();
    const equal = sidesEqual(gold, answer.operators, answer.items, context) ||
      sidesEqual(gold, turned, sides, context);
    return { equal, method: "side by side" };
  }
  return { equal: proportional(gold, answer, context), method: "up to rearrangement" };
}

/** Do two names stand for one function: f for f(x), or y for its value? */
function sameFunction(a: Node, b: Node): boolean {
  const [applied, letter] = a.kind === "apply" ? [a, b] : [b, a];
  return applied.kind === "apply" && letter.kind === "symbol" &&
    (letter.name === applied.name || letter.name === "y") &&
    applied.items.length === 1;
}

/** Are two names one letter, of which one alone has a number: x and x_1? */
function sameLetter(a: Node, b: Node): boolean {
  if (a.kind !== "symbol" || b.kind !== "symbol") return false;
  const [x = "", y = ""] = [a.name, b.name].sort((p, q) => p.length - q.length);
  return y.startsWith(`${x}_`) && /^\d$/.test(y.slice(x.length + 1));
}

function sidesEqual(
  gold: Relation,
  operators: readonly RelationOperator[],
  items: readonly Node[],
  context: Context,
): boolean {
  return gold.operators.join() === operators.join() &&
    gold.items.every((item, i) => context.compare(item, items[i] as Node).equal);
}

/** The signs that are turned around when both sides change places. */
const TURNED: Readonly<Partial<Record<RelationOperator, RelationOperator>>> = {
  ">": "<",
  ">=": "<=",
  "<": ">",
  "<=": ">=",
  "subset": "supset",
  "supset": "subset",
};

const turn = (operator: RelationOperator): RelationOperator => TURNED[operator] ?? operator;

/** Do two relations say the same after moving everything to one side, up to a constant factor? */
function proportional(gold: Relation, answer: Relation, context: Context): boolean {
  const algebra = new Algebra(context.budget);
  const [a, b] = [gold, answer].map(({ items: [left, right], operators: [operator = "="] }) => {
    const turns = operator === ">" || operator === ">=" || operator === "supset";
    const [x, y] = turns ? [right, left] : [left, right];
    return { operator: turns ? turn(operator) : operator, left: x as Node, right: y as Node };
  });
  if (!a || !b || a.operator !== b.operator) return false;
  const inPlace = context.compare(a.left, b.left).equal && context.compare(a.right, b.right).equal;
  if (inPlace) return true;
  if (
    a.operator === "=" && context.compare(a.left, b.right).equal && context.compare(a.right, b.left).equal
  ) {
    return true;
  }
  if (["in", "notin", "subset", "to"].includes(a.operator)) return false;
  const isScalar = (node: Node): boolean =>
    !contains(
      node,
      ({ kind }) => ["list", "set", "bracket", "matrix", "text", "relation", "union"].includes(kind),
    );
  if (![a.left, a.right, b.left, b.right].every(isScalar)) return false;
  try {
    const x = algebra.subtract(algebra.form(a.left), algebra.form(a.right));
    const y = algebra.subtract(algebra.form(b.left), algebra.form(b.right));
    if (a.operator === "<" || a.operator === "<=") {
      const factor = algebra.proportion(x.numerator, y.numerator);
      // A negative denominator would turn the sign around.
      const constants = [x, y].every(({ denominator }) => (constantOf(denominator)?.numerator ?? -1n) > 0n);
      return constants && factor !== undefined && factor.numerator > 0n;
    }
    // (x - 1) / (x - 1) = 0 has no solution: what cancels was a domain.
    if ([x, y].some((form) => sharesFactor(form.numerator, form.denominator, context.budget))) return false;
    if (algebra.proportion(x.numerator, y.numerator)) return true;
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
  }
  const difference = (side: typeof a): Node => ({ kind: "sum", items: [side.left, negative(side.right)] });
  const x = difference(a), y = difference(b);
  return compareScalars(x, y, context).equal ||
    ((a.operator === "=" || a.operator === "!=") &&
      (compareScalars(x, negative(y), context).equal || isConstantQuotient(x, y, context)));
}

/** Is the quotient of two formulas in the same unknowns a constant other than 0? */
function isConstantQuotient(x: Node, y: Node, context: Context): boolean {
  const names = [...freeSymbols(x)];
  const others = freeSymbols(y);
  if (
    names.length === 0 || names.length > MAX_LETTERS || names.length !== others.size ||
    !names.every((name) => others.has(name))
  ) {
    return false;
  }
  // x / y is constant if x(p) y(q) = x(q) y(p), with q the point whose letters are all new.
  const elsewhere = (node: Node): Node =>
    names.reduce(
      (result, name) => substitute(result, name, { kind: "symbol", name: `${name} elsewhere` }),
      node,
    );
  const product = (a: Node, b: Node): Node => ({ kind: "product", items: [a, b] });
  return compareScalars(product(x, elsewhere(y)), product(elsewhere(x), y), context).equal &&
    !compareScalars(x, integerNode(0), context).equal && !compareScalars(y, integerNode(0), context).equal;
}

/** Ratios are equal if their parts are in proportion; 3:4 is also the number 3/4. */
export function compareRatios(gold: Node, answer: Node, context: Context): Comparison | undefined {
  if (gold.kind !== "ratio" && answer.kind !== "ratio") return undefined;
  const method = "parts in proportion";
  if (gold.kind !== "ratio" || answer.kind !== "ratio") {
    const [ratio, other] = gold.kind === "ratio" ? [gold, answer] : [answer, gold];
    const [top, bottom] = ratio.kind === "ratio" && ratio.items.length === 2 ? ratio.items : [];
    if (!top || !bottom || !context.policy.ratiosAsNumbers || other.kind === "relation") {
      return different(method);
    }
    const value = quotient(top, bottom);
    return gold.kind === "ratio" ? context.compare(value, answer) : context.compare(gold, value);
  }
  if (gold.items.length !== answer.items.length) return different(method);
  if (isClock(gold) && isClock(answer)) {
    // Two times of day that are the same ratio are not the same time.
    return { equal: identical(gold, answer), method: "time" };
  }
  // Every pair of parts, so that a part of 0 proves nothing.
  const equal = gold.items.every((a, i) =>
    gold.items.slice(i + 1).every((b, j) => {
      const left: Node = { kind: "product", items: [a, answer.items[i + 1 + j] as Node] };
      const right: Node = { kind: "product", items: [b, answer.items[i] as Node] };
      return compareScalars(left, right, context).equal;
    })
  ) && isZeroEverywhere(gold.items, context) === isZeroEverywhere(answer.items, context);
  return { equal, method };
}

/** May a ratio be a time of day: hours, and two digits of minutes? */
function isClock({ items }: Node & { kind: "ratio" }): boolean {
  const [hours, minutes] = items.map((item) =>
    item.kind === "number" && item.value.denominator === 1n && item.decimals === undefined
      ? Number(item.value.numerator)
      : NaN
  );
  return items.length === 2 && (hours ?? NaN) >= 0 && (hours ?? NaN) < 25 && (minutes ?? NaN) >= 10 &&
    (minutes ?? NaN) < 60;
}

function isZeroEverywhere(items: readonly Node[], context: Context): boolean {
  return items.every((item) => compareScalars(item, integerNode(0), context).equal);
}
