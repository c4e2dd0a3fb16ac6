/**
 * The Pratt parser for formulas: one grammar for LaTeX and plain text.
 *
 * @module
 */

import type { Budget } from "./budget.ts";
import { integerNode, isInteger, negative, type Node, quotient } from "./expression.ts";
import { rational } from "./rational.ts";
import type { Token } from "./tokenize.ts";
import { FUNCTIONS } from "./vocabulary.ts";

/** How deep groups may be nested. */
const MAX_DEPTH = 100;

/** How tightly operators bind. */
const BINDING: ReadonlyMap<string, number> = new Map(
  Object.entries({ cup: 1, ":": 2, "+": 3, "-": 3, pm: 3, mp: 3, "*": 4, "/": 4 }),
);
const IMPLICIT = 4;
const UNARY = 3;

/** Reads formulas from tokens. What stands around formulas is left to the class that extends it. */
export abstract class FormulaParser {
  readonly #tokens: Token[];
  readonly #budget: Budget;
  #at = 0;
  #depth = 0;
  /** How many `|` are open: inside, the next one closes. */
  #bars = 0;

  /** Opens a parser at the first token. */
  constructor(tokens: Token[], budget: Budget) {
    this.#tokens = tokens;
    this.#budget = budget;
  }

  /** Answers parted by separators, as they stand in a group. */
  protected abstract list(): Node;

  /** The token some places ahead, without consuming it. */
  protected peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? { kind: "end", text: "", spaced: false };
  }

  /** Consumes tokens. */
  protected skip(count: number): void {
    this.#at += count;
  }

  /** The error for a token that cannot stand here. */
  protected unexpected(): SyntaxError {
    const { kind, text } = this.peek();
    return new SyntaxError(
      kind === "end" ? "it ends too early" : `"${text.slice(0, 20)}" cannot stand where it does`,
    );
  }

  #is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === "mark" && token.text === text;
  }

  #expect(text: string): void {
    if (!this.#is(text)) throw this.unexpected();
    this.#at++;
  }

  /** A formula whose operators bind more tightly than `least`. */
  protected expression(least = 0): Node {
    if (++this.#depth > MAX_DEPTH) throw new SyntaxError(`it is nested deeper than ${MAX_DEPTH} levels`);
    this.#budget.spend(5);
    let left = this.#prefix();
    for (;;) {
      const token = this.peek();
      const binding = token.kind === "mark" ? BINDING.get(token.text) : undefined;
      if (binding !== undefined) {
        if (binding <= least) break;
        if (token.text === ":" && /^0\d$/.test(this.peek(1).text)) {
          throw new SyntaxError("it is a time of day");
        }
        this.#at++;
        left = combine(token.text, left, this.expression(binding));
      } else if (IMPLICIT > least && this.#startsFactor()) {
        left = combine("*", left, this.expression(IMPLICIT));
      } else break;
    }
    this.#depth--;
    return left;
  }

  /** Can the next token begin a factor of an implicit product? */
  #startsFactor(): boolean {
    const { kind, text } = this.peek();
    if (kind === "number") return !this.#afterNumber();
    if (kind === "symbol") return true;
    if (kind === "command") return !text.startsWith("end") && !text.includes("dots") && text !== "reals";
    if (text === "|") return this.#bars === 0;
    return ["(", "[", "{", "floor[", "ceil[", "begin matrix"].includes(text);
  }

  /** Does a number stand directly before: `2 04` is no product. */
  #afterNumber(): boolean {
    return this.#tokens[this.#at - 1]?.kind === "number";
  }

  #prefix(): Node {
    const sign = this.peek();
    if (sign.kind === "mark") {
      if (sign.text === "+") {
        this.#at++;
        return this.expression(UNARY);
      }
      if (sign.text === "-") {
        this.#at++;
        return negative(this.expression(UNARY));
      }
      if (sign.text === "pm" || sign.text === "mp") {
        this.#at++;
        const flipped = sign.text === "mp";
        return { kind: "product", items: [{ kind: "sign", flipped }, this.expression(UNARY)] };
      }
    }
    return this.#postfix(this.#primary());
  }

  /** Powers, factorials, primes, percent and degree signs after a factor. */
  #postfix(node: Node): Node {
    for (let count = 0;; count++) {
      if (count > MAX_DEPTH) throw new SyntaxError(`it has more than ${MAX_DEPTH} signs in a row`);
      if (this.#is("^")) {
        if (this.#degreeSign()) {
          node = { kind: "degree", items: [node] };
          continue;
        }
        this.#at++;
        node = { kind: "power", items: [node, this.#exponent()] };
      } else if (this.#is("_") && node.kind === "power" && node.items[0].kind === "symbol") {
        // v^2_0 is the square of v_0.
        this.#at++;
        const name = `${node.items[0].name}_${this.#subscript()}`;
        node = { kind: "power", items: [{ kind: "symbol", name }, node.items[1]] };
      } else if (this.#is("!")) {
        this.#at++;
        node = { kind: "call", name: "factorial", items: [node] };
      } else if (this.#is("%")) {
        this.#at++;
        node = { kind: "percent", items: [node] };
      } else if (this.#is("deg")) {
        this.#at++;
        node = { kind: "degree", items: [node] };
      } else return node;
    }
  }

  /** Consumes `^\circ` or `^{\circ}`. */
  #degreeSign(): boolean {
    const length = this.#is("deg", 1)
      ? 2
      : this.#is("{", 1) && this.#is("deg", 2) && this.#is("}", 3)
      ? 4
      : 0;
    this.#at += length;
    return length > 0;
  }

  /** An exponent: a group, a signed factor, or a factor with its own exponent. */
  #exponent(): Node {
    if (++this.#depth > MAX_DEPTH) throw new SyntaxError(`it is nested deeper than ${MAX_DEPTH} levels`);
    let node: Node;
    if (this.#is("-") || this.#is("+")) {
      const minus = this.#is("-");
      this.#at++;
      node = minus ? negative(this.#exponent()) : this.#exponent();
    } else {
      node = this.#primary();
      if (this.#is("^") && !this.#degreeSign()) {
        this.#at++;
        node = { kind: "power", items: [node, this.#exponent()] };
      }
    }
    this.#depth--;
    return node;
  }

  /** The argument of a command: a group, one digit, or one factor. */
  protected argument(): Node {
    if (++this.#depth > MAX_DEPTH) throw new SyntaxError(`it is nested deeper than ${MAX_DEPTH} levels`);
    const node = this.#argument();
    this.#depth--;
    return node;
  }

  #argument(): Node {
    const token = this.peek();
    if (token.kind === "number" && token.text.length > 1 && /^\d+$/.test(token.text)) {
      this.#tokens[this.#at] = { ...token, text: token.text.slice(1), spaced: false };
      return integerNode(BigInt(token.text.charAt(0)));
    }
    return this.#primary();
  }

  #primary(): Node {
    const token = this.peek();
    this.#budget.spend(5);
    if (token.kind === "number") return this.#number();
    if (token.kind === "symbol") return this.#symbol();
    if (token.kind === "command") return this.#command();
    if (token.kind !== "mark") throw this.unexpected();
    switch (token.text) {
      case "{":
        this.#at++;
        return this.#closed("}");
      case "(":
      case "[":
        return this.#bracket(token.text);
      case "set{":
        return this.#set();
      case "|": {
        this.#at++;
        this.#bars++;
        const node = this.expression();
        this.#bars--;
        this.#expect("|");
        return { kind: "call", name: "abs", items: [node] };
      }
      case "floor[":
      case "ceil[": {
        this.#at++;
        const name = token.text === "floor[" ? "floor" : "ceil";
        return { kind: "call", name, items: [this.#closed(`${name}]`)] };
      }
      case "begin matrix":
        return this.#matrix();
      default:
        throw this.unexpected();
    }
  }

  /** The list up to a closing sign. */
  #closed(close: string): Node {
    if (++this.#depth > MAX_DEPTH) throw new SyntaxError(`it is nested deeper than ${MAX_DEPTH} levels`);
    const bars = this.#bars;
    this.#bars = 0;
    const node = this.list();
    this.#bars = bars;
    this.#depth--;
    this.#expect(close);
    return node;
  }

  #number(): Node {
    const token = this.peek();
    this.#at++;
    const [mantissa = "", exponent] = token.text.split("e");
    const [whole = "", fraction = ""] = mantissa.split(".");
    const decimals = fraction.length;
    let value = rational(BigInt(whole + fraction || "0"), 10n ** BigInt(decimals), this.#budget);
    if (token.repeating !== undefined) {
      // 0.1\overline{23} = 0.1 + 23 / 990
      const scale = 10n ** BigInt(decimals), nines = 10n ** BigInt(token.repeating.length) - 1n;
      value = rational(
        BigInt(whole + fraction || "0") * nines + BigInt(token.repeating),
        scale * nines,
        this.#budget,
      );
      return { kind: "number", value };
    }
    const shown = mantissa.includes(".");
    const node: Node = shown ? { kind: "number", value, decimals } : { kind: "number", value };
    if (exponent !== undefined) {
      const scale: Node = {
        kind: "power",
        items: [integerNode(10), integerNode(BigInt(exponent.replace("+", "")))],
      };
      return { kind: "product", items: [node, scale] };
    }
    if (this.#is("_") && !shown) return this.#based(whole);
    return shown ? node : this.#mixed(node, token);
  }

  /** A number with its base as subscript. */
  #based(digits: string): Node {
    this.#at++;
    const base = this.#primary();
    if (
      !isInteger(base) || base.kind !== "number" || base.value.numerator < 2n || base.value.numerator > 36n
    ) {
      throw this.unexpected();
    }
    const radix = Number(base.value.numerator);
    if ([...digits].some((digit) => Number(digit) >= radix)) {
      throw new SyntaxError(`a digit is not below base ${radix}`);
    }
    return { kind: "based", digits: digits.replace(/^0+(?=\d)/, ""), base: radix };
  }

  /** `2\frac{1}{2}` and `2 1/2` are mixed numbers. */
  #mixed(whole: Node, token: Token): Node {
    const next = this.peek();
    if (next.kind === "command" && next.text === "frac") {
      const start = this.#at, saved = this.#tokens.slice(start, start + 8);
      const fraction = this.#properFraction(() => this.#command());
      if (fraction) return { kind: "sum", items: [whole, fraction] };
      saved.forEach((kept, index) => this.#tokens[start + index] = kept);
      this.#at = start;
      return whole;
    }
    const plain = next.kind === "number" && next.spaced && this.#is("/", 1) &&
      this.peek(2).kind === "number" &&
      !this.#is("!", 3) && !this.#is("^", 3);
    if (!plain || /\D/.test(token.text + next.text + this.peek(2).text)) return whole;
    const top = BigInt(next.text), bottom = BigInt(this.peek(2).text);
    if (top === 0n || top >= bottom) throw this.unexpected();
    this.#at += 3;
    return { kind: "sum", items: [whole, { kind: "number", value: rational(top, bottom, this.#budget) }] };
  }

  /** The fraction that is read next, if it is one of two integers, below one. */
  #properFraction(read: () => Node): Node | undefined {
    // Only braces with digits, or bare digits, can be part of a mixed number; anything else is left untouched.
    let at = 1;
    for (let part = 0; part < 2; part++) {
      if (this.#is("{", at)) {
        if (this.peek(at + 1).kind !== "number" || !this.#is("}", at + 2)) return undefined;
        at += 3;
      } else if (this.peek(at).kind === "number") {
        if (part === 0 && this.peek(at).text.length > 1) break;
        at++;
      } else return undefined;
    }
    const node = read();
    if (node.kind !== "product") return undefined;
    const [top, inverse] = node.items;
    const bottom = inverse?.kind === "power" ? inverse.items[0] : undefined;
    const proper = top?.kind === "number" && bottom?.kind === "number" && isInteger(top) &&
      isInteger(bottom) &&
      top.value.numerator > 0n && top.value.numerator < bottom.value.numerator && !this.#is("^") &&
      !this.#is("!");
    return proper ? node : undefined;
  }

  #symbol(): Node {
    let name = this.peek().text;
    this.#at++;
    if (this.#is("_")) {
      this.#at++;
      name += `_${this.#subscript()}`;
    }
    while (this.#is("'")) {
      this.#at++;
      name += "'";
    }
    if (name === "e" || name === "i") return { kind: "constant", name };
    if (/^[fgh]/.test(name) && this.#is("(") && !this.peek().spaced) {
      const inner = this.#bracket("(");
      return { kind: "apply", name, items: inner.kind === "bracket" ? inner.items : [inner] };
    }
    return { kind: "symbol", name };
  }

  /** The text of a subscript. */
  #subscript(): string {
    if (!this.#is("{")) {
      const { text, kind } = this.peek();
      if (kind === "end" || kind === "mark") throw this.unexpected();
      this.#at++;
      return text.toLowerCase();
    }
    let text = "", depth = 0;
    do {
      if (this.#is("{")) depth++;
      else if (this.#is("}")) depth--;
      else if (this.peek().kind === "end") throw this.unexpected();
      else text += this.peek().text.toLowerCase();
      this.#at++;
    } while (depth > 0);
    return text;
  }

  #command(): Node {
    const { text } = this.peek();
    this.#at++;
    const name = FUNCTIONS.get(text);
    if (name !== undefined) return this.#function(name);
    switch (text) {
      case "pi":
        return { kind: "constant", name: "pi" };
      case "infty":
        return { kind: "constant", name: "infinity" };
      case "emptyset":
        return { kind: "set", items: [] };
      case "reals":
        return { kind: "reals" };
      case "frac": {
        const top = this.argument();
        return quotient(top, this.argument());
      }
      case "binom": {
        const top = this.argument();
        return { kind: "call", name: "binomial", items: [top, this.argument()] };
      }
      case "sqrt":
        return this.#root();
      case "log":
        return this.#logarithm();
      case "sum":
      case "prod":
        return this.#series(text === "sum" ? "sum" : "product");
      default:
        this.#at--;
        throw this.unexpected();
    }
  }

  #root(): Node {
    let degree: Node = integerNode(2);
    if (this.#is("[")) {
      this.#at++;
      degree = this.#closed("]");
    }
    const radicand = this.argument();
    return { kind: "power", items: [radicand, quotient(integerNode(1), degree)] };
  }

  #logarithm(): Node {
    let base: Node = integerNode(10);
    if (this.#is("_")) {
      this.#at++;
      base = this.argument();
    }
    const logarithm = this.#function("ln");
    return quotient(logarithm, { kind: "call", name: "ln", items: [base] });
  }

  /** A function with its argument: `\sin^2 x`, `\sin(x)`, `\sin 2x`. */
  #function(name: Parameters<typeof inverseOf>[0]): Node {
    let exponent: Node | undefined;
    if (this.#is("^")) {
      this.#at++;
      exponent = this.#exponent();
    }
    const inverse = exponent !== undefined && isInteger(exponent, -1n) ? inverseOf(name) : undefined;
    const node: Node = { kind: "call", name: inverse ?? name, items: this.#functionArguments() };
    return exponent === undefined || inverse !== undefined
      ? node
      : { kind: "power", items: [node, exponent] };
  }

  #functionArguments(): readonly Node[] {
    if (this.#is("(") || this.#is("[")) {
      const inner = this.#bracket(this.#is("(") ? "(" : "[");
      return inner.kind === "bracket" ? inner.items : [inner];
    }
    if (this.#is("{")) return [this.#primary()];
    const factors = [this.#is("-") ? this.#prefix() : this.#postfix(this.#primary())];
    while (
      this.peek().kind === "symbol" ||
      (this.peek().kind === "command" && /^(?:pi|frac|sqrt)$/.test(this.peek().text))
    ) {
      factors.push(this.#postfix(this.#primary()));
    }
    let product = factors[0] as Node;
    for (const factor of factors.slice(1)) product = combine("*", product, factor);
    while (this.#is("/") && (this.peek(1).kind === "number" || this.peek(1).kind === "symbol")) {
      this.#at++;
      product = quotient(product, this.#postfix(this.#primary()));
    }
    return [product];
  }

  /** `\sum_{k=1}^{n} body`. */
  #series(operator: "sum" | "product"): Node {
    this.#expect("_");
    const start = this.#primary();
    this.#expect("^");
    const end = this.argument();
    const [variable, from] = start.kind === "relation" && start.operators[0] === "=" ? start.items : [];
    if (variable?.kind !== "symbol" || from === undefined) {
      // `i` is the imaginary unit elsewhere; as an index it would need renaming in the body.
      throw new SyntaxError("the index of a sum must be a letter other than e and i");
    }
    return { kind: "series", operator, variable: variable.name, items: [from, end, this.expression(UNARY)] };
  }

  /** Parentheses: a group, a tuple or an interval. */
  #bracket(open: "(" | "["): Node {
    this.#at++;
    const inner = this.#enclosed();
    const close = this.peek().text;
    if (!this.#is(")") && !this.#is("]")) throw this.unexpected();
    this.#at++;
    const items = inner.kind === "list" && inner.joiner === "," ? inner.items : [inner];
    const matched = (open === "(") === (close === ")");
    if (items.length === 1 && matched) return inner;
    return { kind: "bracket", open, close: close === ")" ? ")" : "]", items };
  }

  /** What stands between brackets. */
  #enclosed(): Node {
    if (++this.#depth > MAX_DEPTH) throw new SyntaxError(`it is nested deeper than ${MAX_DEPTH} levels`);
    const bars = this.#bars;
    this.#bars = 0;
    const node = this.list();
    this.#bars = bars;
    this.#depth--;
    return node;
  }

  /** `\{1, 2\}`, or `\{x : x > 3\}`, which is read as its condition. */
  #set(): Node {
    this.#at++;
    if (this.#is("set}")) {
      this.#at++;
      return { kind: "set", items: [] };
    }
    if (this.peek().kind === "symbol" && (this.#is("|", 1) || this.#is(":", 1))) {
      this.#at += 2;
      return this.#closed("set}");
    }
    const inner = this.#closed("set}");
    return { kind: "set", items: inner.kind === "list" ? inner.items : [inner] };
  }

  #matrix(): Node {
    this.#at++;
    const rows: Node[][] = [[]];
    while (!this.#is("end matrix")) {
      if (this.#is("&")) this.#at++;
      else if (this.#is("\\\\")) {
        this.#at++;
        if (!this.#is("end matrix")) rows.push([]);
      } else rows.at(-1)?.push(this.#enclosed());
    }
    this.#at++;
    const columns = rows[0]?.length ?? 0;
    if (columns === 0 || rows.some((row) => row.length !== columns)) {
      throw new SyntaxError("the rows of a matrix differ in length");
    }
    return { kind: "matrix", columns, items: rows.flat() };
  }
}

/** The tree of two operands. */
function combine(operator: string, left: Node, right: Node): Node {
  switch (operator) {
    case "+":
      return extend("sum", left, right);
    case "-":
      return extend("sum", left, negative(right));
    case "pm":
    case "mp": {
      const sign: Node = { kind: "sign", flipped: operator === "mp" };
      return extend("sum", left, { kind: "product", items: [sign, right] });
    }
    case "/":
      return extend("product", left, { kind: "power", items: [right, integerNode(-1)] });
    case ":":
      return extend("ratio", left, right);
    case "cup":
      return extend("union", left, right);
    default:
      return extend("product", left, right);
  }
}

/** A node with one more operand; chains are kept flat, so that walking a tree needs little stack. */
function extend(kind: "sum" | "product" | "ratio" | "union", left: Node, right: Node): Node {
  return { kind, items: left.kind === kind ? [...left.items, right] : [left, right] };
}

const INVERSES = { sin: "arcsin", cos: "arccos", tan: "arctan" } as const;

/** The inverse of a trigonometric function, if it has a name. */
function inverseOf(name: (Node & { kind: "call" })["name"]): (Node & { kind: "call" })["name"] | undefined {
  return Object.hasOwn(INVERSES, name) ? INVERSES[name as keyof typeof INVERSES] : undefined;
}
