/**
 * The files of a run directory that hold signatures: for each predicate the bare DSSE envelope, and the same envelope
 * as a Sigstore bundle.
 *
 * @module
 */

/** The two statements about a result: what came out, and how it was made. */
export type StatementKind = "result" | "provenance";

/** The files of one statement. */
export interface StatementFiles {
  /** The DSSE envelope. */
  readonly envelope: string;
  /** The Sigstore bundle around it. */
  readonly bundle: string;
}

/** The files of each statement. */
export const statementFiles: Readonly<Record<StatementKind, StatementFiles>> = {
  result: { envelope: "manifest.intoto.json", bundle: "manifest.sigstore.json" },
  provenance: { envelope: "provenance.intoto.json", bundle: "provenance.sigstore.json" },
};

/** The bare envelope of the statement that says what came out. */
export const ENVELOPE_FILE: string = statementFiles.result.envelope;

/** The same as a Sigstore bundle. */
export const BUNDLE_FILE: string = statementFiles.result.bundle;

/** The files that hold the signatures and so cannot be named in them. */
export const MANIFEST_FILES: readonly string[] = Object.values(statementFiles).flatMap((files) => [
  files.envelope,
  files.bundle,
]);

/** The largest of these files that is read, in bytes. */
export const LARGEST_MANIFEST = 8 * 2 ** 20;
