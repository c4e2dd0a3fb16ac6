/**
 * Is an answer a formula of its question? What was given is no answer, whatever its value.
 *
 * @module
 */

import { type Budget, children, identical, keyOf, type Node } from "../expression/mod.ts";
import { labelled } from "../compare/mod.ts";
import { parseAnswer } from "../read/mod.ts";
import { integerOf, isDigits } from "./numeral.ts";
import { denominatorOf, factorsOf, unsigned } from "./shape.ts";

/** What stands in mathematics mode. */
const MATHEMATICS = /\$\$([^$]+)\$\$|\$([^$]+)\$|\\\[([\s\S]+?)\\\]|\\\(([\s\S]+?)\\\)/g;

/** A run of words, which parts formulas where there is no mathematics mode. */
const WORDS = /(?<![\\A-Za-z])(?!mod\b)[A-Za-z]{2,}(?:[\s,]+(?!mod\b)[A-Za-z]{2,})*/g;

/** The longest question that is looked through, in UTF-16 units, and the most formulas of it. */
const LONGEST = 20_000, MOST = 100;

/** Is a node a number as it stands in any text: digits, or a quotient of integers? */
function isPlainNumber(node: Node): boolean {
  const bare = unsigned(node);
  return isDigits(bare) ||
    factorsOf(bare).every((factor) => integerOf(denominatorOf(factor) ?? factor) !== undefined);
}

/** The key of a formula; an equation has one key whichever side is on the left. */
function equationKey(node: Node): string {
  if (node.kind !== "relation" || !node.operators.every((operator) => operator === "=")) return keyOf(node);
  return `equation(${node.items.map(keyOf).sort().join(",")})`;
}

/** The formulas of a question. */
function formulasOf(question: string, budget: Budget): Node[] {
  const text = question.slice(0, LONGEST);
  const marked = [...text.matchAll(MATHEMATICS)].flatMap((found) => found.slice(1).filter((part) => part));
  const found = marked.length > 0 ? marked : text.split(WORDS);
  const sources = new Set(
    found.map((part) => part.trim().replace(/[\s.,;:?]+$/, "")).filter((part) => part !== ""),
  );
  return [...sources].slice(0, MOST).flatMap((source) => {
    const { node, failure } = parseAnswer(source, budget);
    return failure === undefined ? [node] : [];
  });
}

/**
 * Is an answer, or the value that it states, a formula of the question, or a side of a relation in it? Letters, numbers
 * and words are none, and the value may be the gold answer as it is written.
 */
export function isOfQuestion(gold: Node, answer: Node, question: string, budget: Budget): boolean {
  const value = labelled(answer);
  const own = [answer, ...value && !identical(gold, value) ? [value] : []]
    .filter((node) => children(node).length > 0 && !isPlainNumber(node)).map(equationKey);
  if (own.length === 0) return false;
  const given = new Set<string>();
  for (const formula of formulasOf(question, budget)) {
    given.add(equationKey(formula));
    const parts = ["relation", "list"].includes(formula.kind) ? children(formula) : [];
    for (const part of parts) {
      given.add(equationKey(part));
      if (part.kind === "relation") { for (const side of part.items) given.add(keyOf(side)); }
    }
  }
  return own.some((key) => given.has(key));
}
