/**
 * Internal policies for people: `inspect.json`, figures, a page, a summary for terminals.
 *
 * @module
 */

export {
  type InspectedCompletions,
  type InspectedDocumentModel,
  type Inspection,
  INSPECTION_SCHEMA,
  inspectionJsonSchema,
  parseInspection,
  roundedInspection,
} from "./document.ts";
export { inspectionFiles } from "./files.ts";
export {
  type InspectedRun,
  type InspectedTraining,
  type ProbedRun,
  probeRowSchema,
} from "./training_document.ts";
export { trainingHeadline } from "./training_words.ts";
export { INSPECTION_FILE, type InspectionVerification, signedReport, verifyInspection } from "./verify.ts";
export { inspectionText } from "./terminal.ts";
