/**
 * What `compare` and `results` share: results as they were found, in words.
 *
 * @module
 */

import { type Judgement, suiteLabel } from "../../src/judge/mod.ts";
import type { ComparisonInput } from "../../src/report/mod.ts";
import {
  type AfterEdit,
  type FoundResult,
  ResultSourceError,
  type SignatureState,
} from "../../src/result/mod.ts";
import { oneLine, UsageError } from "./command.ts";

/** Each state of a signature, in words. */
const signatureTexts: {
  readonly [State in SignatureState["state"]]: (
    signature: Extract<SignatureState, { readonly state: State }>,
  ) => string;
} = {
  verified: ({ keyid, unchecked, facts: { afterEdit } }) =>
    [
      `verified by ${keyid}`,
      ...(afterEdit ? [`signed after an edit: ${afterEditText(afterEdit)}`] : []),
      ...(unchecked === null ? [] : [`not checked: ${unchecked}`]),
    ].join("; "),
  unsigned: () => "unsigned",
  removed: ({ commit }) => `signature REMOVED: commit ${commit.slice(0, 12)} had one`,
  invalid: ({ reason }) => `INVALID: ${reason}`,
};

/** Whether a result is signed, in words. */
export function signatureText(signature: SignatureState): string {
  // Each text takes what its own state has; the compiler cannot see that the two go together.
  return (signatureTexts[signature.state] as (signature: SignatureState) => string)(signature);
}

/** The most names of files in a line. */
const MOST_NAMED = 5;

/** The edit after which a result was signed, in words: the signer's reason and the files. */
export function afterEditText({ why, files }: AfterEdit): string {
  const more = files.length - MOST_NAMED;
  return `"${why}" (${files.slice(0, MOST_NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""})`;
}

/** What the signatures of compared results must be. */
export const requirements = ["verified", "trusted"] as const;

/** One of {@linkcode requirements}. */
export type Requirement = typeof requirements[number];

/** What each requirement refuses, in words, and `undefined` for what it lets pass. */
export function refusal(
  signature: SignatureState,
  requirement: Requirement | undefined,
  trusted: ReadonlyMap<string, unknown>,
): string | undefined {
  const { state } = signature;
  if (state === "invalid") return signature.reason;
  if (state === "removed") {
    return `its signature was removed: commit ${signature.commit.slice(0, 12)} had one`;
  }
  if (requirement === undefined) return undefined;
  if (state === "unsigned") return `it is unsigned, and --require ${requirement} holds`;
  if (requirement === "verified" || trusted.has(signature.keyid)) return undefined;
  return `it is signed by ${signature.keyid}, which is none of the trusted keys`;
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
