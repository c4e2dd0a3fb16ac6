/**
 * The record of a result: settings, counts of every problem, completions, and their schemas. It is what is signed, and it
 * knows nothing of signatures.
 *
 * @module
 */

export {
  checkRecord,
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
export { limits } from "./limits.ts";
export { digestSchema } from "./names.ts";
export { type ServedOutcome } from "./served.ts";
export { parseSamples, readSamples, type SampleBounds, type SampleLine, SAMPLES_FILE } from "./samples.ts";
export { firstDifference, parseAs, readDocument, writeDocument } from "./schema.ts";
