/**
 * Several processes that compute one thing together: what each of them may ask of the others.
 *
 * @module
 */

/** The processes of a run, seen from one of them. All of them call the same functions in the same order. */
export interface Collective {
  /** This process's number, from 0. */
  readonly rank: number;
  /** How many there are: a power of two. */
  readonly size: number;
  /** What moves the numbers, in words: the library and its version. */
  readonly name: string;
  /**
   * What of the way in which numbers are added can change their last bits, as a part of a record's key; absent: nothing,
   * because they are added as a fixed binary tree over the ranks.
   */
  readonly deciding?: string | undefined;
  /** Replaces numbers by their sums over all processes. */
  sum(data: Float32Array): void;
  /** The values of all processes, in the order of their ranks: anything that a structured clone holds. */
  gather<T>(value: T): T[];
  /** Leaves the others in order, when all of them do. */
  close(): void;
  /** Ends all processes at once, the others too, which would wait for this one for ever. */
  abort(code: number): never;
}

/** One process by itself. */
export const alone: Collective = {
  rank: 0,
  size: 1,
  name: "one process",
  sum: () => {},
  gather: (value) => [value],
  close: () => {},
  abort: (code) => Deno.exit(code),
};

/**
 * What the first process makes, for all of them. If it cannot, it throws, and has to end the others.
 *
 * @param make Called in the first process only.
 */
export async function fromFirst<T>(collective: Collective, make: () => T | Promise<T>): Promise<T> {
  return collective.gather(collective.rank === 0 ? await make() : undefined)[0] as T; // the first process's is one
}
