/**
 * What made a record: the code and the machine. Both are part of its key, so that a record of other code or of other
 * kernels is never taken for what this checkout would compute.
 *
 * @module
 */

import { canonicalJson } from "../canonical_json.ts";
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

/**
 * The machine as people know it, where it can change no bit. Never the names of jobs or hosts: they are a site's private
 * matter.
 */
export interface MachineFacts {
  /** Operating system and its release. */
  readonly os: string;
  /** Processor architecture. */
  readonly arch: string;
  /** Processor model. */
  readonly cpu: string;
  /** Version of the GPU's driver; absent on the CPU, and where nobody tells. */
  readonly driver?: string;
}

/** What a record's key holds of what made it: the digest of the sources, and what computes. */
export interface MadeKey {
  /** SHA-256 over all sources that can change a record, and the lock file. */
  readonly sources: string;
  /** What computes. */
  readonly engine: Engine;
}

/** What made a record, and where: the record's `executed`. */
export interface Made {
  /** The source tree. */
  readonly sources: SourceTree;
  /** What computed, as far as it can change a bit. */
  readonly engine: Engine;
  /** The machine. */
  readonly machine: MachineFacts;
}

/** What made the steps of a training up to and with one. */
export interface Stretch extends Made {
  /** The last of them. */
  readonly step: number;
}

/** The stretches of a training before the one that is computed now, which goes on with the last where the same made that. */
export function earlierStretches(stretches: readonly Stretch[], by: Made): readonly Stretch[] {
  const { step: _, ...last } = stretches.at(-1) ?? { step: 0 };
  return canonicalJson(last) === canonicalJson(by) ? stretches.slice(0, -1) : stretches;
}

/** Records of another commit that are to be taken over, because a user knows that they would be the same. */
export interface AcceptedRecords {
  /** The commit, in full. */
  readonly commit: string;
  /** The digest of its sources. */
  readonly digest: string;
}
