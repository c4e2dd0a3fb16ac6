/**
 * The variables that a chat template reads, so that one which nobody gives is named before anything runs: Jinja writes
 * nothing for it, without a word.
 *
 * @module
 */

import { parse, tokenize } from "@huggingface/jinja";
import { TEMPLATE_GLOBALS } from "./template.ts";

/** A part of a parsed template. */
type Node = Readonly<Record<string, unknown>>;

/** What a template reads, and what it says itself. */
interface Names {
  readonly read: Set<string>;
  /** Set by the template, or asked whether they are there. */
  readonly known: Set<string>;
}

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;

const nameOf = (value: unknown): string | undefined =>
  isNode(value) && value.type === "Identifier" ? String(value.value) : undefined;

/** The names that an assignment, a loop or a macro gives. */
function assign(target: unknown, names: Names): void {
  const name = nameOf(target);
  if (name !== undefined) names.known.add(name);
  else if (isNode(target) && target.type === "TupleLiteral" && Array.isArray(target.value)) {
    for (const item of target.value) assign(item, names);
  } else if (isNode(target) && target.type === "KeywordArgumentExpression") {
    assign(target.key, names);
    walk(target.value, names);
  } else walk(target, names);
}

/** A filter's arguments; its own name is none of a variable. */
function walkFilter(filter: unknown, names: Names): void {
  if (isNode(filter) && filter.type === "CallExpression") walk(filter.args, names);
}

/** How parts are read that are more than their parts. */
const WALKS: Readonly<Record<string, (node: Node, names: Names) => void>> = {
  Identifier: (node, { read }) => read.add(String(node.value)),
  MemberExpression: (node, names) => {
    walk(node.object, names);
    if (node.computed === true) walk(node.property, names);
  },
  FilterExpression: (node, names) => {
    walk(node.operand, names);
    walkFilter(node.filter, names);
  },
  FilterStatement: (node, names) => {
    walkFilter(node.filter, names);
    walk(node.body, names);
  },
  TestExpression: (node, names) => {
    const asked = nameOf(node.operand), test = nameOf(node.test);
    if (asked !== undefined && (test === "defined" || test === "undefined")) names.known.add(asked);
    else walk(node.operand, names);
  },
  KeywordArgumentExpression: (node, names) => walk(node.value, names),
  Set: (node, names) => {
    walk(node.value, names);
    walk(node.body, names);
    assign(node.assignee, names);
  },
  Macro: (node, names) => {
    assign(node.name, names);
    for (const argument of Array.isArray(node.args) ? node.args : []) assign(argument, names);
    walk(node.body, names);
  },
  For: (node, names) => {
    names.known.add("loop");
    assign(node.loopvar, names);
    walk([node.iterable, node.body, node.defaultBlock], names);
  },
  CallStatement: (node, names) => {
    names.known.add("caller");
    for (const argument of Array.isArray(node.callerArgs) ? node.callerArgs : []) assign(argument, names);
    walk([node.call, node.body], names);
  },
};

function walk(value: unknown, names: Names): void {
  if (value instanceof Map) { for (const pair of value) walk(pair, names); }
  else if (Array.isArray(value)) { for (const item of value) walk(item, names); }
  else if (isNode(value)) {
    const type = String(value.type), own = Object.hasOwn(WALKS, type) ? WALKS[type] : undefined;
    if (own) own(value, names);
    else walk(Object.values(value), names);
  }
}

/**
 * The variables that a template reads and does not set itself, in the order of their names; without those that it asks
 * for first (`is defined`).
 *
 * @throws {Error} If the template is malformed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { templateVariables } from "./template_variables.ts";
 *
 * assertEquals(templateVariables("{% set a = 1 %}{{ a }}{{ question | trim }}{{ messages[0].role }}{{ quetsion }}"), [
 *   "messages",
 *   "question",
 *   "quetsion",
 * ]);
 * ```
 */
export function templateVariables(source: string): string[] {
  const text = source.replace(/\r\n?/g, "\n"), names: Names = { read: new Set(), known: new Set() };
  walk(parse(tokenize(text, { lstrip_blocks: true, trim_blocks: true })).body, names);
  const given = new Set([...TEMPLATE_GLOBALS, ...names.known]);
  return [...names.read].filter((name) => !given.has(name)).sort();
}
