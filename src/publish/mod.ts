/**
 * Publishing: signed results are verified and become the leaderboard, its page, and exports for other tools.
 *
 * @module
 */

export { exportResults } from "./export.ts";
export {
  partialReason,
  type Publication,
  publication,
  readResult,
  readTranscripts,
  type VerifiedResult,
} from "./publication.ts";
