/**
 * What made a record: the code and the machine. Both are part of its key, so that a record of other code or of other
 * kernels is never taken for what this checkout would compute.
 *
 * @module
 */

import type { Provider } from "../runtime/mod.ts";

/** What computes: other kernels round differently. */
export interface Engine {
  /** The execution provider. */
  readonly provider: Provider;
  /** What selects its kernels: the processor's instructions, or the GPU's name. */
  readonly kernels: string;
  /** Version of onnxruntime-node. */
  readonly onnxruntime: string;
  /** Version of Deno: its functions of mathematics are part of what computes. */
  readonly deno: string;
}

/** The source tree that computes. */
export interface SourceTree {
  /** SHA-256 over all sources that can change a record, and the lock file. */
  readonly digest: string;
  /** The commit that is checked out, or null outside of git. */
  readonly commit: string | null;
  /** Whether the tree differs from its commit, as far as git could be asked. */
  readonly dirty: boolean | "unknown";
}

/** What made a record. */
export interface Made {
  /** The source tree. */
  readonly sources: SourceTree;
  /** The machine. */
  readonly engine: Engine;
}

/** Records of another commit that are to be taken over, because a user knows that they would be the same. */
export interface AcceptedRecords {
  /** The commit, in full. */
  readonly commit: string;
  /** The digest of its sources. */
  readonly digest: string;
}
