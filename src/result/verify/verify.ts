/**
 * Checks a signed run directory, offline and without trusting anything in it.
 *
 * @module
 */

import { join } from "node:path";
import {
  benchmarkResult,
  benchmarkStatementSchema,
  factsOf,
  fileDigest,
  LARGEST_MANIFEST,
  listFiles,
  type Listing,
  MANIFEST_FILES,
  namedElsewhere,
  provenance,
  provenanceStatementSchema,
  type StatementFiles,
  statementFiles,
  type StatementKind,
} from "../statement/mod.ts";
import { openEnvelope, parseEnvelope, sigstoreBundle } from "../sign/mod.ts";
import type { PublicKey, TrustedKey } from "../keys/mod.ts";
import {
  firstDifference,
  parseAs,
  parseRecord,
  readDocument,
  RECORD_FILE,
  type ResultRecord,
  writeDocument,
} from "../record/mod.ts";
import type { Statements } from "../sign/mod.ts";

/** The largest record that is read into memory, in bytes. */
const LARGEST_RECORD = 64 * 2 ** 20;

/** The most that is said of a problem: a stranger's document may have names without end. */
const LONGEST_PROBLEM = 1000;

/** The checks, in the order in which they are made, and what each one asks. */
export const checks = {
  files: "every file is a plain file with a plain name",
  signature: "both statements are signed by one known key",
  trust: "the key is in the trusted list",
  bundle: "the Sigstore bundles hold the same envelopes",
  statement: "both statements fit their schemas and name the same files",
  digests: "every file has the stated SHA-256, none is missing or unnamed",
  record: "results.json fits its schema",
  agreement: "both statements say what results.json says",
} as const;

/** The name of a check. */
export type CheckName = keyof typeof checks;

/** Something that does not hold. */
export interface Problem {
  /** The check that found it. */
  readonly check: CheckName;
  /** The file, relative to the run directory. */
  readonly file: string;
  /** What is wrong with it. */
  readonly problem: string;
}

/** The outcome of a verification. */
export interface Verification {
  /** Does everything hold that was checked? */
  readonly ok: boolean;
  /** The outcome of each check; `skipped` where an earlier problem, or a missing list, left nothing to check. */
  readonly outcomes: Readonly<Record<CheckName, "ok" | "failed" | "skipped">>;
  /** What does not hold. */
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

/** Whose signatures are accepted. */
export interface VerifyKeys {
  /** Public keys by key id: without one of them no signature can be checked. */
  readonly published: ReadonlyMap<string, PublicKey>;
  /** The keys that the reader trusts; if given, the signature must be by one of them. */
  readonly trusted?: ReadonlyMap<string, TrustedKey> | undefined;
}

/** The message of what was thrown. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The bytes of a document of bearable size. */
async function readBytes(
  directory: string,
  name: string,
  largest: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const path = join(directory, name);
  const { size } = await Deno.stat(path);
  if (size > largest) throw new RangeError(`it has ${size} bytes, expected at most ${largest}`);
  return await Deno.readFile(path);
}

/** One verification, as it goes from check to check. */
class Verifier {
  readonly problems: Problem[] = [];
  readonly done = new Set<CheckName>();
  readonly #directory: string;
  readonly #keys: ReadonlyMap<string, PublicKey>;

  constructor(directory: string, keys: ReadonlyMap<string, PublicKey>) {
    this.#directory = directory;
    this.#keys = keys;
  }

  /** Notes a problem. */
  fault(check: CheckName, file: string, problem: string): void {
    const short = problem.length > LONGEST_PROBLEM ? `${problem.slice(0, LONGEST_PROBLEM)}…` : problem;
    this.problems.push({ check, file, problem: short });
  }

  /** Makes a part of a check; what it throws is a problem of the file. */
  async check<T>(check: CheckName, file: string, work: () => T | Promise<T>): Promise<T | undefined> {
    this.done.add(check);
    try {
      return await work();
    } catch (error) {
      this.fault(check, file, messageOf(error));
      return undefined;
    }
  }

  /** What is in the directory. */
  async list(): Promise<Listing> {
    const listing = await this.check("files", ".", () => listFiles(this.#directory));
    for (const file of listing?.refused ?? []) {
      this.fault("files", file, "it is no plain file with a plain name");
    }
    return listing ?? { files: [], refused: [], strays: [] };
  }

  /** The payload of a statement and its key, if the signature holds; its bundle is compared. */
  async open(
    { envelope: file, bundle }: StatementFiles,
    files: readonly string[],
  ): Promise<{ payload: Uint8Array<ArrayBuffer>; key: PublicKey } | undefined> {
    const opened = await this.check("signature", file, async () => {
      if (!files.includes(file)) throw new Error("it is missing");
      const bytes = await readBytes(this.#directory, file, LARGEST_MANIFEST);
      const action = "Cannot read the envelope";
      const envelope = parseEnvelope(readDocument(bytes, action), action);
      return { ...await openEnvelope(envelope, this.#keys), envelope };
    });
    await this.check("bundle", bundle, async () => {
      if (!files.includes(bundle)) throw new Error("it is missing");
      if (!opened) return;
      const found = await readBytes(this.#directory, bundle, LARGEST_MANIFEST);
      const expected = writeDocument(await sigstoreBundle(opened.envelope, opened.key));
      if (found.toHex() !== new TextEncoder().encode(expected).toHex()) {
        throw new Error(`it does not hold the envelope of ${file}`);
      }
    });
    return opened;
  }

  /** Compares the files with the statements' subjects. */
  async digests(files: readonly string[], { result }: Statements): Promise<void> {
    const expected = new Map(result.subject.map(({ name, digest }) => [name, digest.sha256]));
    for (const name of files) {
      if (MANIFEST_FILES.includes(name)) continue;
      await this.check("digests", name, async () => {
        const digest = expected.get(name);
        if (digest === undefined) throw new Error("no statement names it");
        const found = await fileDigest(join(this.#directory, name));
        if (found !== digest) throw new Error(`its SHA-256 is ${found}, the statements say ${digest}`);
      });
    }
  }

  /** The record, if it can be read. */
  async record(files: readonly string[]): Promise<ResultRecord | undefined> {
    return await this.check("record", RECORD_FILE, async () => {
      if (!files.includes(RECORD_FILE)) throw new Error("it is missing");
      return parseRecord(await readBytes(this.#directory, RECORD_FILE, LARGEST_RECORD));
    });
  }

  /** Compares what the statements say with what the record says; returns the names of files that lie elsewhere. */
  async agreement(files: readonly string[], record: ResultRecord, statements: Statements): Promise<string[]> {
    const elsewhere = new Map(namedElsewhere(record).map(({ name, digest }) => [name, digest.sha256]));
    const { result, provenance: made } = statements;
    for (const { name, digest } of result.subject) {
      await this.check("agreement", name, () => {
        if (elsewhere.has(name) && elsewhere.get(name) !== digest.sha256) {
          throw new Error(
            `its SHA-256 is ${elsewhere.get(name)} in ${RECORD_FILE} and another in the statements`,
          );
        }
      });
    }
    const facts = factsOf(made.predicate, record);
    const expected = {
      result: await benchmarkResult(record, facts.environment),
      provenance: provenance(record, facts, made.subject),
    };
    for (const kind of Object.keys(statementFiles) as StatementKind[]) {
      await this.check("agreement", statementFiles[kind].envelope, () => {
        const path = firstDifference(statements[kind].predicate, expected[kind]);
        if (path !== undefined) throw new Error(`its predicate's ${path} is not what ${RECORD_FILE} says`);
      });
    }
    return [...elsewhere.keys()].filter((name) => !files.includes(name));
  }
}

/** The statements in two payloads. */
async function parseStatements(
  verifier: Verifier,
  payloads: Readonly<Record<StatementKind, Uint8Array>>,
): Promise<Statements | undefined> {
  const action = "Cannot read the statement";
  const files = statementFiles;
  const result = await verifier.check("statement", files.result.envelope, () => {
    return parseAs(benchmarkStatementSchema, readDocument(payloads.result, action), action);
  });
  const made = await verifier.check("statement", files.provenance.envelope, () => {
    return parseAs(provenanceStatementSchema, readDocument(payloads.provenance, action), action);
  });
  if (!result || !made) return undefined;
  return await verifier.check("statement", files.provenance.envelope, () => {
    if (firstDifference(result.subject, made.subject) !== undefined) {
      throw new Error(`it names other files than ${files.result.envelope}`);
    }
    return { result, provenance: made };
  });
}

/**
 * Verifies a signed run directory: the signatures of both statements, the digest of every file, that no file is missing
 * or unnamed, that `results.json` fits its schema and agrees with both statements, and that the Sigstore bundles hold
 * the same envelopes. Nothing after the signatures is looked at unless they hold.
 */
export async function verify(directory: string, { published, trusted }: VerifyKeys): Promise<Verification> {
  const known = new Map(published);
  for (const [keyid, { key }] of trusted ?? []) known.set(keyid, key);
  const verifier = new Verifier(directory, known);
  const { files } = await verifier.list();
  const result = await verifier.open(statementFiles.result, files);
  const made = await verifier.open(statementFiles.provenance, files);
  let statements: Statements | undefined, elsewhere: string[] = [], key: PublicKey | undefined;
  if (result && made) {
    if (result.key.keyid === made.key.keyid) key = result.key;
    else {
      const problem = `it is signed by another key than ${statementFiles.result.envelope}`;
      verifier.fault("signature", statementFiles.provenance.envelope, problem);
    }
  }
  if (key && trusted) {
    const { keyid } = key;
    await verifier.check("trust", statementFiles.result.envelope, () => {
      if (!trusted.has(keyid)) throw new Error(`it is signed by ${keyid}, which is none of the trusted keys`);
    });
  }
  if (result && made && key) {
    statements = await parseStatements(verifier, { result: result.payload, provenance: made.payload });
  }
  if (statements) {
    await verifier.digests(files, statements);
    const record = await verifier.record(files);
    if (record) elsewhere = await verifier.agreement(files, record, statements);
    for (const { name } of statements.result.subject) {
      if (files.includes(name) || elsewhere.includes(name) || name === RECORD_FILE) continue;
      // Without a record nobody knows which of these lie elsewhere.
      if (!record && /^(artifacts|checkpoints)\//.test(name)) continue;
      verifier.fault("digests", name, "it is missing");
    }
  }
  const { problems, done } = verifier;
  const outcomes = Object.keys(checks).map((name) => {
    const failed = problems.some(({ check }) => check === name);
    return [name, failed ? "failed" : done.has(name as CheckName) ? "ok" : "skipped"];
  });
  const signer = key ? trusted?.get(key.keyid) : undefined;
  return {
    ok: problems.length === 0,
    outcomes: Object.fromEntries(outcomes) as Verification["outcomes"],
    problems,
    files,
    elsewhere: elsewhere.sort(),
    keyid: key?.keyid ?? null,
    owner: signer?.owner ?? null,
    trusted: signer !== undefined,
    statements: statements ?? null,
  };
}
