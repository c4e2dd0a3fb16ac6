/**
 * Numbers in their notations: decimals, repeating decimals, scientific notation, stated bases, mixed numbers.
 *
 * @module
 */

import { integerNode, type Node, rational } from "../expression/mod.ts";
import { TokenReader } from "./token_reader.ts";

/** Integers inside a fraction or subscript, and how many tokens they take. */
interface Digits {
  readonly text: string;
  readonly tokens: number;
}

/** The node of digits in a base. */
export function based(digits: string, base: number): Node {
  return { kind: "based", digits: digits.toUpperCase().replace(/^0+(?=.)/, ""), base };
}

/** Reads numbers. */
export abstract class NumberParser extends TokenReader {
  /** The number that stands here. */
  protected number(): Node {
    const token = this.peek();
    this.skip(1);
    if (token.base !== undefined) return based(token.text, Number(token.base));
    const [mantissa = "", exponent] = token.text.split("e");
    const [whole = "", fraction = ""] = mantissa.split(".");
    const digits = BigInt(whole + fraction || "0"), scale = 10n ** BigInt(fraction.length);
    if (token.repeating !== undefined) {
      // 0.1\overline{23} = 0.1 + 23 / 990
      const nines = 10n ** BigInt(token.repeating.length) - 1n;
      const value = rational(digits * nines + BigInt(token.repeating), scale * nines, this.budget);
      return { kind: "number", value };
    }
    const value = rational(digits, scale, this.budget);
    const shown = mantissa.includes(".");
    const node: Node = shown
      ? { kind: "number", value, decimals: fraction.length }
      : { kind: "number", value };
    if (exponent !== undefined) {
      const power: Node = {
        kind: "power",
        items: [integerNode(10), integerNode(BigInt(exponent.replace("+", "")))],
      };
      return { kind: "product", items: [node, power] };
    }
    // 0.333... shows some of its digits.
    if (shown && this.is("...")) this.skip(1);
    return shown ? node : this.#mixed(node);
  }

  /** An integer some places ahead: in braces, or bare. */
  #digitsAt(ahead: number): Digits | undefined {
    const inBraces = this.is("{", ahead) && this.is("}", ahead + 2);
    const token = this.peek(inBraces ? ahead + 1 : ahead);
    if (token.kind !== "number" || /\D/.test(token.text) || token.repeating !== undefined) return undefined;
    return { text: token.text, tokens: inBraces ? 3 : 1 };
  }

  /** `2\frac{1}{2}` and `2 1/2` are mixed numbers; the fraction must be below one. */
  #mixed(whole: Node): Node {
    const next = this.peek();
    if (next.kind === "command" && next.text === "frac") {
      const first = this.#digitsAt(1);
      if (!first) return whole;
      // \frac12 has both of its arguments in one token.
      const both = first.tokens === 1 && first.text.length === 2;
      const top = both ? { text: first.text.charAt(0), tokens: 0 } : first;
      const bottom = both ? { text: first.text.charAt(1), tokens: 1 } : this.#digitsAt(1 + first.tokens);
      if (!bottom || (!both && first.tokens === 1 && first.text.length > 1)) return whole;
      if (!both && bottom.tokens === 1 && bottom.text.length > 1) return whole;
      return this.#withFraction(whole, top.text, bottom.text, 1 + top.tokens + bottom.tokens) ?? whole;
    }
    const plain = next.kind === "number" && next.spaced && this.is("/", 1) && this.peek(2).kind === "number";
    if (!plain || /\D/.test(next.text + this.peek(2).text)) return whole;
    const mixed = this.#withFraction(whole, next.text, this.peek(2).text, 3);
    if (!mixed) throw this.unexpected();
    return mixed;
  }

  /** The sum of an integer and a proper fraction, if it is one. */
  #withFraction(whole: Node, top: string, bottom: string, tokens: number): Node | undefined {
    const a = BigInt(top), b = BigInt(bottom);
    if (a === 0n || a >= b || this.is("^", tokens) || this.is("!", tokens)) return undefined;
    this.skip(tokens);
    return { kind: "sum", items: [whole, { kind: "number", value: rational(a, b, this.budget) }] };
  }
}
