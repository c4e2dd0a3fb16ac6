/**
 * Weights in files: safetensors read and written in pieces, single or sharded, and new ones drawn for a model that is
 * made here. Memory is bounded by the largest tensor.
 *
 * @module
 */

export {
  type CheckpointSettings,
  type CheckpointType,
  encodeElements,
  writeModelDirectory,
} from "./checkpoint_directory.ts";
export { checkExportTarget } from "./export_target.ts";
export { initializedSource, initializeWeights } from "./initialize.ts";
export {
  type FileType,
  fileTypeOf,
  type PendingTensor,
  readHeader,
  readTensor,
  safetensorsStream,
  type StoredEntry,
  type StoredTensor,
  type StoredTensors,
  type StoredType,
} from "./safetensors.ts";
export {
  formatSafetensors,
  noTensor,
  openSafetensors,
  parseSafetensors,
  readTensors,
  storedStream,
  tensorsInMemory,
  type TensorSource,
} from "./tensor_source.ts";
export { checkWeights, INDEX_FILE, openWeights, weightFiles, WEIGHTS_FILE } from "./weights.ts";
