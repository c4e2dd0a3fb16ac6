/**
 * Sequences and how they become micro-batches.
 *
 * @module
 */

import type { DeviceTensors, Runtime } from "../runtime/mod.ts";

/** A prompt with a response. */
export interface Sequence {
  /** The prompt's tokens; at least one. */
  readonly prompt: readonly number[];
  /** The response's tokens, the end token included where it was sampled. */
  readonly response: readonly number[];
}

/** A sampled sequence. */
export interface Rollout extends Sequence {
  /** log π(token) under the policy that sampled, at the sampling temperature; one a response token. */
  readonly logprobs: readonly number[];
  /** Whether the response ended by itself; otherwise it was cut at the length limit. */
  readonly ended: boolean;
}

/** Responses to one prompt that share a row: the prompt's tokens but the last, then the responses one after the other. */
export interface Pack {
  /** Indices of the sequences; all have the same prompt. */
  readonly members: readonly number[];
}

/** A row of a micro-batch: the index of a sequence, or several sequences that share their prompt. */
export type BatchRow = number | Pack;

/** The rows of a micro-batch and their common padded length. */
export interface MicroBatch<R extends BatchRow = number> {
  /** Indices of the sequences, by row. */
  readonly rows: readonly R[];
  /** The number of positions: of a sequence one less than its tokens, as the last one predicts nothing. */
  readonly length: number;
}

/** The number of positions that a sequence occupies. */
function positions({ prompt, response }: Sequence): number {
  return Math.max(1, prompt.length + response.length - 1);
}

/** Puts rows into micro-batches of at most `tokens` padded positions, the longest first, like lengths together. */
function cutRows<R extends BatchRow>(
  rows: readonly { readonly row: R; readonly length: number }[],
  tokens: number,
): MicroBatch<R>[] {
  const batches: { rows: R[]; length: number }[] = [];
  // The sort is stable.
  for (const { row, length } of rows.toSorted((a, b) => b.length - a.length)) {
    const open = batches.at(-1);
    if (open && (open.rows.length + 1) * open.length <= tokens) open.rows.push(row);
    else batches.push({ rows: [row], length });
  }
  return batches;
}

/**
 * Cuts sequences into micro-batches of at most `tokens` padded positions, a sequence a row, similar lengths together, the
 * longest first: memory then peaks at the start and not at some later step.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cutMicroBatches } from "./sequence.ts";
 *
 * const of = (n: number) => ({ prompt: [1], response: new Array<number>(n).fill(2) });
 * assertEquals(cutMicroBatches([of(2), of(4), of(3)], 7), [{ rows: [1], length: 4 }, { rows: [2, 0], length: 3 }]);
 * ```
 */
export function cutMicroBatches(sequences: readonly Sequence[], tokens: number): MicroBatch[] {
  return cutRows(sequences.map((sequence, row) => ({ row, length: positions(sequence) })), tokens);
}

/**
 * How many pairs of positions cost as much as a token: what attention may compute in vain, between responses that share a
 * row and do not see each other, for a token of the prompt that is saved. A token takes about six operations for each
 * weight of a layer and a pair twelve for each number of a query, so that it is a few hundred at the smallest model here
 * and thousands at the largest; attention's passes over its scores make a pair dearer than its products.
 */
const PAIRS_PER_TOKEN = 128;

/** Is a row the cheaper place for a response? Else it stands in a row of its own. */
function pays(row: number, prompt: number, response: number): boolean {
  const saved = prompt - 1, alone = prompt + response - 1, together = row + response;
  const pairs = (together ** 2 - row ** 2 - alone ** 2) / 2;
  return saved > 0 && pairs <= PAIRS_PER_TOKEN * saved;
}

/**
 * Cuts sequences into micro-batches like {@linkcode cutMicroBatches}, but computes a prompt once for responses that share
 * it, wherever attention does not lose more by their longer row than that saves: for short responses. A response's
 * log-probs and its part of the gradient are the same but for rounding; it sees the prompt and itself.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packMicroBatches } from "./sequence.ts";
 *
 * const of = (n: number) => ({ prompt: [1, 2, 3], response: new Array<number>(n).fill(4) });
 * // Two positions of the prompt, and one for each token of the responses.
 * assertEquals(packMicroBatches([of(2), of(4)], 16), [{ rows: [{ members: [1, 0] }], length: 8 }]);
 * ```
 */
export function packMicroBatches(sequences: readonly Sequence[], tokens: number): MicroBatch<Pack>[] {
  const groups = Map.groupBy(sequences.keys(), (i) => sequences[i]?.prompt.join());
  const rows: { row: Pack; length: number }[] = [];
  for (const group of groups.values()) {
    const of = (i: number): Sequence => sequences[i] as Sequence; // indices of the list itself
    const packs: { members: number[]; length: number }[] = [];
    for (const member of group.toSorted((a, b) => of(b).response.length - of(a).response.length)) {
      const { prompt: { length: prompt }, response: { length } } = of(member), open = packs.at(-1);
      if (open && open.length + length <= tokens && pays(open.length, prompt, length)) {
        open.members.push(member);
        open.length += length;
      } else packs.push({ members: [member], length: positions(of(member)) });
    }
    rows.push(...packs.map(({ members, length }) => ({ row: { members }, length })));
  }
  return cutRows(rows, tokens);
}

/** The longest row that {@linkcode packMicroBatches} makes of a group's responses, none longer than a limit. */
export function longestPack(
  { prompt, response, group, tokens }: Record<"prompt" | "response" | "group" | "tokens", number>,
): number {
  let longest = 0;
  for (let length = response; length >= 1; length = Math.floor(length / 2)) {
    let row = prompt + length - 1;
    for (let i = 1; i < group && row + length <= tokens && pays(row, prompt, length); i++) row += length;
    longest = Math.max(longest, row);
  }
  return longest;
}

/** The longest row of micro-batches under the settings of a profile. */
export function longestRow(
  { maxPromptTokens: prompt, maxResponseTokens: response, training }: {
    readonly maxPromptTokens: number;
    readonly maxResponseTokens: number;
    readonly training: { readonly groupSize: number; readonly microBatchTokens: number };
  },
): number {
  const { groupSize: group, microBatchTokens: tokens } = training;
  return Math.max(prompt + response - 1, longestPack({ prompt, response, group, tokens }));
}

/** Where a sequence lies in its row. */
interface Place {
  /** The row. */
  readonly row: number;
  /** The sequence. */
  readonly sequence: number;
  /** The column that predicts the response's first token: that of the prompt's last one. */
  readonly first: number;
  /** What tells its tokens from those of other sequences in the row. */
  readonly segment: bigint;
}

/** The segment of a prompt that all sequences of its row see. */
const SHARED = -1n;

function places(sequences: readonly Sequence[], { rows }: MicroBatch<BatchRow>): Place[] {
  return rows.flatMap((members, row) => {
    const list = typeof members === "number" ? [members] : members.members;
    let first = (sequences[list[0] ?? 0]?.prompt.length ?? 1) - 1;
    return list.map((sequence, i) => {
      const place = { row, sequence, first, segment: BigInt(i + 1) };
      first += sequences[sequence]?.response.length ?? 0;
      return place;
    });
  });
}

/** The token inputs of the training and evaluation graphs for a micro-batch. */
export function tokenFeeds(
  runtime: Runtime,
  sequences: readonly Sequence[],
  batch: MicroBatch<BatchRow>,
): DeviceTensors {
  const { rows, length } = batch, shape = [rows.length, length], size = rows.length * length;
  const input = new BigInt64Array(size), target = new BigInt64Array(size);
  // Padding is a segment of its own.
  const position = BigInt64Array.from({ length: size }, (_, i) => BigInt(i % length));
  const segment = new BigInt64Array(size);
  for (const { row, sequence, first, segment: own } of places(sequences, batch)) {
    const { prompt, response } = sequences[sequence] as Sequence, start = row * length; // indices of the batch
    const members = rows[row], alone = typeof members === "number" || members?.members.length === 1;
    const put = (column: number, at: number, part: bigint): void => {
      const token = (i: number): bigint =>
        BigInt((i < prompt.length ? prompt[i] : response[i - prompt.length]) ?? 0);
      input[start + column] = token(at);
      target[start + column] = token(at + 1);
      position[start + column] = BigInt(at);
      segment[start + column] = part;
    };
    const last = prompt.length - 1;
    // The first sequence of a row lays the prompt out for all of them.
    if (own === 1n) { for (let at = 0; at < last; at++) put(at, at, alone ? own : SHARED); }
    for (let t = 0; t < response.length; t++) put(first + t, last + t, own);
  }
  return {
    input_ids: runtime.stage("int64", shape, input),
    target_ids: runtime.stage("int64", shape, target),
    position_ids: runtime.stage("int64", shape, position),
    segment_ids: runtime.stage("int64", shape, segment),
  };
}

/** Numbers per response token, laid out as the graphs' `[batch, sequence]` input; 0 elsewhere. */
export function responseFeed(
  sequences: readonly Sequence[],
  batch: MicroBatch<BatchRow>,
  value: (sequence: number, token: number) => number,
): Float32Array {
  const data = new Float32Array(batch.rows.length * batch.length);
  for (const { row, sequence, first } of places(sequences, batch)) {
    sequences[sequence]?.response.forEach((_, token) => {
      data[row * batch.length + first + token] = value(sequence, token);
    });
  }
  return data;
}

/** Reads numbers per response token out of a graph's `[batch, sequence]` output into one list a sequence. */
export function responseValues(
  sequences: readonly Sequence[],
  batch: MicroBatch<BatchRow>,
  data: Float32Array,
  into: number[][],
): void {
  for (const { row, sequence, first } of places(sequences, batch)) {
    const start = row * batch.length + first;
    into[sequence] = Array.from(data.subarray(start, start + (sequences[sequence]?.response.length ?? 0)));
  }
}
