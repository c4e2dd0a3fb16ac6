/**
 * What requests over HTTP have in common, whoever is asked: patience, and foreign words on one line. Sends nothing itself.
 *
 * @module
 */

export { askedWait, BUSY_STATUSES, delay, MAX_WAIT } from "./patience.ts";
export { networkReason, printable, recordedWord } from "./words.ts";
