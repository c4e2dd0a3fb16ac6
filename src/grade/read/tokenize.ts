/**
 * From characters to tokens, for LaTeX and plain text alike: one pass, no look-behind, time linear in the length.
 *
 * @module
 */

import { toAscii } from "./characters.ts";
import {
  isDigit,
  isLetter,
  isSpace,
  NumberScanner,
  type Token,
  type TokenizeOptions,
} from "./number_scanner.ts";
import { alignsSigns, CYCLIC, DOMAIN, isAlignment, labelAtBrace, RAISED_ORDINAL } from "./tex/mod.ts";
import { UNITS } from "./units.ts";
import {
  ACCENTS,
  ALIASES,
  FONT_COMMANDS,
  FUNCTIONS,
  GREEK,
  isCommand,
  MULTIPLIERS,
  NUMBER_WORDS,
  PLAIN_NAMES,
  SIGNS,
  SILENT,
  TEXT_COMMANDS,
  WORDS,
} from "./vocabulary.ts";

/** The signs of more than one character that plain text uses. */
const LONG_SIGNS: readonly (readonly [string, string])[] = [
  ["...", "..."],
  ["<=", "<="],
  [">=", ">="],
  ["!=", "!="],
  ["=<", "<="],
  ["=>", "implies"],
  ["->", "to"],
  ["+/-", "pm"],
  ["**", "^"],
  ["==", "="],
  [":=", "="],
];

const ORDINAL = /^(?:st|nd|rd|th)$/;
/** The longest run of letters that may be a product. */
const MAX_PRODUCT = 5;

/** Is a word the name of a function, such as models set in prose? */
function isCallable(word: string): boolean {
  const known = ALIASES.get(word) ?? word;
  return FUNCTIONS.has(known) || known === "sqrt" || known === "log";
}

/** The longest argument that is read as an expression of units. */
const MAX_UNITS = 60;

/** Is the argument that begins here nothing but units with their powers, such as `{~kg \cdot m/s^2}`? */
function isUnitExpression(text: string, at: number): boolean {
  let depth = 0, end = at;
  for (; end < at + MAX_UNITS; end++) {
    if (text[end] === "{") depth++;
    else if (text[end] === "}" && --depth === 0) break;
  }
  if (depth !== 0 || text[end] !== "}") return false;
  const words = text.slice(at, end).replace(/\\cdot|\\,|[\s~/*^{}\d-]/g, " ").split(" ").filter((word) =>
    word !== ""
  );
  return words.length > 0 && words.every((word) => UNITS.has(word));
}

/** Splits an answer into tokens; the last one has kind `end`. */
export function tokenize(source: string, options: TokenizeOptions = {}): Token[] {
  return new Tokenizer(toAscii(source), options).run();
}

/** One pass over a text. */
class Tokenizer extends NumberScanner {
  /** For each open environment: do its `&` only line up what is one text? */
  readonly #environments: boolean[] = [];
  /** Where a label at a brace begins, and where it ends. */
  readonly #labels = new Map<number, number>();

  run(): Token[] {
    while (this.at < this.text.length) this.#step();
    this.emit("end", "");
    return this.tokens;
  }

  #step(): void {
    const text = this.text, c = text[this.at] as string;
    if (isSpace(c)) {
      this.spaced = true;
      this.at++;
    } else if (c === "\\") this.#command();
    else if (isDigit(c) || (c === "." && isDigit(text[this.at + 1]))) this.number();
    else if (isLetter(c) || text.charCodeAt(this.at) > 126) this.#letters();
    else if (c === "{" || c === "}") this.#brace(c);
    else this.#sign(c);
  }

  #sign(c: string): void {
    const long = LONG_SIGNS.find(([sign]) => this.text.startsWith(sign, this.at));
    const ordinal = c === "^" && this.tokens.at(-1)?.kind === "number" &&
      RAISED_ORDINAL.exec(this.text.slice(this.at, this.at + 30));
    if (ordinal) {
      this.at += ordinal[0].length;
      return;
    }
    this.at += long ? long[0].length : 1;
    if (c === "$" || c === "`" || c === '"' || (c === "&" && this.#environments.at(-1) === true)) return;
    if ((c === "'" || c === "." || c === "!" || c === "?") && this.prose > 0) return;
    if (c === "*" && !long && this.text[this.at] === "*") return;
    if (c === "(" || c === "[") this.brackets++;
    if (c === ")" || c === "]") this.brackets--;
    this.emit("mark", long ? long[1] : c);
  }

  #brace(c: "{" | "}"): void {
    this.at++;
    if (c === "{") {
      this.braces.push("group");
      this.emit("mark", "{");
      return;
    }
    const kind = this.braces.pop(), label = this.#labels.get(this.at);
    if (label !== undefined) this.at = label;
    if (kind === "text") {
      this.prose--;
      this.spaced = true;
    } else if (kind !== "font") this.emit("mark", "}");
  }

  #command(): void {
    const text = this.text;
    let start = this.at + 1;
    // Text that went through a string literal twice has two backslashes where one is meant.
    if (text[start] === "\\" && this.#environments.length === 0 && this.#escapedTwice(start + 1)) start++;
    let end = start;
    while (isLetter(text[end])) end++;
    if (end === start) end++;
    const name = knownPart(text.slice(start, end));
    this.at = start + name.length;
    if (name === "left" || name === "right") {
      while (isSpace(text[this.at])) this.at++;
      if (text[this.at] === ".") this.at++;
    }
    if (name === "begin" || name === "end") return this.#environment(name);
    if (
      name === "mathbb" ||
      (name === "mathbf" && /^\s?\{?[RZNQC]\}?(?![A-Za-z])/.test(text.slice(this.at, this.at + 5)))
    ) {
      return this.#domain();
    }
    if (TEXT_COMMANDS.has(name)) return this.#argument("text");
    if (FONT_COMMANDS.has(name)) return this.#font(name);
    if (SILENT.has(name)) {
      this.spaced ||= isSpace(name) || name === "quad" || name === "qquad";
      if (["hspace", "vspace", "phantom", "color", "textcolor", "colorbox", "tag"].includes(name)) {
        this.#skipGroup();
      }
      if (name === "underbrace" || name === "overbrace") this.#braceLabel();
      return;
    }
    const sign = SIGNS.get(name);
    if (sign === "and" || sign === "or") return this.emit("word", sign);
    if (sign !== undefined) {
      if (sign === "set{") this.brackets++;
      if (sign === "set}") this.brackets--;
      if (sign === "\\\\" && text[this.at] === "[") this.#skipRowSpace();
      return this.emit("mark", sign);
    }
    const known = ALIASES.get(name) ?? name;
    this.emit(GREEK.has(known) ? "symbol" : "command", known);
  }

  /** Is what follows two backslashes a command or an escaped sign, rather than a new row? */
  #escapedTwice(at: number): boolean {
    if ("%$&#_{}()[]!,;|".includes(this.text[at] ?? " ")) return true;
    let end = at;
    while (isLetter(this.text[end])) end++;
    const name = this.text.slice(at, end);
    return name.length > 1 && isCommand(knownPart(name));
  }

  /** Leaves out the words at a brace: `\underbrace{204}_{\text{answer}}` is 204. */
  #braceLabel(): void {
    const label = labelAtBrace(this.text, this.at);
    if (label) this.#labels.set(label.from, label.to);
  }

  #skipGroup(): void {
    const close = this.text.indexOf("}", this.at);
    if (this.text[this.at] === "{" && close >= 0 && close - this.at < 40) this.at = close + 1;
  }

  /** `\\[2pt]` begins a new row. */
  #skipRowSpace(): void {
    const space = /^\[-?[\d.]{1,5}(?:pt|em|ex|mm|cm)\]/.exec(this.text.slice(this.at, this.at + 12));
    if (space) this.at += space[0].length;
  }

  /** Opens the argument of a prose or font command, whose braces are not part of the formula. */
  #argument(kind: "text" | "font"): void {
    while (isSpace(this.text[this.at])) this.at++;
    if (this.text[this.at] !== "{") return;
    this.at++;
    this.braces.push(kind);
    if (kind === "text") {
      this.prose++;
      this.spaced = true;
    }
  }

  /** `\mathrm{cm}`, `\operatorname{lcm}`, `\mathbf{v}`. */
  #font(name: string): void {
    const argument = /^\s?\{[\s~]*([A-Za-z]+)\.?[\s~]*\}/.exec(this.text.slice(this.at, this.at + 40));
    const word = argument?.[1] ?? "";
    const known = ALIASES.get(word) ?? word;
    if (argument && /^[ijk]$/.test(word) && /^(?:mathbf|boldsymbol|bm|vec)$/.test(name)) {
      this.at += argument[0].length;
      return this.emit("symbol", `hat ${word}`);
    }
    const spacedInside = /^\s?\{[\s~]/.test(this.text.slice(this.at, this.at + 3));
    const isUnit = UNITS.has(word) &&
      (this.#measures() || (this.tokens.length > 0 && (spacedInside || word.length > 1)));
    if (!isUnit && this.tokens.length > 0 && isUnitExpression(this.text, this.at)) {
      return this.#argument("text");
    }
    const isFunction = word.length > 1 &&
      (PLAIN_NAMES.has(word) || FUNCTIONS.has(known) || name === "operatorname");
    const isOrdinal = ORDINAL.test(word) && this.tokens.at(-1)?.kind === "number";
    if (!argument || !(isUnit || isFunction || isOrdinal)) return this.#argument("font");
    this.at += argument[0].length;
    if (isOrdinal) return;
    if (isUnit) return this.emit("word", word);
    this.emit(FUNCTIONS.has(known) || PLAIN_NAMES.has(word) ? "command" : "symbol", known);
  }

  /** `\mathbb{R}`, `\mathbb{R}^+`, `\mathbb Z_{>0}`. */
  #domain(): void {
    const cyclic = CYCLIC.exec(this.text.slice(this.at, this.at + 40));
    if (cyclic) {
      this.at += cyclic[0].length;
      return this.emit("symbol", `cyclic group ${cyclic[1] ?? cyclic[2] ?? cyclic[3]}`);
    }
    const found = DOMAIN.exec(this.text.slice(this.at, this.at + 24));
    if (!found) return this.#argument("font");
    const [all, inBraces, bare, limitInBraces, bareLimit] = found;
    const letter = inBraces ?? bare ?? "";
    this.at += all.length;
    // 𝔼 and ℙ are functions, other letters such as 𝔽 are symbols, and so is ℝ_something.
    if (letter === "E" || letter === "P") return this.emit("symbol", letter);
    if (this.text[this.at] === "_" || !/[RZNQC]/.test(letter)) {
      return this.emit("symbol", `blackboard ${letter}`);
    }
    const limit = (limitInBraces ?? bareLimit ?? "").replace(/\s/g, "").replace(/^\\geq?0$/, "0").replace(
      letter === "Z" || letter === "N" ? /^\\geq?1$/ : /^$/,
      (found) => found === "" ? "" : "+",
    ).replace(
      /^>0$/,
      "+",
    );
    this.emit("command", `domain ${letter}${limit}`);
  }

  #environment(command: "begin" | "end"): void {
    const close = this.text.indexOf("}", this.at);
    if (this.text[this.at] !== "{" || close < 0 || close - this.at > 20) {
      return this.emit("command", command);
    }
    const name = this.text.slice(this.at + 1, close).replace(/\*$/, "").trim();
    this.at = close + 1;
    if (command === "begin" && name === "array" && this.text[this.at] === "{") {
      const end = this.text.indexOf("}", this.at);
      if (end >= 0) this.at = end + 1;
    }
    this.brackets += command === "begin" ? 1 : -1;
    const isAligned = isAlignment(name);
    if (command === "begin") {
      this.#environments.push(isAligned || (name === "array" && alignsSigns(this.text, this.at)));
    }
    const isRows = command === "end" && this.#environments.pop() === true;
    if (name === "vmatrix" && command === "begin") this.emit("symbol", "det");
    const wasAligned = command === "begin" ? this.#environments.at(-1) === true : isRows;
    if (name === "array" && wasAligned) this.emit("mark", `${command} rows`);
    else if (name === "array" || name.endsWith("matrix")) this.emit("mark", `${command} matrix`);
    else if (isAligned || /^(?:d|r)?cases$/.test(name)) {
      this.emit("mark", `${command} rows`);
    } else this.emit("command", `${command} ${name}`);
  }

  /** Can what comes next be a unit of what stands before? */
  #measures(): boolean {
    const before = this.tokens.at(-1);
    return before?.kind === "number" || before?.kind === "word" ||
      ["}", ")", "/", "*"].includes(before?.text ?? "");
  }

  /** A run of letters: a word, a unit, the name of a function, or a product of symbols. */
  #letters(): void {
    const text = this.text, start = this.at;
    if (text.charCodeAt(start) > 126) {
      const character = String.fromCodePoint(text.codePointAt(start) as number);
      this.at += character.length;
      return this.emit("word", character);
    }
    if (/[A-F]/.test(text[start] ?? "") && this.based()) return;
    while (isLetter(text[this.at])) this.at++;
    const before = this.tokens.at(-1);
    const glued = before && !this.spaced &&
      (before.kind === "number" || before.text === ")" || before.text === "}");
    const conjunction = glued ? /^(?:or|and)(?=[A-Za-z]{1,2}$)/.exec(text.slice(start, this.at)) : null;
    if (conjunction) this.at = start + conjunction[0].length;
    if (this.prose > 0) this.#hyphens();
    const run = text.slice(start, this.at), lower = run.toLowerCase();
    if (before?.kind === "number" && !this.spaced && ORDINAL.test(run)) return;
    const measures = before?.kind === "number" || before?.text === "}" || before?.text === ")" ||
      (this.prose > 0 && (before?.kind === "word" || before?.text === "/"));
    if (
      this.prose === 0 && /^[xX]$/.test(run) && before?.kind === "number" &&
      /^\s*10\s*\^/.test(text.slice(this.at, this.at + 9))
    ) {
      return this.emit("mark", "*");
    }
    if (/^(?:USD|EUR|GBP|INR|CNY|RMB|Rs)$/.test(run)) return this.emit("word", run);
    if (lower === "mod") return this.emit("mark", "mod");
    if (
      run === "U" && /[)\]]/.test(before?.text ?? "") &&
      /^\s*\}?\s*(?:\\left\s*)?[([]/.test(text.slice(this.at, this.at + 12))
    ) {
      return this.emit("mark", "cup");
    }
    if (this.options.letters && this.prose === 0 && run.length <= MAX_PRODUCT && !PLAIN_NAMES.has(run)) {
      for (const letter of run) this.emit("symbol", letter);
      return;
    }
    const isFunction = this.prose > 0 && run.length > 1 && isCallable(run) &&
      /^\s*\}?\s*[([{\d\\]/.test(text.slice(this.at, this.at + 6));
    if (isFunction) return this.emit("command", ALIASES.get(run) ?? run);
    const isWord = run.length > 1 &&
        ((WORDS.has(lower) && (this.prose > 0 || this.#standsAlone(start))) || MULTIPLIERS.has(lower) ||
          NUMBER_WORDS.has(lower) || this.prose > 0) ||
      (measures && (run.length > 1 || this.prose > 0) && UNITS.has(run));
    if (isWord) return this.emit("word", run);
    if (PLAIN_NAMES.has(run)) {
      const known = ALIASES.get(run) ?? run;
      return this.emit(GREEK.has(known) ? "symbol" : "command", known);
    }
    if (ACCENTS.get(run) === run && text[this.at] === "{") return this.emit("command", run);
    if (run.length === 1) return this.emit("symbol", run);
    const name = ["sqrt", "sin", "cos", "tan", "ln", "log"].find((prefix) =>
      run.startsWith(prefix) && run.length === prefix.length + 1
    );
    if (name !== undefined) {
      this.emit("command", name);
      return this.emit("symbol", run.slice(name.length));
    }
    const capitalised = run.length > 2 && run.charAt(0) !== lower.charAt(0) &&
      run.slice(1) === lower.slice(1);
    if (run.length > 3 || capitalised) return this.emit("word", run);
    for (const letter of run) this.emit("symbol", letter);
  }

  /** Is a run of letters parted by white space from what stands around it, as words are and products are not? */
  #standsAlone(start: number): boolean {
    const before = this.text[start - 1], after = this.text[this.at];
    const isEdge = (c: string | undefined): boolean =>
      c === undefined || isSpace(c) || ",.;:()$!?".includes(c);
    return isEdge(before) && isEdge(after) ||
      /^(?:or|and|yes|no|true|false)$/i.test(this.text.slice(start, this.at));
  }

  /** A hyphen between letters belongs to the word. */
  #hyphens(): void {
    while (this.text[this.at] === "-" && isLetter(this.text[this.at + 1])) {
      this.at++;
      while (isLetter(this.text[this.at])) this.at++;
    }
  }
}

/**
 * A command's name, or its longest beginning that is known: `\quadx` and `\cdotx` lack the space after the command.
 */
function knownPart(name: string): string {
  if (name.length < 4 || name.length > 20 || isCommand(name)) return name;
  for (const rest of [1, 2, 3]) {
    if (name.length - rest >= 3 && isCommand(name.slice(0, -rest))) return name.slice(0, -rest);
  }
  return name;
}
