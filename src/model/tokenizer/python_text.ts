/**
 * Values of a template as Python writes, compares and trims them.
 *
 * @module
 */

/** A value while a template is rendered, as the template library holds it. */
export interface TemplateValue {
  /** Its class, such as `StringValue`. */
  readonly type: string;
  /** What it holds. */
  readonly value: unknown;
  /** Is it true? */
  __bool__(): { readonly value: boolean };
}

/** Code points that Python takes for white space; unlike JavaScript not the byte order mark. */
const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

/**
 * A text without these characters at its ends; white space if none are given.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { strip } from "./python_text.ts";
 *
 * assertEquals([strip("FFaF", "both", "F"), strip("FFaF", "start", "F"), strip(" a ", "end")], ["a", "aF", " a"]);
 * ```
 */
export function strip(text: string, where: "start" | "end" | "both", characters?: string): string {
  const set = characters === undefined ? undefined : new Set(characters);
  const space = new RegExp(`^[${SPACE}]$`);
  const gone = (character: string | undefined): boolean =>
    character !== undefined && (set ? set.has(character) : space.test(character));
  const all = [...text];
  let start = 0, end = all.length;
  if (where !== "end") { while (start < end && gone(all[start])) start++; }
  if (where !== "start") { while (end > start && gone(all[end - 1])) end--; }
  return all.slice(start, end).join("");
}

/** A text with a capital and small letters behind it. */
export function capitalize(text: string): string {
  const [first = "", ...rest] = [...text];
  return first.toUpperCase() + rest.join("").toLowerCase();
}

/** A float as Python writes it. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  if (Object.is(value, -0)) return "-0.0";
  const [, digits = "", power] = /^(.*?)(?:e(.*))?$/.exec(value.toExponential()) ?? [],
    exponent = Number(power);
  if (value === 0 || (exponent >= -4 && exponent < 16)) {
    const plain = value.toString().includes("e")
      ? value.toFixed(Math.max(0, -exponent + 16)).replace(/0+$/, "")
      : value.toString();
    return plain.includes(".") ? plain : `${plain}.0`;
  }
  const sign = exponent < 0 ? "-" : "+";
  return `${digits}e${sign}${`${Math.abs(exponent)}`.padStart(2, "0")}`;
}

/** A text in quotes, as Python shows it in a list. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t");
  return quote + body.replaceAll(quote, `\\${quote}`) + quote;
}

/** A value as Python shows it within another. */
function shown(value: TemplateValue): string {
  if (value.type === "StringValue") return quoted(String(value.value));
  return value.type === "UndefinedValue" ? "Undefined" : textOf(value);
}

/**
 * What Python's `str` makes of a value: `True`, `None`, `1.0`, `['a', 1]`; nothing of an undefined one.
 *
 * @throws {TypeError} If it has no text that could be meant: a function.
 */
export function textOf(value: TemplateValue): string {
  switch (value.type) {
    case "StringValue":
    case "IntegerValue":
      return String(value.value);
    case "FloatValue":
      return floatText(Number(value.value));
    case "BooleanValue":
      return value.value ? "True" : "False";
    case "NullValue":
      return "None";
    case "UndefinedValue":
      return "";
    case "ArrayValue":
      return `[${(value.value as readonly TemplateValue[]).map(shown).join(", ")}]`;
    case "TupleValue": {
      const items = (value.value as readonly TemplateValue[]).map(shown);
      return items.length === 1 ? `(${items[0]},)` : `(${items.join(", ")})`;
    }
    case "ObjectValue":
      return `{${
        [...value.value as ReadonlyMap<string, TemplateValue>].map(([key, item]) =>
          `${quoted(key)}: ${shown(item)}`
        )
          .join(", ")
      }}`;
    default:
      throw new TypeError(`it writes out a ${value.type}, which has no text`);
  }
}

/** Numbers and truth values, which are equal where their numbers are. */
const NUMBERS: ReadonlySet<string> = new Set(["IntegerValue", "FloatValue", "BooleanValue"]);

/** Are two values equal in Python? */
export function equal(one: TemplateValue, other: TemplateValue): boolean {
  if (NUMBERS.has(one.type) && NUMBERS.has(other.type)) return Number(one.value) === Number(other.value);
  if (one.type !== other.type) return false;
  if (one.value instanceof Map && other.value instanceof Map) {
    const entries = [...one.value as ReadonlyMap<string, TemplateValue>];
    const others = other.value as ReadonlyMap<string, TemplateValue>;
    return entries.length === others.size && entries.every(([key, item]) => {
      const same = others.get(key);
      return same !== undefined && equal(item, same);
    });
  }
  if (Array.isArray(one.value) && Array.isArray(other.value)) {
    const items = other.value as readonly TemplateValue[];
    return one.value.length === items.length && (one.value as readonly TemplateValue[]).every((item, i) => {
      const same = items[i];
      return same !== undefined && equal(item, same);
    });
  }
  return one.value === other.value;
}
