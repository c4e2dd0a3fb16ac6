/**
 * Are two answers equal? Typed and symmetric: tuples by place, sets and lists without order, relations up to
 * rearrangement, intervals by their ends, formulas by the ladder of `scalar.ts`.
 *
 * @module
 */

import type { Budget } from "../expression/mod.ts";
import { allow } from "./allowance.ts";
import { compareCollections } from "./collection.ts";
import { withCombinations } from "./combination.ts";
import { compareClasses } from "./congruence.ts";
import { contains, freeSymbols, identical, type Node, substitute, withSign } from "../expression/mod.ts";
import { compareMatrices, compareVectors, withMatrices } from "./matrix.ts";
import type { Policy } from "./policy.ts";
import { type Region, regionOf, symbolicInterval } from "./region.ts";
import { compareRatios, compareRelations } from "./relation.ts";
import { compareScalars, type Comparison, type Context } from "./scalar.ts";
import { comparableWords, convertible, squeezed } from "../read/mod.ts";

/** What every comparison of one pair shares. */
export function openContext(budget: Budget, policy: Policy): Context {
  const context: Context = {
    budget,
    policy,
    granted: { name: undefined },
    logarithm: { natural: false },
    compare: (gold, answer) => compareAnswers(gold, answer, context),
  };
  return context;
}

/** Compares two answers. What was granted on the way to "not equal" counts for nothing. */
export function compareAnswers(gold: Node, answer: Node, context: Context): Comparison {
  const before = context.granted.name;
  const result = compareTypes(gold, answer, context);
  if (!result.equal) context.granted.name = before;
  return result;
}

function compareTypes(gold: Node, answer: Node, context: Context): Comparison {
  context.budget.spend(20);
  if (gold.kind === "text" || answer.kind === "text") return compareTexts(gold, answer, context);
  if (identical(gold, answer)) return { equal: true, method: "identical" };
  const moment = compareMoments(gold, answer, context);
  if (moment) return moment;
  if (gold.kind === "quantity" || answer.kind === "quantity") return compareQuantities(gold, answer, context);
  const a = simplify(withCombinations(gold, answer)), b = simplify(withCombinations(answer, gold));
  if (a !== gold || b !== answer) return compareAnswers(a, b, context);
  return compareVectors(a, b, context) ?? compareMatrices(a, b, context) ?? compareRegions(a, b, context) ??
    compareBuilders(a, b, context) ?? compareClasses(a, b, context) ??
    compareCollections(a, b, context) ?? compareRelations(a, b, context) ?? compareRatios(a, b, context) ??
    compareScalars(a, b, context);
}

/** Sets of whole numbers under one name. */
const DOMAINS: ReadonlyMap<string, string> = new Map([
  ["N*", "Z+"],
  ["N+", "Z+"],
  ["N>0", "Z+"],
  ["Z>0", "Z+"],
  ["Z0", "N0"],
  ["Z>=0", "N0"],
]);

/** The answer without what carries no meaning: a collection of one, the sign ± written out. */
function simplify(node: Node): Node {
  if ((node.kind === "list" || node.kind === "set") && node.items.length === 1) {
    const [only] = node.items;
    // {∅} is not ∅.
    if (only && only.kind !== "set") return only;
  }
  if (node.kind === "list" || node.kind === "set") {
    const items = node.items.flatMap((item) => {
      const plain = simplify(item);
      return plain !== item && plain.kind === "list" ? plain.items : [item];
    });
    return items.length === node.items.length ? node : { ...node, items };
  }
  if (node.kind === "union" && node.items.every((item) => item.kind === "set")) {
    return { kind: "set", items: node.items.flatMap((item) => item.kind === "set" ? item.items : []) };
  }
  if (node.kind === "relation" && node.operators.length === 1 && node.operators[0] === "in") {
    const [name, values] = node.items;
    const isNamed = name?.kind === "symbol" ||
      (name?.kind === "bracket" && name.items.every(({ kind }) => kind === "symbol"));
    if (isNamed && values?.kind === "set") return values;
  }
  if (node.kind === "product" && node.items.length === 2) {
    // P(2, 4) names a point.
    const [name, point] = node.items;
    if (name?.kind === "symbol" && /^[A-Z]/.test(name.name) && point?.kind === "bracket") return point;
  }
  if (node.kind === "domain" && DOMAINS.has(node.name)) {
    return { kind: "domain", name: DOMAINS.get(node.name) as string };
  }
  if (contains(node, ({ kind }) => kind === "sign")) {
    return { kind: "list", joiner: "or", items: [withSign(node, 1), withSign(node, -1)] };
  }
  return withMatrices(node);
}

/** Words are equal if they are the same words; a few of them name a value. */
function compareTexts(gold: Node, answer: Node, context: Context): Comparison {
  const method = "words";
  if (gold.kind === "text" && answer.kind === "text") {
    // In what is more than words every sign counts.
    const areWords = [gold, answer].every((side) =>
      /^[\p{L}\s,.'"]*$/u.test(side.text.replace(/(?<=\p{L})-(?=\p{L})/gu, " "))
    );
    const equal = areWords
      ? comparableWords(gold.text) === comparableWords(answer.text)
      : squeezed(gold.text) === squeezed(answer.text);
    return { equal, method };
  }
  const [text, other] = gold.kind === "text" ? [gold, answer] : [answer, gold];
  if (other.kind === "relation" && other.operators[0] === "=" && other.items.length === 2) {
    // "the winner = Petya" against "Petya".
    const value = other.items[1] as Node;
    return value.kind === "text" ? context.compare(text, value) : { equal: false, method };
  }
  // HHT and \text{HHT}
  const letters = other.kind === "product" && other.items.every((item) => item.kind === "symbol")
    ? other.items.map((item) => item.kind === "symbol" ? item.name : "").join("")
    : "";
  if (letters !== "" && (letters === letters.toUpperCase() || letters.length === 2) && text.kind === "text") {
    return { equal: letters.toLowerCase() === text.text, method };
  }
  const words = comparableWords(text.kind === "text" ? text.text : "");
  const isInfinite = other.kind === "constant" && other.name === "infinity";
  const isEmpty = other.kind === "set" && other.items.length === 0;
  const equal = (words === "infinitely many" && isInfinite) ||
    ((words === "no solution" || words === "empty set" || words === "none") && isEmpty);
  return { equal, method };
}

/** Times of day and dates; what one side leaves out may be anything. */
function compareMoments(gold: Node, answer: Node, context: Context): Comparison | undefined {
  const method = "time";
  if (gold.kind === "time" && answer.kind === "time") {
    const bothHalves = gold.half !== undefined && answer.half !== undefined;
    const distance = Math.abs(gold.minutes - answer.minutes);
    const sameHalf = gold.half === answer.half;
    const equal = sameHalf && distance === 0 ||
      !bothHalves && (distance === 0 || distance === 720) && context.policy.bareNumbers &&
        allow("half of the day", context.granted, () => true);
    return { equal, method };
  }
  if (gold.kind === "date" && answer.kind === "date") {
    const sameDay = gold.month === answer.month && gold.day === answer.day;
    const isOpen = (gold.year === undefined) !== (answer.year === undefined);
    const equal = sameDay &&
      (isOpen ? allow("year", context.granted, () => true) : gold.year === answer.year);
    return { equal, method };
  }
  const [time, other] = gold.kind === "time" ? [gold, answer] : [answer, gold];
  if (time.kind !== "time" || other.kind !== "ratio" || other.items.length !== 2) {
    return [gold.kind, answer.kind].some((kind) => kind === "time" || kind === "date")
      ? { equal: false, method }
      : undefined;
  }
  const [hour, minute] = other.items.map((item) =>
    item.kind === "number" ? Number(item.value.numerator) : NaN
  );
  const distance = Math.abs(time.minutes - ((hour ?? NaN) * 60 + (minute ?? NaN)));
  const equal = context.policy.bareNumbers && (distance === 0 || distance === 720) &&
    allow("half of the day", context.granted, () => true);
  return { equal, method };
}

/** A unit on one side is ignored; two must agree, or be of one dimension where the policy converts. */
function compareQuantities(gold: Node, answer: Node, context: Context): Comparison {
  const a = gold.kind === "quantity" ? gold.items[0] : gold;
  const b = answer.kind === "quantity" ? answer.items[0] : answer;
  const isRadian = (node: Node): boolean => node.kind === "quantity" && node.unit === "rad";
  if ((isRadian(gold) && b.kind === "degree") || (isRadian(answer) && a.kind === "degree")) {
    // Radians are stated: 45 rad is not 45°, although a bare 45 may be.
    return compareScalars(a, b, { ...context, policy: { ...context.policy, bareNumbers: false } });
  }
  if (gold.kind === "quantity" && answer.kind === "quantity" && gold.unit !== answer.unit) {
    const factors = context.policy.convertUnits ? convertible(gold.unit, answer.unit) : undefined;
    if (!factors) return { equal: false, method: "units" };
    const scaled = (node: Node, factor: Node): Node => ({ kind: "product", items: [factor, node] });
    return compareAnswers(scaled(a, factors[0]), scaled(b, factors[1]), context);
  }
  return compareAnswers(a, b, context);
}

/** Does a node speak of a set of real numbers that is more than a tuple or a few elements? */
function speaksOfRegion(node: Node): boolean {
  if (node.kind === "list") return node.items.length > 0 && node.items.every(speaksOfRegion);
  return ["union", "intersection", "difference", "domain"].includes(node.kind) ||
    (node.kind === "relation" && node.operators.some((operator) => operator !== "=")) ||
    (node.kind === "bracket" && (node.open === "[" || node.close === "]"));
}

/** Compares intervals, unions and inequalities in one unknown; two tuples are left to the collections. */
function compareRegions(gold: Node, answer: Node, context: Context): Comparison | undefined {
  if (!speaksOfRegion(gold) && !speaksOfRegion(answer)) return undefined;
  const method = "intervals";
  const a = regionOf(gold, context), b = regionOf(answer, context);
  if (a && b) {
    if (a.variable !== undefined && b.variable !== undefined && a.variable !== b.variable) {
      return { equal: false, method };
    }
    return { equal: sameRegion(a, b, context), method };
  }
  const x = symbolicInterval(gold), y = symbolicInterval(answer);
  if (!x || !y || (gold.kind === "relation" && answer.kind === "relation")) return undefined;
  const equal = x.open === y.open && x.close === y.close &&
    x.items.every((end, i) => context.compare(end, y.items[i] as Node).equal);
  return { equal, method };
}

function sameRegion(a: Region, b: Region, context: Context): boolean {
  return a.intervals.length === b.intervals.length && a.intervals.every((interval, index) => {
    const other = b.intervals[index];
    return other !== undefined && (["low", "high"] as const).every((side) => {
      const x = interval[side], y = other[side];
      if (x.closed !== y.closed) return false;
      return x.node && y.node ? compareScalars(x.node, y.node, context).equal : x.value === y.value;
    });
  });
}

/** Sets by description are equal if element and condition are, up to the names of their letters. */
function compareBuilders(gold: Node, answer: Node, context: Context): Comparison | undefined {
  if (gold.kind !== "builder" || answer.kind !== "builder") return undefined;
  const names = [...freeSymbols(answer.items[0])].filter((name) => !freeSymbols(gold).has(name));
  const wanted = [...freeSymbols(gold.items[0])].filter((name) => !freeSymbols(answer).has(name));
  let renamed: Node = answer;
  if (names.length === wanted.length) {
    names.forEach((name, i) =>
      renamed = substitute(renamed, name, { kind: "symbol", name: wanted[i] as string })
    );
  }
  const items = "items" in renamed ? renamed.items : [];
  return {
    equal: gold.items.every((item, i) => context.compare(item, items[i] as Node).equal),
    method: "element and condition",
  };
}
