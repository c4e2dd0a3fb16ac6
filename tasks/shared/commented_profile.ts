/**
 * A profile as a file that explains itself: JSON with comments, which are what the schema says of each field.
 *
 * @module
 */

import { type Json, type Profile, profileFields } from "../../src/pipeline/mod.ts";

/** The width of a comment. */
const WIDTH = 100;

/** What a reader must know before the first field. */
const HEADER = [
  "An experiment: every setting that can change a result. Change what you like; a field that cannot be so is refused in a line.",
  'What each field may be: "profile --fields", or docs/profile.md. Paths are relative to this file.',
];

/** What a profile may say besides, shown where it would stand. */
const WORDING = [
  "Wording of your own, in place of or around the named one:",
  '"wording": {',
  '  "system": "You are a careful mathematician.",',
  '  "instruction": "Write the final answer inside \\\\boxed{}.",',
  '  "examples": [{ "question": "What is 2+3?", "answer": "\\\\boxed{5}" }],',
  '  "template": "my_template.jinja"',
  "},",
];

/** A text in lines of comments. */
function comment(text: string, indent: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH - indent.length) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines.map((line) => `${indent}// ${line}`);
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A value on one line, with spaces where people put them. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{ ${entries.map(([key, each]) => `${JSON.stringify(key)}: ${inline(each)}`).join(", ")} }`;
}

function fields(document: Json, meanings: ReadonlyMap<string, string>, path: string): string[] {
  const indent = "  ".repeat(path.split(".").length);
  const entries = Object.entries(document).filter(([, value]) => value !== undefined);
  return entries.flatMap(([key, value], i) => {
    const end = i < entries.length - 1 ? "," : "";
    const at = `${path}${key}`, meaning = meanings.get(at);
    const nested = isObject(value) && [...meanings.keys()].some((other) => other.startsWith(`${at}.`)) &&
      meanings.has(`${at}.${Object.keys(value)[0]}`);
    const written = nested
      ? [`${indent}"${key}": {`, ...fields(value as Json, meanings, `${at}.`), `${indent}}${end}`]
      : [`${indent}"${key}": ${inline(value)}${end}`];
    const shown = at === "template" && document.wording === undefined
      ? WORDING.map((line) => `${indent}// ${line}`)
      : [];
    return [...meaning === undefined ? [] : comment(meaning, indent), ...written, ...shown];
  });
}

/**
 * The text of a profile with comments.
 *
 * @param schema Where editors find the schema.
 */
export function commentedProfile({ $schema: _, ...profile }: Profile, schema: string): string {
  const meanings = new Map(profileFields().map((field) => [field.path, field.meaning]));
  return [
    "{",
    ...HEADER.flatMap((line) => comment(line, "  ")),
    `  "$schema": ${JSON.stringify(schema)},`,
    ...fields(profile, meanings, ""),
    "}",
    "",
  ].join("\n");
}
