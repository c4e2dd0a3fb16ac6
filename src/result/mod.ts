/**
 * Results that can be trusted: the record, its signed statements, and their verification.
 *
 * @module
 */

export { attest, type AttestOptions, publishKey, readFacts, type Statements } from "./attest.ts";
export {
  BENCHMARK_RESULT_TYPE,
  type BenchmarkResult,
  benchmarkResultJsonSchema,
  type BenchmarkStatement,
  type SuiteScore,
} from "./benchmark_result.ts";
export { SSH_NAMESPACE } from "./detached.ts";
export { describeEnvironment, sourceDependencies } from "./environment.ts";
export { type GitChange, type GitFile, GitRepository, ResultSourceError } from "./git.ts";
export { type GoldSource, loadGolds } from "./golds.ts";
export {
  createKeyFile,
  type LoadOptions,
  loadPublishedKeys,
  loadSigningKey,
  loadTrustedKeys,
  parseTrustedKeys,
  publicKeyFile,
  signingKeyPath,
  type TrustedKey,
} from "./key_files.ts";
export {
  generateKeyPem,
  type KeyAlgorithm,
  keyAlgorithms,
  type KeyOptions,
  parsePublicKey,
  parseSigningKey,
  PassphraseError,
  type PublicKey,
  publicKeyPem,
  type SigningKey,
} from "./keys.ts";
export {
  BUNDLE_FILE,
  ENVELOPE_FILE,
  type StatementFiles,
  statementFiles,
  type StatementKind,
} from "./manifest_files.ts";
export {
  BUILD_TYPE,
  BUILDER_ID,
  type Metadata,
  type Provenance,
  PROVENANCE_TYPE,
  type ProvenanceStatement,
  type RunFacts,
  runMetadata,
} from "./provenance.ts";
export { minisignPublicKey, sshPublicKey } from "./public_forms.ts";
export {
  disagreementsAbout,
  loadPaper,
  type Paper,
  type PaperCell,
  paperCell,
  type PaperDisagreement,
  type PaperRow,
  type PaperTable,
} from "./paper.ts";
export {
  type JsonValue,
  parseRecord,
  RECORD_FILE,
  RECORD_SCHEMA,
  type ResultRecord,
  type Run,
  type SuiteOutcome,
  type SuiteUsed,
  writeRecord,
} from "./record.ts";
export { type Difference, policyName, type Recheck, recheck, type RecheckOptions } from "./recheck.ts";
export { readSamples, type SampleLine, SAMPLES_FILE } from "./samples.ts";
export { type ResultFiles } from "./result_files.ts";
export { type SignatureState, type SignedFacts } from "./signature_state.ts";
export {
  type FindOptions,
  findResults,
  type FoundResult,
  type HistoryEntry,
  resultHistory,
  RESULTS_FOLDER,
} from "./source.ts";
export {
  MODEL_SIGNATURE_FILE,
  MODEL_SIGNATURE_TYPE,
  type ModelSignature,
  type ModelStatement,
  signModel,
} from "./sign_model.ts";
export {
  type Environment,
  type ResourceDescriptor,
  sourceOf,
  type Statement,
  STATEMENT_TYPE,
} from "./statement.ts";
export { fileDigest, type Subject } from "./subjects.ts";
export { readTranscripts } from "./transcripts.ts";
export {
  type CheckName,
  checks,
  type Problem,
  type Verification,
  verify,
  type VerifyKeys,
} from "./verify.ts";
