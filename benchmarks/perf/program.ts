/**
 * How the programs of this folder begin and end.
 *
 * @module
 */

import { print, UsageError } from "../../tasks/shared/command.ts";

/**
 * Runs a program with the arguments of this process: prints its help where that is asked for, and a mistake in the
 * arguments as one line, with exit code 2.
 *
 * @param main Gives the exit code.
 */
export async function runProgram(
  help: string,
  main: (args: readonly string[]) => Promise<number>,
): Promise<void> {
  if (Deno.args.includes("--help")) return print(help);
  try {
    Deno.exitCode = await main(Deno.args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    Deno.stderr.writeSync(new TextEncoder().encode(`error: ${error.message}\n`));
    Deno.exitCode = 2;
  }
}
