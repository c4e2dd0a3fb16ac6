/**
 * What stands around formulas: relations, lists, units, words, clauses.
 *
 * @module
 */

import {
  contains,
  freeSymbols,
  integerNode,
  negative,
  type Node,
  type RelationOperator,
} from "../expression/mod.ts";
import { FormulaParser } from "./formula.ts";
import { isDeclaration, RELATIONS } from "./group_parser.ts";
import { based } from "./number_parser.ts";
import { comparableWords } from "./text.ts";
import { canonicalUnit, UNITS } from "./units.ts";
import { CLAUSE_WORDS, MULTIPLIERS, NOT_UNITS, NUMBER_WORDS, QUANTIFIERS } from "./vocabulary.ts";

/** What an answer says about its letters: "for all integers k", "where x > 0". */
export interface Clause {
  /** The letters that it declares: their names are free. */
  readonly declared: readonly string[];
  /** The tokens of the condition that it adds, empty if there is none. */
  readonly condition: string;
}

/** Nothing is said about letters. */
export const NO_CLAUSE: Clause = { declared: [], condition: "" };

/** The most sides of a relation. */
const MAX_SIDES = 50;

/** Currencies as they are written before an amount. */
const CURRENCIES = new Set("usd eur gbp rs inr cny rmb us".split(" "));

/** Characters that change the number before them: numerals, "or", "not", "above", "below". */
const CHANGING = /[不非以上下未满滿或和及到至超过過少多约約万萬亿億千百十零〇一二三四五六七八九]/;

/** Words of an introduction that turn what follows into something else. */
const TURNING = new Set(
  ("not no none never nothing neither cannot wrong incorrect false less more greater fewer least most negative minus " +
    "opposite reciprocal inverse negation twice half double square root than isn").split(" "),
);

/** The last word of an introduction that says nothing about the value. */
const INTRODUCTIONS = new Set(
  "is are be equals both either interval set point matrix vector number value".split(" "),
);

/** Parses what stands around formulas. */
export class AnswerParser extends FormulaParser {
  /** What the answer says about its letters. */
  clause: Clause = NO_CLAUSE;

  /** The whole answer. */
  answer(): Node {
    this.#skipIntroduction();
    let node = this.list();
    // Of a chain of conclusions the last one is the answer.
    while (this.is("implies") && contains(node, ({ kind }) => kind === "relation")) {
      this.skip(1);
      node = this.list();
    }
    if (this.#clauseAhead()) {
      this.clause = this.#clause();
      // "x + 1 for x = 3" is no formula in x.
      const given = [...this.clause.condition.matchAll(/(\S+) =/g)].map(([, name]) => name ?? "");
      if (given.some((name) => freeSymbols(node).has(name))) {
        throw new SyntaxError("its clause gives a letter a value");
      }
    }
    if (this.peek().kind !== "end") throw this.unexpected();
    return this.#withoutDomains(node);
  }

  /** "The answer is 5" and "Answer: 5": the words say nothing. */
  #skipIntroduction(): void {
    let at = 0;
    while (this.peek(at).kind === "word") at++;
    if (at === 0) return;
    const last = this.word(at - 1), colon = this.is(":", at) && this.peek(at + 1).kind !== "end";
    for (let word = 0; word < at; word++) if (TURNING.has(this.word(word))) return;
    if (colon || INTRODUCTIONS.has(last)) this.skip(colon ? at + 1 : at);
  }

  /** Does a clause begin here: "for all integers k", "where …", "(k ∈ ℤ)"? */
  #clauseAhead(): boolean {
    let ahead = 0;
    while (this.is(",", ahead) || this.is("(", ahead) || this.is(";", ahead)) ahead++;
    if (CLAUSE_WORDS.has(this.word(ahead)) || this.peek(ahead).text === "forall") return true;
    const opened = this.is("(", ahead - 1);
    return opened &&
      (QUANTIFIERS.has(this.word(ahead)) || this.peek(ahead).kind === "symbol" && this.is("in", ahead + 1));
  }

  /** Reads a clause to the end of the answer; it may hold names, domains and simple conditions, not a second answer. */
  #clause(): Clause {
    const declared = new Set<string>(), condition: string[] = [];
    let words = 0, cases = 0, quantified = false;
    for (; this.peek().kind !== "end"; this.skip(1)) {
      const { kind, text } = this.peek(), word = this.word();
      if (CLAUSE_WORDS.has(word)) words++;
      if (["for", "when", "whenever"].includes(word)) cases++;
      // What begins with a number after a comma is another answer.
      if (text === "," && kind === "mark" && this.peek(1).kind === "number") throw this.unexpected();
      const isMark = kind === "mark" && (RELATIONS.has(text) || ",;(){}_'.^*".includes(text));
      const isCommand = kind === "command" && (/^(?:domain|infty|forall|pi)/.test(text));
      const isWord = CLAUSE_WORDS.has(word) || QUANTIFIERS.has(word);
      if (
        !(isMark || isCommand || isWord || kind === "symbol" || kind === "number") || words > 2 || cases > 1
      ) {
        throw this.unexpected();
      }
      if (QUANTIFIERS.has(word) && !/^(?:is|are|an|the|that|and|of|be|to|for|where)$/.test(word)) {
        quantified = true;
      }
      if (isCommand || (isMark && text === "in")) quantified = true;
      if (kind === "symbol") declared.add(text);
      if (kind === "number" || isMark && "<=>=!=".includes(text) || kind === "symbol") condition.push(text);
    }
    if (declared.size === 0) throw new SyntaxError("its clause names no letter");
    const compares = condition.some((text) => ["=", "<", ">", "<=", ">=", "!="].includes(text));
    return { declared: quantified ? [...declared] : [], condition: compares ? condition.join(" ") : "" };
  }

  /** A list without items such as `k ∈ ℤ`, which only declare a letter. */
  #withoutDomains(node: Node): Node {
    if (node.kind !== "list" || node.joiner !== ",") return node;
    const declared: string[] = [];
    const items = node.items.filter((item) => {
      const [name] = item.kind === "relation" ? item.items : [];
      if (name?.kind !== "symbol" || !isDeclaration(item)) return true;
      declared.push(name.name);
      return false;
    });
    if (declared.length === 0 || items.length === 0) return node;
    this.clause = { ...this.clause, declared: [...this.clause.declared, ...declared] };
    return items.length === 1 ? items[0] as Node : { ...node, items };
  }

  /** Answers parted by commas, semicolons, "and", "or"; a semicolon parts before a comma does. */
  protected override list(): Node {
    const parts: Node[][] = [[this.relation()]];
    let joiner: "," | "or" | "and" = ",", semicolons = 0;
    for (;;) {
      if (this.#clauseAhead()) break;
      const sign = this.#separator();
      // A comma may stand at the end, "or" may not.
      if (sign === undefined || (this.#closes() && (sign === "," || sign === ";"))) break;
      if (sign !== ",") parts.push([]);
      if (sign === ";") semicolons++;
      else if (sign !== ",") joiner = sign;
      parts.at(-1)?.push(this.relation());
    }
    // "1, 2; 3, 4" are two pairs, and so are "x = 1, y = 2 or x = 3, y = 4".
    const isNamed = (item: Node): boolean => item.kind === "relation" && item.operators[0] === "=";
    const length = parts[0]?.length ?? 0;
    const nested = parts.length > 1 && length > 1 && parts.every((part) => part.length === length) &&
      (semicolons === parts.length - 1 || parts.flat().every(isNamed));
    const items = nested
      ? parts.map((part): Node => ({ kind: "bracket", open: "(", close: ")", items: part }))
      : parts.flat();
    return items.length === 1 ? items[0] as Node : { kind: "list", joiner: nested ? "or" : joiner, items };
  }

  /** Does a group end here, so that the separator before it parts nothing? */
  #closes(): boolean {
    const { kind, text } = this.peek();
    return kind === "end" || (kind === "mark" && ["&", "\\\\", "end rows"].includes(text));
  }

  #separator(): "," | ";" | "or" | "and" | undefined {
    let found: "," | ";" | "or" | "and" | undefined;
    for (;;) {
      const { kind, text } = this.peek(), word = this.word();
      if (kind === "mark" && (text === "," || text === ";")) found ??= text;
      else if (word === "or" || word === "and") found = word;
      else if (kind === "mark" && text === "\\\\" && !this.#inRows) found ??= ",";
      else return found;
      this.skip(1);
    }
  }

  #inRows = false;

  protected override rows(): Node {
    const outer = this.#inRows;
    this.#inRows = true;
    const node = super.rows();
    this.#inRows = outer;
    return node;
  }

  protected override matrix(): Node {
    const outer = this.#inRows;
    this.#inRows = true;
    const node = super.matrix();
    this.#inRows = outer;
    return node;
  }

  /** One or more sides with signs between them. What follows an approximation sign only repeats the side before. */
  protected override relation(end?: ":"): Node {
    const items = [this.#measured()], operators: RelationOperator[] = [];
    for (;;) {
      const { kind, text } = this.peek();
      const negated = kind === "command" && text === "not";
      if (negated) this.skip(1);
      const sign = this.peek();
      const first = items[0];
      if (
        first?.kind === "text" && first.text.split(" ").some((word) => TURNING.has(word)) &&
        operators.length === 0
      ) break;
      const isLabel = sign.text === ":" && end === undefined && operators.length === 0 &&
        items[0]?.kind === "text";
      if (operators.length > MAX_SIDES) throw new SyntaxError(`a relation has more than ${MAX_SIDES} sides`);
      const operator = isLabel
        ? "="
        : sign.kind === "mark" && sign.text !== end
        ? RELATIONS.get(sign.text)
        : undefined;
      if (operator === undefined) break;
      this.skip(1);
      const side = this.#measured();
      const repeats = operators.length > 0
        ? operators.every((o) => o === "=")
        : freeSymbols(items[0] as Node).size === 0;
      if (operator === "~" && repeats) continue;
      if (negated && operator !== "=" && operator !== "in") throw this.unexpected();
      operators.push(negated ? (operator === "=" ? "!=" : "notin") : operator === "~" ? "=" : operator);
      items.push(side);
    }
    return operators.length === 0 ? items[0] as Node : { kind: "relation", operators, items };
  }

  /** A formula with a unit, or words. */
  #measured(): Node {
    if (this.peek().kind === "word" && this.is("_", 1)) this.replace({ ...this.peek(), kind: "symbol" });
    if (this.peek().kind === "word") return this.#words();
    if (this.is("...")) {
      this.skip(1);
      return { kind: "symbol", name: "..." };
    }
    const value = this.expression();
    const node = this.peek().kind === "word" && !this.#clauseAhead() ? this.#unit(value) : value;
    return this.#withoutRemark(node);
  }

  /** A base in brackets, "(base 5)", or a remark in words such as "(approximately)" that may be left out. */
  #withoutRemark(node: Node): Node {
    if (!this.is("(") || this.word(1) === "" || this.#clauseAhead()) return node;
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
    return this.peek().kind === "word" && !this.#clauseAhead() ? this.#unit(node) : node;
  }

  /** The words after a value: a percentage, an angle, a multiplier, a base or a unit. */
  #unit(value: Node): Node {
    const words: string[] = [];
    for (;;) {
      const { kind, text } = this.peek(), word = this.word();
      if (kind === "word") {
        if (word === "and" || word === "or" || this.#clauseAhead()) break;
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
        this.skip(1);
        const factor = MULTIPLIERS.get(word) ?? MULTIPLIERS.get(word.replace(/s$/, ""));
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
        else words.push(text);
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
