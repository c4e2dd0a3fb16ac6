/**
 * Whether a result is signed, by whom, and what the signed statements say besides: in a folder or in a commit. The judge
 * that `verify` asks says whether it holds. Two results were signed before there was a second statement; of these, and
 * of no others, only the envelope, the subjects, the environment, the sources and the times are read.
 *
 * @module
 */

import { z } from "zod";
import { claimNames, type Judgement } from "../../judge/mod.ts";
import { bytesOf, digestOf, type Judged, judgeFiles, type ResultFiles } from "../judge/mod.ts";
import type { PublicKey } from "../keys/mod.ts";
import { digestSchema, parseAs, readDocument, type ResultRecord, writeDocument } from "../record/mod.ts";
import { openEnvelope, parseEnvelope, sigstoreBundle } from "../sign/mod.ts";
import {
  type AfterEdit,
  LARGEST_MANIFEST,
  MANIFEST_FILES,
  namedElsewhere,
  signingSchema,
  sourceOf,
  STATEMENT_TYPE,
  statementFiles,
} from "../statement/mod.ts";

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
  | {
    readonly state: "verified";
    readonly keyid: string;
    readonly facts: SignedFacts;
    /** What was not checked, in words, or null. */
    readonly unchecked: string | null;
  }
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

/** SHA-256 of the manifests of the first layout: this project's own first two results. */
const FIRST_LAYOUT: ReadonlySet<string> = new Set([
  "5de308556e413ee10a22256eb003ae7e3dab7e1870e8780129bc779762fb4a23", // made at 22fb3bd
  "da8860843a0b9c8d85b85cfd718f201a1de197f10e3fe398303372b3cae7325d", // made at d55a673
]);

/** The statement of a result of the first layout, and its key. */
async function openFirstLayout(
  files: ResultFiles,
  keys: ReadonlyMap<string, PublicKey>,
): Promise<{ readonly statement: AnyStatement; readonly keyid: string }> {
  const { envelope: name, bundle } = statementFiles.result, action = `Cannot read ${name}`;
  const envelope = parseEnvelope(readDocument(await bytesOf(files, name, LARGEST_MANIFEST), action), action);
  const { payload, key } = await openEnvelope(envelope, keys).catch((error) => {
    throw new TypeError(`${name}: ${error instanceof Error ? error.message : error}`);
  });
  const expected = writeDocument(await sigstoreBundle(envelope, key));
  if (new TextDecoder().decode(await bytesOf(files, bundle, LARGEST_MANIFEST)) !== expected) {
    throw new TypeError(`${bundle}: it does not hold the envelope of ${name}`);
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

/** Is it one of the results of the first layout? */
async function isFirstLayout(files: ResultFiles): Promise<boolean> {
  const { result: { envelope }, provenance } = statementFiles;
  const single = files.sizes.has(envelope) && !files.sizes.has(provenance.envelope);
  return single && FIRST_LAYOUT.has(await digestOf(files, envelope));
}

/** The claims that nobody checked, in words. */
function uncheckedText({ claims }: Judgement): string | null {
  // That completions are not graded again here is no news, nor that the reader gave no list.
  const reasons = claimNames.flatMap((name) => {
    const claim = claims[name];
    return claim.state !== "not checked" || name === "trust" || name === "counts"
      ? []
      : [`${name}: ${claim.reason}`];
  });
  return reasons.length === 0 ? null : reasons.join("; ");
}

/** A result with what is known of its signatures. */
export interface SignedResult {
  /** What the judge found; its record among it, if that can be read. */
  readonly judged: Judged;
  /** Whether it is signed. */
  readonly signature: SignatureState;
}

/**
 * Judges a result as `verify` does, with some known public keys by key id.
 */
export async function signatureState(
  files: ResultFiles,
  keys: ReadonlyMap<string, PublicKey>,
): Promise<SignedResult> {
  const first = await isFirstLayout(files), signed = MANIFEST_FILES.some((name) => files.sizes.has(name));
  const judged = await judgeFiles(files, first || !signed ? {} : { keys: { published: keys } });
  if (!signed) return { judged, signature: { state: "unsigned" } };
  const invalid = (reason: string): SignedResult => {
    return { judged, signature: { state: "invalid", reason: reason.slice(0, 300) } };
  };
  const { judgement, statements, key, problems: [problem] } = judged;
  if (first) {
    try {
      const { statement, keyid } = await openFirstLayout(files, keys);
      if (judged.record) await checkSubjects(files, statement, judged.record);
      const unchecked = "it has one statement, of the first layout, which is not compared with results.json";
      return { judged, signature: { state: "verified", keyid, facts: factsOf([statement]), unchecked } };
    } catch (error) {
      return invalid(error instanceof Error ? error.message : String(error));
    }
  }
  if (problem || !statements || !key) {
    return invalid(
      problem ? `${problem.file}: ${problem.problem}` : judgement.fault ?? "it is not signed whole",
    );
  }
  const facts = factsOf(
    Object.values(statements).map((one) => parseAs(statementSchema, one, "Cannot read it")),
  );
  return {
    judged,
    signature: { state: "verified", keyid: key.keyid, facts, unchecked: uncheckedText(judgement) },
  };
}
