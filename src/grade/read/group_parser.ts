/**
 * What stands between brackets: groups, tuples, intervals, sets, matrices, systems and functions by cases.
 *
 * @module
 */

import type { Node, RelationOperator } from "../expression/mod.ts";
import { FunctionParser } from "./function_parser.ts";
import { isDeclaration } from "./words/mod.ts";

/** The signs between the sides of a relation. */
export const RELATIONS: ReadonlyMap<string, RelationOperator> = new Map(
  (["=", "<", ">", "<=", ">=", "!=", "~", "in", "notin", "subset", "supset", "to"] as const).map((
    sign,
  ) => [sign, sign]),
);

/** Reads brackets. */
export abstract class GroupParser extends FunctionParser {
  /** How many `|` are open: inside, the next one closes. */
  protected bars = 0;
  /** Is an interval open that began with `]`? Then `[` ends it. */
  protected outward = false;

  /**
   * Does a bracket open here that sets a condition on a letter: `(n \ge 1)`, `(0 < x < 2)`, `(n = 1, 2, \dots)`?
   */
  protected conditionOpens(): boolean {
    if (!this.is("(")) return false;
    const sign = (ahead: number): string => this.peek(ahead).kind === "mark" ? this.peek(ahead).text : "";
    const limits = (ahead: number): boolean =>
      ["<", ">", "<=", ">=", "!=", "in", "notin"].includes(sign(ahead));
    if (this.peek(1).kind === "symbol") {
      if (limits(2)) return true;
      if (sign(2) !== "=") return false;
      // Only what counts to an ellipsis says no value.
      for (let ahead = 3; ahead < 40 && this.peek(ahead).kind !== "end" && sign(ahead) !== ")"; ahead++) {
        if (sign(ahead) === "...") return true;
      }
      return false;
    }
    const signed = sign(1) === "-" ? 1 : 0;
    return this.peek(1 + signed).kind === "number" &&
      (sign(2 + signed) === "<" || sign(2 + signed) === "<=") &&
      this.peek(3 + signed).kind === "symbol";
  }

  /** Answers parted by separators, the list itself without brackets. */
  protected enclosed(): Node {
    this.enter();
    const bars = this.bars;
    this.bars = 0;
    const node = this.list();
    this.bars = bars;
    this.leave();
    return node;
  }

  /** The list up to a closing sign. */
  protected override closed(close: string): Node {
    const node = this.enclosed();
    this.expect(close);
    return node;
  }

  /** Parentheses: a group, a tuple or an interval. `]a, b[` is an interval too. */
  protected bracket(open: "(" | "[" | "]"): Node {
    this.skip(1);
    const outer = this.outward;
    this.outward = open === "]";
    const inner = this.enclosed();
    this.outward = outer;
    const close = this.peek().text;
    if (!this.is(")") && !this.is("]") && !(open === "]" && this.is("["))) throw this.unexpected();
    this.skip(1);
    const items = inner.kind === "list" && inner.joiner === "," ? inner.items : [inner];
    const matched = (open === "(") === (close === ")");
    if (items.length === 1 && matched && open !== "]") return inner;
    return {
      kind: "bracket",
      open: open === "[" ? "[" : "(",
      close: close === "]" && open !== "]" || open === "]" && close === "]" ? "]" : ")",
      items,
    };
  }

  /** `|x|`, `\|v\|`. */
  protected absolute(): Node {
    this.skip(1);
    this.bars++;
    const node = this.expression();
    this.bars--;
    this.expect("|");
    return { kind: "call", name: "abs", items: [node] };
  }

  /** `\{1, 2\}`; `\{x : x > 3\}` is read as its condition; a system may stand behind a lone brace. */
  protected set(): Node {
    this.skip(1);
    if (this.is("set}")) {
      this.skip(1);
      return { kind: "set", items: [] };
    }
    if (this.is("begin rows") || this.is("begin matrix")) {
      const rows = this.is("begin rows") ? this.rows() : asSystem(this.matrix());
      if (!this.is("set}")) return rows;
      this.skip(1);
      return rows.kind === "list" ? { kind: "set", items: rows.items } : { kind: "set", items: [rows] };
    }
    const at = this.position();
    const builder = this.#builder();
    if (builder) return builder;
    this.rewind(at);
    const inner = this.closed("set}");
    return { kind: "set", items: inner.kind === "list" ? inner.items : [inner] };
  }

  /** What a set's elements look like, a bar or colon, and their condition. */
  #builder(): Node | undefined {
    if (this.peek().kind === "symbol" && (this.is("|", 1) || this.is(":", 1))) {
      this.skip(2);
      return withoutDeclarations(this.closed("set}"));
    }
    const depth: string[] = [];
    for (let ahead = 0;; ahead++) {
      this.budget.spend(1);
      const { kind, text } = this.peek(ahead);
      if (kind === "end" || (text === "set}" && depth.length === 0)) return undefined;
      if (kind !== "mark") continue;
      if (["(", "[", "{", "set{"].includes(text)) depth.push(text);
      else if ([")", "]", "}", "set}"].includes(text)) depth.pop();
      else if ((text === "|" || text === ":") && depth.length === 0) break;
    }
    const bars = this.bars;
    this.bars = 1;
    const element = this.relation(":");
    this.bars = bars;
    if (!this.is("|") && !this.is(":")) return undefined;
    this.skip(1);
    const condition = this.closed("set}");
    const [name, domain] = element.kind === "relation" && element.operators[0] === "in" ? element.items : [];
    if (name?.kind === "symbol" && domain?.kind === "domain" && domain.name === "R") return condition;
    // {2kπ : k ∈ ℤ} says no more than 2kπ.
    if (isDeclaration(condition)) return element;
    return { kind: "builder", items: [element, condition] };
  }

  /** One or more sides with signs between them; a `:` may end it. */
  protected abstract relation(end?: ":"): Node;

  /** Entries row by row. */
  protected matrix(): Node {
    this.skip(1);
    const rows: Node[][] = [[]];
    while (!this.is("end matrix")) {
      if (this.is("&")) this.skip(1);
      else if (this.is("\\\\")) {
        this.skip(1);
        if (!this.is("end matrix")) rows.push([]);
      } else rows.at(-1)?.push(this.enclosed());
    }
    this.skip(1);
    const columns = rows[0]?.length ?? 0;
    if (columns === 0 || rows.some((row) => row.length !== columns)) {
      throw new SyntaxError("the rows of a matrix differ in length");
    }
    return { kind: "matrix", columns, items: rows.flat() };
  }

  /** `cases` and `aligned`: a list of equations, or of values with their conditions. */
  protected rows(): Node {
    this.skip(1);
    const items: Node[] = [];
    while (!this.is("end rows")) {
      if (this.is("\\\\") || this.is("&")) {
        this.skip(1);
        continue;
      }
      const operator = this.peek().kind === "mark" ? RELATIONS.get(this.peek().text) : undefined;
      const last = items.at(-1);
      if (operator !== undefined && last) {
        // A row that begins with a sign goes on with the relation above it.
        this.skip(1);
        const side = this.enclosed();
        const [sides, operators] = last.kind === "relation" ? [last.items, last.operators] : [[last], []];
        items[items.length - 1] = {
          kind: "relation",
          operators: [...operators, operator],
          items: [...sides, side],
        };
        continue;
      }
      const cells = [this.enclosed()];
      while (this.is("&")) {
        this.skip(1);
        while (["if", "for", "when", "where"].includes(this.word())) this.skip(1);
        cells.push(this.enclosed());
      }
      if (cells.length === 1) items.push(cells[0] as Node);
      else items.push({ kind: "bracket", open: "(", close: ")", items: cells });
    }
    this.skip(1);
    if (items.length === 0) throw new SyntaxError("it has no rows");
    return items.length === 1 ? items[0] as Node : { kind: "list", joiner: ",", items };
  }
}

/** A condition without the parts that only declare letters. */
function withoutDeclarations(node: Node): Node {
  if (node.kind !== "list") return node;
  const items = node.items.filter((item) => !isDeclaration(item));
  return items.length === 1 ? items[0] as Node : { ...node, items };
}

/** A column of equations is a system, not a matrix. */
export function asSystem(node: Node): Node {
  if (node.kind !== "matrix" || node.columns !== 1) return node;
  return node.items.every(({ kind }) => kind === "relation")
    ? { kind: "list", joiner: ",", items: node.items }
    : node;
}
