/**
 * Stopping between steps: a flag that all threads of a run see.
 *
 * @module
 */

/** A stage was asked to stop; what it had done is saved. */
export class StoppedError extends Error {
  /** The class's name. */
  override readonly name = "StoppedError";
}

/** Another process makes the record. */
export class BusyError extends Error {
  /** The class's name. */
  override readonly name = "BusyError";
}

/** A flag that is raised once; threads share it by its buffer. */
export class StopFlag {
  /** What crosses to other threads. */
  readonly buffer: SharedArrayBuffer;
  readonly #flag: Int32Array;

  /** A new flag, or one over another thread's buffer. */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.buffer = buffer;
    this.#flag = new Int32Array(buffer);
  }

  /** Asks all threads to stop. */
  raise(): void {
    Atomics.store(this.#flag, 0, 1);
  }

  /** Was it raised? */
  get raised(): boolean {
    return Atomics.load(this.#flag, 0) === 1;
  }
}
