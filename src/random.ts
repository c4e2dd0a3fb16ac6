/**
 * Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
 * SC 2011). A number depends only on its key and counter, never on how many were drawn before, so results do not
 * change with batch size, worker count or resumption.
 *
 * @module
 */

/** Four 32-bit unsigned words. */
export type Block = readonly [number, number, number, number];

const MULTIPLIER_0 = 0xD2511F53;
const MULTIPLIER_1 = 0xCD9E8D57;
const WEYL_0 = 0x9E3779B9;
const WEYL_1 = 0xBB67AE85;

/** The high 32 bits of the 64-bit product of two unsigned 32-bit words. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xFFFF, aHigh = a >>> 16, bLow = b & 0xFFFF, bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xFFFF);
  return (aHigh * bHigh + (middle >>> 16) + Math.floor(carry / 0x10000)) >>> 0;
}

/**
 * One block of Philox4x32 with ten rounds.
 *
 * @example The all-zero test vector of the Random123 distribution
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { philox } from "./random.ts";
 *
 * assertEquals(philox([0, 0, 0, 0], [0, 0]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
 * ```
 */
export function philox(counter: Block, key: readonly [number, number]): Block {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0), low0 = Math.imul(MULTIPLIER_0, c0) >>> 0;
    const high1 = multiplyHigh(MULTIPLIER_1, c2), low1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/**
 * A Philox key for a path such as `("rollout", seed, step)`: FNV-1a over the path's text, twice with different
 * offsets, then one Philox round trip so that similar paths give unrelated keys.
 */
export function randomKey(...path: readonly (string | number)[]): readonly [number, number] {
  const text = JSON.stringify(path);
  let a = 0x811C9DC5, b = 0x050C5D1F;
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193) >>> 0;
    b = Math.imul(b ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  const [k0, k1] = philox([a, b, text.length, 0], [b, a]);
  return [k0, k1];
}

/** A uniform number in [0, 1) with 24 random bits (exact in float32), at a counter under a key. */
export function uniformAt(key: readonly [number, number], c0: number, c1 = 0, c2 = 0, c3 = 0): number {
  return (philox([c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0], key)[0] >>> 8) / 0x1000000;
}

/**
 * A sequence of random numbers under one key, for generators that need many draws in a row.
 *
 * @example The same path gives the same numbers
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { RandomStream } from "./random.ts";
 *
 * assertEquals(new RandomStream("suite", 1).integer(0, 99), new RandomStream("suite", 1).integer(0, 99));
 * ```
 */
export class RandomStream {
  readonly #key: readonly [number, number];
  #counter = 0;
  #block: Block = [0, 0, 0, 0];

  /** Opens the stream that belongs to a path. */
  constructor(...path: readonly (string | number)[]) {
    this.#key = randomKey(...path);
  }

  /** The next unsigned 32-bit word. */
  word(): number {
    const lane = this.#counter & 3;
    if (lane === 0) this.#block = philox([this.#counter >>> 2, 0, 0, 0], this.#key);
    this.#counter++;
    return this.#block[lane as 0 | 1 | 2 | 3];
  }

  /** The next uniform number in [0, 1), 32 random bits. */
  uniform(): number {
    return this.word() / 0x100000000;
  }

  /**
   * The next integer in [low, high], both included, without modulo bias.
   *
   * @throws {RangeError} If the range is empty or wider than 2^32.
   */
  integer(low: number, high: number): number {
    const width = high - low + 1;
    if (!(width >= 1 && width <= 0x100000000)) {
      throw new RangeError(`Cannot draw an integer from an empty or too wide range: [${low}, ${high}]`);
    }
    const limit = 0x100000000 - (0x100000000 % width);
    for (;;) {
      const word = this.word();
      if (word < limit) return low + (word % width);
    }
  }

  /**
   * One item of a list.
   *
   * @throws {RangeError} If the list is empty.
   */
  pick<T>(items: readonly T[]): T {
    return items[this.integer(0, items.length - 1)] as T;
  }

  /** The next standard normal number (Box–Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A shuffled copy of a list (Fisher–Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const result = items.slice();
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.integer(0, i);
      [result[i], result[j]] = [result[j] as T, result[i] as T];
    }
    return result;
  }
}
