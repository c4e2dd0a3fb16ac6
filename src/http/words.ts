/**
 * Foreign words on one line: texts of servers, and why a request failed.
 *
 * @module
 */

/** The most of a foreign text that is shown, in UTF-16 units. */
const LONGEST = 200;

/** A foreign text on one line: cut, and without what could steer a terminal. */
export function printable(text: string): string {
  const plain = text.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
  return plain.length <= LONGEST ? plain : `${plain.slice(0, LONGEST)}…`;
}

/** Why a request failed below HTTP: the last part of the message, since the others repeat an address that may be secret. */
export function networkReason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  return printable(
    message.replace(/^.*(\(https?:[^)]*\):?|client error \([A-Za-z]+\):)\s*(tcp connect error: )?/s, ""),
  );
}

/** A foreign word as a record can hold it. */
export function recordedWord(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 100) || "unknown";
}
