/**
 * Chat templates, rendered as Python's Jinja2 does: `@huggingface/jinja`, and over it what that does otherwise.
 *
 * Mended are line ends of CR and LF; `continue` and `break`, which dropped what a pass had written; variables of a pass,
 * which stayed for the next one; the text of truth values, none, lists and floats; equality between types; the remainder
 * of negative numbers; `strip` and `trim` with characters, `capitalize` and the length of texts beyond the basic plane.
 * What Python refuses is refused: a text plus something else, a division by zero.
 *
 * @module
 */

import { Environment, Interpreter, parse, tokenize } from "@huggingface/jinja";
import { capitalize, equal, strip, type TemplateValue, textOf } from "./python_text.ts";

/** A part of a parsed template. */
interface Node {
  readonly type: string;
}

/** A part with other parts, as far as they are looked at. */
interface Parts extends Node {
  readonly body?: readonly Node[];
  readonly left?: Node;
  readonly right?: Node;
  readonly operator?: { readonly value: string };
  readonly object?: Node;
  readonly property?: { readonly type: string; readonly value: unknown };
  readonly computed?: boolean;
  readonly value?: unknown;
  readonly callee?: { readonly value: unknown };
  readonly args?: readonly Node[];
}

/** The library's interpreter with its methods: they are private to its types alone. */
interface OpenInterpreter {
  run(program: unknown): TemplateValue;
  evaluate(node: Node, environment: Environment): TemplateValue;
  evaluateBlock(statements: readonly Node[], environment: Environment): TemplateValue;
  evaluateFor(node: Parts, environment: Environment): TemplateValue;
  evaluateBinaryExpression(node: Parts, environment: Environment): TemplateValue;
  evaluateMemberExpression(node: Parts, environment: Environment): TemplateValue;
  applyFilter(operand: TemplateValue, filter: Parts, environment: Environment): TemplateValue;
  evaluateArguments(
    args: readonly Node[],
    environment: Environment,
  ): [TemplateValue[], Map<string, TemplateValue>];
}

const Base = Interpreter as unknown as new (environment: Environment) => OpenInterpreter;

/** A value of the library from one of JavaScript. */
function valueOf(value: unknown): TemplateValue {
  return new Environment().set("value", value);
}

/** Statements, which write what they return, and nothing where that is none. */
const STATEMENTS: ReadonlySet<string> = new Set([
  "Program",
  "If",
  "For",
  "Set",
  "Macro",
  "Comment",
  "CallStatement",
  "FilterStatement",
]);

/** Methods that take characters off the ends of a text. */
const STRIPS: Readonly<Record<string, "start" | "end" | "both">> = {
  strip: "both",
  lstrip: "start",
  rstrip: "end",
};

/** Methods that change the case of letters. */
const CASES: Readonly<Record<string, (text: string) => string>> = {
  capitalize,
  title: (text) => text.replace(/\p{L}+/gu, capitalize),
};

/** The two numbers of an operation; `undefined` if one is none. */
function numbersOf(left: TemplateValue, right: TemplateValue): [number, number] | undefined {
  const isNumber = ({ type }: TemplateValue): boolean => type === "IntegerValue" || type === "FloatValue";
  return isNumber(left) && isNumber(right) ? [Number(left.value), Number(right.value)] : undefined;
}

/** A loop that is under way: its body, and what its passes have written. */
interface Loop {
  readonly body: readonly Node[] | undefined;
  readonly written: string[];
}

/** The interpreter, mended. */
class PythonInterpreter extends Base {
  readonly #loops: Loop[] = [];
  /** What blocks had written when a `continue` or `break` left them. */
  readonly #left = new WeakMap<object, string>();

  override evaluateBlock(statements: readonly Node[], environment: Environment): TemplateValue {
    const loop = this.#loops.at(-1), pass = loop?.body === statements ? loop : undefined;
    // A pass has variables of its own; those that it sets are gone in the next.
    const scope = pass ? new Environment(environment) : environment;
    let written = "";
    try {
      for (const statement of statements) {
        const value = this.evaluate(statement, scope);
        if (!STATEMENTS.has(statement.type)) written += textOf(value);
        else if (value.type !== "NullValue") written += String(value.value);
      }
    } catch (error) {
      if (typeof error !== "object" || error === null) throw error;
      const before = written + (this.#left.get(error) ?? "");
      if (pass) pass.written.push(before);
      else this.#left.set(error, before);
      throw error; // a continue or break, which the loop takes, or an error, which nobody does
    }
    if (!pass) return valueOf(written);
    pass.written.push(written);
    return valueOf("");
  }

  override evaluateFor(node: Parts, environment: Environment): TemplateValue {
    const loop: Loop = { body: node.body, written: [] };
    this.#loops.push(loop);
    try {
      const otherwise = super.evaluateFor(node, environment);
      return valueOf(loop.written.join("") + String(otherwise.value));
    } finally {
      this.#loops.pop();
    }
  }

  override evaluateBinaryExpression(node: Parts, environment: Environment): TemplateValue {
    const operator = node.operator?.value ?? "";
    if (operator === "and" || operator === "or" || !node.left || !node.right) {
      return super.evaluateBinaryExpression(node, environment);
    }
    const left = this.evaluate(node.left, environment), right = this.evaluate(node.right, environment);
    const isIn = operator === "in" || operator === "not in";
    if (operator === "==") return valueOf(equal(left, right));
    if (operator === "!=") return valueOf(!equal(left, right));
    if (operator === "~") return valueOf(textOf(left) + textOf(right));
    if (isIn && Array.isArray(right.value)) {
      const found = (right.value as readonly TemplateValue[]).some((item) => equal(item, left));
      return valueOf(found === (operator === "in"));
    }
    const texts = [left, right].filter(({ type }) => type === "StringValue").length;
    if (operator === "+" && texts === 1) {
      throw new TypeError(`it adds a ${left.type} and a ${right.type}, which Python refuses`);
    }
    const numbers = numbersOf(left, right);
    if (numbers && ["/", "//", "%"].includes(operator)) {
      const [a, b] = numbers;
      if (b === 0) throw new TypeError("it divides by zero");
      // Python's remainder has the sign of the divisor.
      if (operator === "%") {
        const remainder = a - b * Math.floor(a / b);
        return [left, right].some(({ type }) => type === "FloatValue") && Number.isInteger(remainder)
          ? this.evaluate({ type: "FloatLiteral", value: remainder } as Node, environment)
          : valueOf(remainder);
      }
    }
    return super.evaluateBinaryExpression(node, environment);
  }

  override evaluateMemberExpression(node: Parts, environment: Environment): TemplateValue {
    const name = node.computed ? undefined : String(node.property?.value);
    if (node.object && name !== undefined && (Object.hasOwn(STRIPS, name) || Object.hasOwn(CASES, name))) {
      const object = this.evaluate(node.object, environment), where = STRIPS[name];
      if (object.type === "StringValue") {
        const text = String(object.value);
        return where === undefined
          ? valueOf(() => (CASES[name] ?? capitalize)(text))
          : valueOf((characters?: string | null) => strip(text, where, characters ?? undefined));
      }
    }
    return super.evaluateMemberExpression(node, environment);
  }

  override applyFilter(operand: TemplateValue, filter: Parts, environment: Environment): TemplateValue {
    const called = filter.type === "CallExpression",
      name = String(called ? filter.callee?.value : filter.value);
    const args = called ? this.evaluateArguments(filter.args ?? [], environment)[0] : [];
    const [first] = args;
    if (name === "string") return valueOf(textOf(operand));
    if (
      name === "join" && Array.isArray(operand.value) && args.length <= 1 && (filter.args ?? []).length <= 1
    ) {
      const items = operand.value as readonly TemplateValue[];
      return valueOf(items.map(textOf).join(first ? textOf(first) : ""));
    }
    if (operand.type !== "StringValue") return super.applyFilter(operand, filter, environment);
    const text = String(operand.value);
    if (name === "trim") return valueOf(strip(text, "both", first ? textOf(first) : undefined));
    if (name === "capitalize") return valueOf(capitalize(text));
    if (name === "title") return valueOf(text.split(/([-\s({[<]+)/).map(capitalize).join(""));
    if (name === "length" || name === "count") return valueOf([...text].length);
    return super.applyFilter(operand, filter, environment);
  }
}

/** Python's `range`. */
function range(...bounds: readonly number[]): number[] {
  const [start = 0, stop = 0, step = 1] = bounds.length === 1 ? [0, ...bounds] : bounds;
  if (step === 0) throw new TypeError("it counts in steps of zero");
  return Array.from({ length: Math.max(0, Math.ceil((stop - start) / step)) }, (_, i) => start + i * step);
}

/** What every template knows. */
const globals: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  none: null,
  True: true,
  False: false,
  None: null,
  range,
  raise_exception: (message: unknown): never => {
    throw new Error(String(message));
  },
};

/** The names of all that a template knows, whatever it is given; `namespace` is the library's own. */
export const TEMPLATE_GLOBALS: readonly string[] = [...Object.keys(globals), "namespace"];

/**
 * Reads a template and gives what renders it.
 *
 * @throws {Error} If the template is malformed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compileTemplate } from "./template.ts";
 *
 * const render = compileTemplate("{% for x in xs %}{{ x }}{% if x == 2 %}!{% continue %}{% endif %},{% endfor %}");
 * assertEquals(render({ xs: [1, 2, 3] }), "1,2!3,");
 * ```
 */
export function compileTemplate(source: string): (variables: Readonly<Record<string, unknown>>) => string {
  // As Jinja2 does before anything else.
  const text = source.replace(/\r\n?/g, "\n");
  const program = parse(tokenize(text, { lstrip_blocks: true, trim_blocks: true }));
  return (variables) => {
    const environment = new Environment();
    for (const [name, value] of Object.entries({ ...globals, ...variables })) environment.set(name, value);
    return String(new PythonInterpreter(environment).run(program).value);
  };
}
