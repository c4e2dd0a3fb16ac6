/**
 * How a result was made: SLSA provenance.
 *
 * Source: SLSA 1.0, provenance (slsa.dev/spec/v1.0/provenance).
 *
 * @module
 */

import { z } from "zod";
import { digestSchema, type ResultRecord } from "../record/mod.ts";
import {
  type Environment,
  environmentSchema,
  resourceSchema,
  type Statement,
  statementSchema,
  textSchema,
} from "./statement.ts";
import { type Signing, signingSchema } from "./signing.ts";
import type { ResourceDescriptor } from "./source.ts";
import type { Subject } from "./subjects.ts";
import { formatTime, timeSchema } from "./time.ts";

/** The type of SLSA provenance. */
export const PROVENANCE_TYPE = "https://slsa.dev/provenance/v1";

/** How `externalParameters` and the rest are to be read: `deno task reproduce` with a profile. See docs/results.md. */
export const BUILD_TYPE = "https://jsr.io/@bupo/bench/build/reproduce/v1";

/** Who built: the holder of the signing key, on a machine of their own. No build platform vouches for it. */
export const BUILDER_ID = "https://jsr.io/@bupo/bench/builder/local/v1";

/** When the run was made; RFC 3339 in UTC, whole seconds. */
export interface Metadata {
  /** Start of the command. */
  readonly startedOn: string;
  /** End of the last stage. */
  readonly finishedOn: string;
}

/**
 * Code and machine that made records of a result: as many as there were, on a cluster or where records were taken over.
 * Never names of jobs and hosts, which are a site's private matter.
 */
export interface RunMaker {
  /** SHA-256 over all sources that can change a record, and the lock file. */
  readonly sources: string;
  /** The commit that was checked out, or null outside of git. */
  readonly commit: string | null;
  /** Whether the tree differed from its commit. */
  readonly dirty: boolean | "unknown";
  /** The execution provider. */
  readonly provider: string;
  /** What selected its kernels: the processor's instructions, or the GPU's name. */
  readonly kernels: string;
  /** Version of onnxruntime-node. */
  readonly onnxruntime: string;
  /** Version of Deno. */
  readonly deno: string;
  /** Operating system and its release; absent in older statements, as are the next two. */
  readonly os?: string;
  /** Processor architecture. */
  readonly arch?: string;
  /** Processor model. */
  readonly cpu?: string;
  /** Version of the GPU's driver; absent on the CPU, and where nobody tells. */
  readonly driver?: string;
  /** The records, such as `train grpo-1` and `evaluate base on mini-aime`. */
  readonly records: readonly string[];
}

const makerSchema: z.ZodType<RunMaker> = z.strictObject({
  sources: digestSchema,
  commit: textSchema.nullable(),
  dirty: z.union([z.boolean(), z.literal("unknown")]),
  provider: textSchema,
  kernels: textSchema,
  onnxruntime: textSchema,
  deno: textSchema,
  os: z.exactOptional(textSchema),
  arch: z.exactOptional(textSchema),
  cpu: z.exactOptional(textSchema),
  driver: z.exactOptional(textSchema),
  records: z.array(textSchema).min(1),
});

/** SLSA provenance of a result. */
export interface Provenance {
  /** What went in. */
  readonly buildDefinition: {
    readonly buildType: typeof BUILD_TYPE;
    /** What the user chose: the resolved profile. */
    readonly externalParameters: { readonly profile: ResultRecord["profile"] };
    /** What the machine determined. */
    readonly internalParameters: {
      readonly environment: Environment;
      /** What made each record; absent in older statements, and where nobody knows. */
      readonly makers?: readonly RunMaker[];
      /** When it was signed, and after which edits; absent in older statements. */
      readonly signing?: Signing;
    };
    /** Source tree, lock file, base model, tokenizer, suites. */
    readonly resolvedDependencies: readonly ResourceDescriptor[];
  };
  /** Who made it, and when. */
  readonly runDetails: {
    readonly builder: { readonly id: typeof BUILDER_ID };
    readonly metadata: Metadata;
    /** The training logs: what lies in `metrics` and `probe`. */
    readonly byproducts: readonly Subject[];
  };
}

/** A statement with this predicate. */
export type ProvenanceStatement = Statement<typeof PROVENANCE_TYPE, Provenance>;

/** The schema of {@linkcode Metadata}: nothing ends before it starts. Such times compare as texts do. */
export const metadataSchema: z.ZodType<Metadata> = z.strictObject({
  startedOn: timeSchema,
  finishedOn: timeSchema,
})
  .refine(
    ({ startedOn, finishedOn }) => startedOn <= finishedOn,
    {
      path: ["finishedOn"],
      error: ({ input }) => `expected no time before startedOn, ${(input as Metadata).startedOn}`,
    },
  );

/** The schema of a statement with SLSA provenance as it is written here. */
export const provenanceStatementSchema: z.ZodType<ProvenanceStatement> = statementSchema(
  PROVENANCE_TYPE,
  z.strictObject({
    buildDefinition: z.strictObject({
      buildType: z.literal(BUILD_TYPE),
      externalParameters: z.strictObject({ profile: z.object({ name: z.string() }).catchall(z.json()) }),
      internalParameters: z.strictObject({
        environment: environmentSchema,
        makers: z.exactOptional(z.array(makerSchema).min(1)),
        signing: z.exactOptional(signingSchema),
      }),
      resolvedDependencies: z.array(resourceSchema),
    }),
    runDetails: z.strictObject({
      builder: z.strictObject({ id: z.literal(BUILDER_ID) }),
      metadata: metadataSchema,
      byproducts: z.array(z.strictObject({
        name: z.string(),
        digest: z.strictObject({ sha256: z.string() }),
      })),
    }),
  }).refine(
    ({ buildDefinition: { internalParameters }, runDetails }) =>
      (internalParameters.signing?.signedOn ?? runDetails.metadata.finishedOn) >=
        runDetails.metadata.finishedOn,
    {
      path: ["buildDefinition", "internalParameters", "signing", "signedOn"],
      error: "expected no time before the end of the run",
    },
  ),
);

/** What only the one who ran it knows. */
export interface RunFacts {
  /** Where. */
  readonly environment: Environment;
  /** The source tree, its lock file, the tokenizer: see `sourceDependencies`. */
  readonly sources: readonly ResourceDescriptor[];
  /** When. */
  readonly metadata: Metadata;
  /** What made each record, where that is known. */
  readonly makers?: readonly RunMaker[];
  /** When it is signed, and after which edits. */
  readonly signing?: Signing;
}

/** The dependencies that a record names: the base model and the suites, by content ids. */
function recordDependencies({ base, suites }: ResultRecord): ResourceDescriptor[] {
  const of = (name: string, sha256: string, what: string): ResourceDescriptor => {
    return { name, digest: { sha256 }, annotations: { of: `the RFC 8785 form of ${what}` } };
  };
  return [
    of("base-model", base.digest, "{file: SHA-256}"),
    ...suites.map(({ name, digest }) =>
      of(`suite/${name}`, digest, "problems, prompt template and sampling")
    ),
  ];
}

/** The provenance of a record: all of it follows from the record, the facts and the signed files. */
export function provenance(
  record: ResultRecord,
  { environment, sources, metadata, makers, signing }: RunFacts,
  subjects: readonly Subject[],
): Provenance {
  return {
    buildDefinition: {
      buildType: BUILD_TYPE,
      externalParameters: { profile: record.profile },
      internalParameters: {
        environment,
        ...(makers === undefined ? {} : { makers }),
        ...(signing === undefined ? {} : { signing }),
      },
      resolvedDependencies: [...sources, ...recordDependencies(record)],
    },
    runDetails: {
      builder: { id: BUILDER_ID },
      metadata,
      byproducts: subjects.filter(({ name }) => /^(metrics|probe)\//.test(name)),
    },
  };
}

/** The facts in a provenance, as {@linkcode provenance} takes them. */
export function factsOf({ buildDefinition, runDetails }: Provenance, record: ResultRecord): RunFacts {
  const known = new Set(recordDependencies(record).map(({ name }) => name));
  return {
    ...buildDefinition.internalParameters,
    sources: buildDefinition.resolvedDependencies.filter(({ name }) => !known.has(name)),
    metadata: runDetails.metadata,
  };
}

/**
 * Start and end of a run. Where `SOURCE_DATE_EPOCH` is set (seconds since 1970, reproducible-builds.org) both are that
 * instant, so that the signature is reproducible too.
 *
 * @throws {RangeError} If `SOURCE_DATE_EPOCH` is not a whole number of seconds, or the run ended before it started: the
 * clock was set back.
 */
export function runMetadata(started: Date, finished: Date, sourceDateEpoch?: string): Metadata {
  if (!sourceDateEpoch) {
    const [startedOn, finishedOn] = [formatTime(started), formatTime(finished)];
    if (startedOn <= finishedOn) return { startedOn, finishedOn };
    throw new RangeError(
      `Cannot sign when the run was made: it finished on ${finishedOn}, expected no time before its start on ${startedOn}; the clock was set back: run the same command again, what was computed is kept`,
    );
  }
  if (!/^\d{1,11}$/.test(sourceDateEpoch)) {
    throw new RangeError(`Cannot read SOURCE_DATE_EPOCH "${sourceDateEpoch}": expected seconds since 1970`);
  }
  const time = formatTime(new Date(Number(sourceDateEpoch) * 1000));
  return { startedOn: time, finishedOn: time };
}
