/**
 * What is said of a report about internal policies: of which models it is, from which runs they come, and how it was made.
 *
 * @module
 */

import { z } from "zod";
import { digestSchema } from "../record/mod.ts";
import type { StatementFiles } from "./manifest_files.ts";
import { type Metadata, metadataSchema } from "./provenance.ts";
import type { ResourceDescriptor } from "./source.ts";
import {
  type Environment,
  environmentSchema,
  resourceSchema,
  type Statement,
  statementSchema,
  textSchema,
} from "./statement.ts";

/** The type of this project's predicate; the version is part of it. */
export const INSPECTION_TYPE = "https://jsr.io/@bupo/bench/predicate/inspection/v1";

/** The files that hold the signature of a report. */
export const inspectionStatementFiles = {
  envelope: "inspect.intoto.json",
  bundle: "inspect.sigstore.json",
} as const satisfies StatementFiles;

/** A model of a report. */
export interface SignedModel {
  /** Its name in the report. */
  readonly name: string;
  /** Content id of its files; of a trained policy, SHA-256 of its checkpoint. */
  readonly digest: string;
  /** The run that it comes from; null where it was not trained here. */
  readonly run: { readonly method: string; readonly seed: number; readonly step: number } | null;
}

/** What a report is about, as its `inspect.json` says. */
export interface SignedReport {
  /** The models, in the report's order. */
  readonly models: readonly SignedModel[];
  /** The profile of the runs; null where there are none. */
  readonly profile: string | null;
  /** SHA-256 of the `results.json` that names the same checkpoints; null where there is none. */
  readonly result: string | null;
}

/** How a report was made. */
export interface ReportFacts {
  /** The command, word by word. */
  readonly command: readonly string[];
  /** The source tree with its commit, and the lock file. */
  readonly sources: readonly ResourceDescriptor[];
  /** Where it ran. */
  readonly environment: Environment;
  /** When. */
  readonly metadata: Metadata;
}

/** A statement about a report. */
export type InspectionStatement = Statement<typeof INSPECTION_TYPE, SignedReport & ReportFacts>;

const count = z.int().nonnegative();

/** The schema of a statement about a report. */
export const inspectionStatementSchema: z.ZodType<InspectionStatement> = statementSchema(
  INSPECTION_TYPE,
  z.strictObject({
    models: z.array(z.strictObject({
      name: textSchema,
      digest: digestSchema,
      run: z.strictObject({ method: textSchema, seed: count, step: count }).nullable(),
    })).min(1),
    profile: textSchema.nullable(),
    result: digestSchema.nullable(),
    command: z.array(textSchema).min(1),
    sources: z.array(resourceSchema),
    environment: environmentSchema,
    metadata: metadataSchema,
  }),
);
