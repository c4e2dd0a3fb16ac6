/**
 * Reading pairs into batches: no further ahead than there is room, and without keeping a lone pair waiting.
 *
 * @module
 */

/** UTF-16 units of text that travel together at most, unless a single pair has more. */
const MAX_CHARACTERS = 1_000_000;

/** Milliseconds that a batch waits to become full: whoever writes the pairs may be waiting for verdicts. */
const PATIENCE = 5;

/** How a feed makes batches. */
export interface FeedOptions<P, B> {
  /** Pairs in a batch. */
  readonly size: number;
  /** Batches at a time, from the first pair until they are released; one more where a pair comes late. */
  readonly room: number;
  /** UTF-16 units of a pair's text. */
  readonly length: (pair: P) => number;
  /** Makes a batch and sends it on its way. */
  readonly send: (pairs: readonly P[]) => B;
}

/** Reads pairs and sends them on in batches. */
export class Feed<P, B> implements AsyncDisposable {
  readonly #options: FeedOptions<P, B>;
  readonly #iterator: Iterator<P> | AsyncIterator<P>;
  readonly #sent: B[] = [];
  #room: number;
  #open: P[] = [];
  #characters = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reading = false;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wakeReader = (): void => {};
  #wakeTaker = (): void => {};

  /** Begins to read. */
  constructor(pairs: Iterable<P> | AsyncIterable<P>, options: FeedOptions<P, B>) {
    this.#options = options;
    this.#room = options.room;
    this.#iterator = Symbol.asyncIterator in pairs ? pairs[Symbol.asyncIterator]() : pairs[Symbol.iterator]();
    this.#readAll();
  }

  /**
   * The oldest batch that was not taken, or `undefined` after the last one.
   *
   * @throws {unknown} What reading the pairs threw, after all pairs that came before.
   */
  async take(): Promise<B | undefined> {
    while (this.#sent.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => this.#wakeTaker = resolve);
    }
    const batch = this.#sent.shift();
    if (batch === undefined && this.#failure) throw this.#failure.error;
    return batch;
  }

  /** Makes room for another batch, once one is used up. */
  release(): void {
    this.#room++;
    this.#wakeReader();
  }

  /** Stops reading and closes the source. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#ended) return;
    this.#ended = true;
    this.#open = [];
    this.#wakeReader();
    const closed = Promise.resolve(this.#iterator.return?.());
    // A source that waits for its next pair closes only when that comes: on a terminal, perhaps never.
    if (this.#reading) closed.catch(() => {});
    else await closed;
  }

  async #readAll(): Promise<void> {
    try {
      for (let pair = await this.#next(); pair; pair = await this.#next()) this.#add(pair);
    } catch (error) {
      this.#failure = { error };
    }
    this.#ended = true;
    this.#send();
    this.#wakeTaker();
  }

  /** The next pair, once there is room for it; `undefined` after the last one, and once the feed has ended. */
  async #next(): Promise<P | undefined> {
    // Where the open batch was sent on while its next pair was read, that pair opened one beyond the room.
    if (this.#open.length === 0 && this.#room <= 0) {
      await new Promise<void>((resolve) => this.#wakeReader = resolve);
    }
    if (this.#ended) return undefined;
    this.#reading = true;
    const step = await this.#iterator.next();
    this.#reading = false;
    return step.done ? undefined : step.value;
  }

  /** Puts a pair into the open batch. */
  #add(pair: P): void {
    if (this.#ended) return;
    if (this.#open.length === 0) {
      this.#room--;
      this.#timer = setTimeout(() => this.#send(), PATIENCE);
    }
    this.#open.push(pair);
    this.#characters += this.#options.length(pair);
    if (this.#open.length >= this.#options.size || this.#characters >= MAX_CHARACTERS) this.#send();
  }

  /** Sends the open batch on its way. */
  #send(): void {
    clearTimeout(this.#timer);
    if (this.#open.length === 0) return;
    this.#sent.push(this.#options.send(this.#open));
    this.#open = [];
    this.#characters = 0;
    this.#wakeTaker();
  }
}
