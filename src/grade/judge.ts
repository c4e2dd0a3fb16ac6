/**
 * Compares two answers as they were read, and as they could have been read: commas that part thousands, lists or
 * decimals, and letters whose names are free.
 *
 * @module
 */

import { joinedLabels, labelsOf } from "./choice.ts";
import { parseAnswer, type ParsedAnswer, toAscii, UNITS, WORDS } from "./read/mod.ts";
import { contains, freeSymbols, integerNode, type Node, substitute, withSign } from "./expression/mod.ts";
import { allow, assigned, isNaturalPair, regionOf } from "./compare/mod.ts";
import type { Comparison, Context } from "./compare/mod.ts";

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
  // Capital letters are a sequence, as in HTH or IV, and no product.
  const capitals = /^[\s$]*([A-Z]{2,6})[\s$.]*$/;
  const [a, b] = [capitals.exec(gold.text)?.[1], capitals.exec(answer.text)?.[1]];
  if (a !== undefined && b !== undefined) return { equal: a === b, method: "words" };
  const labels = compareLabels(gold.text, answer.text);
  if (labels) return labels;
  context.logarithm.natural = isNaturalPair(gold.parsed.node, answer.parsed.node);
  const result = context.compare(gold.parsed.node, answer.parsed.node);
  if (result.equal) {
    return contradicts(gold, answer, context) ||
        isDiscrete(gold) !== isDiscrete(answer) && isInterval(gold, answer)
      ? { equal: false, method: "conditions" }
      : result;
  }
  const others = [
    () => withLists(gold, answer, context),
    () => withWholeNumbers(gold, answer, context),
    () => withDecimalCommas(gold, answer, context),
    () => withUnitLetters(gold, answer, context),
    () => withLetters(gold, answer, context),
    () => withSeveralSigns(gold.parsed.node, answer.parsed.node, context),
    () => withRenamedLetters(gold.parsed, answer.parsed, context),
  ];
  for (const other of others) {
    const found = other();
    if (found?.equal) return found;
  }
  return result;
}

/** Compares answers that name several choices or statements, whose order says nothing. */
function compareLabels(gold: string, answer: string): Comparison | undefined {
  const a = labelsOf(gold), b = labelsOf(answer);
  if (!a && !b) return undefined;
  // "A or C" names neither both nor one.
  if (/\bor\b|或|\\lor|\\vee/.test(a ? answer : gold)) return { equal: false, method: "alternatives" };
  const [x, y] = [a ?? joinedLabels(gold), b ?? joinedLabels(answer)];
  return x && y && { equal: x.join() === y.join(), method: "labels" };
}

function singleSpaced(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}

/** Do both sides add a condition, and another one? */
function contradicts(gold: Reading, answer: Reading, context: Context): boolean {
  const a = conditionOf(gold.parsed, context), b = conditionOf(answer.parsed, context);
  return a !== undefined && b !== undefined && !context.compare(a, b).equal;
}

/** The condition that an answer adds, if it adds one. */
function conditionOf(
  { clause: { condition, conditions } }: ParsedAnswer,
  context: Context,
): Node | undefined {
  const all = condition === "" ? conditions : [...conditions, parseAnswer(condition, context.budget).node];
  return all.length > 1 ? { kind: "list", joiner: "and", items: all } : all[0];
}

/** Does an answer say that its letter is a whole number, or rational? */
function isDiscrete({ text, parsed }: Reading): boolean {
  return parsed.clause.declared.length > 0 && /\\mathbb\s*\{?[ZNQ]|[ℤℕℚ]|integer|natural/.test(text);
}

/** Is one side an interval without a letter, and the other an inequality? */
function isInterval(gold: Reading, answer: Reading): boolean {
  const kinds = [gold.parsed.node.kind, answer.parsed.node.kind];
  return kinds.includes("relation") &&
    kinds.some((kind) => kind === "bracket" || kind === "union" || kind === "domain");
}

const isCollection = (node: Node): boolean =>
  node.kind === "list" || node.kind === "set" || node.kind === "bracket";

/** The comma of `1,234` may part a list, if the other side is one. */
function withLists(gold: Reading, answer: Reading, context: Context): Comparison | undefined {
  const asList = ({ text }: Reading): Node => parseAnswer(text, context.budget, { comma: "list" }).node;
  const a = gold.parsed.node, b = answer.parsed.node;
  const parts = (node: Node): boolean => isCollection(node) && !(node.kind === "list" && node.joiner !== ",");
  // Nobody writes 000 as an entry.
  if ([gold, answer].some(({ text, parsed: { grouped } }) => grouped && /\d,0\d\d/.test(text))) {
    return undefined;
  }
  if (gold.parsed.grouped && parts(b)) return context.compare(asList(gold), b);
  if (answer.parsed.grouped && parts(a)) return context.compare(a, asList(answer));
  return undefined;
}

/** The most whole numbers that a condition may leave. */
const MAX_WHOLE = 1000;

/** The whole numbers for which a condition on one of some letters holds, if they are few. */
function wholeNumbers(condition: Node, letters: readonly string[], context: Context): Node | undefined {
  const region = regionOf(condition, context);
  if (region?.variable === undefined || !letters.includes(region.variable)) return undefined;
  const items: Node[] = [];
  for (const { low, high } of region.intervals) {
    const from = low.closed ? Math.ceil(low.value) : Math.floor(low.value) + 1;
    const to = high.closed ? Math.floor(high.value) : Math.ceil(high.value) - 1;
    if (!(to - from < MAX_WHOLE)) return undefined;
    for (let n = from; n <= to; n++) items.push(integerNode(n));
  }
  context.budget.spend(items.length);
  return { kind: "set", items };
}

/** `1 ≤ n ≤ 4, n ∈ ℤ` are the numbers 1, 2, 3, 4, if the other side lists numbers. */
function withWholeNumbers(gold: Reading, answer: Reading, context: Context): Comparison | undefined {
  const listed = ({ parsed: { node } }: Reading): boolean => node.kind === "set" || node.kind === "list";
  const counted = ({ parsed: { node, clause }, text }: Reading): Node | undefined => {
    if (node.kind === "builder") {
      const [element, condition] = node.items;
      const [name, domain] = element.kind === "relation" && element.operators[0] === "in"
        ? element.items
        : [];
      const isWhole = name?.kind === "symbol" && domain?.kind === "domain" && domain.name === "Z";
      return isWhole ? wholeNumbers(condition, [name.name], context) : undefined;
    }
    if (node.kind !== "relation" || !/\\mathbb\s*\{?[ZN]|[ℤℕ]|integer/.test(text)) return undefined;
    return wholeNumbers(node, clause.declared, context);
  };
  const a = listed(answer) ? counted(gold) : undefined, b = listed(gold) ? counted(answer) : undefined;
  if (a) return context.compare(a, answer.parsed.node);
  return b && context.compare(gold.parsed.node, b);
}

/** The comma of `1,22` may be a decimal point, if the other side is a decimal and the comma cannot part thousands. */
function withDecimalCommas(gold: Reading, answer: Reading, context: Context): Comparison | undefined {
  if (!context.policy.decimalComma) return undefined;
  const isDecimal = ({ parsed: { node } }: Reading): boolean => {
    const value = node.kind === "quantity" ? node.items[0] : node;
    return value.kind === "number" && value.decimals !== undefined;
  };
  const isComma = ({ text, parsed: { node } }: Reading): boolean =>
    node.kind === "list" &&
    /^[^\d,]*(?:0,\d+|\d{1,3}(?:\s\d{3})+,\d+|\d+,(?:\d{1,2}|\d{4,}))[^\d,]*$/.test(text);
  const read = ({ text }: Reading): Node => parseAnswer(text, context.budget, { comma: "decimal" }).node;
  const [a, b] = isComma(gold) && isDecimal(answer)
    ? [read(gold), answer.parsed.node]
    : isDecimal(gold) && isComma(answer)
    ? [gold.parsed.node, read(answer)]
    : [];
  if (!a || !b) return undefined;
  const name = "decimal comma";
  return { equal: allow(name, context.granted, () => context.compare(a, b).equal), method: name };
}

/** A value and a unit of one to three letters behind it, in mathematics mode: `5 m`, `0.64N`, `9.8 m/s^2`. */
const UNIT_BEHIND =
  /^(.*[\d)}])((?:\s|~|\\[,;: ])*)([A-Za-z]{1,3}|\\Omega)(\/[A-Za-z]{1,3})?((?:\^\{?-?\d\}?)?)[\s$.]*$/s;

/** The letters behind a number are a unit, if the other side has no letters. */
function withUnitLetters(gold: Reading, answer: Reading, context: Context): Comparison | undefined {
  const withUnit = ({ text }: Reading, other: Reading): Node | undefined => {
    const [, value, space, unit, per = "", power = ""] =
      UNIT_BEHIND.exec(text.length > 200 ? "" : toAscii(text)) ?? [];
    // Without a space the letters are a factor, unless the other side shows a unit.
    if (space === "" && other.parsed.node.kind !== "quantity") return undefined;
    const word = unit === "\\Omega" ? "ohm" : unit ?? "";
    if (value === undefined || !UNITS.has(word)) return undefined;
    return parseAnswer(`${value} \\text{ ${word}${per}}${power}`, context.budget).node;
  };
  const isValue = ({ parsed: { node } }: Reading): boolean =>
    freeSymbols(node).size === 0 && !contains(node, ({ kind }) => kind === "text");
  const a = isValue(answer) ? withUnit(gold, answer) : undefined;
  const b = isValue(gold) ? withUnit(answer, gold) : undefined;
  if (a) return context.compare(a, answer.parsed.node);
  return b && context.compare(gold.parsed.node, b);
}

/** What was read as a word, a unit or an exponent may be letters: `2mg` is 2·m·g, and `2e-1` is 2·e − 1. */
function withLetters(gold: Reading, answer: Reading, context: Context): Comparison | undefined {
  const isOpen = ({ text, parsed: { node, failure } }: Reading): boolean =>
    failure !== undefined || contains(node, ({ kind }) => kind === "text" || kind === "quantity") ||
    /\de[-+]?\d/.test(text);
  if (!isOpen(gold) && !isOpen(answer)) return undefined;
  const isWord = ({ text }: Reading): boolean => /^[\s$]*[A-Za-z]{2,}[\s$]*$/.test(text);
  if (isWord(gold) && isWord(answer)) return undefined;
  const isSaid = ({ text }: Reading): boolean => WORDS.has(text.trim().toLowerCase());
  if (isSaid(gold) || isSaid(answer)) return undefined;
  const read = ({ text, parsed }: Reading): Node | undefined => {
    const { node, failure } = parseAnswer(text, context.budget, { letters: true });
    return failure === undefined ? node : parsed.failure === undefined ? parsed.node : undefined;
  };
  const a = read(gold), b = read(answer);
  return a && b && sameLetters(a, b) ? context.compare(a, b) : undefined;
}

/** Do two formulas show the same letters, e among them? Only then are words or exponents of one of them letters. */
function sameLetters(a: Node, b: Node): boolean {
  const lettersOf = (node: Node): string => {
    const names = new Set([...freeSymbols(node)].map((name) => name.toLowerCase()));
    if (contains(node, (part) => part.kind === "constant" && part.name === "e")) names.add("e");
    return [...names].sort().join(" ");
  };
  return lettersOf(a) === lettersOf(b);
}

/** The signs ± of a tuple may be chosen each on its own. */
function withSeveralSigns(gold: Node, answer: Node, context: Context): Comparison | undefined {
  const a = expanded(gold), b = expanded(answer);
  return a === gold && b === answer ? undefined : context.compare(a, b);
}

/** The most signs that are chosen each on its own. */
const MAX_SIGNS = 4;

/** A tuple with signs as the list of all its choices. */
function expanded(node: Node): Node {
  if (node.kind !== "bracket") return node;
  const choices = (parts: readonly Node[]): Node[][] => {
    const [first, ...rest] = parts;
    if (!first) return [[]];
    const tails = choices(rest);
    const isSigned = contains(first, ({ kind }) => kind === "sign");
    const heads = isSigned ? [withSign(first, 1), withSign(first, -1)] : [first];
    return heads.flatMap((head) => tails.map((tail) => [head, ...tail]));
  };
  const signed = node.items.filter((item) => contains(item, ({ kind }) => kind === "sign")).length;
  if (signed < 2 || signed > MAX_SIGNS) return node;
  return {
    kind: "list",
    joiner: "or",
    items: choices(node.items).map((items): Node => ({ ...node, items })),
  };
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
  const limits = [conditionOf(gold, context), conditionOf(answer, context)];
  const partners = given.map((name, i) => {
    const cased = wanted.find((other) => other.toLowerCase() === name.toLowerCase());
    if (cased !== undefined) return cased;
    const other = wanted[i] as string;
    const isFree = isParameter(gold.node, other) && isParameter(answer.node, name);
    const conditioned = limits.every((limit, i) =>
      limit !== undefined && freeSymbols(limit).has(i === 0 ? other : name)
    );
    const declared = isFree || conditioned || gold.clause.declared.includes(other) ||
      answer.clause.declared.includes(name);
    const counts = [other, name].every((letter) => /^[klmn]$/.test(letter)) &&
      isPeriodic(gold.node, other) && isPeriodic(answer.node, name);
    return declared || counts ? other : undefined;
  });
  if (new Set(partners).size !== partners.length || partners.includes(undefined)) return undefined;
  // By way of names that nothing else has, so that an exchange of two letters is possible.
  const renamed = (node: Node): Node => {
    let result = node;
    given.forEach((name, i) => result = substitute(result, name, { kind: "symbol", name: `free ${i}` }));
    partners.forEach((name, i) =>
      result = substitute(result, `free ${i}`, { kind: "symbol", name: name as string })
    );
    return result;
  };
  const [limit, other] = limits;
  if (limit && other && !context.compare(limit, renamed(other)).equal) return undefined;
  return context.compare(gold.node, renamed(answer.node));
}

/** Does a letter stand on the right of `(x, y) = (…)` only, or in several places of a tuple? */
function isParameter(node: Node, name: string): boolean {
  const hasLetter = (part: Node | undefined): boolean => part !== undefined && freeSymbols(part).has(name);
  const [left, right] = node.kind === "relation" && node.items.length === 2 ? node.items : [undefined, node];
  return right?.kind === "bracket" && !hasLetter(left) && right.items.filter(hasLetter).length > 1;
}

/** Does a letter stand in a product with π or a number of degrees, as the count of periods does? */
function isPeriodic(node: Node, name: string): boolean {
  return contains(node, (part) => {
    if (part.kind !== "product" && part.kind !== "degree") return false;
    // The count itself, not its square.
    const hasLetter = part.items.some((child) =>
      child.kind === "symbol" ? child.name === name : child.kind === "product" &&
        child.items.some((factor) => factor.kind === "symbol" && factor.name === name)
    );
    const hasPeriod = contains(
      part,
      (child) => child.kind === "degree" || (child.kind === "constant" && child.name === "pi"),
    );
    return hasLetter && hasPeriod;
  });
}
