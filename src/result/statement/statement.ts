/**
 * In-toto Statements: what is said about which files.
 *
 * Source: in-toto Attestation Framework, Statement v1 and ResourceDescriptor v1 (in-toto/attestation).
 *
 * @module
 */

import { z } from "zod";
import { digestSchema, type ResultRecord } from "../record/mod.ts";
import type { ResourceDescriptor } from "./source.ts";
import { isSafeName, type Subject } from "./subjects.ts";

/** The type of an in-toto Statement v1. */
export const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";

/** An in-toto Statement v1. */
export interface Statement<Type extends string, Predicate> {
  /** {@linkcode STATEMENT_TYPE}. */
  readonly _type: typeof STATEMENT_TYPE;
  /** The files that it is about, by ascending name. */
  readonly subject: readonly Subject[];
  /** What kind of predicate it is: a URI with its version. */
  readonly predicateType: Type;
  /** What is said about them. */
  readonly predicate: Predicate;
}

/** The machine and the software underneath; of several machines each fact has all values, as one text. */
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
  /** Instructions that select kernels; absent where unknown, and in older statements. */
  readonly instructions?: string;
  /** Version of the GPU's driver; absent on the CPU, where unknown, and in older statements. */
  readonly driver?: string;
}

/** A text of bearable length. */
export const textSchema: z.ZodType<string> = z.string().max(1000);

/** The schema of {@linkcode Environment}. */
export const environmentSchema: z.ZodType<Environment> = z.strictObject({
  provider: textSchema.describe("Execution provider of ONNX Runtime"),
  threads: z.int().positive().nullable().describe("Intra-op threads, null where unknown"),
  onnxruntime: textSchema.describe("Version of onnxruntime-node"),
  deno: textSchema.describe("Version of Deno"),
  os: textSchema.describe("Operating system and its release"),
  arch: textSchema.describe("Processor architecture"),
  cpu: textSchema.describe("Processor model"),
  instructions: z.exactOptional(textSchema).describe(
    "Instructions that select kernels; absent where unknown",
  ),
  driver: z.exactOptional(textSchema).describe("Version of the GPU's driver; absent on the CPU"),
});

/** The schema of {@linkcode ResourceDescriptor}. */
export const resourceSchema: z.ZodType<ResourceDescriptor> = z.strictObject({
  name: textSchema,
  digest: z.record(textSchema, textSchema),
  annotations: z.record(textSchema, z.union([textSchema, z.boolean()])).optional(),
});

/** The schema of a statement with one type of predicate. */
export function statementSchema<Type extends string, Predicate>(
  type: Type,
  predicate: z.ZodType<Predicate>,
): z.ZodType<Statement<Type, Predicate>> {
  const subject = z.array(z.strictObject({
    name: z.string().refine(isSafeName, "expected a relative path without . or .."),
    digest: z.strictObject({ sha256: digestSchema }),
  })).min(1).refine(
    (subjects) => subjects.every(({ name }, i) => i === 0 || (subjects[i - 1]?.name ?? "") < name),
    "expected names in ascending order",
  );
  const statement = z.strictObject({
    _type: z.literal(STATEMENT_TYPE),
    subject,
    predicateType: z.literal(type),
    predicate,
  });
  // The compiler cannot see through the generic predicate.
  return statement as unknown as z.ZodType<Statement<Type, Predicate>>;
}

/**
 * The files that a record names by their digest and that need not lie in its directory, by ascending name: graphs as
 * `artifacts/<name>`, trained weights as `checkpoints/<method>-<seed>.safetensors`.
 */
export function namedElsewhere({ artifacts, runs }: ResultRecord): Subject[] {
  const subjects = Object.entries(artifacts).map(([name, sha256]): Subject => {
    return { name: `artifacts/${name}`, digest: { sha256 } };
  });
  for (const { method, seed, checkpoint } of runs) {
    if (checkpoint === null) continue;
    subjects.push({ name: `checkpoints/${method}-${seed}.safetensors`, digest: { sha256: checkpoint } });
  }
  return subjects.sort((a, b) => a.name < b.name ? -1 : 1);
}
