/**
 * `plan --inspect`: what inspecting a profile's model takes.
 *
 * @module
 */

import type { ModelConfig } from "../../src/model/mod.ts";
import {
  EFFICIENCY,
  formatMemory,
  type Machine,
  PROCESS_BYTES,
  type Profile,
} from "../../src/pipeline/mod.ts";
import { type InspectionCost, inspectionCost } from "../../src/policy/mod.ts";
import { formatDuration } from "../../src/progress.ts";

/** The plan of an inspection. */
export interface InspectionPlanned extends InspectionCost {
  /** Completions that are read. */
  readonly completions: number;
  /** The peak with the process itself, in bytes. */
  readonly needs: number;
  /** Seconds on the machine; null where its speed is not known. */
  readonly seconds: number | null;
  /** Whether the machine's memory suffices; null where that is not known. */
  readonly fits: boolean | null;
}

/** Plans the inspection of completions from a file, of the longest length of a profile. */
export function planInspection(
  { maxPromptTokens, maxResponseTokens }: Profile,
  config: ModelConfig,
  { memory, speed }: Machine,
  completions: number,
): InspectionPlanned {
  const size = { completions, promptTokens: maxPromptTokens, responseTokens: maxResponseTokens };
  const cost = inspectionCost(config, size), needs = cost.peak + PROCESS_BYTES;
  // Forward products alone: as scoring does in training.
  const seconds = speed === undefined ? null : cost.operations / (EFFICIENCY.training * speed);
  return { ...cost, completions, needs, seconds, fits: memory === undefined ? null : needs <= memory };
}

/** The plan in lines. */
export function inspectionPlanText({ name, maxResponseTokens }: Profile, plan: InspectionPlanned): string {
  const { completions, needs, layer, embeddings, states, graphs, operations, seconds, fits } = plan;
  const verdict = fits === null ? "needs" : fits ? "fits: needs" : "DOES NOT FIT: needs";
  const parts = [
    ["one layer", layer],
    ["embeddings", embeddings],
    ["states", states],
    ["a graph", graphs],
    ["the process", PROCESS_BYTES],
  ] as const;
  return [
    `${name} inspected  ${verdict} ${formatMemory(needs)}, float32, weights read layer by layer`,
    `memory  ${parts.map(([what, bytes]) => `${what} ${formatMemory(bytes)}`).join(", ")}`,
    `time    ${
      seconds === null ? "unknown" : formatDuration(seconds)
    } for ${completions} completions of ${maxResponseTokens} tokens, ${
      operations.toExponential(2)
    } FLOP; as long again for the control of random weights; sampling not counted`,
  ].join("\n");
}
