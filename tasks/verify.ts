/**
 * `deno task verify`: checks a signed run directory.
 *
 * @module
 */

import { join } from "node:path";
import { INSPECTION_FILE, type InspectionVerification, verifyInspection } from "../src/report/mod.ts";
import {
  loadPublishedKeys,
  loadTrustedKeys,
  RECORD_FILE,
  sourceOf,
  type Verification,
  verify,
} from "../src/result/mod.ts";
import { claimLines } from "./shared/claim_text.ts";
import { type Command, oneLine, print, printJson, readFlags, UsageError } from "./shared/command.ts";
import { afterEditText, complain } from "./shared/found_result.ts";

/** Who signed, in words. */
function signer({ keyid, owner, trusted }: Pick<Verification, "keyid" | "owner" | "trusted">): string {
  if (keyid === null) return "no signature that holds";
  if (!trusted) return `signed by ${keyid}, not in a trusted list`;
  return `signed by ${keyid}${owner === null ? "" : ` (${owner})`}, trusted`;
}

/** A line for each claim and each problem, the signer, and the verdict. */
function report(directory: string, verification: Verification): string {
  const { ok, judgement, problems, files, elsewhere, statements } = verification;
  const lines = claimLines(judgement, problems);
  lines.push(oneLine(signer(verification)));
  const signing = statements?.provenance.predicate.buildDefinition.internalParameters.signing;
  if (signing?.afterEdit) lines.push(oneLine(`signed after an edit: ${afterEditText(signing.afterEdit)}`));
  const named = elsewhere.length > 0 ? `; ${elsewhere.length} more are named that lie elsewhere` : "";
  lines.push(end(directory, ok, problems.length, `${files.length} files${named}`));
  return lines.join("\n");
}

/** How a report's check ended. */
function end(directory: string, ok: boolean, problems: number, what: string): string {
  return ok
    ? `${directory}: verified, ${what}`
    : `${directory}: NOT verified, ${problems} problem${problems === 1 ? "" : "s"}`;
}

/** A report about internal policies: what does not hold, the signer, what it is about, and the verdict. */
function inspectionReport(directory: string, found: InspectionVerification): string {
  const { ok, problems, files, statement, result } = found;
  const lines = problems.map(({ file, problem }) => oneLine(`FAIL  ${file}: ${problem}`));
  lines.push(oneLine(signer(found)));
  if (statement) {
    const { models, command, sources } = statement.predicate;
    const commit = sourceOf(sources).commit ?? "no commit";
    lines.push(
      oneLine(`${models.map(({ name }) => name).join(", ")}; made at ${commit} by: ${command.join(" ")}`),
    );
    lines.push(oneLine(
      "directory" in result
        ? `the checkpoints are those of ${result.directory}`
        : `whose result the checkpoints are was not checked: ${result.absent}`,
    ));
  }
  lines.push(
    end(
      directory,
      ok,
      problems.length,
      `${files.length} files; page and figures are what ${INSPECTION_FILE} gives`,
    ),
  );
  return lines.join("\n");
}

/** Reads keys; without them nothing can be checked. */
async function readKeys<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(error.message);
    throw error;
  }
}

/** The command. */
export const command: Command = {
  help: `Usage: deno task verify <directory> [--trusted-keys FILE] [--keys DIR] [--json]

Checks the signatures of both statements (manifest.*: what came out; provenance.*: how it was made), the
SHA-256 of every file, that no file is missing or unnamed, the schemas, that both statements say what
results.json says, and all that can be known of it without grading: problems of generated suites, methods and
seeds, training logs, completions. Each claim is ok, FAIL, or not checked, with the reason. Needs no network
and runs nothing of what it reads.

Of a report of "deno task inspect --sign" it checks the signature, the SHA-256 of every file, that page and
figures are what inspect.json gives, and that the checkpoints are those of the result beside it.

  --trusted-keys FILE   the keys you trust: PEM blocks, or lines "[owner] ssh-ed25519 AAAA… [comment]".
                        Without it the signature is checked with a published key, and you are told whose
  --keys DIR            folder of published public keys, *.pem (default: <directory>/../keys)
  --json                print the outcome as JSON

Exit code 0 if nothing is false, 1 if something is, 2 if it cannot be checked.

Example: deno task verify results/embedded --trusted-keys my_keys.txt`,

  async run(args) {
    const flags = readFlags(args, { boolean: ["json"], string: ["keys", "trusted-keys"], positional: 1 });
    const directory = flags.positional[0];
    if (directory === undefined) {
      throw new UsageError("Cannot verify: name a directory, such as results/embedded");
    }
    const info = await Deno.stat(directory).catch(() => undefined);
    if (!info?.isDirectory) throw new UsageError(`Cannot verify "${directory}": there is no such directory`);
    const list = flags.text("trusted-keys");
    if (list !== undefined && !(await Deno.stat(list).catch(() => undefined))?.isFile) {
      throw new UsageError(`Cannot verify "${directory}": there is no list of keys at "${list}"`);
    }
    const trusted = list === undefined ? undefined : await readKeys(() => loadTrustedKeys(list));
    const keys = flags.text("keys") ?? join(directory, "..", "keys");
    const published = await loadPublishedKeys(keys, complain);
    if (published.size === 0 && !trusted) {
      throw new UsageError(`Cannot verify "${directory}": no public key (*.pem) in "${keys}"`);
    }
    const here = (file: string): Promise<boolean> =>
      Deno.stat(join(directory, file)).then(({ isFile }) => isFile, () => false);
    if (await here(INSPECTION_FILE) && !await here(RECORD_FILE)) {
      const found = await verifyInspection(directory, { published, trusted });
      if (flags.on("json")) printJson(found);
      else print(inspectionReport(directory, found));
      return found.ok ? 0 : 1;
    }
    const outcome = await verify(directory, { published, trusted });
    if (flags.on("json")) printJson(outcome);
    else print(report(directory, outcome));
    return outcome.ok ? 0 : 1;
  },
};
