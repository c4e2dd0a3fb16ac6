/**
 * Where two formulas with letters are compared: points of every size and both signs, whole and half numbers, and points on
 * both sides of every step of a function that has steps.
 *
 * @module
 */

import type { Complex } from "mathjs";
import { RandomStream } from "../../random.ts";
import {
  agree,
  agreeInComplexDigits,
  type Budget,
  children,
  contains,
  Evaluator,
  freeSymbols,
  type FunctionName,
  isPrecise,
  magnitude,
  type Node,
  point,
  preciseNumber,
  TooLarge,
  type Value,
} from "../expression/mod.ts";

/** What comparing values found; `equal` is undefined if too few points have a value, or tell too little. */
export interface Sampled {
  /** Are the formulas equal? */
  readonly equal: boolean | undefined;
  /** How it was found. */
  readonly method: string;
}

const NO_UNKNOWNS: ReadonlyMap<string, Complex> = new Map();
const TRIES = 24;
const ENOUGH = 6;
const FEWEST = 3;
/** How far out the points lie, and on which side where both are looked at. */
const SCALES = [1, -27, 3, -1, 27, -9];
/** The natural numbers at which factorials are looked at besides small ones, where a function has steps. */
const FAR = [0, 1, 45, 90, 140];

/** The functions with steps: between two of them they show nothing of what they do elsewhere. */
const STEPPED: ReadonlySet<FunctionName> = new Set(["floor", "ceil", "mod", "max", "min"]);
/** The functions of natural numbers. */
const NATURAL: ReadonlySet<FunctionName> = new Set(["factorial", "binomial"]);
/** The functions by which a letter that usually counts is taken for a whole number. */
const COUNTING: ReadonlySet<FunctionName> = new Set(["mod", "gcd", "lcm", "floor", "ceil"]);
/** The letters that usually count. */
const COUNTERS = /^[jklmnJKLMN](?:_|$)/;

/** Compares the values of two formulas. */
export function compareValues(gold: Node, answer: Node, budget: Budget): Sampled {
  const symbols = [...new Set([...freeSymbols(gold), ...freeSymbols(answer)])].sort();
  if (symbols.length === 0) {
    // Doubles are a hundred times cheaper, and tell most numbers apart.
    if (agreesAt(gold, answer, NO_UNKNOWNS, budget) === false) return { equal: false, method: "doubles" };
    const equal = agreesAt(gold, answer, undefined, budget);
    const isComplex = equal === true && [gold, answer].some(showsI);
    return isComplex && agreeInComplexDigits(gold, answer, new Map(), budget) === false
      ? { equal: false, method: "64 complex digits" }
      : { equal, method: "64 digits" };
  }
  const plan = planOf(gold, answer, symbols);
  // First where all roots and logarithms are real; if that is nowhere, in the complex plane by their principal branch.
  for (const realOnly of plan.branched ? [true, false] : [false]) {
    const stream = new RandomStream("grade");
    const branches = new Map<Node, Set<string>>(plan.stepped.map((node) => [node, new Set()]));
    let valid = 0;
    for (let i = 0; i < plan.tries && (valid < ENOUGH || i < plan.tries - TRIES); i++) {
      const unknowns = new Map(symbols.map((symbol, j) => [symbol, plan.draw(stream, i, j, symbol)]));
      const agrees = agreesAt(gold, answer, unknowns, budget, { realOnly, branches });
      if (agrees === false) return { equal: false, method: "random points" };
      if (agrees) valid++;
    }
    if (valid < FEWEST) continue;
    // A floor that was the same everywhere may be another one farther out.
    if ([...branches.values()].some(({ size }) => size < 2)) return { equal: undefined, method: "undecided" };
    return agreesPrecisely(gold, answer, symbols, plan, budget) === false
      ? { equal: false, method: "64 digits at a point" }
      : { equal: true, method: "random points" };
  }
  return { equal: undefined, method: "undecided" };
}

/** Where to look. */
interface Plan {
  /** The value of the `letter`-th letter at the `index`-th point. */
  readonly draw: (stream: RandomStream, index: number, letter: number, name: string) => Complex;
  /** Are there roots or logarithms, which are looked at where they are real first? */
  readonly branched: boolean;
  /** How many points are tried at most. */
  readonly tries: number;
  /** The functions with steps that depend on a letter. */
  readonly stepped: readonly Node[];
  /** The letters that stand for whole numbers. */
  readonly whole: ReadonlySet<string>;
}

/**
 * Naturals for factorials, whole numbers for letters that count under a modulus, positive reals for roots and logarithms
 * (answers mean the real branch), reals of both signs for absolute values and steps, the complex plane for the rest. With
 * steps, points around every constant, and their products, are looked at too.
 */
function planOf(gold: Node, answer: Node, symbols: readonly string[]): Plan {
  const has = (condition: (node: Node) => boolean): boolean =>
    contains(gold, condition) || contains(answer, condition);
  const calls = (...names: string[]): boolean =>
    has((node) => node.kind === "call" && names.includes(node.name));
  const natural = new Set<string>(), whole = new Set<string>(), stepped: Node[] = [];
  const collect = (node: Node): void => {
    if (node.kind === "binder") {
      for (const limit of node.items.slice(0, -1)) for (const name of freeSymbols(limit)) natural.add(name);
    } else if (node.kind === "call") {
      if (NATURAL.has(node.name)) { for (const name of freeSymbols(node)) natural.add(name); }
      if (COUNTING.has(node.name)) {
        for (const name of freeSymbols(node)) if (COUNTERS.test(name)) whole.add(name);
      }
      if (STEPPED.has(node.name) && freeSymbols(node).size > 0) stepped.push(node);
    }
    children(node).forEach(collect);
  };
  collect(gold);
  collect(answer);
  const signed = calls("abs", "sgn", ...STEPPED), plane = calls("re", "im", "arg");
  const branched =
    calls("ln", "arcsin", "arccos", "arctan", "arccot", "arcsec", "arccsc", "arcsinh", "arccosh") ||
    calls("arctanh", "arg") || has((node) => node.kind === "power" && !isIntegerExponent(node.items[1]));
  const far = signed ? steps(gold, answer).flatMap((size) => [size, -size]) : [];
  const scales = [...far.flatMap((scale) => [scale, scale]), ...SCALES];
  const real = (stream: RandomStream): number => 0.3 + 2.2 * stream.uniform();
  const sign = (stream: RandomStream): number => stream.uniform() < 0.5 ? -1 : 1;
  const draw = (stream: RandomStream, index: number, letter: number, name: string): Complex => {
    // In turn all letters are large, or one of them.
    const alone = index < 2 * far.length && index % 2 === 1 && symbols.length > 1 &&
      letter !== (index >> 1) % symbols.length;
    const scale = alone
      ? SCALES[letter % SCALES.length] as number
      : index < 2 * far.length
      ? scales[index] as number
      : SCALES[(index - 2 * far.length) % SCALES.length] as number;
    if (natural.has(name)) {
      if (stepped.length === 0) return point(stream.integer(2, 30));
      if (index < 2 * far.length) return point(Math.round(Math.abs(scale) * real(stream)));
      return point(index % 3 === 0 ? FAR[(index + letter) % FAR.length] as number : stream.integer(2, 30));
    }
    if (whole.has(name)) return point(Math.round(scale * (1 + 3 * real(stream))));
    if (plane) return point(sign(stream) * real(stream), sign(stream) * real(stream));
    if (signed) {
      const value = scale * real(stream);
      // Whole and half numbers now and then: there the steps are.
      return point(index % 4 === 3 ? Math.round(value) : index % 4 === 2 ? Math.floor(value) + 0.5 : value);
    }
    if (branched) return point(Math.abs(scale) * real(stream));
    return point(sign(stream) * real(stream), sign(stream) * real(stream) / 2);
  };
  return {
    draw,
    branched: branched && !plane,
    tries: TRIES + 2 * far.length,
    stepped,
    whole: new Set([...natural, ...whole]),
  };
}

/** The most sizes of constants around which points are drawn. */
const MAX_SIZES = 12;

/** The sizes of the constants of two formulas, of all of them together, and the squares of these, the smallest first. */
function steps(gold: Node, answer: Node): number[] {
  const sizes = new Set<number>();
  let together = 1;
  const add = (size: number): void => {
    if (size > 1e-9 && size < 1e150 && size !== 1) sizes.add(size);
  };
  const collect = (node: Node): void => {
    const size = constantSize(node);
    if (size !== undefined) {
      add(size);
      if (size > 0 && isFinite(size)) together *= Math.max(size, 1 / size);
    }
    // The parts of a constant count too, as those of 3·10^6.
    children(node).forEach(collect);
  };
  collect(gold);
  collect(answer);
  const ordered = [...sizes].sort((a, b) => a - b);
  const chosen = ordered.length <= MAX_SIZES
    ? ordered
    : [...ordered.slice(0, MAX_SIZES / 2), ...ordered.slice(-MAX_SIZES / 2)];
  return [...new Set([...chosen, ...[together, together ** 2].filter((size) => size < 1e150 && size > 1)])];
}

/** The size of a formula without letters, by doubles. */
function constantSize(node: Node): number | undefined {
  if (node.kind === "number") {
    return Math.abs(Number(node.value.numerator) / Number(node.value.denominator));
  }
  if (node.kind === "constant") return node.name === "pi" ? Math.PI : node.name === "e" ? Math.E : undefined;
  if (node.kind === "power") {
    const [base, exponent] = [constantSize(node.items[0]), constantSize(node.items[1])];
    return base === undefined || exponent === undefined ? undefined : base ** exponent;
  }
  if (node.kind === "product") {
    const sizes = node.items.map(constantSize);
    return sizes.includes(undefined) ? undefined : sizes.reduce<number>((a, b) => a * (b ?? 1), 1);
  }
  return undefined;
}

/** Is an exponent written as an integer? */
function isIntegerExponent(node: Node): boolean {
  if (node.kind === "number") return node.value.denominator === 1n;
  return node.kind === "product" && node.items.every(isIntegerExponent);
}

/**
 * Do two formulas agree to 64 digits at a point of positive fractions, or whole numbers where letters mean such? Doubles
 * cannot tell sin x from sin x + 10^-12. `undefined` if a side has no value there.
 */
function agreesPrecisely(
  gold: Node,
  answer: Node,
  symbols: readonly string[],
  { whole }: Plan,
  budget: Budget,
): boolean | undefined {
  const unknowns = new Map(
    symbols.map((
      name,
      i,
    ) => [name, preciseNumber(whole.has(name) ? `${7 + 2 * i}` : `${2 + i}.${7 + 2 * i}31`)]),
  );
  if (![gold, answer].some(showsI)) return agreesAt(gold, answer, unknowns, budget, {}, isPrecise);
  return agreeInComplexDigits(gold, answer, unknowns, budget);
}

/** Does i stand in a formula? */
function showsI(node: Node): boolean {
  return contains(
    node,
    (part) => part.kind === "constant" && part.name === "i" || part.kind === "call" && part.name === "cis",
  );
}

/** How a point is looked at. */
interface Look {
  /** Refuse points where a root or logarithm is not real. */
  readonly realOnly?: boolean;
  /** Where to note which step of a function was seen. */
  readonly branches?: Map<Node, Set<string>>;
}

/** Do two formulas agree at a point? `undefined` if one of them has no value there, or no admitted one. */
function agreesAt(
  gold: Node,
  answer: Node,
  unknowns: ReadonlyMap<string, Value> | undefined,
  budget: Budget,
  { realOnly = false, branches }: Look = {},
  admits: (value: Value) => boolean = (value) => isFinite(magnitude(value)),
): boolean | undefined {
  try {
    const evaluator = new Evaluator(budget, unknowns);
    evaluator.realOnly = realOnly;
    if (branches) evaluator.branches = branches;
    const a = evaluator.estimate(gold), b = evaluator.estimate(answer);
    return admits(a.value) && admits(b.value) ? agree(a, b) : undefined;
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}
