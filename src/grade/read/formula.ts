/**
 * The Pratt parser for formulas: one grammar for LaTeX and plain text.
 *
 * @module
 */

import { integerNode, negative, type Node, quotient } from "../expression/mod.ts";
import { UNARY } from "./function_parser.ts";
import { asSystem, GroupParser } from "./group_parser.ts";
import { MAX_DEPTH } from "./token_reader.ts";

/** How tightly operators bind. */
const BINDING: ReadonlyMap<string, number> = new Map(
  Object.entries({
    cup: 1,
    setminus: 1,
    cap: 1.5,
    ":": 2,
    "+": 3,
    "-": 3,
    pm: 3,
    mp: 3,
    "*": 4,
    "/": 4,
    mod: 4,
  }),
);
const IMPLICIT = 4;

/** Signs that begin a factor of an implicit product. */
const OPENING = ["(", "[", "{", "set{", "floor[", "ceil[", "begin matrix"];

/** Reads formulas from tokens. What stands around formulas is left to the class that extends it. */
export abstract class FormulaParser extends GroupParser {
  /** A formula whose operators bind more tightly than `least`. */
  protected override expression(least = 0): Node {
    this.enter();
    this.budget.spend(2);
    let left = this.prefix();
    for (;;) {
      const token = this.peek();
      const binding = token.kind === "mark" ? BINDING.get(token.text) : undefined;
      if (binding !== undefined) {
        if (binding <= least || (binding === UNARY && this.integrandEnds())) break;
        if (token.text === ":" && this.bars > 0) break;
        this.skip(1);
        left = combine(token.text, left, this.expression(binding));
      } else if (token.kind === "command" && (token.text === "choose" || token.text === "over")) {
        // {a \choose b} and {a \over b} take all of their group.
        if (least > 0) break;
        this.skip(1);
        const right = this.expression();
        left = token.text === "over"
          ? quotient(left, right)
          : { kind: "call", name: "binomial", items: [left, right] };
      } else if (this.is("(") && this.is("mod", 1)) {
        this.skip(2);
        left = { kind: "call", name: "residue", items: [left, this.closed(")")] };
      } else if (token.kind === "command" && token.text === "pmod") {
        this.skip(1);
        left = { kind: "call", name: "residue", items: [left, this.argument()] };
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
    // `2 04` is no product.
    if (kind === "number") return this.peek(-1).kind !== "number";
    if (kind === "symbol") return true;
    if (kind === "command") {
      return !/^(?:end .*|forall|exists|choose|over|pmod|partial|not)$/.test(text);
    }
    if (text === "|") return this.bars === 0;
    // In "x = k (k ∈ ℤ)" the bracket says what k is.
    if (text === "(" && (this.conditionOpens() || this.is("~", 1))) return false;
    if (text === "(" && (this.word(1) !== "" || this.is("mod", 1))) return false;
    return OPENING.includes(text) && !(text === "[" && this.outward);
  }

  /** A factor with the signs before it. */
  protected override prefix(): Node {
    const sign = this.peek();
    if (sign.kind === "mark" && ["+", "-", "pm", "mp"].includes(sign.text)) {
      this.skip(1);
      const node = this.expression(UNARY);
      if (sign.text === "+") return node;
      if (sign.text === "-") {
        // -1 mod 2 is (-1) mod 2.
        const isModular = node.kind === "call" && (node.name === "mod" || node.name === "residue");
        const [dividend, divisor] = isModular ? node.items : [];
        return isModular && dividend && divisor
          ? { ...node, items: [negative(dividend), divisor] }
          : negative(node);
      }
      return { kind: "product", items: [{ kind: "sign", flipped: sign.text === "mp" }, node] };
    }
    return this.postfix(this.primary());
  }

  /** Powers, factorials, primes, percent and degree signs after a factor. */
  protected override postfix(node: Node): Node {
    for (let count = 0;; count++) {
      if (count > MAX_DEPTH) throw new SyntaxError(`it has more than ${MAX_DEPTH} signs in a row`);
      if (this.is("^")) {
        if (this.#degreeSign()) node = this.#degrees(node);
        else if (this.#limitSign()) return node;
        else if (this.#superscriptMark()) node = this.#marked(node);
        else {
          this.skip(1);
          node = { kind: "power", items: [node, this.exponent()] };
        }
      } else if (this.is("_") && node.kind === "power" && node.items[0].kind === "symbol") {
        // v^2_0 is the square of v_0.
        this.skip(1);
        const name = `${node.items[0].name}_${this.subscript()}`;
        node = { kind: "power", items: [{ kind: "symbol", name }, node.items[1]] };
      } else if (this.is("!")) {
        this.skip(1);
        node = { kind: "call", name: "factorial", items: [node] };
      } else if (this.is("%")) {
        this.skip(1);
        node = { kind: "percent", items: [node] };
      } else if (this.is("deg")) {
        this.skip(1);
        node = this.#degrees(node);
      } else return node;
    }
  }

  /** Degrees, with minutes and seconds if they follow. */
  #degrees(node: Node): Node {
    const parts = [node];
    for (const size of [60, 3600]) {
      const marks = size === 60 ? 1 : 2;
      if (this.peek().kind !== "number" || !this.is("'", 1) || (marks === 2) !== this.is("'", 2)) continue;
      parts.push(quotient(this.number(), integerNode(size)));
      this.skip(marks);
    }
    const scale = ["C", "Celsius", "F", "Fahrenheit"].includes(this.peek().text)
      ? this.peek().text.charAt(0)
      : "";
    if (scale !== "") {
      this.skip(1);
      return { kind: "quantity", unit: `degree ${scale}`, items: [node] };
    }
    return { kind: "degree", items: [parts.length === 1 ? node : { kind: "sum", items: parts }] };
  }

  /** Consumes `^\circ` or `^{\circ}`. */
  #degreeSign(): boolean {
    const isSign = (ahead: number): boolean =>
      this.is("deg", ahead) || (this.peek(ahead).kind === "symbol" && this.peek(ahead).text === "o");
    const length = isSign(1) ? 2 : this.is("{", 1) && isSign(2) && this.is("}", 3) ? 4 : 0;
    this.skip(length);
    return length > 0;
  }

  /** Does a mark stand here that is no exponent: `^*`, `^{\prime}`, `^\top`, `^\times`? */
  #superscriptMark(): boolean {
    const inner = this.is("{", 1) ? 2 : 1;
    const { kind, text } = this.peek(inner);
    const isMark = (kind === "mark" && (text === "*" || text === "'")) ||
      (kind === "symbol" && ["top", "dagger", "perp", "star"].includes(text));
    return isMark && (inner === 1 || this.is("}", 3) || this.is("'", 3));
  }

  #marked(node: Node): Node {
    this.skip(1);
    const braces = this.is("{");
    if (braces) this.skip(1);
    let mark = "";
    while (this.is("'") || this.is("*") || this.peek().kind === "symbol" && mark === "") {
      mark += this.peek().text;
      this.skip(1);
    }
    if (braces) this.expect("}");
    if (node.kind === "symbol") return { kind: "symbol", name: node.name + mark };
    return { kind: "apply", name: mark, items: [node] };
  }

  /** Does `^+` stand here, as in the point of a one-sided limit? */
  #limitSign(): boolean {
    const braces = this.is("{", 1) ? 1 : 0;
    return (this.is("+", 1 + braces) || this.is("-", 1 + braces)) && this.is("}", 2 + braces);
  }

  /** An exponent: a group, a signed factor, or a factor with its own exponent. */
  protected override exponent(): Node {
    this.enter();
    let node: Node;
    if (this.is("-") || this.is("+")) {
      const minus = this.is("-");
      this.skip(1);
      node = minus ? negative(this.exponent()) : this.exponent();
    } else {
      node = this.primary();
      if (this.is("^") && !this.#degreeSign()) {
        this.skip(1);
        node = { kind: "power", items: [node, this.exponent()] };
      }
    }
    this.leave();
    return node;
  }

  /** The smallest complete part of a formula. */
  protected override primary(): Node {
    const token = this.peek();
    this.budget.spend(2);
    if (token.kind === "number") return this.number();
    if (token.kind === "symbol") return this.differential() ?? this.#symbol();
    if (token.kind === "command") return this.command();
    if (token.kind !== "mark") throw this.unexpected();
    switch (token.text) {
      case "^":
      case "_":
        return this.prescript();
      case "{":
        if (this.is("}", 1) && (this.is("^", 2) || this.is("_", 2))) {
          this.skip(2);
          return this.prescript();
        }
        this.skip(1);
        return this.closed("}");
      case "(":
      case "[":
      case "]":
        return this.bracket(token.text);
      case "set{":
        return this.set();
      case "|":
        return this.absolute();
      case "floor[":
      case "ceil[": {
        this.skip(1);
        const name = token.text === "floor[" ? "floor" : "ceil";
        return { kind: "call", name, items: [this.closed(`${name}]`)] };
      }
      case "begin matrix":
        return asSystem(this.matrix());
      case "begin rows":
        return this.rows();
      default:
        throw this.unexpected();
    }
  }

  #symbol(): Node {
    let name = this.peek().text;
    this.skip(1);
    if (this.is("_")) {
      this.skip(1);
      name += `_${this.subscript()}`;
    }
    while (this.is("'")) {
      this.skip(1);
      name += "'";
    }
    if (name === "e" || name === "i") return { kind: "constant", name };
    if (/^[A-Z]/.test(name) && this.is("[") && !this.peek().spaced && !this.outward) {
      // E[X^2] is a function of X^2.
      this.skip(1);
      return { kind: "apply", name, items: [this.closed("]")] };
    }
    const power = /^[fgh]/.test(name) ? this.#functionPower() : undefined;
    if (power !== undefined) name += power;
    // P(x) = … defines P, and so look P(x) and y(0); elsewhere only the usual names of functions are applied.
    const defines = this.is("(") && this.peek(1).kind === "symbol" && this.is(")", 2) && this.is("=", 3);
    const ofOne = this.is(")", 2) && !this.peek().spaced &&
      (this.peek(1).kind === "number" || (/^[A-Z]/.test(name) && this.peek(1).kind === "symbol"));
    if ((/^[fgh]/.test(name) || defines || ofOne) && this.is("(") && !this.peek().spaced) {
      this.skip(1);
      const inner = this.closed(")");
      return { kind: "apply", name, items: inner.kind === "list" ? inner.items : [inner] };
    }
    return { kind: "symbol", name };
  }

  /** The `^{-1}` of `f^{-1}(x)`: a power of the function, not of a factor. */
  #functionPower(): string | undefined {
    const found =
      this.is("^") && this.is("{", 1) && this.is("-", 2) && this.peek(3).text === "1" && this.is("}", 4)
        ? { length: 5, text: "^-1" }
        : this.is("^") && this.peek(1).kind === "number" && this.is("(", 2)
        ? { length: 2, text: `^${this.peek(1).text}` }
        : undefined;
    if (!found || !this.is("(", found.length)) return undefined;
    this.skip(found.length);
    return found.text;
  }

  /** The text of a subscript. */
  protected override subscript(): string {
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
}

/** The tree of two operands. */
function combine(operator: string, left: Node, right: Node): Node {
  switch (operator) {
    case "+":
      return extend("sum", left, right);
    case "-":
      // ℝ - {0} takes elements away.
      if (
        right.kind === "set" && (left.kind === "domain" || left.kind === "bracket" || left.kind === "set")
      ) {
        return { kind: "difference", items: [left, right] };
      }
      return extend("sum", left, negative(right));
    case "pm":
    case "mp": {
      const sign: Node = { kind: "sign", flipped: operator === "mp" };
      return extend("sum", left, { kind: "product", items: [sign, right] });
    }
    case "/":
      return extend("product", left, { kind: "power", items: [right, integerNode(-1)] });
    case "mod":
      return { kind: "call", name: "mod", items: [left, right] };
    case ":":
      return extend("ratio", left, right);
    case "cup":
      return extend("union", asSet(left), asSet(right));
    case "cap":
      return extend("intersection", asSet(left), asSet(right));
    case "setminus":
      return { kind: "difference", items: [asSet(left), asSet(right)] };
    default: {
      // Products of sets and tuples have an order.
      const ordered = ["bracket", "domain", "set"];
      if (
        ordered.includes(left.kind) && ordered.includes(right.kind) && asFactor(left) === left &&
        asFactor(right) === right
      ) {
        return { kind: "apply", name: "times", items: [left, right] };
      }
      return extend("product", asFactor(left), asFactor(right));
    }
  }
}

/** Braces with backslashes around one factor only group it. */
function asFactor(node: Node): Node {
  return node.kind === "set" && node.items.length === 1 ? node.items[0] as Node : node;
}

/** Braces without backslashes mean a set where two sets are joined. */
function asSet(node: Node): Node {
  if (node.kind === "list") return { kind: "set", items: node.items };
  return node.kind === "number" ? { kind: "set", items: [node] } : node;
}

/**
 * A node with one more operand; chains are kept flat, so that walking a tree needs little stack. The parser owns the
 * node on the left and nothing else has seen it yet: its operands are added to in place, or long chains would be copied
 * again and again.
 */
function extend(
  kind: "sum" | "product" | "ratio" | "union" | "intersection",
  left: Node,
  right: Node,
): Node {
  if (left.kind !== kind) return { kind, items: [left, right] };
  (left.items as Node[]).push(right);
  return left;
}
