/**
 * Results that can be trusted: the record, its signed statement, and its verification.
 *
 * @module
 */

export {
  attest,
  type AttestOptions,
  BUNDLE_FILE,
  ENVELOPE_FILE,
  publishKey,
  readStatement,
} from "./attest.ts";
export { describeEnvironment, sourceDependencies } from "./environment.ts";
export { type GitChange, type GitFile, GitRepository, ResultSourceError } from "./git.ts";
export {
  generateKeyPem,
  loadSigningKey,
  loadTrustedKeys,
  parsePublicKey,
  parseSigningKey,
  type PublicKey,
  publicKeyFile,
  publicKeyPem,
  type SigningKey,
  signingKeyPath,
} from "./keys.ts";
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
  type Dependency,
  type Environment,
  type Metadata,
  type Predicate,
  PREDICATE_TYPE,
  type RunFacts,
  runMetadata,
  type Statement,
  STATEMENT_TYPE,
} from "./statement.ts";
export { fileDigest, type Subject } from "./subjects.ts";
export { type Problem, type Verification, verify } from "./verify.ts";
export { readTranscripts, type Transcript, TRANSCRIPTS_FILE } from "./transcripts.ts";
