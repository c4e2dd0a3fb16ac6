/**
 * Processes that mpirun or srun started, over MPI.
 *
 * @module
 */

import type { Collective } from "./collective.ts";
import { gatherValues, treeReduce } from "./exchange.ts";
import { checkLaunched, checkSize, type ReadVariable } from "./launcher.ts";
import { openMpiLibrary } from "./mpi_library.ts";

/**
 * Joins the other processes. MPI moves bytes only; numbers are added here, as a fixed binary tree over the ranks, so that
 * neither the library nor its settings can change a bit.
 *
 * @param read The environment.
 * @throws {ReferenceError} If there is no library.
 * @throws {RangeError} If there is one process only, another number than the launcher started, or no power of two.
 */
export function openMpi(read: ReadVariable): Collective {
  checkLaunched(read);
  const library = openMpiLibrary(read);
  library.init();
  const rank = library.rank(), size = library.size(), { version: name } = library;
  try {
    checkSize({ size, name }, read);
  } catch (error) {
    library.finalize();
    throw error;
  }
  const mover = {
    size,
    meet: library.meet,
    alltoall: library.alltoall,
    allgather: library.allgather,
    allgatherv: library.allgatherv,
  };
  return {
    rank,
    size,
    name,
    sum: (data) => treeReduce(mover, data),
    gather: (value) => gatherValues(mover, value),
    close: library.finalize,
    abort: (code) => {
      library.abort(code);
      Deno.exit(code);
    },
  };
}
