/**
 * Checks a signed run directory, offline and without trusting anything in it.
 *
 * @module
 */

import type { Judgement } from "../../judge/mod.ts";
import {
  folderFiles,
  type Judged,
  judgeFiles,
  type JudgeOptions,
  type Problem,
  type VerifyKeys,
} from "../judge/mod.ts";
import type { Statements } from "../sign/mod.ts";

/** The outcome of a verification. */
export interface Verification {
  /** Is nothing false? */
  readonly ok: boolean;
  /** Each claim and what was found out about it. */
  readonly judgement: Judgement;
  /** What does not hold, file by file. */
  readonly problems: readonly Problem[];
  /** Every file that is there, in order of name. */
  readonly files: readonly string[];
  /** Graphs and checkpoints that are named by their digest and lie elsewhere. */
  readonly elsewhere: readonly string[];
  /** The key of the signatures, if they hold. */
  readonly keyid: string | null;
  /** Whose key it is, if the trusted list says so. */
  readonly owner: string | null;
  /** Is the key in the trusted list? False too where none was given. */
  readonly trusted: boolean;
  /** The statements, if their signatures hold and they fit their schemas. */
  readonly statements: Statements | null;
}

/** What a verification says of a judged result. */
export function verificationOf(
  { judgement, problems, elsewhere, key, statements }: Judged,
  files: readonly string[],
  { trusted }: VerifyKeys,
): Verification {
  const signer = key ? trusted?.get(key.keyid) : undefined;
  return {
    ok: judgement.holds,
    judgement,
    problems,
    files,
    elsewhere,
    keyid: key?.keyid ?? null,
    owner: signer?.owner ?? null,
    trusted: signer !== undefined,
    statements,
  };
}

/**
 * Verifies a signed run directory: the signatures of both statements, the digest of every file, that no file is missing
 * or unnamed, the schemas, that the statements say what `results.json` says, and everything that can be known of the
 * record without grading again. Nothing after the signatures is looked at unless they hold.
 */
export async function verify(
  directory: string,
  keys: VerifyKeys,
  options: Omit<JudgeOptions, "keys"> = {},
): Promise<Verification> {
  const files = await folderFiles(directory);
  return verificationOf(await judgeFiles(files, { ...options, keys }), [...files.sizes.keys()], keys);
}
