/**
 * Finds the answer in a completion: boxes, phrases that announce an answer, the last formula. It does not understand what
 * it finds.
 *
 * @module
 */

export {
  type Candidate,
  CANDIDATE_SOURCES,
  type CandidateSource,
  extractCandidates,
  type ExtractOptions,
  rankOf,
} from "./extract.ts";
export { THINKING_TAGS } from "./thought.ts";
