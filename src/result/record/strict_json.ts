/**
 * What `JSON.parse` lets pass in a document from a stranger: names that stand twice in an object, of which it keeps the
 * last, and nesting without end.
 *
 * @module
 */

/** The deepest nesting of arrays and objects. */
const MAX_DEPTH = 64;

/** The index after a string that begins at an index, or the text's length if it has no end. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0x22) return at + 1; // "
    if (unit === 0x5c) at++; // \
  }
  return text.length;
}

/**
 * Refuses a text with an object that names a member twice, however the name is escaped, or nested deeper than 64 levels.
 * Whether the text is JSON at all is left to `JSON.parse`.
 *
 * @throws {SyntaxError} That says what was found, and at which character.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkJsonText } from "./strict_json.ts";
 *
 * checkJsonText('{"a":{"b":1},"b":"a"}');
 * assertThrows(() => checkJsonText('{"a":1,"\\u0061":2}'), SyntaxError, 'the name "a" stands twice');
 * ```
 */
export function checkJsonText(text: string): void {
  // The names of each open object; nothing for an array.
  const open: (Set<string> | undefined)[] = [];
  let isName = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "{" || character === "[") {
      open.push(character === "{" ? new Set() : undefined);
      isName = character === "{";
      if (open.length > MAX_DEPTH) {
        throw new SyntaxError(`it is nested deeper than ${MAX_DEPTH} levels at character ${at}`);
      }
    } else if (character === "}" || character === "]") {
      open.pop();
      isName = false;
    } else if (character === ",") isName = open.at(-1) !== undefined;
    else if (character === '"') {
      const end = endOfString(text, at);
      if (isName) {
        const name: unknown = JSON.parse(text.slice(at, end));
        const names = open.at(-1);
        if (names?.has(String(name))) {
          throw new SyntaxError(`the name ${JSON.stringify(name)} stands twice at character ${at}`);
        }
        names?.add(String(name));
        isName = false;
      }
      at = end - 1;
    }
  }
}
