/**
 * Whether a profile's sequences fit a model.
 *
 * @module
 */

import type { ModelConfig } from "../model/mod.ts";
import type { Profile } from "./profile.ts";

/**
 * Refuses sequences that are longer than what the model was made for.
 *
 * @throws {RangeError} If prompt and response may together have more tokens than the model takes.
 */
export function checkContextLength(
  { name, maxPromptTokens, maxResponseTokens }: Profile,
  { contextLength = Infinity }: ModelConfig,
): void {
  const length = maxPromptTokens + maxResponseTokens;
  if (length <= contextLength) return;
  throw new RangeError(
    `Cannot use ${name}: prompt and response may have ${length} tokens, the model takes ${contextLength}; lower maxResponseTokens`,
  );
}
