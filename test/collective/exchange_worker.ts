/**
 * A thread of `exchange_test.ts`.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { type Shared, threadCollective } from "./threads.ts";

/** The numbers that a process starts with. */
export function numbersOf(rank: number, length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(i * (rank + 1)) * 10 ** ((i + rank) % 9));
}

if (typeof self !== "undefined" && "onmessage" in self) {
  self.onmessage = (
    { data: { shared, rank, task } }: MessageEvent<{ shared: Shared; rank: number; task: number[] }>,
  ) => {
    const collective = threadCollective(shared, rank);
    const sums = task.map((length) => {
      const data = numbersOf(rank, length);
      collective.sum(data);
      return data;
    });
    const values = collective.gather({ rank, nothing: undefined, odd: [NaN, -0], text: "x".repeat(rank) });
    self.postMessage({ sums, values });
  };
}
