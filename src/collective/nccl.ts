/**
 * Sums over NCCL, host values over MPI. NCCL chooses the order in which it adds, by size, topology and version: no bits are
 * promised, and its records have a key of their own.
 *
 * Unverified: no card was at hand.
 *
 * @module
 */

import type { Collective } from "./collective.ts";
import { PIECE } from "./exchange.ts";
import { checkLaunched, type ReadVariable } from "./launcher.ts";
import { openMpi } from "./mpi.ts";
import { openNcclLibrary } from "./nccl_library.ts";

/** How many numbers go to the card at a time. */
const ON_CARD = 4 * PIECE;

/**
 * Joins the other processes, each of which must see a card of its own as its first: `srun --gpus-per-task=1`, or
 * CUDA_VISIBLE_DEVICES.
 *
 * @param read The environment.
 * @throws {ReferenceError} If NCCL, CUDA's runtime or MPI is missing.
 * @throws {RangeError} As {@linkcode openMpi}.
 */
export function openNccl(read: ReadVariable): Collective {
  checkLaunched(read);
  const library = openNcclLibrary(read), mpi = openMpi(read), { rank, size } = mpi;
  const [id] = mpi.gather(rank === 0 ? library.uniqueId() : undefined);
  if (!id) throw new TypeError("internal: the first process gave no id");
  library.join(new Uint8Array(id), size, rank);
  const name = `NCCL ${library.version}`;
  return {
    ...mpi,
    name: `${name}, host values over ${mpi.name}`,
    deciding: `sums by ${name} over ${size} processes`,
    sum: (data) => {
      const piece = new Float32Array(Math.min(ON_CARD, data.length));
      for (let from = 0; from < data.length; from += piece.length) {
        const part = data.subarray(from, from + piece.length), sent = piece.subarray(0, part.length);
        sent.set(part);
        library.allReduce(sent);
        part.set(sent);
      }
    },
    close: () => {
      library.leave();
      mpi.close();
    },
  };
}
