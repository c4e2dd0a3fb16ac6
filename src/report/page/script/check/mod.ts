/**
 * Checks results in the browser: the embedded signatures with Web Crypto, and that all the page shows of a result follows
 * from the embedded files that they sign.
 *
 * @module
 */

export { badge, signatureSummary } from "./badge.ts";
export type { Outcome } from "./check.ts";
export { outcomeOf } from "./outcomes.ts";
export { openSigned, type SignedFiles, type Statement } from "./signed.ts";
