/**
 * From characters to tokens, for LaTeX and plain text alike: one pass, no look-behind, time linear in the length.
 *
 * @module
 */

import {
  ALIASES,
  CHARACTERS,
  FONT_COMMANDS,
  GREEK,
  MULTIPLIERS,
  PLAIN_NAMES,
  SIGNS,
  SILENT,
  TEXT_COMMANDS,
  UNITS,
  WORDS,
} from "./vocabulary.ts";

/** A token: its kind, its canonical text, and whether white space stands before it. */
export interface Token {
  /** What the token is. */
  readonly kind: "number" | "symbol" | "command" | "word" | "mark" | "end";
  /** Canonical text: digits without separators, a name without backslash, a sign. */
  readonly text: string;
  /** Does white space stand before it? */
  readonly spaced: boolean;
  /** The digits under the bar of a repeating decimal. */
  readonly repeating?: string;
  /** Was a comma read as a thousands separator? */
  readonly grouped?: boolean;
}

/** How to read what can be read in two ways. */
export interface TokenizeOptions {
  /** Is the comma in `1,234` a thousands separator (the default), or does it part a list? */
  readonly thousands?: boolean;
}

const isDigit = (c: string | undefined): c is string => c !== undefined && c >= "0" && c <= "9";
const isLetter = (c: string | undefined): c is string =>
  c !== undefined && ((c >= "a" && c <= "z") || (c >= "A" && c <= "Z"));
const isSpace = (c: string | undefined): boolean =>
  c === " " || c === "\n" || c === "\t" || c === "\r" || c === "~";

/** Zero-width, direction and other invisible characters. */
const INVISIBLE = /[\u00AD\u180E\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFE00-\uFE0F\uFEFF]/g;

/** Replaces characters outside ASCII by LaTeX that means the same. */
export function toAscii(text: string): string {
  if (!/[^\n-~]/.test(text)) return text;
  let result = "";
  for (const character of text.replace(INVISIBLE, "")) {
    result += character <= "~" ? character : CHARACTERS.get(character) ?? character.normalize("NFKC");
  }
  return result;
}

/** The signs of more than one character that plain text uses. */
const LONG_SIGNS: readonly (readonly [string, string])[] = [
  ["<=", "<="],
  [">=", ">="],
  ["!=", "!="],
  ["=<", "<="],
  ["+/-", "pm"],
  ["**", "^"],
  ["==", "="],
];

/** Splits an answer into tokens; the last one has kind `end`. */
export function tokenize(source: string, options: TokenizeOptions = {}): Token[] {
  return new Tokenizer(toAscii(source), options.thousands ?? true).run();
}

/** The state of one pass over a text. */
class Tokenizer {
  readonly #text: string;
  readonly #thousands: boolean;
  readonly #tokens: Token[] = [];
  /** What each open brace is: a group of the formula, or the argument of a prose or font command. */
  readonly #braces: ("group" | "text" | "font")[] = [];
  #prose = 0;
  #brackets = 0;
  #at = 0;
  #spaced = false;

  constructor(text: string, thousands: boolean) {
    this.#text = text;
    this.#thousands = thousands;
  }

  run(): Token[] {
    while (this.#at < this.#text.length) this.#step();
    this.#emit("end", "");
    return this.#tokens;
  }

  #emit(kind: Token["kind"], text: string, extra: Partial<Token> = {}): void {
    this.#tokens.push({ kind, text, spaced: this.#spaced, ...extra });
    this.#spaced = false;
  }

  #step(): void {
    const text = this.#text, c = text[this.#at] as string;
    if (isSpace(c)) {
      this.#spaced = true;
      this.#at++;
    } else if (c === "\\") this.#command();
    else if (isDigit(c) || (c === "." && isDigit(text[this.#at + 1]))) this.#number();
    else if (isLetter(c) || text.charCodeAt(this.#at) > 126) this.#letters();
    else if (c === "{" || c === "}") this.#brace(c);
    else this.#sign(c);
  }

  #sign(c: string): void {
    const long = LONG_SIGNS.find(([sign]) => this.#text.startsWith(sign, this.#at));
    this.#at += long ? long[0].length : 1;
    if (c === "$" || c === "`" || c === '"') return;
    if (c === "*" && !long && this.#text[this.#at] === "*") return;
    if (c === "(" || c === "[") this.#brackets++;
    if (c === ")" || c === "]") this.#brackets--;
    this.#emit("mark", long ? long[1] : c);
  }

  #brace(c: "{" | "}"): void {
    this.#at++;
    if (c === "{") {
      this.#braces.push("group");
      this.#emit("mark", "{");
      return;
    }
    const kind = this.#braces.pop();
    if (kind === "text") {
      this.#prose--;
      this.#spaced = true;
    } else if (kind !== "font") this.#emit("mark", "}");
  }

  #command(): void {
    const text = this.#text, start = this.#at + 1;
    let end = start;
    while (isLetter(text[end])) end++;
    if (end === start) end++;
    const name = text.slice(start, end);
    this.#at = end;
    if (name === "left" || name === "right") {
      while (isSpace(text[this.#at])) this.#at++;
      if (text[this.#at] === ".") this.#at++;
    }
    if (name === "begin" || name === "end") return this.#environment(name);
    if (name === "mathbb") {
      this.#argument("font");
      if (text.startsWith("R", this.#at)) {
        this.#at++;
        this.#emit("command", "reals");
      }
      return;
    }
    if (TEXT_COMMANDS.has(name) || FONT_COMMANDS.has(name)) {
      return this.#argument(TEXT_COMMANDS.has(name) ? "text" : "font");
    }
    if (SILENT.has(name)) {
      this.#spaced ||= isSpace(name) || name === "quad" || name === "qquad";
      return;
    }
    const sign = SIGNS.get(name);
    if (sign === "and" || sign === "or") return this.#emit("word", sign);
    if (sign !== undefined) {
      if (sign === "set{") this.#brackets++;
      if (sign === "set}") this.#brackets--;
      return this.#emit("mark", sign);
    }
    const known = ALIASES.get(name) ?? name;
    this.#emit(GREEK.has(known) ? "symbol" : "command", known);
  }

  /** Opens the argument of a prose or font command, whose braces are not part of the formula. */
  #argument(kind: "text" | "font"): void {
    while (isSpace(this.#text[this.#at])) this.#at++;
    if (this.#text[this.#at] !== "{") return;
    this.#at++;
    this.#braces.push(kind);
    if (kind === "text") {
      this.#prose++;
      this.#spaced = true;
    }
  }

  #environment(command: "begin" | "end"): void {
    const close = this.#text.indexOf("}", this.#at);
    if (this.#text[this.#at] !== "{" || close < 0 || close - this.#at > 20) {
      return this.#emit("command", command);
    }
    const name = this.#text.slice(this.#at + 1, close);
    this.#at = close + 1;
    if (command === "begin" && name === "array" && this.#text[this.#at] === "{") {
      const end = this.#text.indexOf("}", this.#at);
      if (end >= 0) this.#at = end + 1;
    }
    this.#brackets += command === "begin" ? 1 : -1;
    if (name === "array" || name.endsWith("matrix")) this.#emit("mark", `${command} matrix`);
    else this.#emit("command", `${command} ${name}`);
  }

  /** Digits with separators, decimals, a repeating part, an exponent. */
  #number(): void {
    const text = this.#text;
    let digits = this.#digits(), grouped = false;
    const groups = digits.length >= 1 && digits.length <= 3 && !digits.startsWith("0");
    for (let gap = 0; groups && (gap = this.#separator()) > 0;) {
      grouped ||= text[this.#at] === "," && text[this.#at + 1] !== "\\";
      this.#at += gap;
      digits += this.#digits();
    }
    if (text[this.#at] === "." && (isDigit(text[this.#at + 1]) || text[this.#at + 1] === "\\")) {
      this.#at++;
      digits += "." + this.#digits();
      const bar = /^\\(?:overline|bar|dot)\s?\{?(\d{1,30})\}?/.exec(text.slice(this.#at, this.#at + 50));
      if (bar?.[1] !== undefined) {
        this.#at += bar[0].length;
        return this.#emit("number", digits, { repeating: bar[1] });
      }
    } else if (text[this.#at] === "." && this.#prose === 0 && !isLetter(text[this.#at + 1])) {
      // "185." ends a sentence or an integer: the point says nothing.
      this.#at++;
    }
    const exponent = /^[eE][+-]?\d{1,4}(?![\d.])/.exec(text.slice(this.#at, this.#at + 7));
    if (exponent) {
      this.#at += exponent[0].length;
      digits += exponent[0].toLowerCase();
    }
    this.#emit("number", digits, grouped ? { grouped } : {});
  }

  #digits(): string {
    const start = this.#at;
    while (isDigit(this.#text[this.#at])) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  /** The length of a thousands separator here that is followed by exactly three digits, or 0. */
  #separator(): number {
    const text = this.#text, at = this.#at;
    const forms = [",\\!", "{,}", "\\,", "\\!", ",", " "];
    const form = forms.find((candidate) => text.startsWith(candidate, at));
    if (form === undefined) return 0;
    let end = at + form.length;
    while (form === ",\\!" && text[end] === " ") end++;
    if (form === "," && (!this.#thousands || this.#brackets > 0)) return 0;
    const three = isDigit(text[end]) && isDigit(text[end + 1]) && isDigit(text[end + 2]) &&
      !isDigit(text[end + 3]);
    if (form === " " && text[end + 3] === "/") return 0;
    return three ? end - at : 0;
  }

  /** A run of letters: a word, a unit, the name of a function, or a product of symbols. */
  #letters(): void {
    const text = this.#text, start = this.#at;
    if (text.charCodeAt(start) > 126) {
      const character = String.fromCodePoint(text.codePointAt(start) as number);
      this.#at += character.length;
      return this.#emit("word", character);
    }
    while (isLetter(text[this.#at])) this.#at++;
    const run = text.slice(start, this.#at), lower = run.toLowerCase();
    const before = this.#tokens.at(-1);
    const measures = before?.kind === "number" || before?.text === "}" || before?.text === ")" ||
      (before?.kind === "word" && this.#prose > 0);
    const isWord = run.length > 1 && (WORDS.has(lower) || MULTIPLIERS.has(lower) || this.#prose > 0) ||
      (measures && (run.length > 1 || this.#prose > 0) && UNITS.has(run));
    if (isWord) {
      this.#emit("word", run);
      if (measures && UNITS.has(run)) this.#unitTail();
      return;
    }
    if (PLAIN_NAMES.has(run)) {
      const known = ALIASES.get(run) ?? run;
      return this.#emit(GREEK.has(known) ? "symbol" : "command", known);
    }
    if (run.length === 1) return this.#emit("symbol", run);
    const name = ["sqrt", "sin", "cos", "tan", "ln", "log"].find((prefix) =>
      run.startsWith(prefix) && run.length === prefix.length + 1
    );
    if (name !== undefined) {
      this.#emit("command", name);
      return this.#emit("symbol", run.slice(name.length));
    }
    const capitalised = run.length > 2 && run.charAt(0) !== lower.charAt(0) &&
      run.slice(1) === lower.slice(1);
    if (run.length > 3 || capitalised) return this.#emit("word", run);
    for (const letter of run) this.#emit("symbol", letter);
  }

  /** `/s` after a unit belongs to it. */
  #unitTail(): void {
    const text = this.#text;
    if (text[this.#at] !== "/" || !isLetter(text[this.#at + 1])) return;
    const start = this.#at++;
    while (isLetter(text[this.#at])) this.#at++;
    this.#emit("word", text.slice(start, this.#at));
  }
}
