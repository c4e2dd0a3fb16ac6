/**
 * What is said of a result before it is signed: in-toto statements that name every file by digest, what came out, and how
 * it was made. Pure functions from records to statements.
 *
 * @module
 */

export {
  BENCHMARK_RESULT_TYPE,
  type BenchmarkResult,
  benchmarkResult,
  benchmarkResultJsonSchema,
  type BenchmarkStatement,
  benchmarkStatementSchema,
  type SuiteScore,
} from "./benchmark_result.ts";
export { executedEnvironment } from "./executed.ts";
export {
  INSPECTION_TYPE,
  type InspectionStatement,
  inspectionStatementFiles,
  inspectionStatementSchema,
  type ReportFacts,
  type SignedModel,
  type SignedReport,
} from "./inspection_statement.ts";
export {
  BUNDLE_FILE,
  ENVELOPE_FILE,
  LARGEST_MANIFEST,
  MANIFEST_FILES,
  type StatementFiles,
  statementFiles,
  type StatementKind,
} from "./manifest_files.ts";
export {
  BUILD_TYPE,
  BUILDER_ID,
  factsOf,
  type Metadata,
  metadataSchema,
  type Provenance,
  provenance,
  PROVENANCE_TYPE,
  type ProvenanceStatement,
  provenanceStatementSchema,
  type RunFacts,
  type RunMaker,
  runMetadata,
} from "./provenance.ts";
export { type AfterEdit, afterEdit, type Signing, signingSchema, signingTime } from "./signing.ts";
export { type ResourceDescriptor, sourceOf } from "./source.ts";
export { type Environment, namedElsewhere, type Statement, STATEMENT_TYPE } from "./statement.ts";
export { isStray } from "./stray_files.ts";
export { fileDigest, isSafeName, listFiles, type Listing, type Subject } from "./subjects.ts";
export { timeSchema } from "./time.ts";
