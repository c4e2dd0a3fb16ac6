/**
 * Fields of a row as people write them in a profile.
 *
 * @module
 */

import { z } from "zod";
import { type AdvantageEstimator, estimatorNames, groupEstimators } from "../advantage/mod.ts";
import { klEstimatorNames, reductions } from "../loss/mod.ts";
import { ownModuleSchema } from "../../module/mod.ts";
import type { Method } from "./method.ts";
import type { Part } from "./parts.ts";
import { phasePolicies } from "./phase.ts";

const share = z.number().min(0).max(1), positive = z.number().positive();
/** Ratios are bounded in float32. */
const bound = z.number().positive().max(1e6);
const clip = { clipLow: bound.max(1), clipHigh: bound, dualClip: bound.gt(1).optional() };
const factor = z.number().min(0).max(1e6);
const parts: Readonly<Record<Part, typeof factor>> = {
  embeddings: factor,
  lower: factor,
  upper: factor,
  finalNorm: factor,
  head: factor,
};

/** The estimators of the table. */
const tabled = estimatorNames.filter((name): name is Exclude<AdvantageEstimator, "own"> => name !== "own");

/** The fields of a method, each optional: those that are given replace the row's, whole. */
export const methodFields = {
  estimator: z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.enum(tabled),
      epsilon: positive.optional(),
      singleton: z.enum(["reward", "zero"]).optional(),
      gamma: share.optional(),
      lambda: share.optional(),
    }),
    z.strictObject({
      kind: z.literal("own", "expected one of the table, or own with a module"),
      module: ownModuleSchema.describe("A module whose default export gives the advantages of a group"),
    }),
  ]).optional().describe("How rewards become advantages: by the table, or by a module"),
  loss: z.strictObject({
    objective: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("clip"), ...clip }),
      z.strictObject({ kind: z.literal("sequence-clip"), ...clip }),
      z.strictObject({ kind: z.literal("cispo"), clipLow: clip.clipLow.optional(), clipHigh: bound }),
      z.strictObject({ kind: z.literal("reinforce") }),
    ]),
    reduction: z.enum(reductions),
  }).optional().describe("Objective and reduction, in place of the profile's loss"),
  kl: z.strictObject({
    in: z.enum(["loss", "reward"]),
    estimator: z.enum(klEstimatorNames),
    coefficient: positive,
  }).optional().describe("The divergence from the base model that is paid for"),
  correction: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("none") }),
    z.strictObject({ kind: z.literal("truncate"), most: bound }),
    z.strictObject({ kind: z.literal("mask"), least: bound, most: bound }),
  ]).optional().describe("Weights for a sampler that is not quite the policy"),
  phases: z.array(z.strictObject({
    policy: z.enum(phasePolicies),
    lasts: z.union([positive, z.literal("rest")]),
    moves: z.strictObject(parts).partial().optional(),
    moments: z.enum(["kept", "reset"]).optional(),
  })).min(1).optional().describe("What is trained, and for how long, in multiples of internalSteps"),
  rewards: z.strictObject({
    right: share.optional(),
    shuffled: z.boolean().optional(),
    overlong: z.strictObject({ buffer: share.gt(0), factor: positive }).optional(),
  }).optional().describe("What is done to rewards"),
  dynamicSampling: z.strictObject({ refills: z.int().positive().max(100) }).optional().describe(
    "Groups of equal rewards are sampled anew, so many times a step at most",
  ),
  critic: z.strictObject({ learningRateFactor: positive, clip: bound }).optional(),
  trainsOn: z.enum(["all", "rewarded"]).optional().describe("Which responses count in the loss"),
  beta2: z.union([share.lt(1), z.strictObject({ memory: share.gt(0) })]).optional().describe(
    "AdamW's second decay, or the share of the run's updates that it remembers",
  ),
};

/** Fields that replace a row's. */
export type MethodChanges = { readonly [K in keyof typeof methodFields]?: Method[K] | undefined };

/**
 * What is wrong with a method, or `undefined`: fields that do not go together.
 *
 * @param groupSize Responses a prompt.
 */
export function methodFault(
  { estimator, critic, phases, dynamicSampling, trainsOn, rewards = {} }: Method,
  groupSize: number,
): { readonly field: keyof Method; readonly message: string } | undefined {
  const inner = phases.slice(0, -1), compares = groupEstimators.includes(estimator.kind);
  if (inner.some(({ lasts }) => lasts === "rest") || phases.at(-1)?.lasts !== "rest") {
    return { field: "phases", message: 'expected the last phase, and no other, to last for the "rest"' };
  }
  if ((estimator.kind === "gae") !== (critic !== undefined)) {
    return { field: "critic", message: "expected a critic with the estimator gae, and with no other" };
  }
  if (groupSize < 2 && (compares || dynamicSampling)) {
    return {
      field: "estimator",
      message:
        `expected a groupSize of at least 2, because responses to a prompt are compared, found ${groupSize}`,
    };
  }
  if (trainsOn === "rewarded" && rewards.overlong) {
    return { field: "trainsOn", message: "expected no overlong penalty where only what is rewarded counts" };
  }
  return undefined;
}
