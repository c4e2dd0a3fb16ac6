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

/** The rows of a micro-batch, as indices of the sequences, and their common padded length. */
export interface MicroBatch {
  /** Indices of the sequences. */
  readonly rows: readonly number[];
  /** The number of positions: one less than the longest sequence, as the last token predicts nothing. */
  readonly length: number;
}

/** The number of positions that a sequence occupies. */
function positions({ prompt, response }: Sequence): number {
  return Math.max(1, prompt.length + response.length - 1);
}

/**
 * Cuts sequences into micro-batches of at most `tokens` padded positions, similar lengths together, the longest first:
 * memory then peaks at the start and not at some later step.
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
  const order = sequences.map((_, i) => i);
  const length = (i: number): number => positions(sequences[i] as Sequence); // indices of the list itself
  order.sort((a, b) => length(b) - length(a) || a - b);
  const batches: { rows: number[]; length: number }[] = [];
  for (const row of order) {
    const open = batches.at(-1);
    if (open && (open.rows.length + 1) * open.length <= tokens) open.rows.push(row);
    else batches.push({ rows: [row], length: length(row) });
  }
  return batches;
}

/** The token inputs of the training and evaluation graphs for a micro-batch. */
export function tokenFeeds(
  runtime: Runtime,
  sequences: readonly Sequence[],
  { rows, length }: MicroBatch,
): DeviceTensors {
  const shape = [rows.length, length], size = rows.length * length;
  const input = new BigInt64Array(size), target = new BigInt64Array(size);
  const position = new BigInt64Array(size), segment = new BigInt64Array(size);
  rows.forEach((row, i) => {
    const { prompt, response } = sequences[row] as Sequence; // indices come from cutMicroBatches
    const tokens = [...prompt, ...response];
    for (let t = 0; t < length; t++) {
      position[i * length + t] = BigInt(t);
      if (t >= tokens.length) continue;
      input[i * length + t] = BigInt(tokens[t] ?? 0);
      target[i * length + t] = BigInt(tokens[t + 1] ?? 0);
      segment[i * length + t] = 1n;
    }
  });
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
  { rows, length }: MicroBatch,
  value: (sequence: number, token: number) => number,
): Float32Array {
  const data = new Float32Array(rows.length * length);
  rows.forEach((row, i) => {
    const { prompt, response } = sequences[row] as Sequence; // indices come from cutMicroBatches
    response.forEach((_, token) => {
      data[i * length + prompt.length - 1 + token] = value(row, token);
    });
  });
  return data;
}

/** Reads numbers per response token out of a graph's `[batch, sequence]` output into one list a sequence. */
export function responseValues(
  sequences: readonly Sequence[],
  { rows, length }: MicroBatch,
  data: Float32Array,
  into: number[][],
): void {
  rows.forEach((row, i) => {
    const { prompt, response } = sequences[row] as Sequence; // indices come from cutMicroBatches
    const start = i * length + prompt.length - 1;
    into[row] = Array.from(data.subarray(start, start + response.length));
  });
}
