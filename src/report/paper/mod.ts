/**
 * The paper's published tables as data, and results beside them. Where the paper contradicts itself, it is said there.
 *
 * @module
 */

export {
  loadPaper,
  type Paper,
  type PaperCell,
  type PaperDisagreement,
  type PaperRow,
  type PaperTable,
} from "./paper.ts";
export { publishedNumbers, type PublishedTables } from "./published.ts";
export { paperTables, type PublishedNote, type PublishedNumbers, type PublishedScore } from "./tables.ts";
