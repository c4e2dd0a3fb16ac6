/**
 * Is work left in an answer whose value is right? The table in docs/grading.md says what counts as work left; this is
 * where it is decided, part by part, against the gold answer's parts of the same value.
 *
 * @module
 */

import {
  type Budget,
  children,
  contains,
  freeSymbols,
  identical,
  isInteger,
  keyOf,
  type Node,
  type Value,
} from "../expression/mod.ts";
import { labelled, withCombinations } from "../compare/mod.ts";
import { type Inspection, leftIn } from "./formula.ts";
import { integerOf, isDigits, isNumeral } from "./numeral.ts";
import type { FormRules } from "./rules.ts";
import { denominatorOf, factorsOf, isConstant, operationsOf, sizeOf, unsigned } from "./shape.ts";
import { Values } from "./values.ts";
import { isUnexpanded, isUnfactored } from "./wanted.ts";

/** An answer may have so many times the operations of the gold answer, and so many more. */
const LONGER = { times: 2, more: 4 };

/** Nodes that hold answers side by side. */
const HOLDERS: ReadonlySet<Node["kind"]> = new Set([
  "list",
  "set",
  "bracket",
  "matrix",
  "ratio",
  "union",
  "difference",
  "builder",
  "quantity",
  "relation",
  "intersection",
]);

/** Nodes that say nothing that could be computed. */
const WORDS: ReadonlySet<Node["kind"]> = new Set(["text", "time", "date", "domain", "symbol"]);

/**
 * What is left to do in an answer that equals the gold answer, in words; `undefined` if it is in final form.
 *
 * @throws {OutOfSteps} If the budget is used up.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Budget } from "../expression/mod.ts";
 * import { parseAnswer } from "../read/mod.ts";
 * import { workLeft } from "./work.ts";
 *
 * const budget = new Budget(10_000), free = { reduced: "free", wanted: undefined } as const;
 * const of = (gold: string, answer: string) =>
 *   workLeft(parseAnswer(gold, budget).node, parseAnswer(answer, budget).node, free, budget);
 * assertEquals(of("13", "\\sqrt{5^2+12^2}"), "its value is a number that is not worked out");
 * assertEquals(of("1024", "2^{10}"), undefined);
 * ```
 */
export function workLeft(gold: Node, answer: Node, rules: FormRules, budget: Budget): string | undefined {
  if (identical(gold, answer)) return undefined;
  return new Inspector(gold, rules, budget).left(withCombinations(answer, gold));
}

/** A formula of the gold answer and its value. */
interface Reference {
  readonly node: Node;
  readonly value: Value | undefined;
}

/** Inspects answers against one gold answer. */
class Inspector {
  readonly #gold: Node;
  readonly #inspection: Inspection;
  readonly #values: Values;
  readonly #references: readonly Reference[];

  constructor(gold: Node, rules: FormRules, budget: Budget) {
    this.#gold = gold;
    this.#values = new Values(budget);
    const parts = new Set<string>();
    collectKeys(gold, parts);
    budget.spend(10 * parts.size);
    this.#inspection = { rules, budget, values: this.#values, allowed: operationsOf(gold), parts };
    this.#references = formulasOf(gold).map((node) => ({
      node,
      value: isConstant(node) ? this.#values.approximate(node) : undefined,
    }));
  }

  /** What is left in an answer or a part of one. */
  left(node: Node): string | undefined {
    if (WORDS.has(node.kind)) return undefined;
    if (node.kind === "relation") return this.#relation(node);
    if (node.kind === "intersection" && !this.#inspection.allowed.has("intersection")) {
      return "an intersection is not worked out";
    }
    const isOne = this.#gold.kind === "bracket" || this.#gold.kind === "set";
    if (node.kind === "union" && isOne) return "a union is not worked out";
    if (!HOLDERS.has(node.kind)) return this.#formula(node);
    return this.#first(children(node));
  }

  #first(nodes: readonly Node[]): string | undefined {
    for (const node of nodes) {
      const left = this.left(node);
      if (left !== undefined) return left;
    }
    return undefined;
  }

  /** The value that an equation states; the sides of one that states none, which must be solved if the gold answer is. */
  #relation(node: Node & { kind: "relation" }): string | undefined {
    const goldIsRelation = contains(this.#gold, ({ kind }) => kind === "relation");
    if (node.operators.every((operator) => operator === "=")) {
      const value = labelled(node);
      if (!goldIsRelation) return value && this.left(value);
      const isSolved = contains(
        this.#gold,
        (part) => part.kind === "relation" && isIsolated(part) && isOfOne(part),
      );
      if (isSolved && isOfOne(node) && !isIsolated(node)) return "an equation is not solved";
      return isIsolated(node) && value ? this.left(value) : this.#sides(node.items);
    }
    const compares = node.operators.some((operator) => ["<", ">", "<=", ">=", "!="].includes(operator));
    const goldIsOpen = contains(this.#gold, (part) => part.kind === "relation" && !isIsolated(part));
    if (compares && !goldIsOpen && isOfOne(node) && !isIsolated(node)) return "an inequality is not solved";
    return isIsolated(node) ? this.#first(node.items) : this.#sides(node.items);
  }

  /** Sides of a relation that is as general as the gold answer: only what is left in numbers counts. */
  #sides(nodes: readonly Node[]): string | undefined {
    for (const node of nodes) {
      const left = HOLDERS.has(node.kind) || WORDS.has(node.kind) ? undefined : this.#leftIn(node);
      if (left !== undefined) return left;
    }
    return undefined;
  }

  /** A formula against the gold answer's formula of the same value. */
  #formula(node: Node): string | undefined {
    const { rules, parts } = this.#inspection;
    const collections = ["bracket", "set", "list", "matrix", "union"];
    if (contains(node, ({ kind }) => collections.includes(kind))) return this.#ofCollections(node);
    if (node.kind === "call" && node.name === "residue") return this.#residue(node);
    const reference = this.#referenceOf(node);
    const isAsked = (wanted: typeof rules.wanted): boolean => rules.wanted === wanted && !isConstant(node);
    if (parts.has(keyOf(node))) return undefined;
    if (isConstant(node)) {
      const left = this.#constant(node, reference?.node);
      if (left !== "irrational") return left;
    } else {
      const value = this.#values.rational(node);
      if (value !== undefined && value !== "long") return "its letters cancel";
    }
    const left = this.#leftIn(node) ?? this.#quotient(node);
    if (left !== undefined) return left;
    if (isAsked("expanded") && isUnexpanded(node)) return "it is not multiplied out";
    if (isAsked("factored") && reference && isUnfactored(node, reference.node)) return "it is not factored";
    const tooLong = reference && sizeOf(node) > LONGER.times * sizeOf(reference.node) + LONGER.more;
    return tooLong ? "it has many more operations than the gold answer" : undefined;
  }

  /** What is left in a formula, unless the gold answer leaves the same. */
  #leftIn(node: Node): string | undefined {
    const left = leftIn(node, this.#inspection);
    const inspection = { ...this.#inspection, parts: new Set<string>() };
    return left !== undefined && this.#references.some((one) => leftIn(one.node, inspection) === left)
      ? undefined
      : left;
  }

  /** A formula without letters: a rational number in one of its forms, or `irrational`. */
  #constant(node: Node, reference: Node | undefined): string | undefined {
    const { rules } = this.#inspection, bare = unsigned(node);
    if (isDigits(bare)) return undefined;
    const of = (side: Node) => this.#values.rational(side);
    const own = of(node), value = own ?? (reference && of(reference));
    // Where no value could be compared, a gold answer of numbers alone still says what is asked.
    const asNumbers = !reference &&
      this.#references.every((one) => isConstant(one.node) && isNumeral(one.node, of(one.node), rules));
    if (value === undefined && !asNumbers) {
      const inDigits = rules.wanted === "decimal" && reference !== undefined && isDigits(unsigned(reference));
      return inDigits ? "digits are asked for" : "irrational";
    }
    const gold = reference && unsigned(reference);
    if (own !== undefined && isNumeral(node, own, rules)) return undefined;
    if (gold && !isNumeral(gold, of(gold), rules) && this.#isLike(node, gold)) return undefined;
    return own !== undefined && isNumeral(node, own, { reduced: "free", wanted: undefined })
      ? rules.wanted === "decimal" ? "digits are asked for" : "it is not in lowest terms"
      : "its value is a number that is not worked out";
  }

  /** Has a formula no other operations than the gold answer's, and not more of them? */
  #isLike(node: Node, gold: Node): boolean {
    const known = operationsOf(gold);
    return [...operationsOf(node)].every((name) => known.has(name)) && sizeOf(node) <= sizeOf(gold) + 1;
  }

  /** A division by something with letters where the gold answer has none, or less of it. */
  #quotient(node: Node): string | undefined {
    const divides = (side: Node): boolean => contains(side, isDivision);
    const goldDivides = contains(
      this.#gold,
      (part) =>
        isDivision(part) || (part.kind === "call" && ["tan", "cot", "sec", "csc"].includes(part.name)),
    );
    if (!divides(node)) return undefined;
    if (!goldDivides) return "a division is not carried out";
    const [reference] = this.#references;
    const degrees = [node, reference?.node].map((side) => side && this.#degreeBelow(side));
    const [own, wanted] = degrees;
    return this.#references.length === 1 && own !== undefined && wanted !== undefined && own > wanted
      ? "a common factor is left in a fraction"
      : undefined;
  }

  /** The degree of what stands below the line of a product. */
  #degreeBelow(node: Node): number | undefined {
    const bare = unsigned(node);
    const form = bare.kind === "product" || bare.kind === "power" ? this.#values.form(bare) : "long";
    if (form === "long" || form.opaque) return undefined;
    return Math.max(
      ...[...form.denominator.values()].map(({ powers }) => [...powers.values()].reduce((a, b) => a + b, 0)),
    );
  }

  /** Sums and products of matrices, tuples and sets; with letters they may be how a line or plane is written. */
  #ofCollections(node: Node): string | undefined {
    const isHolder = (part: Node): boolean => HOLDERS.has(part.kind) && part.kind !== "ratio";
    const combines = (part: Node): boolean =>
      (["sum", "product"].includes(part.kind) && factorsOf(part).length + children(part).length > 0 &&
        (part.kind === "product" ? factorsOf(part) : children(part)).filter(isHolder).length > 1) ||
      (part.kind === "power" && isHolder(part.items[0]) && integerOf(part.items[1]) !== undefined);
    if (!contains(this.#gold, isHolder)) return "matrices or tuples are not combined";
    if (isConstant(node) && contains(node, combines) && !contains(this.#gold, combines)) {
      return "matrices or tuples are not combined";
    }
    const held: Node[] = [];
    const collect = (part: Node): void => {
      if (isHolder(part)) held.push(part);
      else children(part).forEach(collect);
    };
    collect(node);
    return this.#first(held);
  }

  /** A residue class by its smallest representative. */
  #residue(node: Node & { kind: "call" }): string | undefined {
    const [value, modulus] = node.items.map(integerOf);
    if (value === undefined || modulus === undefined) return this.#first(node.items.slice(0, 1));
    return this.#inspection.allowed.has("residue") || (value >= 0n && value < modulus)
      ? undefined
      : "the remainder is not worked out";
  }

  /** The gold answer's formula that a formula equals: of the same value, or the only one where there are letters. */
  #referenceOf(node: Node): Reference | undefined {
    if (!isConstant(node)) return this.#references.length === 1 ? this.#references[0] : undefined;
    const value = this.#values.approximate(node);
    return value &&
      this.#references.find((one) => one.value !== undefined && this.#values.close(one.value, value));
  }
}

/** Is a node a division by a formula in letters, other than by a power of a number? */
function isDivision(node: Node): boolean {
  if (node.kind !== "power") return false;
  const [base, exponent] = node.items;
  const isNegative = exponent.kind === "number"
    ? exponent.value.numerator < 0n
    : unsigned(exponent) !== exponent;
  const hasLetterBase = contains(
    denominatorOf(node) ?? base,
    (part) => part.kind === "symbol" || part.kind === "apply",
  );
  const isOfNumber = base.kind === "power" && isConstant(base.items[0]);
  return isNegative && hasLetterBase && !isOfNumber;
}

/** Do the sides of a relation hold one letter in all? */
function isOfOne(node: Node): boolean {
  return freeSymbols(node).size === 1 && !contains(node, ({ kind }) => kind === "apply");
}

/** Stands a letter alone on one side of a relation, or between two, and nowhere else? */
function isIsolated(node: Node & { kind: "relation" }): boolean {
  const sides = node.items;
  const at = sides.findIndex(({ kind }) => kind === "symbol" || kind === "apply");
  const name = sides[at];
  if (!name) return false;
  if (name.kind === "apply") return true;
  return name.kind === "symbol" && sides.every((side, i) => i === at || !freeSymbols(side).has(name.name));
}

/** The formulas of an answer: what stands side by side, and the value of an equation rather than its sides. */
function formulasOf(node: Node): readonly Node[] {
  if (WORDS.has(node.kind)) return node.kind === "symbol" ? [node] : [];
  const value = node.kind === "relation" ? labelled(node) : undefined;
  if (value) return formulasOf(value);
  return HOLDERS.has(node.kind) ? children(node).flatMap(formulasOf) : [node];
}

/** Collects the keys of a node and of its descendants that are more than leaves. */
function collectKeys(node: Node, keys: Set<string>): void {
  if (children(node).length === 0 || isInteger(node)) return;
  keys.add(keyOf(node));
  children(node).forEach((child) => collectKeys(child, keys));
}
