/**
 * Whether a result is signed, by whom, and what the signed statements say besides: for results of every age, in a
 * folder or in a commit. What a statement may say has changed over time, so only what all of them share is read:
 * the envelope, the subjects, the environment, the sources and the times. `verify` checks more of the newest.
 *
 * @module
 */

import { z } from "zod";
import { canonicalJson } from "../../canonical_json.ts";
import { openEnvelope, parseEnvelope } from "../sign/mod.ts";
import type { PublicKey } from "../keys/mod.ts";
import {
  type AfterEdit,
  LARGEST_MANIFEST,
  MANIFEST_FILES,
  namedElsewhere,
  signingSchema,
  sourceOf,
  STATEMENT_TYPE,
  type StatementFiles,
  statementFiles,
} from "../statement/mod.ts";
import { digestSchema, parseAs, readDocument, type ResultRecord } from "../record/mod.ts";
import { bytesOf, digestOf, type ResultFiles } from "./result_files.ts";

/** What is known of the making of a result. */
export interface SignedFacts {
  /** The commit of the sources. */
  readonly commit: string | null;
  /** Whether the sources differed from it. */
  readonly dirty: boolean | "unknown";
  /** The files that differed, in words, or null where the statements do not tell. */
  readonly changed: string | null;
  /** SHA-256 of deno.lock. */
  readonly lock: string | null;
  /** The machine and the software underneath. */
  readonly environment: Readonly<Record<string, string | number | boolean | null>>;
  /** End of the run: RFC 3339. */
  readonly finishedOn: string | null;
  /** When it was signed, as the signer says: RFC 3339; null where the statements do not tell. */
  readonly signedOn: string | null;
  /** The edit after which it was signed, or null. */
  readonly afterEdit: AfterEdit | null;
}

/** Is a result signed? */
export type SignatureState =
  | { readonly state: "verified"; readonly keyid: string; readonly facts: SignedFacts }
  | { readonly state: "unsigned" }
  /** It has no signature files, and had some in the commit that is named. */
  | { readonly state: "removed"; readonly commit: string }
  | { readonly state: "invalid"; readonly reason: string };

const text = z.string().max(1000);
const dependencies = z.array(z.looseObject({
  name: text,
  digest: z.record(text, text),
  annotations: z.record(text, z.union([text, z.boolean()])).optional(),
}));
const metadata = z.looseObject({ finishedOn: text.optional() });
const statementSchema = z.looseObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(z.looseObject({ name: text, digest: z.looseObject({ sha256: digestSchema }) })).min(1),
  predicate: z.looseObject({
    environment: z.record(text, z.union([text, z.number(), z.boolean(), z.null()])).optional(),
    resolvedDependencies: dependencies.optional(),
    metadata: metadata.optional(),
    buildDefinition: z.looseObject({
      resolvedDependencies: dependencies.optional(),
      internalParameters: z.looseObject({ signing: signingSchema.optional() }).optional(),
    }).optional(),
    runDetails: z.looseObject({ metadata: metadata.optional() }).optional(),
  }),
});
type AnyStatement = z.infer<typeof statementSchema>;

/** A signed statement and its key. */
interface Opened {
  readonly statement: AnyStatement;
  readonly keyid: string;
}

/** The statement in an envelope whose signature holds and whose bundle is the same. */
async function open(
  files: ResultFiles,
  { envelope: name, bundle: bundleName }: StatementFiles,
  keys: ReadonlyMap<string, PublicKey>,
): Promise<Opened> {
  const action = `Cannot read ${name}`;
  const envelope = parseEnvelope(
    readDocument(await bytesOf(files, name, LARGEST_MANIFEST), action),
    action,
  );
  const { payload, key } = await openEnvelope(envelope, keys).catch((error) => {
    throw new TypeError(`${name}: ${error instanceof Error ? error.message : error}`);
  });
  const bundle = readDocument(
    await bytesOf(files, bundleName, LARGEST_MANIFEST),
    `Cannot read ${bundleName}`,
  );
  const { dsseEnvelope } = parseAs(
    z.looseObject({ dsseEnvelope: z.unknown() }),
    bundle,
    `Cannot read ${bundleName}`,
  );
  if (canonicalJson(dsseEnvelope ?? null) !== canonicalJson(envelope)) {
    throw new TypeError(`${bundleName}: it does not hold the envelope of ${name}`);
  }
  return { statement: parseAs(statementSchema, readDocument(payload, action), action), keyid: key.keyid };
}

/** Compares files with the subjects of a statement. */
async function checkSubjects(
  files: ResultFiles,
  statement: AnyStatement,
  record: ResultRecord,
): Promise<void> {
  const subjects = new Map(statement.subject.map(({ name, digest }) => [name, digest.sha256]));
  for (const name of files.sizes.keys()) {
    if (MANIFEST_FILES.includes(name)) continue;
    const stated = subjects.get(name);
    if (stated === undefined) throw new TypeError(`${name}: no statement names it`);
    const found = await digestOf(files, name);
    if (found !== stated) {
      throw new TypeError(`${name}: its SHA-256 is ${found.slice(0, 12)}…, the statement says ${stated}`);
    }
  }
  const named = new Map(namedElsewhere(record).map(({ name, digest }) => [name, digest.sha256]));
  for (const [name, digest] of subjects) {
    if (!files.sizes.has(name) && named.get(name) !== digest) throw new TypeError(`${name}: it is missing`);
  }
}

/** What statements say of the making. */
function factsOf(statements: readonly AnyStatement[]): SignedFacts {
  const predicates = statements.map(({ predicate }) => predicate);
  const sources = predicates.flatMap(({ resolvedDependencies, buildDefinition }) =>
    resolvedDependencies ?? buildDefinition?.resolvedDependencies ?? []
  );
  const times = predicates.map(({ metadata, runDetails }) => metadata ?? runDetails?.metadata);
  const signing = predicates.find(({ buildDefinition }) => buildDefinition?.internalParameters?.signing)
    ?.buildDefinition?.internalParameters?.signing;
  const changed = sources.find(({ name }) => name === "source")?.annotations?.["changed"];
  return {
    ...sourceOf(sources),
    changed: typeof changed === "string" ? changed : null,
    lock: sources.find(({ name }) => name === "deno.lock")?.digest["sha256"] ?? null,
    environment: predicates.find(({ environment }) => environment)?.environment ?? {},
    finishedOn: times.find((time) => time?.finishedOn !== undefined)?.finishedOn ?? null,
    signedOn: signing?.signedOn ?? null,
    afterEdit: signing?.afterEdit ?? null,
  };
}

/**
 * Checks the signatures of a result: of each statement, by one known key; that each bundle holds the same envelope;
 * the digest of every file, none of them missing or unnamed.
 *
 * @param keys Known public keys by key id.
 */
export async function signatureState(
  files: ResultFiles,
  record: ResultRecord,
  keys: ReadonlyMap<string, PublicKey>,
): Promise<SignatureState> {
  if (!MANIFEST_FILES.some((name) => files.sizes.has(name))) return { state: "unsigned" };
  try {
    if (files.refused.length > 0) {
      throw new TypeError(`${files.refused[0]}: it is no plain file with a plain name`);
    }
    const { result: first, provenance: second } = statementFiles;
    const result = await open(files, first, keys);
    // An older result has one statement, which says everything.
    const single = result.statement.predicate.resolvedDependencies !== undefined &&
      !files.sizes.has(second.envelope) && !files.sizes.has(second.bundle);
    const made = single ? undefined : await open(files, second, keys);
    if (made && made.keyid !== result.keyid) {
      throw new TypeError(`${second.envelope}: it is signed by another key`);
    }
    if (made && canonicalJson(made.statement.subject) !== canonicalJson(result.statement.subject)) {
      throw new TypeError(`${second.envelope}: it names other files than ${first.envelope}`);
    }
    await checkSubjects(files, result.statement, record);
    const statements = [result.statement, ...(made ? [made.statement] : [])];
    return { state: "verified", keyid: result.keyid, facts: factsOf(statements) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { state: "invalid", reason: reason.slice(0, 300) };
  }
}
