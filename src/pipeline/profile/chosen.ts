/**
 * What a profile comes to where it leaves a choice.
 *
 * @module
 */

import type { Precision } from "../../model/mod.ts";
import type { Profile } from "./profile.ts";

/** What layers compute in. */
export function layerPrecision({ precision = "float32" }: Pick<Profile, "precision">): Precision {
  return precision;
}

/** The element type of KV caches. */
export function cachePrecision(profile: Pick<Profile, "precision" | "rollout">): Precision {
  return profile.rollout?.kvCache ?? layerPrecision(profile);
}

/**
 * The layer whose policy BuPO trains first.
 *
 * @throws {TypeError} If it has not been chosen yet.
 */
export function internalLayerOf({ name, training: { internalLayer } }: Profile): number {
  if (internalLayer !== "auto") return internalLayer;
  throw new TypeError(`internal: the internal layer of ${name} is to be chosen before this`);
}
