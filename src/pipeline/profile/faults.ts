/**
 * What is wrong with a profile whose fields are each in range, but do not go together.
 *
 * @module
 */

import { methodFaults, methodRows, type MethodsProfile } from "./methods.ts";
import { type KeepingContext, keepingFaults } from "./run_keeping.ts";

/** A fault of a profile: where, and what. */
export interface ProfileFault {
  /** Where. */
  readonly path: readonly (string | number)[];
  /** What. */
  readonly message: string;
}

/** The faults of a profile; nothing where all is well. */
export function profileFaults(profile: MethodsProfile & KeepingContext): readonly ProfileFault[] {
  const methods = methodFaults(profile);
  if (methods.length > 0) return methods;
  return keepingFaults(profile, Math.min(...methodRows(profile).map(({ steps }) => steps)));
}
