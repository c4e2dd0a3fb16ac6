/**
 * The likeliest tokens of each row, kept while the vocabulary goes by.
 *
 * @module
 */

/** A token and its log-probability. */
export interface TopToken {
  /** The token's id. */
  readonly token: number;
  /** ln π(token), in nats. */
  readonly logprob: number;
}

interface Candidate {
  readonly token: number;
  readonly logit: number;
}

/** Keeps the largest logits of each row; of equal ones the lower id. */
export class TopTokens {
  readonly #count: number;
  readonly #rows: Candidate[][];

  /** Keeps `count` tokens of each of `rows` rows. */
  constructor(rows: number, count: number) {
    this.#count = count;
    this.#rows = Array.from({ length: count > 0 ? rows : 0 }, () => []);
  }

  /** Takes a chunk of logits `[rows, chunk]` in, whose first token is `start`. */
  add(logits: Float32Array, start: number): void {
    const width = logits.length / this.#rows.length;
    this.#rows.forEach((best, row) => {
      for (let i = 0; i < width; i++) {
        const logit = logits[row * width + i] as number; // within the row
        if (best.length === this.#count && logit <= (best.at(-1) as Candidate).logit) continue;
        const place = best.findIndex((other) => logit > other.logit);
        best.splice(place < 0 ? best.length : place, 0, { token: start + i, logit });
        if (best.length > this.#count) best.pop();
      }
    });
  }

  /** The tokens of a row, the likeliest first. */
  of(row: number, normalizer: number): TopToken[] {
    return (this.#rows[row] ?? []).map(({ token, logit }) => ({ token, logprob: logit - normalizer }));
  }
}
