/**
 * `--onnxruntime DIR`: another build of ONNX Runtime than that of the npm package.
 *
 * @module
 */

import { resolve } from "node:path";
import { LIBRARY_VARIABLE, onnxRuntimeVersion, ProviderError } from "../../src/runtime/mod.ts";
import { type Flags, UsageError } from "./command.ts";

/** The flag in words, for `--help`. */
export const onnxRuntimeFlagHelp =
  `  --onnxruntime DIR    a folder with another build of ONNX Runtime and its providers' libraries (default:
                       npm's; also ${LIBRARY_VARIABLE}); part of every record's key`;

/**
 * Opens ONNX Runtime, in the folder that the flag names if it was given. The variable also tells the workers.
 *
 * @throws {UsageError} If there is none in the folder, or one that cannot be used.
 */
export function openNamedOnnxRuntime(flags: Flags): void {
  const folder = flags.text("onnxruntime");
  if (folder !== undefined) Deno.env.set(LIBRARY_VARIABLE, resolve(folder));
  try {
    onnxRuntimeVersion();
  } catch (error) {
    if (error instanceof ProviderError) throw new UsageError(error.message);
    throw error;
  }
}
