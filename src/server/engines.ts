/**
 * The engines that can be asked.
 *
 * @module
 */

import type { Dialect } from "./dialect.ts";
import { llamaCpp } from "./llama_cpp.ts";
import { sglang } from "./sglang.ts";
import { vllm } from "./vllm.ts";

/** An engine's name. */
export type EngineName = "vllm" | "sglang" | "llama.cpp";

/** Each engine's way to be asked. */
export const dialects: Readonly<Record<EngineName, Dialect>> = { vllm, sglang, "llama.cpp": llamaCpp };

/** The names. */
export const engineNames = Object.keys(dialects) as [EngineName, ...EngineName[]];

/** The engine that calls itself an owner of models so. */
export function engineOfOwner(owner: string): EngineName | undefined {
  return engineNames.find((name) => dialects[name].owner === owner);
}
