/**
 * The Pratt parser for formulas: one grammar for LaTeX and plain text.
 *
 * @module
 */

import { integerNode, isInteger, negative, type Node, quotient } from "./expression.ts";
import { NumberParser } from "./number_parser.ts";
import { MAX_DEPTH } from "./token_reader.ts";
import { FUNCTIONS } from "./vocabulary.ts";

/** How tightly operators bind. */
const BINDING: ReadonlyMap<string, number> = new Map(
  Object.entries({ cup: 1, ":": 2, "+": 3, "-": 3, pm: 3, mp: 3, "*": 4, "/": 4 }),
);
const IMPLICIT = 4;
const UNARY = 3;

/** Reads formulas from tokens. What stands around formulas is left to the class that extends it. */
export abstract class FormulaParser extends NumberParser {
  /** How many `|` are open: inside, the next one closes. */
  #bars = 0;

  /** Answers parted by separators, as they stand in a group. */
  protected abstract list(): Node;

  /** A formula whose operators bind more tightly than `least`. */
  protected expression(least = 0): Node {
    this.enter();
    this.budget.spend(5);
    let left = this.#prefix();
    for (;;) {
      const token = this.peek();
      const binding = token.kind === "mark" ? BINDING.get(token.text) : undefined;
      if (binding !== undefined) {
        if (binding <= least) break;
        if (token.text === ":" && /^0\d$/.test(this.peek(1).text)) {
          throw new SyntaxError("it is a time of day");
        }
        this.skip(1);
        left = combine(token.text, left, this.expression(binding));
      } else if (IMPLICIT > least && this.#startsFactor()) {
        left = combine("*", left, this.expression(IMPLICIT));
      } else break;
    }
    this.leave();
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
    return this.peek(-1).kind === "number";
  }

  #prefix(): Node {
    const sign = this.peek();
    if (sign.kind === "mark") {
      if (sign.text === "+") {
        this.skip(1);
        return this.expression(UNARY);
      }
      if (sign.text === "-") {
        this.skip(1);
        return negative(this.expression(UNARY));
      }
      if (sign.text === "pm" || sign.text === "mp") {
        this.skip(1);
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
      if (this.is("^")) {
        if (this.#degreeSign()) {
          node = { kind: "degree", items: [node] };
          continue;
        }
        this.skip(1);
        node = { kind: "power", items: [node, this.#exponent()] };
      } else if (this.is("_") && node.kind === "power" && node.items[0].kind === "symbol") {
        // v^2_0 is the square of v_0.
        this.skip(1);
        const name = `${node.items[0].name}_${this.#subscript()}`;
        node = { kind: "power", items: [{ kind: "symbol", name }, node.items[1]] };
      } else if (this.is("!")) {
        this.skip(1);
        node = { kind: "call", name: "factorial", items: [node] };
      } else if (this.is("%")) {
        this.skip(1);
        node = { kind: "percent", items: [node] };
      } else if (this.is("deg")) {
        this.skip(1);
        node = { kind: "degree", items: [node] };
      } else return node;
    }
  }

  /** Consumes `^\circ` or `^{\circ}`. */
  #degreeSign(): boolean {
    const length = this.is("deg", 1) ? 2 : this.is("{", 1) && this.is("deg", 2) && this.is("}", 3) ? 4 : 0;
    this.skip(length);
    return length > 0;
  }

  /** An exponent: a group, a signed factor, or a factor with its own exponent. */
  #exponent(): Node {
    this.enter();
    let node: Node;
    if (this.is("-") || this.is("+")) {
      const minus = this.is("-");
      this.skip(1);
      node = minus ? negative(this.#exponent()) : this.#exponent();
    } else {
      node = this.#primary();
      if (this.is("^") && !this.#degreeSign()) {
        this.skip(1);
        node = { kind: "power", items: [node, this.#exponent()] };
      }
    }
    this.leave();
    return node;
  }

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
    return this.#primary();
  }

  #primary(): Node {
    const token = this.peek();
    this.budget.spend(5);
    if (token.kind === "number") return this.number();
    if (token.kind === "symbol") return this.#symbol();
    if (token.kind === "command") return this.#command();
    if (token.kind !== "mark") throw this.unexpected();
    switch (token.text) {
      case "{":
        this.skip(1);
        return this.#closed("}");
      case "(":
      case "[":
        return this.#bracket(token.text);
      case "set{":
        return this.#set();
      case "|": {
        this.skip(1);
        this.#bars++;
        const node = this.expression();
        this.#bars--;
        this.expect("|");
        return { kind: "call", name: "abs", items: [node] };
      }
      case "floor[":
      case "ceil[": {
        this.skip(1);
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
    this.enter();
    const bars = this.#bars;
    this.#bars = 0;
    const node = this.list();
    this.#bars = bars;
    this.leave();
    this.expect(close);
    return node;
  }

  #symbol(): Node {
    let name = this.peek().text;
    this.skip(1);
    if (this.is("_")) {
      this.skip(1);
      name += `_${this.#subscript()}`;
    }
    while (this.is("'")) {
      this.skip(1);
      name += "'";
    }
    if (name === "e" || name === "i") return { kind: "constant", name };
    if (/^[fgh]/.test(name) && this.is("(") && !this.peek().spaced) {
      const inner = this.#bracket("(");
      return { kind: "apply", name, items: inner.kind === "bracket" ? inner.items : [inner] };
    }
    return { kind: "symbol", name };
  }

  /** The text of a subscript. */
  #subscript(): string {
    if (!this.is("{")) {
      const { text, kind } = this.peek();
      if (kind === "end" || kind === "mark") throw this.unexpected();
      this.skip(1);
      return text.toLowerCase();
    }
    let text = "", depth = 0;
    do {
      if (this.is("{")) depth++;
      else if (this.is("}")) depth--;
      else if (this.peek().kind === "end") throw this.unexpected();
      else text += this.peek().text.toLowerCase();
      this.skip(1);
    } while (depth > 0);
    return text;
  }

  #command(): Node {
    const { text } = this.peek();
    this.skip(1);
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
        this.skip(-1);
        throw this.unexpected();
    }
  }

  #root(): Node {
    let degree: Node = integerNode(2);
    if (this.is("[")) {
      this.skip(1);
      degree = this.#closed("]");
    }
    const radicand = this.argument();
    return { kind: "power", items: [radicand, quotient(integerNode(1), degree)] };
  }

  #logarithm(): Node {
    let base: Node = integerNode(10);
    if (this.is("_")) {
      this.skip(1);
      base = this.argument();
    }
    const logarithm = this.#function("ln");
    return quotient(logarithm, { kind: "call", name: "ln", items: [base] });
  }

  /** A function with its argument: `\sin^2 x`, `\sin(x)`, `\sin 2x`. */
  #function(name: Parameters<typeof inverseOf>[0]): Node {
    let exponent: Node | undefined;
    if (this.is("^")) {
      this.skip(1);
      exponent = this.#exponent();
    }
    const inverse = exponent !== undefined && isInteger(exponent, -1n) ? inverseOf(name) : undefined;
    const node: Node = { kind: "call", name: inverse ?? name, items: this.#functionArguments() };
    return exponent === undefined || inverse !== undefined
      ? node
      : { kind: "power", items: [node, exponent] };
  }

  #functionArguments(): readonly Node[] {
    if (this.is("(") || this.is("[")) {
      const inner = this.#bracket(this.is("(") ? "(" : "[");
      return inner.kind === "bracket" ? inner.items : [inner];
    }
    if (this.is("{")) return [this.#primary()];
    const factors = [this.is("-") ? this.#prefix() : this.#postfix(this.#primary())];
    while (
      this.peek().kind === "symbol" ||
      (this.peek().kind === "command" && /^(?:pi|frac|sqrt)$/.test(this.peek().text))
    ) {
      factors.push(this.#postfix(this.#primary()));
    }
    let product = factors[0] as Node;
    for (const factor of factors.slice(1)) product = combine("*", product, factor);
    while (this.is("/") && (this.peek(1).kind === "number" || this.peek(1).kind === "symbol")) {
      this.skip(1);
      product = quotient(product, this.#postfix(this.#primary()));
    }
    return [product];
  }

  /** `\sum_{k=1}^{n} body`. */
  #series(operator: "sum" | "product"): Node {
    this.expect("_");
    const start = this.#primary();
    this.expect("^");
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
    this.skip(1);
    const inner = this.#enclosed();
    const close = this.peek().text;
    if (!this.is(")") && !this.is("]")) throw this.unexpected();
    this.skip(1);
    const items = inner.kind === "list" && inner.joiner === "," ? inner.items : [inner];
    const matched = (open === "(") === (close === ")");
    if (items.length === 1 && matched) return inner;
    return { kind: "bracket", open, close: close === ")" ? ")" : "]", items };
  }

  /** What stands between brackets. */
  #enclosed(): Node {
    this.enter();
    const bars = this.#bars;
    this.#bars = 0;
    const node = this.list();
    this.#bars = bars;
    this.leave();
    return node;
  }

  /** `\{1, 2\}`, or `\{x : x > 3\}`, which is read as its condition. */
  #set(): Node {
    this.skip(1);
    if (this.is("set}")) {
      this.skip(1);
      return { kind: "set", items: [] };
    }
    if (this.peek().kind === "symbol" && (this.is("|", 1) || this.is(":", 1))) {
      this.skip(2);
      return this.#closed("set}");
    }
    const inner = this.#closed("set}");
    return { kind: "set", items: inner.kind === "list" ? inner.items : [inner] };
  }

  #matrix(): Node {
    this.skip(1);
    const rows: Node[][] = [[]];
    while (!this.is("end matrix")) {
      if (this.is("&")) this.skip(1);
      else if (this.is("\\\\")) {
        this.skip(1);
        if (!this.is("end matrix")) rows.push([]);
      } else rows.at(-1)?.push(this.#enclosed());
    }
    this.skip(1);
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
