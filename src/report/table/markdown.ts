/**
 * Text from strangers in Markdown, without effect.
 *
 * @module
 */

/** Nothing to see, and the end of what GitHub, GitLab and Gitea look for in a text. A reference to U+200B. */
const BREAK = "&#8203;";

/** What becomes a link or a message to somebody in plain text, and where it is broken: after the match. */
const live: readonly RegExp[] = [
  /(?<![\p{L}\p{N}_])@(?=[\p{L}\p{N}_])/gu, // a person or a team is told
  /@(?=[\p{L}\p{N}_-]+\.)/gu, // the middle of an address
  /(?<!&)[#!](?=\d)/g, // an issue or a merge request gets a reference; not the "&#" of a character's number
  /\bGH(?=-\d)/gi, // likewise
  /:(?=\/\/)/g, // any scheme
  /\bwww(?=\.)/gi,
];

/**
 * A text that Markdown and HTML take as text: no markup, no link, nobody who is mentioned, no reference to an issue. Line
 * breaks must be gone.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inertMarkdown } from "./markdown.ts";
 *
 * assertEquals(inertMarkdown("*1* | @you #2"), "&#42;1&#42; &#124; @&#8203;you #&#8203;2");
 * assertEquals(inertMarkdown("avg@8 at 79.3 %: a/b"), "avg@8 at 79.3 %: a/b");
 * ```
 */
export function inertMarkdown(text: string): string {
  const escaped = text.replace(/[&<>|\\`*_~]|(?<=\])[([]/g, (character) => `&#${character.charCodeAt(0)};`);
  return live.reduce((text, pattern) => text.replace(pattern, `$&${BREAK}`), escaped);
}
