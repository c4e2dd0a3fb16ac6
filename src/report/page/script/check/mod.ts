/**
 * Checks signatures in the browser: the embedded manifest with Web Crypto, the embedded record's digest, and that the
 * numbers on the page are those of the record.
 *
 * @module
 */

export { badge, signatureSummary } from "./badge.ts";
export type { Outcome } from "./check.ts";
export { outcomeOf } from "./outcomes.ts";
