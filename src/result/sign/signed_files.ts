/**
 * The files of a folder as subjects, and the two files of a signed statement.
 *
 * @module
 */

import { basename, join } from "node:path";
import { isTemporary, writeFileAtomic } from "../../store.ts";
import type { SigningKey } from "../keys/mod.ts";
import { writeDocument } from "../record/mod.ts";
import { fileDigest, listFiles, type StatementFiles, type Subject } from "../statement/mod.ts";
import { signEnvelope, sigstoreBundle } from "./dsse.ts";

/**
 * Removes the unfinished files of a killed run and digests all others but the signatures.
 *
 * @param signatures The names of the files that hold them.
 * @throws {TypeError} If something is no plain file with a plain name.
 */
export async function digestFiles(directory: string, signatures: readonly string[]): Promise<Subject[]> {
  const { files, refused } = await listFiles(directory);
  if (refused.length > 0) {
    throw new TypeError(`Cannot sign ${directory}: "${refused[0]}" is no plain file with a plain name`);
  }
  const subjects: Subject[] = [];
  for (const name of files) {
    if (isTemporary(basename(name))) await Deno.remove(join(directory, name));
    else if (!signatures.includes(name)) {
      subjects.push({ name, digest: { sha256: await fileDigest(join(directory, name)) } });
    }
  }
  return subjects;
}

/** Signs a statement and writes its envelope and bundle. */
export async function writeSigned(
  directory: string,
  { envelope, bundle }: StatementFiles,
  statement: unknown,
  key: SigningKey,
): Promise<void> {
  const signed = await signEnvelope(new TextEncoder().encode(writeDocument(statement)), key);
  await writeFileAtomic(
    join(directory, bundle),
    writeDocument(await sigstoreBundle(signed, key.publicKey)),
  );
  await writeFileAtomic(join(directory, envelope), writeDocument(signed));
}
