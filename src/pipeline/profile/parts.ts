/**
 * Parts of a profile: where the model lies, how it is evaluated, how responses are sampled.
 *
 * @module
 */

import type { ServerProfile } from "./server.ts";

/** A model on the Hub. */
export interface HubModel {
  /** The repository, such as `Qwen/Qwen3-4B`. */
  readonly repository: string;
  /** A commit, or a branch or tag that is resolved to one. */
  readonly revision: string;
}

/** How the policies of a profile are evaluated. */
export interface EvaluationProfile {
  /** The suites whose held-out split is used: generated ones, or definitions of benchmarks/suites. */
  readonly suites: readonly string[];
  /** Held-out problems of each suite; absent: all of them, for suites that are not generated. */
  readonly problems?: number | undefined;
  /** Seed of the problems: which are generated, or chosen. */
  readonly suiteSeed: number;
  /** k: responses a problem; absent: what the suite's definition says. */
  readonly samples?: number | undefined;
  /** Seed of the sampling noise. */
  readonly seed: number;
  /** Only the first problems of each suite: a partial run, which is never a result. */
  readonly limit?: number | undefined;
  /** Which checkpoint is evaluated: the last, because choosing the best on the test problems would flatter it. */
  readonly checkpoint: "last";
  /** An inference server that samples the responses; absent: our own engine does. */
  readonly server?: ServerProfile | undefined;
}

/** How responses are sampled. */
export interface RolloutProfile {
  /** The element type of KV caches. Default what layers compute in. */
  readonly kvCache?: "float32" | "float16" | undefined;
}
