/**
 * Exact canonical forms: a formula becomes a quotient of two polynomials with rational coefficients over atoms.
 * Atoms are symbols, π, e, i (i² = -1), square roots of primes (√p² = p) and, as a last resort, opaque
 * subexpressions. Without opaque atoms the ring is an integral domain, so cross-multiplication decides equality:
 * (x-1)(x-2) = x²-3x+2, √12 = 2√3 and 1/(√2-1) = √2+1 need no numbers.
 *
 * @module
 */

import { type Budget, TooLarge } from "./budget.ts";
import { type CanonicalForm, rationalOf, whole } from "./canonical_form.ts";
import { cosineOf, logarithmOf, multipleOf, sineOf } from "./circular.ts";
import { commonMonomial, exactValue, remainder } from "./exact_function.ts";
import { type FunctionName, keyOf, mapChildren, type Node, substitute } from "./expression.ts";
import { atom, constant, type Polynomial, PolynomialRing, SQUARE_ROOT, textOf, UNIT } from "./polynomial.ts";
import { compare, integer, integerRoot, negate, power, type Rational, rational, ZERO } from "./rational.ts";

const MAX_EXPONENT = 64;

/** Computes canonical forms under one budget. */
export class Algebra {
  readonly #budget: Budget;
  readonly #ring: PolynomialRing;
  /** The forms that were computed: opaque parts ask for those of their children again. */
  readonly #forms = new Map<Node, CanonicalForm>();

  /** Opens an algebra that pays from a budget. */
  constructor(budget: Budget) {
    this.#budget = budget;
    this.#ring = new PolynomialRing(budget);
  }

  /** The rational number c with a = c · b, if there is one. */
  proportion(a: Polynomial, b: Polynomial): Rational | undefined {
    return this.#ring.proportion(a, b);
  }

  /**
   * The canonical form of a formula.
   *
   * @throws {TooLarge} If it grows beyond the limits, or divides by zero.
   */
  form(node: Node): CanonicalForm {
    const known = this.#forms.get(node);
    if (known) return known;
    const form = this.#form(node);
    this.#forms.set(node, form);
    return form;
  }

  #form(node: Node): CanonicalForm {
    this.#budget.spend(10);
    switch (node.kind) {
      case "number":
        return whole(constant(node.value));
      case "based":
        return whole(constant(integer(basedValue(node.digits, node.base))));
      case "symbol":
        return whole(atom(node.name));
      case "constant":
        if (node.name === "infinity") throw new TooLarge("Cannot compute with infinity");
        return whole(atom(` ${node.name}`));
      case "sum":
        return node.items.map((item) => this.form(item)).reduce((a, b) => this.add(a, b));
      case "product":
        return node.items.map((item) => this.form(item)).reduce((a, b) => this.multiply(a, b));
      case "percent":
        return this.multiply(this.form(node.items[0]), whole(constant(rational(1n, 100n, this.#budget))));
      case "degree":
        return this.multiply(
          this.multiply(this.form(node.items[0]), whole(atom(" pi"))),
          whole(constant(rational(1n, 180n, this.#budget))),
        );
      case "power":
        return this.#power(node);
      case "call":
        return this.#call(node);
      default:
        return this.#opaque(node);
    }
  }

  /** The sum of two forms. */
  add(a: CanonicalForm, b: CanonicalForm): CanonicalForm {
    const opaque = a.opaque || b.opaque;
    if (this.#ring.equal(a.denominator, b.denominator)) {
      return { numerator: this.#ring.sum(a.numerator, b.numerator), denominator: a.denominator, opaque };
    }
    return {
      numerator: this.#ring.sum(
        this.#ring.product(a.numerator, b.denominator),
        this.#ring.product(b.numerator, a.denominator),
      ),
      denominator: this.#ring.product(a.denominator, b.denominator),
      opaque,
    };
  }

  /** The product of two forms. */
  multiply(a: CanonicalForm, b: CanonicalForm): CanonicalForm {
    return {
      numerator: this.#ring.product(a.numerator, b.numerator),
      denominator: this.#ring.product(a.denominator, b.denominator),
      opaque: a.opaque || b.opaque,
    };
  }

  /** The difference of two forms. */
  subtract(a: CanonicalForm, b: CanonicalForm): CanonicalForm {
    return this.add(a, this.multiply(b, whole(constant(integer(-1)))));
  }

  /** Are two forms equal by cross-multiplication? `undefined` if they differ and an opaque atom leaves it open. */
  equal(a: CanonicalForm, b: CanonicalForm): boolean | undefined {
    const same = this.#ring.equal(
      this.#ring.product(a.numerator, b.denominator),
      this.#ring.product(b.numerator, a.denominator),
    );
    return same || !(a.opaque || b.opaque) ? same : undefined;
  }

  #power(node: Node & { kind: "power" }): CanonicalForm {
    const isE = node.items[0].kind === "constant" && node.items[0].name === "e";
    const turned = isE ? this.#turned(this.form(node.items[1])) : undefined;
    if (turned) return turned;
    const base = this.form(node.items[0]);
    const exponent = rationalOf(this.form(node.items[1]), this.#budget);
    if (exponent === undefined) return this.#opaque(node);
    const value = rationalOf(base, this.#budget);
    if (exponent.denominator === 1n) {
      if (value) return whole(constant(power(value, exponent.numerator, this.#budget)));
      return this.#integerPower(base, exponent.numerator);
    }
    if (value && exponent.denominator <= 64n) {
      const root = this.#rationalRoot(value, Number(exponent.denominator));
      if (root) return this.#integerPower(root, exponent.numerator);
    }
    return this.#opaque(node);
  }

  #integerPower(base: CanonicalForm, exponent: bigint): CanonicalForm {
    if (exponent < 0n) {
      if (base.numerator.size === 0) throw new TooLarge("Cannot divide by zero");
      return this.#integerPower(
        { numerator: base.denominator, denominator: base.numerator, opaque: base.opaque },
        -exponent,
      );
    }
    const single = base.numerator.size <= 1 && base.denominator.size === 1;
    if (exponent > BigInt(single ? 100_000 : MAX_EXPONENT)) {
      throw new TooLarge("Cannot expand so high a power");
    }
    let result = whole(UNIT, base.opaque), square = base;
    for (let rest = exponent; rest > 0n; rest >>= 1n) {
      if (rest & 1n) result = this.multiply(result, square);
      if (rest > 1n) square = this.multiply(square, square);
    }
    return result;
  }

  /** The principal root of a rational number, if it is rational or a combination of square roots of primes. */
  #rationalRoot(value: Rational, degree: number): CanonicalForm | undefined {
    const { numerator, denominator } = value;
    if (numerator < 0n) {
      // An odd root of a negative number is the real one, as in schoolbooks.
      const root = degree === 2 || degree % 2 === 1 ? this.#rationalRoot(negate(value), degree) : undefined;
      return root && this.multiply(root, whole(degree === 2 ? atom(" i") : constant(integer(-1))));
    }
    if (degree === 2) {
      // √(a/b) = √(ab) / b
      const root = this.#squareRoot(numerator * denominator);
      return root && this.multiply(root, whole(constant(rational(1n, denominator, this.#budget))));
    }
    const top = integerRoot(numerator, degree, this.#budget);
    const bottom = integerRoot(denominator, degree, this.#budget);
    if (top ** BigInt(degree) !== numerator || bottom ** BigInt(degree) !== denominator) return undefined;
    return whole(constant(rational(top, bottom, this.#budget)));
  }

  /** √n as a product of an integer and square roots of primes, if n factors into small primes and a square. */
  #squareRoot(n: bigint): CanonicalForm | undefined {
    if (n === 0n) return whole(constant(ZERO));
    let outside = 1n, rest = n;
    let inside: Polynomial = UNIT;
    for (let p = 2n; p < 1000n && p * p <= rest; p += p === 2n ? 1n : 2n) {
      this.#budget.spend(1 + (rest > 0xFFFFFFFFFFFFFn ? 5 : 0));
      let odd = false;
      while (rest % p === 0n) {
        this.#budget.spend(5);
        rest /= p;
        if (odd) outside *= p;
        odd = !odd;
      }
      if (odd) inside = this.#ring.product(inside, atom(`${SQUARE_ROOT}${p}`));
    }
    const root = integerRoot(rest, 2, this.#budget);
    if (root * root === rest) outside *= root;
    else if (rest < 1_000_000n) inside = this.#ring.product(inside, atom(`${SQUARE_ROOT}${rest}`));
    else return undefined;
    return whole(this.#ring.product(inside, constant(rational(outside, 1n, this.#budget))));
  }

  #call(node: Node & { kind: "call" }): CanonicalForm {
    const forms = node.items.map((item) => this.form(item));
    if (node.name === "gcd" || node.name === "lcm") {
      return whole(commonMonomial(node.name, forms, this.#budget) ?? this.#opaque(node).numerator, true);
    }
    const circular = this.#circular(node.name, forms);
    if (circular) return circular;
    if (node.name === "max" || node.name === "min") {
      const extreme = this.#extreme(forms, node.name === "max" ? 1 : -1);
      if (extreme) return extreme;
    }
    const values = forms.flatMap((form) => rationalOf(form, this.#budget) ?? []);
    if (values.length < forms.length) return this.#opaque(node);
    if (node.name === "residue") return this.#residue(node, values);
    const value = exactValue(node.name, values, this.#budget);
    return value ? whole(constant(value)) : this.#opaque(node);
  }

  /** A function of a rational multiple of π, or the logarithm of a rational number. */
  #circular(name: FunctionName, [form, ...others]: readonly CanonicalForm[]): CanonicalForm | undefined {
    if (!form || others.length > 0) return undefined;
    if (name === "exp") return this.#turned(form);
    if (name === "ln") {
      const value = rationalOf(form, this.#budget);
      return value && logarithmOf(value, this.#budget);
    }
    if (!["cos", "sin", "tan", "cot", "sec", "csc", "cis"].includes(name)) return undefined;
    const turn = multipleOf(form, [" pi"], this.#budget);
    const cosine = turn && cosineOf(turn, this.#budget), sine = turn && sineOf(turn, this.#budget);
    if (!cosine || !sine) return undefined;
    switch (name) {
      case "cos":
        return cosine;
      case "sin":
        return sine;
      case "cis":
        return this.add(cosine, this.multiply(whole(atom(" i")), sine));
      case "tan":
        return this.multiply(sine, this.#integerPower(cosine, -1n));
      case "cot":
        return this.multiply(cosine, this.#integerPower(sine, -1n));
      default:
        return this.#integerPower(name === "sec" ? cosine : sine, -1n);
    }
  }

  /** e to a rational multiple of iπ. */
  #turned(exponent: CanonicalForm): CanonicalForm | undefined {
    if (exponent.numerator.size !== 1) return undefined;
    const turn = multipleOf(exponent, [" i", " pi"], this.#budget);
    const cosine = turn && cosineOf(turn, this.#budget), sine = turn && sineOf(turn, this.#budget);
    return cosine && sine && this.add(cosine, this.multiply(whole(atom(" i")), sine));
  }

  /** The largest (1) or smallest (-1) of some forms, if they differ by rational numbers. */
  #extreme(forms: readonly CanonicalForm[], sign: 1 | -1): CanonicalForm | undefined {
    let found: CanonicalForm | undefined;
    for (const form of forms) {
      const ahead = found && rationalOf(this.subtract(form, found), this.#budget);
      if (found && !ahead) return undefined;
      if (!ahead || compare(ahead, ZERO) * sign > 0) found = form;
    }
    return found;
  }

  /** A residue class, which stays one: named by its smallest representative. */
  #residue(node: Node & { kind: "call" }, [a, b]: readonly Rational[]): CanonicalForm {
    if (!a || !b || b.numerator === 0n) return this.#opaque(node);
    const value = remainder(a, b, this.#budget);
    return this.#opaque({ ...node, items: [{ kind: "number", value }, ...node.items.slice(1)] });
  }

  /** A subexpression as an atom, named by its operator and the canonical forms of its parts. */
  #opaque(node: Node): CanonicalForm {
    const renamed = node.kind === "binder"
      ? { ...node, variable: "", items: node.items.map((item) => substitute(item, node.variable, BOUND)) }
      : node;
    const parts: string[] = [];
    const own = mapChildren(renamed, (child) => {
      parts.push(this.#keyOf(child));
      return NOTHING;
    });
    const key = `${keyOf(own)}{${parts.join(";")}}`;
    this.#budget.spend(key.length / 10);
    return whole(atom(`\u0000${key}`), true);
  }

  /** A key that is the same for formulas with the same canonical form. */
  #keyOf(node: Node): string {
    try {
      const { numerator, denominator } = this.form(node);
      return denominator === UNIT ? textOf(numerator) : `${textOf(numerator)}/${textOf(denominator)}`;
    } catch (error) {
      if (error instanceof TooLarge) return keyOf(node);
      throw error;
    }
  }
}

/** A bound letter: its name means nothing. */
const BOUND: Node = { kind: "symbol", name: "\u0001" };
const NOTHING: Node = { kind: "symbol", name: "" };

/** The value of digits in a base. */
function basedValue(digits: string, base: number): bigint {
  return [...digits].reduce((value, digit) => value * BigInt(base) + BigInt(parseInt(digit, 36)), 0n);
}
