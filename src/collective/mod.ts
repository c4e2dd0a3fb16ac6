/**
 * Several processes that compute one thing together: sums and host values over MPI or NCCL, in an order of our own.
 *
 * @module
 */

export { checkSameCheckpoint, checkSameKey, commonState, stoppedAnywhere } from "./agreement.ts";
export { alone, type Collective, fromFirst } from "./collective.ts";
export { type Bytes, type Counts, gatherValues, type Mover, treeReduce } from "./exchange.ts";
export { checkLaunched, checkSize, type Launched, launchedBy, type ReadVariable } from "./launcher.ts";
export { openMpi } from "./mpi.ts";
export { mpiFiles, type MpiKind, type MpiLibrary, openMpiFile, openMpiLibrary } from "./mpi_library.ts";
export { openNccl } from "./nccl.ts";
export { ID_BYTES, type NcclLibrary, ncclVersionText, openNcclLibrary } from "./nccl_library.ts";
export { addTo, isPowerOfTwo, treeSum } from "./tree.ts";
