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
export { inspectionText } from "./terminal.ts";
