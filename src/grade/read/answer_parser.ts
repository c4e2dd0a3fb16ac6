/**
 * What stands around formulas: relations, lists, introductions, clauses.
 *
 * @module
 */

import { contains, freeSymbols, type Node, type RelationOperator } from "../expression/mod.ts";
import { RELATIONS } from "./group_parser.ts";
import { QuantityParser } from "./quantity_parser.ts";
import { CLAUSE_WORDS, QUANTIFIERS } from "./vocabulary.ts";
import { partConditions } from "./words/mod.ts";

/** What an answer says about its letters: "for all integers k", "where x > 0". */
export interface Clause {
  /** The letters that it declares: their names are free. */
  readonly declared: readonly string[];
  /** The tokens of the condition that it adds, empty if there is none. */
  readonly condition: string;
  /** The conditions on its letters that it adds as formulas: `2n + 1, n ≥ 1`. */
  readonly conditions: readonly Node[];
}

/** Nothing is said about letters. */
export const NO_CLAUSE: Clause = { declared: [], condition: "", conditions: [] };

/** The most sides of a relation. */
const MAX_SIDES = 50;

/** Words of an introduction that turn what follows into something else. */
const TURNING = new Set(
  ("not no none never nothing neither cannot wrong incorrect false less more greater fewer least most negative minus " +
    "opposite reciprocal inverse negation twice half double square root than isn 不 非 没 無 无 未 错 錯")
    .split(" "),
);

/** The signs that a clause may hold. */
const CLAUSE_MARKS: ReadonlySet<string> = new Set([
  ...",;(){}_'.^*-[]",
  "set{",
  "set}",
  "setminus",
  "cup",
  "...",
  "pm",
]);

/** Words that only lead to an answer. */
const CONCLUSIONS = new Set("so thus hence therefore finally consequently 所以 故 因此".split(" "));

/** The last word of an introduction that says nothing about the value. */
const INTRODUCTIONS = new Set(
  "is are be equals both either interval set point matrix vector number value 是 为 為 等于 于 は".split(" "),
);

/** Parses whole answers. */
export class AnswerParser extends QuantityParser {
  /** What the answer says about its letters. */
  clause: Clause = NO_CLAUSE;

  /** The whole answer. */
  answer(): Node {
    // "⇒ 42", "→ 42": the sign only leads to the answer.
    while (this.is("implies") || this.is("to")) this.skip(1);
    while (CONCLUSIONS.has(this.word()) && this.peek(1).kind !== "end") this.skip(this.is(",", 1) ? 2 : 1);
    this.#skipIntroduction();
    let node = this.list();
    // Of a chain of conclusions the last one is the answer.
    while (this.is("implies") && contains(node, ({ kind }) => kind === "relation")) {
      this.skip(1);
      node = this.list();
    }
    const conditions: Node[] = [];
    while (this.conditionOpens()) {
      this.skip(1);
      const inner = this.closed(")");
      conditions.push(...inner.kind === "list" ? inner.items : [inner]);
    }
    if (conditions.length > 0) {
      const items = node.kind === "list" && node.joiner === "," ? node.items : [node];
      node = { kind: "list", joiner: ",", items: [...items, ...conditions] };
    }
    if (this.clauseAhead()) {
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
    // "minimum value = 2": the words are a label.
    if (at === 0 || this.is("=", at)) return;
    const last = this.word(at - 1), colon = this.is(":", at) && this.peek(at + 1).kind !== "end";
    for (let word = 0; word < at; word++) if (TURNING.has(this.word(word))) return;
    if (colon || INTRODUCTIONS.has(last)) this.skip(colon ? at + 1 : at);
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
      const isMark = kind === "mark" && (RELATIONS.has(text) || CLAUSE_MARKS.has(text));
      const isCommand = kind === "command" && (/^(?:domain|infty|forall|pi|frac|sqrt)/.test(text));
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
      if (kind === "number" || isMark && "<=>=!=-".includes(text) || kind === "symbol") condition.push(text);
    }
    if (declared.size === 0) throw new SyntaxError("its clause names no letter");
    const compares = condition.some((text) => ["=", "<", ">", "<=", ">=", "!="].includes(text));
    return {
      declared: quantified ? [...declared] : [],
      condition: compares ? condition.join(" ") : "",
      conditions: [],
    };
  }

  /** A list without items such as `k ∈ ℤ` or `k > 0`, which only say what a letter is. */
  #withoutDomains(node: Node): Node {
    if (node.kind !== "list" || node.joiner !== ",") return node;
    const { items, declared, conditions } = partConditions(node.items);
    if (items.length === 0 || items.length === node.items.length) return node;
    this.clause = { ...this.clause, declared: [...this.clause.declared, ...declared], conditions };
    return items.length === 1 ? items[0] as Node : { ...node, items };
  }

  /** Answers parted by commas, semicolons, "and", "or"; a semicolon parts before a comma does. */
  protected override list(): Node {
    const parts: Node[][] = [[this.relation()]];
    let joiner: "," | "or" | "and" = ",", semicolons = 0;
    for (;;) {
      if (this.clauseAhead()) break;
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
    const items = [this.measured()], operators: RelationOperator[] = [];
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
      const side = this.measured();
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
}
