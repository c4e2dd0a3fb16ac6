/**
 * What goes wrong between this process and an inference server, in one line each. No message holds the server's address or
 * the key.
 *
 * @module
 */

/** A served evaluation cannot be made; the message is one line that says what was found and what to do. */
export class ServerError extends Error {
  /** The class. */
  override readonly name = "ServerError";
  /** The status that the server refused with, if it did. */
  readonly status: number | undefined;

  /** A failure, and what refused. */
  constructor(message: string, options: ErrorOptions & { readonly status?: number } = {}) {
    super(message, options);
    this.status = options.status;
  }
}

/** The server holds another model than it is asked for: nothing that it answered counts. */
export class OtherModelError extends ServerError {}

/** A failure that may pass by itself: a cut connection, a busy server, an answer that was garbled on the way. */
export class PassingError extends Error {
  override readonly name = "PassingError";
  /** Milliseconds that the server asks to wait. */
  readonly wait: number | undefined;

  /** A failure, and how long to wait before the next try. */
  constructor(message: string, wait?: number) {
    super(message);
    this.wait = wait;
  }
}
