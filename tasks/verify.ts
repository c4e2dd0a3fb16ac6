/**
 * `deno task verify`: checks a signed run directory.
 *
 * @module
 */

import { join } from "node:path";
import { loadTrustedKeys, publicKeyFile, type Verification, verify } from "../src/result/mod.ts";
import { type Command, print, readFlags, UsageError } from "./command.ts";

/** Text from a foreign file with its control characters escaped, so that it cannot steer the terminal. */
function printable(text: string): string {
  return text.replace(
    /\p{Cc}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A line for each file, the key, and the verdict. */
function report(
  directory: string,
  { ok, files, problems, keyid }: Verification,
  keyFile: string | null,
): string {
  const lines = files.map((file) => {
    const wrong = problems.filter((problem) => problem.file === file).map(({ problem }) => problem);
    return printable(wrong.length === 0 ? `ok    ${file}` : `FAIL  ${file}: ${wrong.join("; ")}`);
  });
  lines.push(keyid === null ? "key   no trusted signature" : `key   ${keyid} (${keyFile})`);
  lines.push(
    ok
      ? `${directory}: verified, ${files.length} files`
      : `${directory}: NOT verified, ${problems.length} problem${problems.length === 1 ? "" : "s"}`,
  );
  return lines.join("\n");
}

/** The command. */
export const command: Command = {
  summary: "Check a result's signature, digests and consistency",
  help: `Usage: deno task verify <directory> [--keys DIR] [--json]

Checks the signature of <directory>/manifest.intoto.json with the trusted public keys, the SHA-256 of
every file, that no file is missing or unnamed, and that results.json agrees with the signed statement.
Needs no network. Exit code 0 if everything holds, 1 if not.

  --keys DIR   folder of trusted public keys, *.pem (default: <directory>/../keys)
  --json       print the outcome as JSON

Example: deno task verify results/embedded`,

  async run(args) {
    const flags = readFlags(args, { boolean: ["json"], string: ["keys"], positional: 1 });
    const directory = flags.positional[0];
    if (directory === undefined) {
      throw new UsageError("Cannot verify: name a directory, such as results/embedded");
    }
    const info = await Deno.stat(directory).catch(() => undefined);
    if (!info?.isDirectory) throw new UsageError(`Cannot verify "${directory}": there is no such directory`);
    const keys = flags.text("keys") ?? join(directory, "..", "keys");
    const trusted = await loadTrustedKeys(keys);
    if (trusted.size === 0) {
      throw new UsageError(`Cannot verify "${directory}": no public key (*.pem) in "${keys}"`);
    }
    const outcome = await verify(directory, trusted);
    const key = outcome.keyid === null ? undefined : trusted.get(outcome.keyid);
    print(
      flags.on("json")
        ? JSON.stringify(outcome, null, 2)
        : report(directory, outcome, key ? join(keys, publicKeyFile(key)) : null),
    );
    return outcome.ok ? 0 : 1;
  },
};
