/**
 * Are two formulas equal? A ladder: identical trees, exact canonical forms, 64 digits or points, and then the allowances:
 * a sign on one side only, or rounding.
 *
 * @module
 */

import {
  Algebra,
  type Budget,
  type CanonicalForm,
  contains,
  identical,
  integerNode,
  isInteger,
  mapChildren,
  type Node,
  quotient,
  TooLarge,
} from "../expression/mod.ts";
import { allow, type Allowance, type Granted } from "./allowance.ts";
import type { Policy } from "./policy.ts";
import { isRounded, isTolerated, within } from "./rounding.ts";
import { compareValues } from "./sampling.ts";

/** What comparing found. */
export interface Comparison {
  /** Are the answers equal? */
  readonly equal: boolean;
  /** The rung of the ladder that decided. */
  readonly method: string;
}

/** What every comparison shares. */
export interface Context {
  /** Pays for all work on the pair. */
  readonly budget: Budget;
  /** The switches that decide what counts as equal. */
  readonly policy: Policy;
  /** The allowance on which the pair rests so far. */
  readonly granted: Granted;
  /** The base of logarithms that show none, chosen once for the pair. */
  readonly logarithm: { natural: boolean };
  /** Compares two answers of any type; the rules for parts of answers come back to it. */
  readonly compare: (gold: Node, answer: Node) => Comparison;
}

/** The signs that may be left out, with their allowances. */
const SIGNS = { percent: "percent sign", degree: "degree sign", residue: "modulus" } as const;

/** A sign that may be left out. */
type Sign = keyof typeof SIGNS;

/** Compares two formulas. */
export function compareScalars(gold: Node, answer: Node, context: Context): Comparison {
  if (identical(gold, answer)) return { equal: true, method: "identical" };
  if (gold.kind === "based" || answer.kind === "based") return compareBased(gold, answer, context);
  const sides = [gold, answer] as const;
  // Under the same sign the numbers are compared; residues as a whole: 7 mod 5 is 2 mod 5.
  for (const sign of ["percent", "degree"] as const) {
    const [a, b] = sides.map((side) => bare(side, sign));
    if (a && b) return compareScalars(a, b, context);
  }
  const found = compareByValue(gold, answer, context);
  if (found.equal) return found;
  const { policy, granted, budget } = context;
  const allowed = (name: Allowance, attempt: () => boolean): Comparison | undefined =>
    allow(name, granted, attempt) ? { equal: true, method: name } : undefined;
  const bySign = (sign: Sign): Comparison | undefined => {
    const a = bare(gold, sign), b = bare(answer, sign);
    return a || b
      ? allowed(SIGNS[sign], () => withoutSign(sign, a ?? gold, b ?? answer, a !== undefined, context))
      : undefined;
  };
  return (policy.bareNumbers ? bySign("percent") ?? bySign("degree") ?? bySign("residue") : undefined) ??
    (policy.rounding ? allowed("rounded decimal", () => isRounded(gold, answer, budget)) : undefined) ??
    (policy.tolerance > 0 || policy.relativeTolerance > 0
      ? allowed("within the tolerance", () => isTolerated(gold, answer, policy, budget))
      : undefined) ??
    found;
}

/** Are two sides equal if one of them loses its sign? Which of its two values a number has, the bare side decides. */
function withoutSign(sign: Sign, gold: Node, answer: Node, goldHadIt: boolean, context: Context): boolean {
  const [signed, bareSide] = goldHadIt ? [gold, answer] : [answer, gold];
  // 50 % is not 50°, although both may be 50.
  if (Object.keys(SIGNS).some((other) => other !== sign && bare(bareSide, other as Sign))) return false;
  // A bare number below 1 is a share: 3/4 % is not 3/4, and 100 % is 1.
  if (sign === "percent" && isShare(bareSide, context)) return false;
  // A class of residues is named by its smallest one: 17 (mod 5) is 2, and not 17.
  const plain = sign === "residue" ? remainder(signed) : signed;
  return compareByValue(goldHadIt ? plain : gold, goldHadIt ? answer : plain, context).equal;
}

/** Is a number below 1 in size? A letter may be more. */
function isShare(node: Node, { budget }: Context): boolean {
  return within(integerNode(0), node, 1, budget) && !within(integerNode(1), node, 0, budget);
}

/** Compares two formulas by their values alone, with no allowance. */
function compareByValue(gold: Node, answer: Node, context: Context): Comparison {
  const isOpen = (node: Node): boolean => node.kind === "call" && node.name === "log";
  const [a, b] = contains(gold, isOpen) || contains(answer, isOpen)
    ? [withBase(gold, context), withBase(answer, context)]
    : [gold, answer];
  const exact = compareExactly(a, b, context);
  if (exact) return exact;
  const { equal, method } = compareValues(a, b, context.budget);
  return equal === undefined ? { equal: false, method: "undecided" } : { equal, method };
}

/** The remainder of a residue class; classes of classes are remainders of remainders. */
function remainder(node: Node): Node {
  const inner = mapChildren(node, remainder);
  return inner.kind === "call" && inner.name === "residue" ? { ...inner, name: "mod" } : inner;
}

/** What stands under a percent or degree sign; a residue class itself. */
function bare(node: Node, sign: Sign): Node | undefined {
  if (sign === "residue") return node.kind === "call" && node.name === "residue" ? node : undefined;
  if (node.kind === sign) return node.items[0];
  // The minus sign of -45° stands outside.
  const [minus, inner] = node.kind === "product" && node.items.length === 2 ? node.items : [];
  return minus && isInteger(minus, -1n) && inner?.kind === sign
    ? { kind: "product", items: [minus, inner.items[0]] }
    : undefined;
}

/** A formula whose logarithms without a base have the one that was chosen for the pair. */
function withBase(node: Node, context: Context): Node {
  const inner = mapChildren(node, (child) => withBase(child, context));
  if (inner.kind !== "call" || inner.name !== "log") return inner;
  const natural: Node = { kind: "call", name: "ln", items: inner.items };
  return context.logarithm.natural && context.policy.openLogarithms
    ? natural
    : quotient(natural, { kind: "call", name: "ln", items: [integerNode(10)] });
}

/**
 * Is a logarithm without a base a natural one in this pair? It is where e, an exponential or a natural logarithm stands
 * beside it; else it is to base 10.
 */
export function isNaturalPair(gold: Node, answer: Node): boolean {
  return [gold, answer].some((side) =>
    contains(side, (node) => node.kind === "call" && node.name === "log")
  ) &&
    (showsE(gold) || showsE(answer));
}

/** Does e stand in a formula, or a natural logarithm that is no quotient such as ln 8 / ln 2? */
function showsE(node: Node): boolean {
  if (node.kind === "constant") return node.name === "e";
  if (node.kind === "call" && (node.name === "ln" || node.name === "exp")) return true;
  if (node.kind === "product" && node.items.length === 2) {
    const [top, bottom] = node.items;
    const isLn = (part: Node | undefined): boolean => part?.kind === "call" && part.name === "ln";
    if (isLn(top) && bottom?.kind === "power" && isLn(bottom.items[0]) && isInteger(bottom.items[1], -1n)) {
      return [top, bottom.items[0]].some((part) => part && "items" in part && part.items.some(showsE));
    }
  }
  return "items" in node && node.items.some(showsE);
}

/** Numbers in a stated base: the digits must agree, and the bases where both are stated. */
function compareBased(gold: Node, answer: Node, context: Context): Comparison {
  const method = "digits in a base";
  if (gold.kind === "based" && answer.kind === "based") {
    return { equal: gold.digits === answer.digits && gold.base === answer.base, method };
  }
  // The answer may leave out the base that the gold answer states; it states none that the gold answer lacks.
  const equal = context.policy.bareNumbers && gold.kind === "based" && answer.kind === "number" &&
    isInteger(answer) && answer.value.numerator.toString() === gold.digits &&
    allow("base", context.granted, () => true);
  return equal ? { equal, method: "base" } : { equal: false, method };
}

/** Compares canonical forms; `undefined` if they cannot decide. */
function compareExactly(gold: Node, answer: Node, { budget }: Context): Comparison | undefined {
  const algebra = new Algebra(budget);
  let a: CanonicalForm | undefined, b: CanonicalForm | undefined;
  try {
    a = algebra.form(gold);
    b = algebra.form(answer);
    const equal = algebra.equal(a, b);
    return equal === undefined ? undefined : { equal, method: "exact" };
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}
