/**
 * How wide a text is on a terminal.
 *
 * @module
 */

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Characters that terminals draw two columns wide: East Asian scripts, full-width forms, emoji. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]|\ufe0f/u;

/**
 * The number of terminal columns of a text without control characters.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { textWidth } from "./width.ts";
 *
 * assertEquals([textWidth("Δ ± 1"), textWidth("算術"), textWidth("e\u0301")], [5, 4, 1]);
 * ```
 */
export function textWidth(text: string): number {
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}
