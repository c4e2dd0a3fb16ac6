import type { ParsedArgs, ParseOptions } from "./parse_args.ts";
/** Reads command-line arguments. */
export function parseArgs(args: readonly string[], options?: ParseOptions): ParsedArgs;
