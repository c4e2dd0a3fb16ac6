/**
 * Prompts of rollouts: each is computed once, several in one pass and in pieces of many tokens, and its keys and values
 * are copied on the device to every row that samples after it.
 *
 * A prompt's numbers do not depend on what it shares a pass with, nor on how it is cut: products have at least four rows,
 * sines and cosines are computed in whole packets of four, and attention sums over all slots of a prompt's cache, whose
 * number is fixed by the longest prompt that is allowed. Several threads share a product out by its size, which moves the
 * last bits: there a prompt has its passes to itself, of sizes that its own length decides.
 *
 * @module
 */

import { outputName, promptKeyCacheName, promptValueCacheName } from "../artifact/mod.ts";
import type { ModelConfig, Precision } from "../model/mod.ts";
import type { DeviceTensor, DeviceTensors, Runtime, Session } from "../runtime/mod.ts";
import { cacheTensors } from "./placement.ts";

/** The most tokens of a prompt that a pass of several prompts takes, where settings name no other number. */
const PIECE = 128;

/** The most rows that prompts are copied to at once: their keys and values are in memory twice meanwhile. */
export const COPIES = 16;

/** How many tokens one pass is meant to take in all: a large product's speed, while activations stay in the cache. */
const PASS_TOKENS = 512;

/** What of a sampler's settings prompts depend on. */
export interface PrefillSettings {
  /** The most prompt tokens. */
  readonly maxPromptTokens: number;
  /** Rows that are decoded together. */
  readonly batch: number;
  /** What layers compute in. */
  readonly precision?: Precision;
  /** The element type of caches. */
  readonly cachePrecision?: Precision;
  /** The most tokens of a prompt that one pass takes, a multiple of four; one thread only. Default: what fills a pass. */
  readonly piece?: number;
}

/** The sizes of passes over prompts. */
export interface PrefillSizes {
  /** The slots of a prompt's cache: all tokens but the last, which the decoding step takes. */
  readonly slots: number;
  /** How many prompts go through a pass together at most. */
  readonly rows: number;
  /** The most tokens of each of so many that a pass takes. */
  readonly piece: number;
}

/** The next multiple of four. */
function fours(count: number): number {
  return 4 * Math.ceil(count / 4);
}

/** The most tokens of each of some prompts that go through a pass together. */
function widestPiece(prompts: number): number {
  return Math.max(4, 4 * Math.floor(PASS_TOKENS / prompts / 4));
}

/** Pieces of about one size, multiples of four and none above a limit, that a number of tokens is cut into. */
function evenPiece(tokens: number, limit: number): number {
  return Math.min(limit, fours(tokens / Math.ceil(tokens / limit)));
}

/** The sizes of passes over prompts, for a number of threads within an operation. */
export function prefillSizes(
  { maxPromptTokens, batch, piece: limit = PIECE }: PrefillSettings,
  threads: number,
): PrefillSizes {
  const tokens = Math.max(1, maxPromptTokens - 1), whole = evenPiece(tokens, PIECE);
  const slots = whole * Math.ceil(tokens / whole);
  if (threads > 1) return { slots, rows: 1, piece: Math.min(widestPiece(1), fours(tokens)) };
  const piece = Math.min(limit, whole);
  return { slots, rows: Math.min(batch, Math.max(1, Math.floor(PASS_TOKENS / piece))), piece };
}

/** The prompts of a list of requests, as rows ask for them. */
export interface PlacedPrompts {
  /**
   * Puts a request's prompt into a row, at the next {@linkcode PlacedPrompts.copy}.
   *
   * @returns The number of the prompt's positions that the row then holds: all but the last.
   */
  place(request: number, row: number): Promise<number>;
  /** Copies what was placed. */
  copy(): Promise<void>;
}

/** Computes prompts and copies them to rows. */
export class Prefill {
  readonly #runtime: Runtime;
  readonly #pass: Session;
  readonly #copying: Session;
  readonly #sizes: PrefillSizes;
  /** The most tokens of a prompt that a pass takes, where that was asked for. */
  readonly #piece: number | undefined;
  readonly #makePrompts: (rows: number) => DeviceTensors;
  readonly #slots: DeviceTensor<"int64">;
  /** The prompts' caches; none before the first prompts, and where they were released. */
  #prompts: { readonly rows: number; readonly caches: DeviceTensors } | undefined;

  /**
   * Takes the sessions over.
   *
   * @param pass The session of `prefill_model.onnx`; it is disposed of with this.
   * @param copying The session of `copy_model.onnx`; the same.
   * @throws {RangeError} If the piece is no multiple of four.
   */
  constructor(
    runtime: Runtime,
    pass: Session,
    copying: Session,
    config: ModelConfig,
    settings: PrefillSettings,
  ) {
    const { precision = "float32", cachePrecision = precision, piece } = settings;
    if (piece !== undefined && (!Number.isInteger(piece) || piece < 4 || piece % 4 !== 0)) {
      throw new RangeError(`Cannot take prompts in pieces of ${piece} tokens: expected a multiple of 4`);
    }
    const { slots } = this.#sizes = prefillSizes(settings, runtime.threads);
    this.#piece = runtime.threads > 1 ? undefined : piece;
    this.#runtime = runtime;
    this.#pass = pass;
    this.#copying = copying;
    const names = [promptKeyCacheName, promptValueCacheName];
    this.#makePrompts = (rows) => cacheTensors(runtime, config, cachePrecision, names, rows, slots);
    this.#slots = this.#range(slots);
  }

  /**
   * Starts with a list of prompts; what is in the prompts' caches from before is not used.
   *
   * @param caches The caches of the rows.
   */
  start(
    parameters: DeviceTensors,
    prompts: readonly (readonly number[])[],
    caches: DeviceTensors,
  ): PlacedPrompts {
    const keys = prompts.map((prompt) => prompt.join());
    const filled = new Map<string, number>();
    let copies: { readonly source: number; readonly row: number }[] = [];
    const copy = async (): Promise<void> => {
      const list = copies;
      copies = [];
      for (let i = 0; i < list.length; i += COPIES) await this.#copy(list.slice(i, i + COPIES), caches);
    };
    const place = async (request: number, row: number): Promise<number> => {
      const key = keys[request] as string, length = (prompts[request]?.length ?? 0) - 1; // requests are in the list
      if (length === 0) return 0;
      if (!filled.has(key)) {
        // The caches are filled anew with this prompt and the next ones; what was placed from them goes first.
        await copy();
        filled.clear();
        const group: (readonly number[])[] = [];
        for (let i = request; i < prompts.length && group.length < this.#sizes.rows; i++) {
          const prompt = prompts[i] as readonly number[], other = keys[i] as string;
          if (prompt.length === 1 || filled.has(other)) continue;
          filled.set(other, group.length);
          group.push(prompt);
        }
        await this.#fill(parameters, group);
      }
      copies.push({ source: filled.get(key) as number, row }); // this prompt was the first of the group
      return length;
    };
    return { place, copy };
  }

  /** Computes prompts, the i-th in row i of the prompts' caches. */
  async #fill(parameters: DeviceTensors, prompts: readonly (readonly number[])[]): Promise<void> {
    const longest = Math.max(...prompts.map(({ length }) => length - 1)), rows = prompts.length;
    const piece = evenPiece(longest, this.#piece ?? widestPiece(rows)), caches = this.#cachesOf(rows);
    using numbers = this.#range(rows);
    for (let start = 0; start < longest; start += piece) {
      const width = Math.min(piece, fours(longest - start));
      const tokens = prompts.flatMap((prompt) =>
        // Behind a prompt's end something is computed that nobody reads.
        Array.from({ length: width }, (_, i) => BigInt(prompt[start + i] ?? prompt.at(-1) ?? 0))
      );
      using ids = this.#runtime.stage("int64", [rows, width], BigInt64Array.from(tokens));
      using positions = this.#range(width, start);
      const feeds = { tokens: ids, positions, rows: numbers, slots: this.#slots, ...caches };
      await this.#pass.run({ ...feeds, ...parameters }, inPlace(caches));
    }
  }

  /** Caches for a number of prompts. */
  #cachesOf(rows: number): DeviceTensors {
    if (this.#prompts?.rows !== rows) {
      this.release();
      this.#prompts = { rows, caches: this.#makePrompts(rows) };
    }
    return this.#prompts.caches;
  }

  async #copy(
    copies: readonly { readonly source: number; readonly row: number }[],
    caches: DeviceTensors,
  ): Promise<void> {
    const list = (values: number[]): DeviceTensor<"int64"> =>
      this.#runtime.stage("int64", [values.length], BigInt64Array.from(values, BigInt));
    using sources = list(copies.map(({ source }) => source));
    using rows = list(copies.map(({ row }) => row));
    const feeds = { sources, rows, slots: this.#slots, ...this.#prompts?.caches, ...caches };
    await this.#copying.run(feeds, inPlace(caches));
  }

  #range(count: number, start = 0): DeviceTensor<"int64"> {
    return this.#runtime.stage(
      "int64",
      [count],
      BigInt64Array.from({ length: count }, (_, i) => BigInt(start + i)),
    );
  }

  /** Frees the prompts' caches until the next prompts. */
  release(): void {
    for (const cache of Object.values(this.#prompts?.caches ?? {})) cache.discard();
    this.#prompts = undefined;
  }

  /** Frees the sessions and the prompts' caches. */
  async dispose(): Promise<void> {
    this.release();
    this.#slots.dispose();
    await this.#pass.dispose();
    await this.#copying.dispose();
  }
}

/** Caches as the outputs that are written where they lie. */
export function inPlace(caches: DeviceTensors): DeviceTensors {
  return Object.fromEntries(Object.entries(caches).map(([name, cache]) => [outputName(name), cache]));
}
