/**
 * A value with the words at it: units, amounts in words, bases, remarks; or words alone.
 *
 * @module
 */

import { integerNode, negative, type Node } from "../expression/mod.ts";
import { FILLERS, isCounted } from "./counted.ts";
import { FormulaParser } from "./formula.ts";
import { based } from "./number_parser.ts";
import { comparableWords } from "./words/mod.ts";
import { canonicalUnit, isUnitWord, UNITS } from "./units.ts";
import { CLAUSE_WORDS, MULTIPLIERS, NOT_UNITS, NUMBER_WORDS, QUANTIFIERS } from "./vocabulary.ts";

/** Currencies as they are written before an amount. */
const CURRENCIES = new Set("usd eur gbp rs inr cny rmb us".split(" "));

/** Characters that change the number before them: numerals, "or", "not", "above", "below". */
const CHANGING = /[不非以上下未满滿或和及到至超过過少多约約万萬亿億千百十零〇一二三四五六七八九]/;

/** Words behind a number that say how it is meant. */
const VALUE_WORDS: ReadonlySet<string> = new Set(
  "percent percentage pct per cent degree degrees celsius fahrenheit base".split(" "),
);

/** What a word such as "million" multiplies the number before it by. */
function multiplierOf(word: string): number | undefined {
  return MULTIPLIERS.get(word) ?? MULTIPLIERS.get(word.replace(/s$/, ""));
}

/** Parses formulas with the words at them. What parts one from the next is left to the class that extends it. */
export abstract class QuantityParser extends FormulaParser {
  /** Does a clause begin here: "for all integers k", "where …", "(k ∈ ℤ)"? */
  protected clauseAhead(): boolean {
    let ahead = 0;
    while (this.is(",", ahead) || this.is("(", ahead) || this.is(";", ahead)) ahead++;
    if (CLAUSE_WORDS.has(this.word(ahead)) || this.peek(ahead).text === "forall") return true;
    const opened = this.is("(", ahead - 1);
    return opened &&
      (QUANTIFIERS.has(this.word(ahead)) || this.peek(ahead).kind === "symbol" && this.is("in", ahead + 1));
  }

  /** A formula with a unit, or words. */
  protected measured(): Node {
    if (this.peek().kind === "word" && this.is("_", 1)) this.replace({ ...this.peek(), kind: "symbol" });
    if (this.peek().kind === "word") return this.#words();
    if (this.is("...")) {
      this.skip(1);
      return { kind: "symbol", name: "..." };
    }
    const value = this.expression();
    const node = this.peek().kind === "word" && !this.clauseAhead() ? this.#unit(value) : value;
    return this.#withoutRemark(node);
  }

  /** A base in brackets, "(base 5)", or a remark in words such as "(approximately)" that may be left out. */
  #withoutRemark(node: Node): Node {
    if (this.is("(") && this.is("~", 1)) {
      // 2π (≈ 6.28): what follows only repeats the value.
      let end = 2;
      while (this.peek(end).kind === "number" || this.is("-", end) || this.is("...", end)) end++;
      if (this.is(")", end)) this.skip(end + 1);
      return node;
    }
    if (!this.is("(") || this.word(1) === "" || this.clauseAhead()) return node;
    if (this.word(1) === "base") {
      this.skip(2);
      const value = this.#inBase(node);
      this.expect(")");
      return value;
    }
    let ahead = 1;
    while (this.word(ahead) !== "" && !NOT_UNITS.has(this.word(ahead))) ahead++;
    if (this.is(")", ahead)) this.skip(ahead + 1);
    return node;
  }

  /** A run of words up to a separator; a number word may be a value. */
  #words(): Node {
    if (CURRENCIES.has(this.word()) && this.peek(1).kind === "number") {
      this.skip(1);
      return this.expression();
    }
    if (["negative", "minus"].includes(this.word()) && this.peek(1).kind === "number") {
      this.skip(1);
      return negative(this.expression());
    }
    const number = this.#numberWords();
    if (number) return number;
    const words: string[] = [];
    while (this.peek().kind === "word" || (this.peek().kind === "symbol" && words.length > 0)) {
      const text = this.peek().text.toLowerCase();
      if (words.length > 0 && (text === "and" || text === "or")) break;
      words.push(text);
      this.skip(1);
    }
    const label = this.#appliedWords(words.join(" "));
    if (label) return label;
    const next = this.peek();
    if (
      next.kind !== "end" && ![",", ";", ":", "=", ")", "]", "}", "set}", "&", "\\\\"].includes(next.text) &&
      next.kind !== "word"
    ) {
      throw this.unexpected();
    }
    const text = words.join(" ");
    return comparableWords(text) === "all real numbers"
      ? { kind: "domain", name: "R" }
      : { kind: "text", text };
  }

  /** "Var(X) =", "Area(ABC) =": a quantity with a name in words, where its value follows. */
  #appliedWords(name: string): Node | undefined {
    if (!this.is("(")) return undefined;
    const at = this.position();
    this.skip(1);
    const inner = this.closed(")");
    if (this.is("=")) return { kind: "apply", name, items: inner.kind === "list" ? inner.items : [inner] };
    this.rewind(at);
    return undefined;
  }

  /** "three", "twenty-five", "two hundred dollars"; `undefined` if the words say more than a quantity. */
  #numberWords(): Node | undefined {
    const at = this.position();
    let total = 0, group = 0, count = 0;
    for (;; count++) {
      const [tens = "", ones] = this.word().split("-");
      const value = NUMBER_WORDS.get(tens), factor = MULTIPLIERS.get(this.word());
      if (value !== undefined) {
        // "twenty" may be followed by "five", "five" by nothing.
        if (group % 10 !== 0 || (group % 100 !== 0 && value > 9)) break;
        group += value + (NUMBER_WORDS.get(ones ?? "zero") ?? NaN);
        this.skip(1);
        if (this.is("-") && NUMBER_WORDS.has(this.word(1))) this.skip(1);
      } else if (factor !== undefined && factor !== 12 && group > 0) {
        if (factor === 100) group *= 100;
        else {
          total += group * factor;
          group = 0;
        }
        this.skip(1);
      } else if (count > 0 && this.word() === "and" && NUMBER_WORDS.has(this.word(1)) && group % 100 === 0) {
        this.skip(1);
      } else break;
    }
    let length = 0;
    while (this.word(length) !== "") length++;
    if (count === 0 || Number.isNaN(total + group) || length > 3 || this.peek(length).kind === "symbol") {
      this.rewind(at);
      return undefined;
    }
    const node = integerNode(total + group);
    return this.peek().kind === "word" && !this.clauseAhead() ? this.#unit(node) : node;
  }

  /** The words after a value: a percentage, an angle, a multiplier, a base or a unit. */
  #unit(value: Node): Node {
    const words: string[] = [];
    for (;;) {
      const { kind, text } = this.peek(), word = this.word();
      if (kind === "word") {
        if (word === "and" || word === "or" || this.clauseAhead()) break;
        // "5 ways not counting" is 5, "5 more" is not; a sign or a numeral of another script is no unit.
        if (
          (NOT_UNITS.has(word) && words.length === 0) || !(/\p{L}/u.test(text) || UNITS.has(text)) ||
          CHANGING.test(text)
        ) {
          throw this.unexpected();
        }
        // "5 is wrong" gives no five; "n is odd" gives what n is.
        if (words.length === 0 && /^(?:is|was|are)$/.test(word) && value.kind === "number") {
          throw this.unexpected();
        }
        const changesNothing = FILLERS.has(word) || isCounted(word);
        if (
          !changesNothing && !isUnitWord(text) && !VALUE_WORDS.has(word) && multiplierOf(word) === undefined
        ) {
          throw new SyntaxError(`"${text.slice(0, 20)}" is no known unit`);
        }
        this.skip(1);
        const factor = multiplierOf(word);
        if (words.length === 0 && factor !== undefined) {
          value = { kind: "product", items: [value, integerNode(factor)] };
        } else if (
          words.length === 0 &&
          (/^(?:percent|percentage|pct)$/.test(word) || (word === "per" && this.word() === "cent"))
        ) {
          if (word === "per") this.skip(1);
          value = { kind: "percent", items: [value] };
        } else if (words.length === 0 && /^degrees?$/.test(word)) {
          const scale = ["celsius", "fahrenheit", "c", "f"].includes(this.word())
            ? this.word().charAt(0)
            : "";
          if (scale !== "") {
            this.skip(1);
            return { kind: "quantity", unit: `degree ${scale.toUpperCase()}`, items: [value] };
          }
          value = { kind: "degree", items: [value] };
        } else if (word === "base") return this.#inBase(value);
        else if (!FILLERS.has(word) || word === "of") words.push(text);
      } else if (text === "^" && words.length > 0) {
        this.skip(1);
        const exponent = this.argument();
        const minus = exponent.kind === "product" && exponent.items.length === 2
          ? exponent.items[1]
          : exponent;
        if (minus?.kind !== "number") throw this.unexpected();
        words.push(`^${exponent === minus ? "" : "-"}${minus.value.numerator}`);
      } else if (kind === "symbol" && words.at(-1) === "/" && UNITS.has(text)) {
        this.skip(1);
        words.push(text);
      } else if ((text === "/" || text === "*") && words.length > 0 && this.#unitAhead()) {
        this.skip(1);
        if (text === "/") words.push("/");
      } else break;
    }
    if (words.length === 0) return value;
    // "a right prism" is no quantity, "x metres" is one.
    if (value.kind === "symbol" && !words.some((word) => UNITS.has(word))) {
      throw new SyntaxError("it is prose");
    }
    return { kind: "quantity", unit: canonicalUnit(words), items: [value] };
  }

  /** Does a unit stand after the next sign? */
  #unitAhead(): boolean {
    const { kind, text } = this.peek(1);
    return kind === "word" || (kind === "symbol" && UNITS.has(text));
  }

  /** "4210 base 7", "in base seven". */
  #inBase(value: Node): Node {
    const base = this.peek().kind === "number" ? Number(this.peek().text) : NUMBER_WORDS.get(this.word());
    if (
      value.kind !== "number" || value.value.denominator !== 1n || base === undefined ||
      !(base >= 2 && base <= 36)
    ) {
      throw this.unexpected();
    }
    this.skip(1);
    return based(value.value.numerator.toString(), base);
  }
}
