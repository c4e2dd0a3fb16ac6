/**
 * A signed report about internal policies: its signature, and that its files are the signed ones. What the files say is
 * for those to judge who draw them.
 *
 * @module
 */

import type { PublicKey } from "../keys/mod.ts";
import {
  bytesOf,
  digestOf,
  Faults,
  folderFiles,
  openStatement,
  type Problem,
  type ResultFiles,
  type VerifyKeys,
} from "../judge/mod.ts";
import { parseAs, readDocument } from "../record/mod.ts";
import {
  type InspectionStatement,
  inspectionStatementFiles,
  inspectionStatementSchema,
} from "../statement/mod.ts";

/** The largest file of a report that is read, in bytes. */
const LARGEST = 64 * 2 ** 20;

/** A report whose signature was looked at. */
export interface OpenedReport {
  /** What does not hold, file by file. */
  readonly problems: Problem[];
  /** The names of its files, ascending. */
  readonly files: readonly string[];
  /** The key of the signature, if it holds. */
  readonly key: PublicKey | undefined;
  /** Whose key it is, if the trusted list says so. */
  readonly owner: string | null;
  /** Is the key in the trusted list? False too where none was given. */
  readonly trusted: boolean;
  /** The statement, if its signature holds and it fits its schema. */
  readonly statement: InspectionStatement | undefined;
  /** The text of a file. */
  readonly text: (name: string) => Promise<string>;
}

async function compareFiles(
  files: ResultFiles,
  { subject }: InspectionStatement,
  faults: Faults,
): Promise<void> {
  const signatures: readonly string[] = Object.values(inspectionStatementFiles);
  const signed = new Map(subject.map(({ name, digest }) => [name, digest.sha256]));
  for (const name of files.sizes.keys()) {
    if (signatures.includes(name)) continue;
    await faults.check("files", name, async () => {
      const digest = signed.get(name), found = await digestOf(files, name);
      if (digest === undefined) throw new TypeError("the statement does not name it");
      if (digest !== found) throw new TypeError(`its SHA-256 is ${found}, the statement says ${digest}`);
    });
  }
  for (const name of signed.keys()) if (!files.sizes.has(name)) faults.add("files", name, "it is missing");
}

/** Opens a report: signature, bundle, schema, and the digest of every file. Nothing of it is trusted. */
export async function openReport(
  directory: string,
  { published, trusted }: VerifyKeys,
): Promise<OpenedReport> {
  const files = await folderFiles(directory), faults = new Faults();
  if (files.fault !== undefined) faults.add("files", ".", files.fault);
  for (const name of files.refused) faults.add("files", name, "it is no plain file with a plain name");
  const known = new Map(published);
  for (const [keyid, { key }] of trusted ?? []) known.set(keyid, key);
  const opened = await openStatement(files, inspectionStatementFiles, known, faults, new Map());
  const file = inspectionStatementFiles.envelope;
  const statement = opened && await faults.check("schema", file, () => {
    const action = "Cannot read the statement";
    return parseAs(inspectionStatementSchema, readDocument(opened.payload, action), action);
  });
  const owner = opened && trusted?.get(opened.key.keyid);
  if (opened && trusted && !owner) {
    faults.add("trust", file, `it is signed by ${opened.key.keyid}, which is none of the trusted keys`);
  }
  if (statement) await compareFiles(files, statement, faults);
  return {
    problems: faults.problems,
    files: [...files.sizes.keys()],
    key: opened?.key,
    owner: owner?.owner ?? null,
    trusted: owner !== undefined,
    statement,
    text: async (name) => new TextDecoder().decode(await bytesOf(files, name, LARGEST)),
  };
}
