/**
 * What `compare` and `results` share: results as they were found, in words.
 *
 * @module
 */

import { type Judgement, suiteLabel } from "../../src/judge/mod.ts";
import type { ComparisonInput } from "../../src/report/mod.ts";
import { type FoundResult, ResultSourceError, type SignatureState } from "../../src/result/mod.ts";
import { oneLine, UsageError } from "./command.ts";

/** Whether a result is signed, in words. */
export function signatureText(signature: SignatureState): string {
  if (signature.state === "verified") {
    return `verified by ${signature.keyid}${
      signature.unchecked === null ? "" : `; not checked: ${signature.unchecked}`
    }`;
  }
  return signature.state === "unsigned" ? "unsigned" : `INVALID: ${signature.reason}`;
}

/** What must stand beside the suites of a result: whose file one is, which part of a data set. */
function suiteNotes({ suites }: Judgement): string[] {
  return suites.flatMap((suite) => suite.note === null ? [] : [suiteLabel(suite)]);
}

/** A result as an input of a comparison; what nobody signed is not known. */
export function comparisonInput(
  { name, commit, record, signature, judgement }: FoundResult,
): ComparisonInput {
  const facts = signature.state === "verified" ? signature.facts : undefined;
  return {
    name,
    record,
    signature: [signatureText(signature), ...suiteNotes(judgement)].join("; "),
    commit: facts?.commit ?? undefined,
    dirty: facts?.dirty,
    partial: judgement.partial ?? undefined,
    ...(commit === null ? {} : { found: commit }),
    ...(facts ? { environment: { ...facts.environment, "deno.lock": facts.lock } } : {}),
  };
}

/** Writes a line to standard error. */
export function complain(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${oneLine(text)}\n`));
}

/**
 * Runs a command on results that are looked for. A name that names nothing is a usage error; a result that no one can
 * work with is an error in one line and exit code 3.
 */
export async function withResults(work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ResultSourceError)) throw error;
    if (error.kind === "missing") throw new UsageError(error.message);
    complain(`error: ${error.message}`);
    return 3;
  }
}
