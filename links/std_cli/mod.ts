/**
 * A typed stand-in for jsr:@std/cli (see links/std_assert).
 *
 * @module
 */

export { parseArgs, type ParsedArgs, type ParseOptions } from "./parse_args.ts";
// @ts-types="./unicode_width.d.ts"
export { unicodeWidth } from "deno-std/cli/unicode-width";
