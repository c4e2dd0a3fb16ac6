/**
 * The scanner under the tokenizer: where it stands, what it emitted, and how it reads numbers.
 *
 * @module
 */

import { NUMBER_WORDS } from "./vocabulary.ts";

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
  /** The base that a number's subscript states. */
  readonly base?: string;
}

/** How to read what can be read in two ways. */
export interface TokenizeOptions {
  /** The comma in `1,234`: a thousands separator (the default), the mark of a list, or a decimal point. */
  readonly comma?: "thousands" | "list" | "decimal";
  /** Read runs of letters outside prose as products of letters, and the e of `2e-1` as one of them. */
  readonly letters?: boolean;
}

/** Is a character a decimal digit? */
export const isDigit = (c: string | undefined): c is string => c !== undefined && c >= "0" && c <= "9";
/** Is a character a Latin letter? */
export const isLetter = (c: string | undefined): c is string =>
  c !== undefined && ((c >= "a" && c <= "z") || (c >= "A" && c <= "Z"));
/** Is a character white space, in LaTeX too? */
export const isSpace = (c: string | undefined): boolean =>
  c === " " || c === "\n" || c === "\t" || c === "\r" || c === "~";

/** Digits with a base as subscript; letters may be digits too. */
const BASED =
  /^([0-9][0-9A-Fa-f]*|[A-F]{2,})(?:\}|\))?_(?:\{\(?(\d{1,2})\)?\}|(\d{1,2})(?![\d.])|\{\\text\{\s?([a-z]+)\s?\}\}|\{([a-z]+)\}|\\text\{\s?([a-z]+)\s?\})/;

/** Stands somewhere in a text and reads numbers. */
export abstract class NumberScanner {
  /** The text, in ASCII as far as it can be. */
  protected readonly text: string;
  /** How to read what can be read in two ways. */
  protected readonly options: TokenizeOptions;
  /** What was read. */
  protected readonly tokens: Token[] = [];
  /** What each open brace is: a group of the formula, or the argument of a prose or font command. */
  protected readonly braces: ("group" | "text" | "font")[] = [];
  /** How many prose commands are open. */
  protected prose = 0;
  /** How many brackets are open: inside, a comma parts entries. */
  protected brackets = 0;
  /** Where the scanner stands. */
  protected at = 0;
  /** Was white space skipped since the last token? */
  protected spaced = false;

  /** Stands at the beginning of a text. */
  constructor(text: string, options: TokenizeOptions) {
    this.text = text;
    this.options = options;
  }

  /** Adds a token. */
  protected emit(kind: Token["kind"], text: string, extra: Partial<Token> = {}): void {
    this.tokens.push({ kind, text, spaced: this.spaced, ...extra });
    this.spaced = false;
  }

  /** Digits with separators, decimals, a repeating part, an exponent. */
  protected number(): void {
    const text = this.text;
    if (this.based()) return;
    let digits = this.#digits(), grouped = false;
    const groups = digits.length >= 1 && digits.length <= 3 && !digits.startsWith("0");
    for (let gap = 0; groups && (gap = this.#separator()) > 0;) {
      grouped ||= text[this.at] === "," && text[this.at + 1] !== "\\";
      this.at += gap;
      digits += this.#digits();
    }
    const dotted = groups && /^(?:\.\d{3}){2,6}(?![\d.])/.exec(text.slice(this.at, this.at + 26));
    if (dotted) {
      digits += dotted[0].replaceAll(".", "");
      this.at += dotted[0].length;
    }
    const comma = this.options.comma === "decimal" && text[this.at] === "," && isDigit(text[this.at + 1]);
    if (
      comma ||
      text[this.at] === "." && (isDigit(text[this.at + 1]) || /[\\(]/.test(text[this.at + 1] ?? " "))
    ) {
      this.at++;
      digits += "." + this.#digits();
      const dots = /^\\dot\s?\{?(\d)\}?(\d{0,9})\\dot\s?\{?(\d)\}?/.exec(text.slice(this.at, this.at + 40));
      if (dots) {
        this.at += dots[0].length;
        return this.emit("number", digits, { repeating: dots.slice(1).join("") });
      }
      const bar = /^\\(?:overline|bar|dot)\s?\{?(\d{1,30})\}?/.exec(text.slice(this.at, this.at + 50)) ??
        /^\((\d{1,30})\)/.exec(text.slice(this.at, this.at + 33));
      if (bar?.[1] !== undefined) {
        this.at += bar[0].length;
        return this.emit("number", digits, { repeating: bar[1] });
      }
    } else if (text[this.at] === "." && this.prose === 0 && !/[A-Za-z.]/.test(text[this.at + 1] ?? " ")) {
      // "185." ends a sentence or an integer: the point says nothing.
      this.at++;
    }
    const exponent = this.options.letters
      ? null
      : /^[eE][+-]?\d{1,4}(?![\d.])/.exec(text.slice(this.at, this.at + 7));
    if (exponent) {
      this.at += exponent[0].length;
      digits += exponent[0].toLowerCase();
    }
    this.emit("number", digits, grouped ? { grouped } : {});
  }

  /** `4210_5`, `(1010)_2`, `1A_{16}`, `22_{\text{three}}`. */
  protected based(): boolean {
    const found = BASED.exec(this.text.slice(this.at, this.at + 80));
    if (!found) return false;
    const [all, digits = "", ...bases] = found;
    const number = bases[0] ?? bases[1], word = bases[2] ?? bases[3] ?? bases[4];
    const closing = all[digits.length];
    const base = Number(number ?? NUMBER_WORDS.get(word ?? "") ?? 0);
    const isNumeral = base >= 2 && [...digits].every((digit) => parseInt(digit, 36) < base) &&
      (/\d/.test(digits) || base === 16) && (!/[a-f]/.test(digits) || base === 16);
    const opened = this.tokens.at(-1), before = closing === "_" ? opened : this.tokens.at(-2);
    // In `x^2_3` and `a_1_2` the digits belong to what stands before them.
    if (!isNumeral || before?.text === "^" || before?.text === "_") return false;
    if (closing !== "_") {
      // The bracket that closes before the subscript must be the one that opened before the digits.
      if (opened?.text !== (closing === ")" ? "(" : "{")) return false;
      this.tokens.pop();
      if (closing === "}") this.braces.pop();
      else this.brackets--;
    }
    this.at += all.length;
    this.emit("number", digits, { base: String(base) });
    return true;
  }

  #digits(): string {
    const start = this.at;
    while (isDigit(this.text[this.at])) this.at++;
    return this.text.slice(start, this.at);
  }

  /** The brackets around the last comma that was looked at, and whether tight commas part thousands there. */
  #span: { readonly from: number; readonly to: number; readonly groups: boolean } | undefined;

  /** Do commas without a space part thousands in the brackets around this place, because others have a space? */
  #groupsInside(): boolean {
    const text = this.text, at = this.at;
    if (!this.#span || at < this.#span.from || at > this.#span.to) {
      let from = at, to = at;
      while (from > 0 && !"([{)]}".includes(text[from - 1] as string)) from--;
      while (to < text.length && !"([{)]}".includes(text[to] as string)) to++;
      const inside = text.slice(from, to), commas = inside.match(/,/g)?.length ?? 0;
      const spaced = inside.match(/,(?=\s|~|\\)/g)?.length ?? 0;
      const tight = inside.match(/(?<![\d.])[1-9]\d{0,2}(?:,\d{3})+(?!\d)/g)?.join("").match(/,/g)?.length ??
        0;
      this.#span = { from, to, groups: spaced > 0 && tight > 0 && spaced + tight === commas };
    }
    return this.#span.groups;
  }

  /** The length of a thousands separator here that is followed by exactly three digits, or 0. */
  #separator(): number {
    const text = this.text, at = this.at;
    const form = /^(?:,\\! ?| ?\{ ?, ?\} ?|\\[,!;]|,|'| )/.exec(text.slice(at, at + 8))?.[0];
    if (form === undefined) return 0;
    const end = at + form.length;
    if (form === "," && (this.options.comma ?? "thousands") !== "thousands") return 0;
    const three = isDigit(text[end]) && isDigit(text[end + 1]) && isDigit(text[end + 2]) &&
      !isDigit(text[end + 3]);
    if (form === " " && text[end + 3] === "/") return 0;
    // Inside brackets a comma parts entries, unless it is tight where commas with a space do that: (1,000, 2,000).
    if (three && form === "," && this.brackets > 0 && !this.#groupsInside()) return 0;
    return three ? end - at : 0;
  }
}
