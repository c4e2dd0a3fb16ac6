/**
 * Text inside HTML, so that it stays text.
 *
 * @module
 */

import { canonicalJson } from "../../canonical_json.ts";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * HTML from a template whose values are escaped.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { markup } from "./html.ts";
 *
 * assertEquals(markup`<p title="${'"'}">${"<b>"}</p>`, '<p title="&quot;">&lt;b&gt;</p>');
 * ```
 */
export function markup(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return String.raw(
    { raw: parts },
    ...values.map((value) => value.replace(/[&<>"']/g, (character) => entities[character] ?? "")),
  );
}

/**
 * A value as JSON that cannot end, or begin, an element: `<`, `>` and the line separators of old JavaScript are
 * escaped.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { safeJson } from "./html.ts";
 *
 * assertEquals(safeJson("</script>"), '"\\u003c/script\\u003e"');
 * ```
 */
export function safeJson(value: unknown): string {
  return canonicalJson(value).replace(
    /[<>\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
