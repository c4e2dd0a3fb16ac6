/**
 * What every command of `main.ts` is, and how its flags are read.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { nearest } from "../../src/nearest.ts";

export { nearest };

/** A command of the command line. */
export interface Command {
  /** What `--help` prints: usage line, flags, examples. */
  readonly help: string;
  /** Runs the command and returns the exit code: 0 success, 1 a check failed, 2 usage, 3 not comparable. */
  run(args: readonly string[]): Promise<number>;
}

/** The command line cannot be understood, or names something that is not there. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The flags that a command knows, by kind. */
export interface FlagSpec {
  /** Flags that are on or off. */
  readonly boolean?: readonly string[];
  /** Flags that take a value. */
  readonly string?: readonly string[];
  /** Flags that take a value and may be given more than once. */
  readonly list?: readonly string[];
  /** How many positional arguments are allowed; default none. */
  readonly positional?: number;
}

/** The flags that were given. */
export interface Flags {
  /** Is a boolean flag on? */
  on(name: string): boolean;
  /** The value of a flag, or `undefined`. */
  text(name: string): string | undefined;
  /** The values of a flag that may be given more than once. */
  list(name: string): readonly string[];
  /** The value of a flag as an integer of at least `least`, or `undefined`. */
  integer(name: string, least?: number): number | undefined;
  /** The positional arguments. */
  readonly positional: readonly string[];
}

/**
 * Arguments in which a value that looks like a flag, such as -1, or like nothing is joined to the flag that it belongs to:
 * else it would be taken for another argument, and the mistake be told of that.
 */
function joined(args: readonly string[], names: readonly string[]): string[] {
  const valued = new Set(names.map((name) => `--${name}`)), list: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const argument = args[i] ?? "", next = args[i + 1];
    const belongs = valued.has(argument) && next !== undefined && (next === "" || /^-\.?\d/.test(next));
    list.push(belongs ? `${argument}=${next}` : argument);
    if (belongs) i++;
  }
  return list;
}

/**
 * Reads the arguments of a command.
 *
 * @throws {UsageError} If a flag is unknown (with the nearest known one), lacks its value, or an argument is surplus.
 */
export function readFlags(args: readonly string[], spec: FlagSpec): Flags {
  const boolean = spec.boolean ?? [], string = spec.string ?? [], list = spec.list ?? [];
  const known = [...boolean, ...string, ...list];
  const parsed = parseArgs(joined(args, [...string, ...list]), {
    boolean,
    string: [...string, ...list, "_"],
    // Of all flags, so that one that is given twice is seen; else the last would count, without a word.
    collect: [...string, ...list],
    unknown: (argument) => {
      if (!argument.startsWith("-")) return true;
      const name = argument.replace(/^-+/, "").replace(/=.*$/s, "");
      const near = nearest(name, known);
      throw new UsageError(
        `Cannot read the flag "--${name}"${near ? `: did you mean "--${near}"?` : ""} (see --help)`,
      );
    },
  });
  const positional = parsed._.map(String);
  if (positional.length > (spec.positional ?? 0)) {
    throw new UsageError(
      `Cannot use the argument "${positional[spec.positional ?? 0]}": this command takes ${
        spec.positional ?? 0
      }`,
    );
  }
  const text = (name: string): string | undefined => {
    const [value, ...others] = [parsed[name] ?? []].flat();
    if (value === undefined) return undefined;
    if (others.length > 0) throw new UsageError(`Cannot read "--${name}": it was given more than once`);
    if (value === "") throw new UsageError(`Cannot read "--${name}": it needs a value`);
    return String(value);
  };
  return {
    on: (name) => parsed[name] === true,
    text,
    list: (name) => {
      const values = [parsed[name] ?? []].flat().map(String);
      if (values.includes("")) throw new UsageError(`Cannot read "--${name}": it needs a value`);
      return values;
    },
    integer: (name, least = 1) => {
      const value = text(name);
      if (value === undefined) return undefined;
      const number = Number(value);
      if (!Number.isSafeInteger(number) || number < least) {
        throw new UsageError(`Cannot read "--${name} ${value}": expected an integer of at least ${least}`);
      }
      return number;
    },
    positional,
  };
}

/** Writes a line of a command's result to standard output. */
export function print(text: string): void {
  const bytes = new TextEncoder().encode(text + "\n");
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

/** A text on one line, without what could steer a terminal. */
export function oneLine(text: string): string {
  return text.replace(/\r?\n/g, "⏎").replace(
    /[\p{Cc}\p{Cf}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** Prints a value as JSON, escaping what could steer a terminal. */
export function printJson(value: unknown): void {
  const text = JSON.stringify(value, null, 2).replace(
    /(?!\n)[\p{Cc}\p{Cf}]/gu,
    (character) =>
      character.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
  );
  print(text);
}
