/**
 * Compares two answers as they were read, and as they could have been read: commas that part thousands, lists or
 * decimals, and letters whose names are free.
 *
 * @module
 */

import { contains, freeSymbols, type Node, substitute } from "./expression.ts";
import { parseAnswer, type ParsedAnswer } from "./parse.ts";
import { assigned } from "./relation.ts";
import type { Comparison, Context } from "./scalar.ts";

/** An answer and how it was read. */
export interface Reading {
  /** The text. */
  readonly text: string;
  /** The tree. */
  readonly parsed: ParsedAnswer;
}

/** Compares a gold answer and an answer in every reading that they allow. */
export function judge(gold: Reading, answer: Reading, context: Context): Comparison {
  const same = singleSpaced(gold.text);
  if (same !== "" && same === singleSpaced(answer.text)) return { equal: true, method: "identical text" };
  // A choice may be written small; beyond D the letters have other meanings, such as e.
  if (/^[a-d]$/i.test(same) && same.toLowerCase() === singleSpaced(answer.text).toLowerCase()) {
    return { equal: true, method: "choice" };
  }
  const result = context.compare(gold.parsed.node, answer.parsed.node);
  if (result.equal) {
    return contradicts(gold, answer, context) ? { equal: false, method: "conditions" } : result;
  }
  const others = [
    () => withLists(gold, answer, context),
    () => withDecimalCommas(gold, answer, context),
    () => withUnitLetters(gold, answer, context),
    () => withRenamedLetters(gold.parsed, answer.parsed, context),
  ];
  for (const other of others) {
    const found = other();
    if (found?.equal) return found;
  }
  return result;
}

function singleSpaced(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}

/** Do both sides add a condition, and another one? */
function contradicts(gold: Reading, answer: Reading, context: Context): boolean {
  const a = gold.parsed.clause.condition, b = answer.parsed.clause.condition;
  if (a === "" || b === "" || a === b) return false;
  const read = (text: string): Node => parseAnswer(text, context.budget).node;
  return !context.compare(read(a), read(b)).equal;
}

const isCollection = (node: Node): boolean =>
  node.kind === "list" || node.kind === "set" || node.kind === "bracket";

/** The comma of `1,234` may part a list, if the other side is one. */
function withLists(gold: Reading, answer: Reading, context: Context): Comparison | undefined {
  const asList = ({ text }: Reading): Node => parseAnswer(text, context.budget, { comma: "list" }).node;
  const a = gold.parsed.node, b = answer.parsed.node;
  if (gold.parsed.grouped && isCollection(b)) return context.compare(asList(gold), b);
  if (answer.parsed.grouped && isCollection(a)) return context.compare(a, asList(answer));
  return undefined;
}

/**
 * The comma of `1,22` may be a decimal point, if the other side is a decimal and the comma cannot part thousands. With one digit
 * after it, as in `1,2`, it parts a list.
 */
function withDecimalCommas(gold: Reading, answer: Reading, context: Context): Comparison | undefined {
  if (!context.policy.decimalComma) return undefined;
  const isDecimal = ({ parsed: { node } }: Reading): boolean => {
    const value = node.kind === "quantity" ? node.items[0] : node;
    return value.kind === "number" && value.decimals !== undefined;
  };
  const isComma = ({ text, parsed: { node } }: Reading): boolean =>
    node.kind === "list" && /^[^\d,]*(?:0,\d+|\d+,\d{2,})[^\d,]*$/.test(text);
  const read = ({ text }: Reading): Node => parseAnswer(text, context.budget, { comma: "decimal" }).node;
  if (isComma(gold) && isDecimal(answer)) return context.compare(read(gold), answer.parsed.node);
  if (isDecimal(gold) && isComma(answer)) return context.compare(gold.parsed.node, read(answer));
  return undefined;
}

/** The letter of `5 m` is a unit, if the other side has no letters. */
function withUnitLetters(gold: Reading, answer: Reading, context: Context): Comparison | undefined {
  const withoutUnit = ({ text }: Reading): Node | undefined => {
    const value = /^(.*\S)[ ~]+[mgshLNJWVKA]\W*$/s.exec(text)?.[1];
    return value === undefined ? undefined : parseAnswer(value, context.budget).node;
  };
  const isNumber = ({ parsed: { node } }: Reading): boolean =>
    freeSymbols(node).size === 0 && !contains(node, ({ kind }) => kind === "text" || kind === "quantity");
  const a = isNumber(answer) ? withoutUnit(gold) : undefined,
    b = isNumber(gold) ? withoutUnit(answer) : undefined;
  if (a) return context.compare(a, answer.parsed.node);
  return b && context.compare(gold.parsed.node, b);
}

/**
 * Letters whose names are free may be called otherwise: those that a clause declares ("for all integers k"), those
 * that count periods (kπ), and capital letters against small ones.
 */
function withRenamedLetters(
  gold: ParsedAnswer,
  answer: ParsedAnswer,
  context: Context,
): Comparison | undefined {
  if (gold.node.kind === "symbol" || answer.node.kind === "symbol") return undefined;
  const core = (node: Node): Node => assigned(node) ?? node;
  const inGold = freeSymbols(core(gold.node)), inAnswer = freeSymbols(core(answer.node));
  const wanted = [...inGold].filter((name) => !inAnswer.has(name));
  const given = [...inAnswer].filter((name) => !inGold.has(name));
  if (wanted.length === 0 || wanted.length !== given.length || wanted.length > 4) return undefined;
  const partners = given.map((name, i) => {
    const cased = wanted.find((other) => other.toLowerCase() === name.toLowerCase());
    if (cased !== undefined) return cased;
    const other = wanted[i] as string;
    const declared = gold.clause.declared.includes(other) || answer.clause.declared.includes(name);
    const counts = [other, name].every((letter) => /^[kmnlptZ]$/.test(letter)) &&
      isPeriodic(gold.node, other) && isPeriodic(answer.node, name);
    return declared || counts ? other : undefined;
  });
  if (new Set(partners).size !== partners.length || partners.includes(undefined)) return undefined;
  // By way of names that nothing else has, so that an exchange of two letters is possible.
  let renamed: Node = answer.node;
  given.forEach((name, i) => renamed = substitute(renamed, name, { kind: "symbol", name: `free ${i}` }));
  partners.forEach((name, i) =>
    renamed = substitute(renamed, `free ${i}`, { kind: "symbol", name: name as string })
  );
  return context.compare(gold.node, renamed);
}

/** Does a letter stand in a product with π or a number of degrees, as the count of periods does? */
function isPeriodic(node: Node, name: string): boolean {
  return contains(node, (part) => {
    if (part.kind !== "product" && part.kind !== "degree") return false;
    const hasLetter = contains(part, (child) => child.kind === "symbol" && child.name === name);
    const hasPeriod = contains(
      part,
      (child) => child.kind === "degree" || (child.kind === "constant" && child.name === "pi"),
    );
    return hasLetter && hasPeriod;
  });
}
