/**
 * The in-toto Statement about a run: which files came out, what was run, where and from what.
 *
 * Source: in-toto Attestation Framework, Statement v1 and ResourceDescriptor v1 (in-toto/attestation).
 *
 * @module
 */

import { z } from "zod";
import { contentId } from "../canonical_json.ts";
import { digestSchema, type ResultRecord } from "./record.ts";
import { isSafeName, type Subject } from "./subjects.ts";

/** The type of an in-toto Statement v1. */
export const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";

/** The type of this project's predicate; the version is part of it. */
export const PREDICATE_TYPE = "https://jsr.io/@bupo/bench/predicate/benchmark-result/v1";

/** What was run, as far as it identifies the result; all of it follows from the record. */
export interface RunFacts {
  /** Name and content id of the resolved profile. */
  readonly profile: { name: string; digest: string };
  /** The base model. */
  readonly base: { digest: string; parameters: number };
  /** SHA-256 of each training artifact. */
  readonly artifacts: Readonly<Record<string, string>>;
  /** Version of the grader. */
  readonly graderVersion: string;
  /** Name and content id of each suite. */
  readonly suites: readonly { readonly name: string; readonly digest: string }[];
}

/** The machine and the software underneath. */
export interface Environment {
  /** Execution provider of ONNX Runtime. */
  readonly provider: string;
  /** Intra-op threads, or null where unknown. */
  readonly threads: number | null;
  /** Version of onnxruntime-node. */
  readonly onnxruntime: string;
  /** Version of Deno. */
  readonly deno: string;
  /** Operating system and its release. */
  readonly os: string;
  /** Processor architecture. */
  readonly arch: string;
  /** Processor model. */
  readonly cpu: string;
}

/** Something that went into the result (an in-toto ResourceDescriptor). */
export interface Dependency {
  /** Its name. */
  readonly name: string;
  /** Digests by algorithm: `gitCommit`, `sha256`. */
  readonly digest: Readonly<Record<string, string>>;
  /** Further facts, such as `dirty` of a source tree: true, false or "unknown". */
  readonly annotations?: Readonly<Record<string, string | boolean>> | undefined;
}

/** When the run was made; RFC 3339 in UTC, whole seconds. */
export interface Metadata {
  /** Start of the command. */
  readonly startedOn: string;
  /** End of the last stage. */
  readonly finishedOn: string;
}

/** What the statement says about the files. */
export interface Predicate {
  /** What was run. */
  readonly run: RunFacts;
  /** Where. */
  readonly environment: Environment;
  /** From what. */
  readonly resolvedDependencies: readonly Dependency[];
  /** When. */
  readonly metadata: Metadata;
}

/** An in-toto Statement v1 with this project's predicate. */
export interface Statement {
  /** {@linkcode STATEMENT_TYPE}. */
  readonly _type: typeof STATEMENT_TYPE;
  /** Every output file. */
  readonly subject: readonly Subject[];
  /** {@linkcode PREDICATE_TYPE}. */
  readonly predicateType: typeof PREDICATE_TYPE;
  /** What is said about them. */
  readonly predicate: Predicate;
}

const text = z.string().max(1000);
const time = z.string().regex(
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  "expected a time such as 2026-01-31T12:00:00Z",
);
const named = z.strictObject({ name: text, digest: digestSchema });

/** The schema of a statement. */
export const statementSchema: z.ZodType<Statement> = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(z.strictObject({
    name: z.string().refine(isSafeName, "expected a relative path without . or .."),
    digest: z.strictObject({ sha256: digestSchema }),
  })).min(1).refine(
    (subjects) => subjects.every(({ name }, i) => i === 0 || (subjects[i - 1]?.name ?? "") < name),
    "expected names in ascending order",
  ),
  predicateType: z.literal(PREDICATE_TYPE),
  predicate: z.strictObject({
    run: z.strictObject({
      profile: named,
      base: z.strictObject({ digest: digestSchema, parameters: z.int().positive() }),
      artifacts: z.record(text, digestSchema),
      graderVersion: text,
      suites: z.array(named),
    }),
    environment: z.strictObject({
      provider: text,
      threads: z.int().positive().nullable(),
      onnxruntime: text,
      deno: text,
      os: text,
      arch: text,
      cpu: text,
    }),
    resolvedDependencies: z.array(z.strictObject({
      name: text,
      digest: z.record(text, text),
      annotations: z.record(text, z.union([text, z.boolean()])).optional(),
    })),
    metadata: z.strictObject({ startedOn: time, finishedOn: time }),
  }),
});

/** What a record says was run. */
export async function runFacts(record: ResultRecord): Promise<RunFacts> {
  return {
    profile: { name: record.profile.name, digest: await contentId(record.profile) },
    base: record.base,
    artifacts: record.artifacts,
    graderVersion: record.graderVersion,
    suites: record.suites.map(({ name, digest }) => ({ name, digest })),
  };
}

/** A time in RFC 3339, UTC, whole seconds. */
function formatTime(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}

/**
 * Start and end of a run. Where `SOURCE_DATE_EPOCH` is set (seconds since 1970, reproducible-builds.org) both are that
 * instant, so that the signature is reproducible too.
 *
 * @throws {RangeError} If `SOURCE_DATE_EPOCH` is not a whole number of seconds.
 */
export function runMetadata(started: Date, finished: Date, sourceDateEpoch?: string): Metadata {
  if (!sourceDateEpoch) return { startedOn: formatTime(started), finishedOn: formatTime(finished) };
  const date = new Date(Number(sourceDateEpoch) * 1000);
  if (!/^\d{1,11}$/.test(sourceDateEpoch)) {
    throw new RangeError(`Cannot read SOURCE_DATE_EPOCH "${sourceDateEpoch}": expected seconds since 1970`);
  }
  return { startedOn: formatTime(date), finishedOn: formatTime(date) };
}
