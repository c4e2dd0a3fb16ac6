/**
 * What goes wrong between the Hub, the network and the disk, in one line each.
 *
 * @module
 */

/** A file of the Hub cannot be had; the message is one line that says what was tried, what was found and what to do. */
export class HubError extends Error {
  /** The class. */
  override readonly name = "HubError";
}

/** A failure that may pass by itself: a cut connection, a busy server. */
export class TransientError extends Error {
  override readonly name = "TransientError";
  /** Milliseconds that the server asks to wait. */
  readonly wait: number | undefined;
  /** Whether the try brought bytes that none before it had brought. */
  readonly gained: boolean;

  /** A failure, how long to wait before the next try, and whether this one was of any use. */
  constructor(message: string, options: { wait?: number | undefined; gained?: boolean } = {}) {
    super(message);
    this.wait = options.wait;
    this.gained = options.gained ?? false;
  }
}

/** What arrived is not what should have: it is thrown away, and the transfer begins again. */
export class MismatchError extends Error {
  override readonly name = "MismatchError";
}

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

/** A failure of the file system as a HubError; others stay as they are. */
export function fileFailure(error: unknown, task: string, folder: string): unknown {
  if (!(error instanceof Error) || error instanceof HubError) return error;
  const code = "code" in error ? String(error.code) : "";
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new HubError(
      `Cannot ${task}: the disk of ${folder} is full; make room or set HF_HOME to another disk, then run it again`,
      { cause: error },
    );
  }
  if (/^E[A-Z]+$/.test(code)) {
    const reason = printable(error.message);
    return new HubError(
      `Cannot ${task}: the cache ${folder} cannot be used (${reason}); set HF_HOME to a folder`,
      {
        cause: error,
      },
    );
  }
  return error;
}
