/**
 * The part of jsr:@std/cli/parse-args that this project uses, typed.
 *
 * @module
 */

// @ts-types="./parse_args.d.ts"
export { parseArgs } from "deno-std/cli/parse-args";

/** What {@linkcode parseArgs} accepts. */
export interface ParseOptions {
  /** Flags that are `true` or `false`. */
  readonly boolean?: readonly string[];
  /** Flags that take a text. */
  readonly string?: readonly string[];
  /** Flags that may be given more than once and are collected in a list. */
  readonly collect?: readonly string[];
  /** Boolean flags that `--no-<flag>` turns off. */
  readonly negatable?: readonly string[];
  /** Values of flags that are not given. */
  readonly default?: Readonly<Record<string, unknown>>;
  /** Other names of flags. */
  readonly alias?: Readonly<Record<string, string>>;
  /** Puts everything after `--` into the result's `--` list. */
  readonly "--"?: boolean;
  /** Called for each argument that is no known flag; returning `false` drops it. */
  readonly unknown?: (argument: string, key?: string, value?: unknown) => unknown;
}

/** Flag values by name, with the other arguments under `_`. */
export interface ParsedArgs {
  /** Arguments that belong to no flag. */
  readonly _: readonly (string | number)[];
  readonly [flag: string]: unknown;
}
