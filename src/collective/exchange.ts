/**
 * Sums and values over processes, out of calls that only move bytes: what is added, and in which order, is decided here.
 *
 * @module
 */

import { deserialize, serialize } from "node:v8";
import { treeSum } from "./tree.ts";

/** Bytes that C reads and writes. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Numbers of bytes. */
export type Counts = Int32Array<ArrayBuffer>;

/** What moves bytes. */
export interface Mover {
  /** The number of processes. */
  readonly size: number;
  /** Waits until all processes call it, if it can without taking a core from those that still compute. */
  meet(): void;
  /** Sends the i-th `count` bytes to process i; receives the same in the order of ranks. */
  alltoall(send: Bytes, receive: Bytes, count: number): void;
  /** Receives `count` bytes of each process in the order of ranks. */
  allgather(send: Bytes, receive: Bytes, count: number): void;
  /** The same, with as many bytes of each process as `counts` says, each at its place. */
  allgatherv(send: Bytes, receive: Bytes, counts: Counts, places: Counts): void;
}

/** Numbers that go at a time: 16 MiB. */
export const PIECE = 1 << 22;

/** The bytes of numbers. */
function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Bytes {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

/**
 * Replaces numbers by their sums over all processes: each process adds its share of them as a binary tree over the ranks,
 * then all get all shares.
 *
 * @param piece The most numbers that go at a time.
 */
export function treeReduce(mover: Mover, data: Float32Array, piece = PIECE): void {
  mover.meet();
  const { size } = mover, longest = Math.ceil(Math.min(piece, data.length) / size);
  const whole = new Float32Array(longest * size), received = new Float32Array(longest * size);
  for (let from = 0; from < data.length; from += longest * size) {
    const part = data.subarray(from, from + longest * size), share = Math.ceil(part.length / size);
    // What is left of the last share is 0, and nobody reads its sum.
    const sent = whole.subarray(0, share * size).fill(0);
    sent.set(part);
    const parts = received.subarray(0, share * size);
    mover.alltoall(bytesOf(sent), bytesOf(parts), 4 * share);
    const own = treeSum(
      Array.from({ length: size }, (_, i) => parts.subarray(i * share, (i + 1) * share)),
    );
    mover.allgather(bytesOf(own), bytesOf(sent), 4 * share);
    part.set(sent.subarray(0, part.length));
  }
}

/** The values of all processes, in the order of their ranks. */
export function gatherValues<T>(mover: Mover, value: T): T[] {
  mover.meet();
  const bytes = new Uint8Array(serialize(value)), all = new Uint8Array(8 * mover.size);
  mover.allgather(new Uint8Array(Float64Array.of(bytes.length).buffer), all, 8);
  const counts = Int32Array.from(new Float64Array(all.buffer)), places = new Int32Array(mover.size);
  for (let i = 1; i < mover.size; i++) places[i] = (places[i - 1] ?? 0) + (counts[i - 1] ?? 0);
  const total = counts.reduce((sum, count) => sum + count, 0), received = new Uint8Array(total);
  if (total >= 2 ** 31) {
    throw new RangeError(
      `Cannot exchange ${total} bytes at once: expected less than 2 GiB; take fewer prompts a step`,
    );
  }
  mover.allgatherv(bytes, received, counts, places);
  return Array.from(counts, (count, i) => {
    const start = places[i] ?? 0;
    return deserialize(received.slice(start, start + count)) as T; // what a process put in
  });
}
