/**
 * Reads LaTeX and plain text into a tree: characters, tokens, numbers, functions, groups, units. Nothing of it is ever
 * run as a program.
 *
 * @module
 */

export { toAscii, withAsciiDigits } from "./characters.ts";
export { parseAnswer, type ParsedAnswer } from "./parse.ts";
export { comparableWords, plainText, squeezed } from "./text.ts";
export { convertible, UNITS } from "./units.ts";
export { WORDS } from "./vocabulary.ts";
