/**
 * Publishing: signed results are verified and become the leaderboard, its page, and exports for other tools.
 *
 * @module
 */

export { exportResults } from "./export.ts";
export { type PastResults, readHistory } from "./history.ts";
export {
  partialReason,
  type Publication,
  publication,
  type PublicationOptions,
  readResult,
  readTranscripts,
  type VerifiedResult,
} from "./publication.ts";
