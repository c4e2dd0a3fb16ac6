/**
 * What goes wrong between the Hub, the network and the disk, in one line each.
 *
 * @module
 */

import { printable } from "../http/mod.ts";

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
