/**
 * A typed stand-in for jsr:@std/cli (see links/std_assert).
 *
 * @module
 */

export { parseArgs, type ParsedArgs, type ParseOptions } from "./parse_args.ts";
