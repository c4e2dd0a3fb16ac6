/**
 * From tokens to an answer's tree: relations, lists, units, words and clauses around the formulas of `formula.ts`.
 *
 * @module
 */

import { AnswerParser, type Clause, NO_CLAUSE } from "./answer_parser.ts";
import { type Budget, TooLarge } from "../expression/mod.ts";
import type { Node } from "../expression/mod.ts";
import type { TokenizeOptions } from "./number_scanner.ts";
import { tokenize } from "./tokenize.ts";
import { formulaOfPhrase, plainText, timeOrDate } from "./words/mod.ts";

/** The longest answer that is parsed, in characters; a longer one is compared as text. */
export const MAX_LENGTH = 10_000;
/** The longest list of plain numbers that is parsed. */
const MAX_NUMBERS = 16_000;

/** Is an answer too long to be parsed? Numbers without formulas take little work. */
function isTooLong(source: string): boolean {
  const { length } = source;
  return length >
    (length <= MAX_NUMBERS && /^[\s\d,;{}\\()[\].$-]*$/.test(source) ? MAX_NUMBERS : MAX_LENGTH);
}

/** A parsed answer, or why it is none. */
export interface ParsedAnswer {
  /** The tree; a text node of the whole answer if it could not be read. */
  readonly node: Node;
  /** What the answer says about its letters. */
  readonly clause: Clause;
  /** Why the answer could not be read as a formula, a list or words. */
  readonly failure?: string;
  /** Was a comma read as a thousands separator, so that a list is the other reading? */
  readonly grouped: boolean;
}

/** How to read an answer. */
export interface ParseOptions extends TokenizeOptions {
  /** Were brackets at its end already taken away or added? Then it is read as it is. */
  readonly repaired?: boolean;
  /** Is it a formula that a sentence means? Then it is no sentence itself. */
  readonly phrase?: boolean;
}

/**
 * Parses an answer written in LaTeX or plain text. Never throws on bad text: what cannot be read becomes a text node
 * with a `failure`.
 *
 * @throws {OutOfSteps} If the budget is used up.
 *
 * @example A fraction without braces
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Budget } from "../expression/budget.ts";
 * import { parseAnswer } from "./parse.ts";
 *
 * assertEquals(parseAnswer("\\frac12", new Budget(1000)).node.kind, "product");
 * ```
 */
export function parseAnswer(source: string, budget: Budget, options: ParseOptions = {}): ParsedAnswer {
  budget.spend(source.length / 20);
  const fail = (failure: string): ParsedAnswer => ({
    node: { kind: "text", text: source.length > MAX_LENGTH ? source : plainText(source) },
    clause: NO_CLAUSE,
    failure,
    grouped: false,
  });
  if (source.trim() === "") return fail("it is empty");
  if (isTooLong(source)) return fail(`it is longer than ${MAX_LENGTH} characters`);
  const moment = timeOrDate(source);
  if (moment) return { node: moment, clause: NO_CLAUSE, grouped: false };
  const tokens = tokenize(trimEnds(withSingleBackslashes(source)), options);
  budget.spend(tokens.length / 2);
  try {
    const parser = new AnswerParser(tokens, budget);
    const node = parser.answer();
    const formula = node.kind === "text" && !options.phrase ? formulaOfPhrase(source) : undefined;
    if (formula !== undefined) {
      const read = parseAnswer(formula, budget, { ...options, phrase: true });
      if (read.failure === undefined && read.node.kind !== "text") return read;
    }
    return { node, clause: parser.clause, grouped: tokens.some((token) => token.grouped) };
  } catch (error) {
    if (error instanceof SyntaxError) {
      const formula = options.phrase ? undefined : formulaOfPhrase(source);
      if (formula !== undefined) {
        const read = parseAnswer(formula, budget, { ...options, phrase: !/[A-Za-z]{3}/.test(formula) });
        if (read.failure === undefined) return read;
      }
      const balanced = options.repaired ? source : withBalancedBrackets(source);
      return balanced === source
        ? fail(error.message)
        : parseAnswer(balanced, budget, { ...options, repaired: true });
    }
    if (error instanceof TooLarge) return fail("a number in it is too large");
    throw error;
  }
}

const CLOSING: Readonly<Record<string, string>> = { "(": ")", "{": "}", "[": "]" };
/** The most brackets that are taken away or added at the end of an answer. */
const MAX_REPAIRS = 2;

/** An answer without closing brackets that nothing opened at its end, or with those that are missing there. */
function withBalancedBrackets(source: string): string {
  let text = source.replace(/\\(?:right|left)\s*\.?\s*$/, "");
  const open: string[] = [];
  let surplus = 0;
  for (let at = 0; at < text.length; at++) {
    const c = text[at] as string;
    if (c === "\\") at++;
    else if (c in CLOSING) open.push(c);
    else if ((c === "}" || c === ")") && CLOSING[open.at(-1) ?? ""] === c) open.pop();
    else if (c === "}") surplus++;
    else if (c === ")" || c === "]") {
      // Half-open intervals mix their brackets.
      if (open.at(-1) === "(" || open.at(-1) === "[") open.pop();
      else surplus++;
    }
  }
  if (surplus > MAX_REPAIRS || open.length > MAX_REPAIRS || (surplus > 0 && open.length > 0)) return source;
  for (; surplus > 0; surplus--) {
    if (!/[})]\s*$/.test(text)) return source;
    text = text.replace(/[})]\s*$/, "");
  }
  return text + open.reverse().map((bracket) => CLOSING[bracket]).join("");
}

/** A text that went through a string literal twice, so that all of its backslashes are doubled, as it was meant. */
function withSingleBackslashes(text: string): string {
  if (!/\\\\(?:[A-Za-z]{2}|[!,;%])/.test(text)) return text;
  const runs = text.match(/\\+/g) ?? [];
  return runs.every((run) => run.length % 2 === 0) ? text.replace(/\\\\/g, "\\") : text;
}

/** The longest writing of Q.E.D. with its command, in characters. */
const MAX_QED = 40;
/** What says that a proof is complete. */
const QED = /(?:\\[,;: ]|\s)*(?:\\text[a-z]*\s?\{\s*)?\bQ\.?\s?E\.?\s?D\.?\s*\}?$/;

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
    while (text.length > 2 && "*_'".includes(text.charAt(0)) && text.at(-1) === text.charAt(0)) {
      text = text.slice(1, -1).trim();
    }
    while (
      text !== "" && ".,;:^_".includes(text.at(-1) ?? " ") && text.at(-2) !== "\\" && !text.endsWith("...")
    ) {
      text = text.slice(0, -1).trimEnd();
    }
    const tail = text.slice(-MAX_QED);
    if (tail.includes("Q")) text = text.slice(0, -tail.length) + tail.replace(QED, "");
    if (text.endsWith("\\") && !text.endsWith("\\\\")) text = text.slice(0, -1);
    text = text.replace(/^(?:=(?!>)|:|&|\\approx(?![a-z])|\\sim(?![a-z])|≈)\s*/, "");
    if (text.length === before) {
      return text.replaceAll("\\(", " ").replaceAll("\\)", " ").replace(
        /\b(?:np|math|sympy)\.(?=[a-z])/g,
        "",
      );
    }
  }
}
