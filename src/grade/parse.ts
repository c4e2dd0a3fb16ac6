/**
 * From tokens to an answer's tree: relations, lists, unions and units around the formulas of `formula.ts`.
 *
 * @module
 */

import { type Budget, TooLarge } from "./budget.ts";
import { integerNode, type Node, type RelationOperator } from "./expression.ts";
import { FormulaParser } from "./formula.ts";
import { toAscii, tokenize, type TokenizeOptions } from "./tokenize.ts";
import { MULTIPLIERS, NOT_UNITS, UNITS } from "./vocabulary.ts";

/** The longest answer that is parsed, in characters; a longer one is compared as text. */
export const MAX_LENGTH = 10_000;

/** A parsed answer, or why it is none. */
export interface ParsedAnswer {
  /** The tree; a text node of the whole answer if it could not be read. */
  readonly node: Node;
  /** Why the answer could not be read as a formula, a list or words. */
  readonly failure?: string;
  /** Was a comma read as a thousands separator, so that a list is the other reading? */
  readonly grouped: boolean;
}

const RELATIONS: ReadonlyMap<string, RelationOperator> = new Map(
  (["=", "<", ">", "<=", ">=", "!=", "~", "in"] as const).map((sign) => [sign, sign]),
);

/**
 * Parses an answer written in LaTeX or plain text. Never throws on bad text: what cannot be read becomes a text node
 * with a `failure`.
 *
 * @throws {OutOfSteps} If the budget is used up.
 *
 * @example A fraction without braces
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Budget } from "./budget.ts";
 * import { parseAnswer } from "./parse.ts";
 *
 * assertEquals(parseAnswer("\\frac12", new Budget(1000)).node.kind, "product");
 * ```
 */
export function parseAnswer(source: string, budget: Budget, options: TokenizeOptions = {}): ParsedAnswer {
  budget.spend(source.length);
  const fail = (failure: string): ParsedAnswer => ({
    node: { kind: "text", text: plainText(source) },
    failure,
    grouped: false,
  });
  if (source.trim() === "") return fail("it is empty");
  if (source.length > MAX_LENGTH) return fail(`it is longer than ${MAX_LENGTH} characters`);
  const tokens = tokenize(trimEnds(source), options);
  budget.spend(10 * tokens.length);
  try {
    const node = new AnswerParser(tokens, budget).answer();
    return { node, grouped: tokens.some((token) => token.grouped) };
  } catch (error) {
    if (error instanceof SyntaxError) return fail(error.message);
    if (error instanceof TooLarge) return fail("a number in it is too large");
    throw error;
  }
}

/** An answer without the marks of mathematics mode and the punctuation of its sentence around it. */
function trimEnds(source: string): string {
  let text = source.trim();
  for (;;) {
    const before = text.length;
    for (const [open, close] of [["$$", "$$"], ["$", "$"], ["\\(", "\\)"], ["\\[", "\\]"]] as const) {
      if (text.length >= open.length + close.length && text.startsWith(open) && text.endsWith(close)) {
        text = text.slice(open.length, -close.length).trim();
      }
    }
    while (text !== "" && ".,;:".includes(text.at(-1) ?? " ") && text.at(-2) !== "\\") {
      text = text.slice(0, -1).trimEnd();
    }
    if (text.endsWith("\\") && !text.endsWith("\\\\")) text = text.slice(0, -1);
    if (text.startsWith("**") && text.endsWith("**") && text.length > 4) text = text.slice(2, -2).trim();
    if (text.length === before) return text.replaceAll("\\(", "").replaceAll("\\)", "");
  }
}

/** The letters and digits of a text, lower case, without commands: what is compared when it is no formula. */
export function plainText(source: string): string {
  return toAscii(source).replace(/\\[A-Za-z]+|\\[,;:! ]/g, " ").toLowerCase().replace(/[\s{}$*"'`.]+/g, " ")
    .trim();
}

/** Parses what stands around formulas. */
class AnswerParser extends FormulaParser {
  /** The whole answer. */
  answer(): Node {
    this.#skipIntroduction();
    const node = this.list();
    if (this.peek().kind !== "end") throw this.unexpected();
    return node;
  }

  /** "The answer is 5" and "Answer: 5": the words say nothing. */
  #skipIntroduction(): void {
    let at = 0;
    while (this.peek(at).kind === "word") at++;
    if (at === 0) return;
    const last = this.peek(at - 1).text;
    if (
      /^(?:is|are|be|equals)$/i.test(last) || (this.peek(at).text === ":" && this.peek(at + 1).kind !== "end")
    ) {
      this.skip(this.peek(at).text === ":" ? at + 1 : at);
    }
  }

  /** Answers parted by commas, semicolons, "and", "or". */
  override list(): Node {
    const items = [this.#relation()];
    let joiner: "," | "or" | "and" = ",";
    for (;;) {
      const sign = this.#separator();
      if (sign === undefined) break;
      if (sign !== ",") joiner = sign;
      items.push(this.#relation());
    }
    return items.length === 1 ? items[0] as Node : { kind: "list", joiner, items };
  }

  #separator(): "," | "or" | "and" | undefined {
    let found: "," | "or" | "and" | undefined;
    for (;;) {
      const { kind, text } = this.peek();
      const word = kind === "word" ? text.toLowerCase() : "";
      if (kind === "mark" && (text === "," || text === ";")) found ??= ",";
      else if (word === "or" || word === "and") found = word;
      else return found;
      this.skip(1);
    }
  }

  /** One or more sides with signs between them. What follows an approximation sign only repeats the side before. */
  #relation(): Node {
    const items = [this.#measured()], operators: RelationOperator[] = [];
    for (;;) {
      const { kind, text } = this.peek();
      const operator = kind === "mark" ? RELATIONS.get(text) : undefined;
      if (operator === undefined) break;
      this.skip(1);
      const side = this.#measured();
      if (operator === "~" && items.length > 0 && operators.every((o) => o === "=")) continue;
      operators.push(operator);
      items.push(side);
    }
    return operators.length === 0 ? items[0] as Node : { kind: "relation", operators, items };
  }

  /** A formula with a unit, or words. */
  #measured(): Node {
    if (this.peek().kind === "word") return this.#words();
    const node = this.expression();
    return this.peek().kind === "word" ? this.#unit(node) : node;
  }

  /** A run of words up to a separator. */
  #words(): Node {
    const words: string[] = [];
    while (this.peek().kind === "word" || (this.peek().kind === "symbol" && words.length > 0)) {
      const text = this.peek().text.toLowerCase();
      if (words.length > 0 && (text === "and" || text === "or")) break;
      words.push(text);
      this.skip(1);
    }
    const next = this.peek();
    if (
      next.kind !== "end" && ![",", ";", "=", ")", "]", "}", "set}"].includes(next.text) &&
      next.kind !== "word"
    ) {
      throw this.unexpected();
    }
    return { kind: "text", text: words.join(" ") };
  }

  /** The words after a value: a percentage, an angle, a multiplier or a unit. */
  #unit(value: Node): Node {
    const words: string[] = [];
    for (;;) {
      const { kind, text } = this.peek();
      const lower = text.toLowerCase();
      if (kind === "word") {
        if (lower === "and" || lower === "or") break;
        if (NOT_UNITS.has(lower)) throw this.unexpected();
        this.skip(1);
        const factor = MULTIPLIERS.get(lower);
        if (words.length === 0 && factor !== undefined) {
          value = { kind: "product", items: [value, integerNode(factor)] };
        } else if (words.length === 0 && /^(?:percent|percentage|pct)$/.test(lower)) {
          value = { kind: "percent", items: [value] };
        } else if (words.length === 0 && /^degrees?$/.test(lower)) value = { kind: "degree", items: [value] };
        else words.push(unitName(text));
      } else if (text === "^" && words.length > 0) {
        this.skip(1);
        const exponent = this.argument();
        if (exponent.kind !== "number") throw this.unexpected();
        words.push(`^${exponent.value.numerator}`);
      } else break;
    }
    return words.length === 0 ? value : { kind: "quantity", unit: words.join(" "), items: [value] };
  }
}

/** The canonical spelling of a unit. */
function unitName(word: string): string {
  const known = UNITS.get(word) ?? UNITS.get(word.toLowerCase());
  if (known !== undefined) return known;
  const lower = word.toLowerCase();
  const singular = lower.endsWith("s") ? lower.slice(0, -1) : lower;
  return UNITS.get(singular) ?? singular;
}
