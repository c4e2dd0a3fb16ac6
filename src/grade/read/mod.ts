/**
 * Reads LaTeX and plain text into a tree: characters, tokens, numbers, functions, groups, units. Nothing of it is ever
 * run as a program.
 *
 * @module
 */

export type { Clause } from "./answer_parser.ts";
export { toAscii, withAsciiDigits } from "./characters.ts";
export type { TokenizeOptions } from "./number_scanner.ts";
export { parseAnswer, type ParsedAnswer, type ParseOptions } from "./parse.ts";
export { comparableWords, plainText, squeezed } from "./words/mod.ts";
export { convertible, UNITS } from "./units.ts";
export { WORDS } from "./vocabulary.ts";
