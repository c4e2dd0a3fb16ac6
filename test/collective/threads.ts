/**
 * Threads as the processes of a collective: bytes move through shared memory, everything else is that of MPI. So it is
 * tested where no MPI is installed, too.
 *
 * @module
 */

import { type Collective, gatherValues, type Mover, treeReduce } from "../../src/collective/mod.ts";

/** The most bytes that a thread sends at a time. */
const ROOM = 1 << 22;

/** What threads share. */
export interface Shared {
  readonly size: number;
  /** How many have met, and how often all have. */
  readonly meeting: SharedArrayBuffer;
  /** What each sends, one after the other. */
  readonly rooms: SharedArrayBuffer;
}

/** Makes what a number of threads share. */
export function sharedBy(size: number): Shared {
  return { size, meeting: new SharedArrayBuffer(8), rooms: new SharedArrayBuffer(size * ROOM) };
}

/** A thread's part of it. */
export function threadCollective({ size, meeting, rooms }: Shared, rank: number): Collective {
  const count = new Int32Array(meeting), bytes = new Uint8Array(rooms);
  const meet = (): void => {
    const round = Atomics.load(count, 1);
    if (Atomics.add(count, 0, 1) === size - 1) {
      Atomics.store(count, 0, 0);
      Atomics.add(count, 1, 1);
      Atomics.notify(count, 1);
    } else Atomics.wait(count, 1, round);
  };
  /** Puts bytes where all see them, and takes parts of what the others put there. */
  const exchange = (send: Uint8Array, take: (room: (of: number) => Uint8Array) => void): void => {
    bytes.set(send, rank * ROOM);
    meet();
    take((of) => bytes.subarray(of * ROOM, (of + 1) * ROOM));
    meet();
  };
  const mover: Mover = {
    size,
    meet,
    alltoall: (send, receive, length) =>
      exchange(send, (room) => {
        for (let i = 0; i < size; i++) {
          receive.set(room(i).subarray(rank * length, (rank + 1) * length), i * length);
        }
      }),
    allgather: (send, receive, length) =>
      exchange(send.subarray(0, length), (room) => {
        for (let i = 0; i < size; i++) receive.set(room(i).subarray(0, length), i * length);
      }),
    allgatherv: (send, receive, counts, places) =>
      exchange(send, (room) => {
        for (let i = 0; i < size; i++) receive.set(room(i).subarray(0, counts[i]), places[i]);
      }),
  };
  return {
    rank,
    size,
    name: "threads",
    sum: (data) => treeReduce(mover, data, ROOM / 16),
    gather: (value) => gatherValues(mover, value),
    close: () => {},
    abort: (code) => Deno.exit(code),
  };
}

/** Runs a module in threads, which each post one result. */
export async function inThreads<T>(module: URL, size: number, task: unknown): Promise<T[]> {
  const shared = sharedBy(size);
  return await Promise.all(Array.from({ length: size }, async (_, rank) => {
    const worker = new Worker(module, { type: "module" });
    try {
      return await new Promise<T>((resolve, reject) => {
        worker.onmessage = ({ data }: MessageEvent<T>) => resolve(data);
        worker.onerror = (event) => {
          event.preventDefault();
          reject(new Error(event.message));
        };
        worker.postMessage({ shared, rank, task });
      });
    } finally {
      worker.terminate();
    }
  }));
}
