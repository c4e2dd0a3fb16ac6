/**
 * `deno task golden`: checks numbers against reference data.
 *
 * @module
 */

import { checkGolden } from "../src/conformance/mod.ts";
import { openRuntime } from "../src/runtime/mod.ts";
import { type Command, print, readFlags, UsageError } from "./shared/command.ts";

/** Compares the decoder, gradients, optimizer, estimators and statistics with reference values. */
export const command: Command = {
  help: `Usage: deno task golden [--dir DIR]

Checks every folder of DIR that is there: models/<case>/, rl/*.json, stats/*.json. Prints the worst error of each
group of tensors, relative to the group's largest value. Exit code 1 if one is beyond its tolerance.

  --dir DIR   the folder with the reference data (default: test/golden)`,
  async run(args): Promise<number> {
    const flags = readFlags(args, { string: ["dir"] });
    const directory = flags.text("dir") ?? "test/golden";
    const runtime = openRuntime({ provider: "cpu", threads: 1 });
    let checked = 0, beyond = 0;
    for await (const { source, groups } of checkGolden(directory, runtime)) {
      print(source);
      for (const { name, worst, tolerance, count } of groups) {
        const fine = worst <= tolerance;
        checked++;
        if (!fine) beyond++;
        const numbers = `${worst.toExponential(1).padStart(8)}  of ${tolerance.toExponential(0)}`;
        print(`  ${fine ? "ok  " : "FAIL"} ${name.padEnd(42)} ${numbers}  ${count} values`);
      }
    }
    if (checked === 0) {
      throw new UsageError(`Cannot check ${directory}: it has no models, rl or stats folder`);
    }
    print(`${checked} groups, ${beyond} beyond tolerance`);
    return beyond === 0 ? 0 : 1;
  },
};
