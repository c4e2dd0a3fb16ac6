/**
 * Commands and functions: roots, logarithms, `\sin^2 x`, sums, integrals, limits, derivatives, accents.
 *
 * @module
 */

import {
  type Binder,
  type FunctionName,
  integerNode,
  isInteger,
  keyOf,
  mapChildren,
  type Node,
  quotient,
} from "../expression/mod.ts";
import { NumberParser } from "./number_parser.ts";
import { ACCENTS, FUNCTIONS } from "./vocabulary.ts";

/** How tightly a sign before a formula binds: looser than products, tighter than sums. */
export const UNARY = 3;

/** The functions that take several arguments. */
const VARIADIC: ReadonlySet<FunctionName> = new Set(["max", "min", "gcd", "lcm"]);

/** The inverses that `\sin^{-1}` names. */
const INVERSES: Readonly<Partial<Record<FunctionName, FunctionName>>> = {
  sin: "arcsin",
  cos: "arccos",
  tan: "arctan",
  cot: "arccot",
  sec: "arcsec",
  csc: "arccsc",
  sinh: "arcsinh",
  cosh: "arccosh",
  tanh: "arctanh",
};

/** Reads commands. What stands around them is left to the classes that extend it. */
export abstract class FunctionParser extends NumberParser {
  /** How many integrals are open, and the letter of integration once it was read. */
  #integrals = 0;
  #differential: string | undefined;

  /** Answers parted by separators, as they stand in a group. */
  protected abstract list(): Node;
  /** A formula whose operators bind more tightly than `least`. */
  protected abstract expression(least?: number): Node;
  /** The smallest complete part of a formula. */
  protected abstract primary(): Node;
  /** A part with the powers and signs after it. */
  protected abstract postfix(node: Node): Node;
  /** A part with the signs before it. */
  protected abstract prefix(): Node;
  /** What an exponent sign raises to. */
  protected abstract exponent(): Node;
  /** The text of a subscript. */
  protected abstract subscript(): string;
  /** What stands between brackets up to a closing sign. */
  protected abstract closed(close: string): Node;

  /** The argument of a command: a group, one digit, or one factor. */
  protected argument(): Node {
    this.enter();
    const node = this.#argument();
    this.leave();
    return node;
  }

  #argument(): Node {
    const token = this.peek();
    if (token.kind === "number" && token.text.length > 1 && /^\d+$/.test(token.text)) {
      this.replace({ ...token, text: token.text.slice(1), spaced: false });
      return integerNode(BigInt(token.text.charAt(0)));
    }
    return this.primary();
  }

  /** `^5C_2`, `_5C_2` and `{}^{5}P_{2}`: a number before a letter, and one behind it below. */
  protected prescript(): Node {
    this.skip(1);
    const above = this.argument(), letter = this.peek();
    // A C or P of coulombs or the like is a letter here.
    const name = letter.kind === "symbol" || letter.kind === "word"
      ? /^([CP])$/.exec(letter.text)?.[1]
      : undefined;
    if (name === undefined || !this.is("_", 1)) throw this.unexpected();
    this.skip(2);
    const binomial: Node = { kind: "call", name: "binomial", items: [above, this.argument()] };
    const below = binomial.items[1] as Node;
    return name === "C"
      ? binomial
      : { kind: "product", items: [binomial, { kind: "call", name: "factorial", items: [below] }] };
  }

  /** What a command stands for. */
  protected command(): Node {
    const { text } = this.peek();
    const name = FUNCTIONS.get(text);
    this.skip(1);
    // "\min = 2": the name alone is a label.
    if (name !== undefined && this.is("=")) return { kind: "symbol", name };
    if (name !== undefined) return this.#function(name);
    if (ACCENTS.has(text)) return this.#accented(ACCENTS.get(text) as string);
    if (text.startsWith("domain ")) return { kind: "domain", name: text.slice(7) };
    switch (text) {
      case "pi":
        // π_1 is a homotopy group, or the first of several letters.
        if (this.is("_")) return { kind: "symbol", name: `pi_${this.#index()}` };
        return { kind: "constant", name: "pi" };
      case "infty":
        return { kind: "constant", name: "infinity" };
      case "emptyset":
        return { kind: "set", items: [] };
      case "frac":
        return this.#fraction();
      case "binom": {
        if (this.is("(")) return { kind: "call", name: "binomial", items: this.#arguments() };
        const top = this.argument();
        return { kind: "call", name: "binomial", items: [top, this.argument()] };
      }
      case "sqrt":
        return this.#root();
      case "lg":
        return quotient(this.#function("ln"), { kind: "call", name: "ln", items: [integerNode(10)] });
      case "log":
        return this.#logarithm();
      case "sum":
      case "prod":
        return this.#series(text === "sum" ? "sum" : "product");
      case "int":
        return this.#integral();
      case "lim":
        return this.#limit();
      default:
        this.skip(-1);
        throw this.unexpected();
    }
  }

  /** A symbol with a mark over it; over more than a symbol the mark is a function. */
  #accented(accent: string): Node {
    const inner = this.argument();
    const letter = letterOf(inner);
    if (letter === undefined) return { kind: "apply", name: accent, items: [inner] };
    return { kind: "symbol", name: `${accent} ${letter}${this.is("_") ? `_${this.#index()}` : ""}` };
  }

  #index(): string {
    this.skip(1);
    return this.subscript();
  }

  #fraction(): Node {
    const letter = (ahead: number): string => this.peek(ahead).kind === "symbol" ? this.peek(ahead).text : "";
    const differential = this.is("{") && letter(1) === "d" && this.is("}", 2) && this.is("{", 3) &&
      letter(4) === "d" && letter(5) !== "" && this.is("}", 6);
    if (differential) {
      const variable = letter(5);
      this.skip(7);
      return { kind: "binder", operator: "derivative", variable, items: [this.expression(UNARY)] };
    }
    const top = this.argument(), bottom = this.argument();
    // The d of dy/dx is no factor.
    const [y, x] = [differentialOf(top), differentialOf(bottom)];
    return y && x ? { kind: "apply", name: `d${y.order}`, items: [y.rest, x.rest] } : quotient(top, bottom);
  }

  #root(): Node {
    let degree: Node = integerNode(2);
    if (this.is("[")) {
      this.skip(1);
      degree = this.closed("]");
    }
    // \sqrt26 prints the root of 2 before a 6, but whoever writes it means the root of 26.
    const radicand = this.peek().kind === "number" ? this.number() : this.argument();
    return { kind: "power", items: [radicand, quotient(integerNode(1), degree)] };
  }

  #logarithm(): Node {
    if (this.is("(") && !this.is("_")) return this.#logarithmOf(this.#arguments());
    if (!this.is("_")) return this.#function("log");
    this.skip(1);
    const base = this.argument();
    return quotient(this.#function("ln"), { kind: "call", name: "ln", items: [base] });
  }

  /** `log(x)`, or `log(x, b)` as programs write it. */
  #logarithmOf([value, base]: readonly Node[]): Node {
    if (!value) throw this.unexpected();
    if (!base) return { kind: "call", name: "log", items: [value] };
    const natural = (node: Node): Node => ({ kind: "call", name: "ln", items: [node] });
    return quotient(natural(value), natural(base));
  }

  /** A function with its argument: `\sin^2 x`, `\sin(x)`, `\sin 2x`. */
  #function(name: FunctionName): Node {
    let exponent: Node | undefined;
    if (this.is("^")) {
      this.skip(1);
      exponent = this.exponent();
    }
    const inverse = exponent !== undefined && isInteger(exponent, -1n) ? INVERSES[name] : undefined;
    const node: Node = { kind: "call", name: inverse ?? name, items: this.#arguments() };
    if (node.items.length !== 1 && !VARIADIC.has(name)) {
      throw new SyntaxError(`${name} takes one argument`);
    }
    return exponent === undefined || inverse !== undefined
      ? node
      : { kind: "power", items: [node, exponent] };
  }

  #arguments(): readonly Node[] {
    const close = this.is("(")
      ? ")"
      : this.is("[")
      ? "]"
      : this.is("set{")
      ? "set}"
      : this.is("{")
      ? "}"
      : "";
    if (close !== "") {
      this.skip(1);
      const inner = this.closed(close);
      return inner.kind === "list" ? inner.items : [inner];
    }
    const factors = [this.is("-") ? this.prefix() : this.postfix(this.primary())];
    while (
      this.peek().kind === "symbol" && !this.#isDifferential() ||
      (this.peek().kind === "command" && /^(?:pi|frac|sqrt)$/.test(this.peek().text))
    ) {
      factors.push(this.postfix(this.primary()));
    }
    let product: Node = factors.length === 1 ? factors[0] as Node : { kind: "product", items: factors };
    while (this.is("/") && (this.peek(1).kind === "number" || this.peek(1).kind === "symbol")) {
      this.skip(1);
      product = quotient(product, this.postfix(this.primary()));
    }
    return [product];
  }

  /** The limits below and above an operator, in either order. */
  #limits(): { below: Node | undefined; above: Node | undefined } {
    const limits: { below: Node | undefined; above: Node | undefined } = {
      below: undefined,
      above: undefined,
    };
    while (this.is("_") || this.is("^")) {
      const side = this.is("_") ? "below" : "above";
      this.skip(1);
      if (this.is("{") && this.is("}", 1)) this.skip(2);
      else limits[side] = this.is("{") ? this.primary() : this.argument();
    }
    return limits;
  }

  /** `\sum_{k=1}^{n} body`. */
  #series(operator: "sum" | "product"): Node {
    const { below, above } = this.#limits();
    const [index, from] = below?.kind === "relation" && below.operators[0] === "=" ? below.items : [];
    const variable = index && letterOf(index);
    if (variable === undefined || from === undefined || above === undefined) {
      throw new SyntaxError("a sum or product needs an index and both limits");
    }
    return this.#bound(operator, variable, [from, above], this.expression(UNARY));
  }

  /** A binder with its body, in which its letter is a symbol, even where it is i or e elsewhere. */
  #bound(operator: Binder, variable: string, before: readonly Node[], body: Node): Node {
    const asSymbol = (node: Node): Node =>
      letterOf(node) === variable ? { kind: "symbol", name: variable } : mapChildren(node, asSymbol);
    return { kind: "binder", operator, variable, items: [...before, asSymbol(body)] };
  }

  /** `\int_a^b f(x)\,dx`; the differential may stand anywhere in the integrand. */
  #integral(): Node {
    const { below, above } = this.#limits();
    const outer = this.#differential;
    this.#differential = undefined;
    this.#integrals++;
    const body = this.expression();
    this.#integrals--;
    const variable = this.#differential as string | undefined;
    this.#differential = outer;
    if (variable === undefined) throw new SyntaxError("an integral needs a differential");
    const integrand = body.kind === "set" && body.items.length === 1 ? body.items[0] as Node : body;
    return this.#bound("integral", variable, below && above ? [below, above] : [], integrand);
  }

  /** Does a differential such as `dx` stand here? */
  #isDifferential(): boolean {
    const next = this.peek(1);
    return this.#integrals > 0 && this.peek().kind === "symbol" && this.peek().text === "d" &&
      next.kind === "symbol";
  }

  /** Has the integrand ended, because its differential was read? */
  protected integrandEnds(): boolean {
    return this.#integrals > 0 && this.#differential !== undefined;
  }

  /** Reads a differential, which counts as the factor 1. */
  protected differential(): Node | undefined {
    if (!this.#isDifferential()) return undefined;
    this.#differential = this.peek(1).text;
    this.skip(2);
    return integerNode(1);
  }

  /** `\lim_{x \to 3^+} f(x)`. */
  #limit(): Node {
    this.expect("_");
    this.expect("{");
    const variable = letterOf(this.primary());
    if (variable === undefined || !(this.is("to") || this.is("implies"))) throw this.unexpected();
    this.skip(1);
    const point = this.expression();
    let direction: "" | "+" | "-" = "+";
    if (this.is("^")) {
      const braces = this.is("{", 1);
      direction = this.is("-", braces ? 2 : 1) ? "-" : "+";
      this.skip(braces ? 4 : 2);
    } else direction = "";
    this.expect("}");
    return this.#bound(`limit${direction}`, variable, [point], this.expression(UNARY));
  }
}

/** What follows the d, or d^n, of a differential such as dy or d^2y. */
function differentialOf(node: Node): { order: string; rest: Node } | undefined {
  if (node.kind !== "product") return undefined;
  const [head, ...rest] = node.items;
  const isD = (part: Node | undefined): boolean => part?.kind === "symbol" && part.name === "d";
  const order = head?.kind === "power" && isD(head.items[0])
    ? keyOf(head.items[1])
    : isD(head)
    ? ""
    : undefined;
  if (order === undefined || rest.length === 0) return undefined;
  return { order, rest: rest.length === 1 ? rest[0] as Node : { kind: "product", items: rest } };
}

/** The letter of a symbol, or of i and e, which may be bound like one. */
function letterOf(node: Node): string | undefined {
  if (node.kind === "symbol") return node.name;
  return node.kind === "constant" && (node.name === "i" || node.name === "e") ? node.name : undefined;
}
