/**
 * The graphs that a method of a profile needs: which there are besides the common ones, and which a run reads.
 *
 * @module
 */

import {
  type AdamWSettings,
  artifactName,
  type ArtifactVariants,
  type CriticVariant,
  layerOf,
  type OptimizerVariant,
  type PolicyChoice,
  type TrainingVariant,
} from "../artifact/mod.ts";
import {
  objectiveOf,
  type OptimizerChoice,
  partOf,
  policySteps,
  type RunPhase,
  runPhases,
  valueLoss,
} from "../rl/mod.ts";
import { internalLayerOf, methodRows, type Profile, type ProfileRow } from "./profile/mod.ts";

/** The files of the graphs of a run. */
export interface RunGraphs {
  /** Training graphs by policy. */
  readonly training: ReadonlyMap<PolicyChoice, string>;
  /** Optimizer graphs. */
  readonly optimizer: ReadonlyMap<OptimizerChoice, string>;
  /** Evaluation graphs of internal policies, besides the common one. */
  readonly evaluations: ReadonlyMap<PolicyChoice, string>;
  /** A critic's. */
  readonly critic: Readonly<Record<"training" | "optimizer" | "evaluation", string>> | undefined;
}

/** Is the loss of a method not the profile's? */
function hasOwnLoss({ method: { loss, kl } }: ProfileRow): boolean {
  return loss !== undefined || kl?.in === "loss";
}

/** AdamW's constants for a method. */
function optimizerOf(
  { optimizer, training }: Profile,
  { method: { beta2 }, steps }: ProfileRow,
): AdamWSettings {
  if (beta2 === undefined) return optimizer;
  const [beta1] = optimizer.betas;
  const remembered = typeof beta2 === "number"
    ? beta2
    : 1 - 1 / Math.max(2, beta2.memory * steps * training.updatesPerStep);
  return { ...optimizer, betas: [beta1, remembered] };
}

/** The phases of a run. */
function phasesOf(profile: Profile, row: ProfileRow, seed: number, layers: number): RunPhase[] {
  const { method: { phases }, internalSteps } = row;
  return runPhases(phases, { internalLayer: rowLayer(profile, row), internalSteps, layers, seed });
}

/**
 * k of a method: its own, or else the profile's.
 *
 * @throws {TypeError} If the profile's has not been chosen yet.
 */
export function rowLayer(profile: Profile, { internalLayer }: Pick<ProfileRow, "internalLayer">): number {
  return internalLayer ?? internalLayerOf(profile);
}

/**
 * How many steps of a run train each policy.
 *
 * @param profile With a layer: one that is yet to be chosen has to be put there before.
 */
export function runPolicies(
  profile: Profile,
  row: ProfileRow,
  seed: number,
  layers: number,
): ReadonlyMap<PolicyChoice, number> {
  return policySteps(phasesOf(profile, row, seed, layers), row.steps);
}

/** The graph that a phase's updates take, and what its file's name ends in. */
function optimizerChoice(
  { name, method }: ProfileRow,
  { index, policy, moves }: RunPhase,
): { readonly choice: OptimizerChoice; readonly variant: string } {
  if (Object.keys(moves).length > 0) {
    return { choice: `phase ${index}`, variant: `${name}.phase_${index + 1}` };
  }
  return { choice: policy, variant: method.beta2 === undefined ? "" : name };
}

/** The files of the graphs of a run. */
export function runGraphs(profile: Profile, row: ProfileRow, seed: number, layers: number): RunGraphs {
  const phases = phasesOf(profile, row, seed, layers), internal = internalLayerOf(profile);
  const loss = hasOwnLoss(row) ? row.name : "";
  return {
    training: new Map(phases.map(({ policy }) => [policy, artifactName("training_model", policy, loss)])),
    optimizer: new Map(phases.map((phase) => {
      const { choice, variant } = optimizerChoice(row, phase);
      return [choice, artifactName("optimizer_model", phase.policy, variant)];
    })),
    evaluations: new Map(
      phases.filter(({ policy }) => policy !== "full" && policy !== internal)
        .map(({ policy }) => [policy, artifactName("eval_model", policy)]),
    ),
    critic: row.method.critic && {
      training: artifactName("critic_training", "full", row.name),
      optimizer: artifactName("critic_optimizer", "full", row.name),
      evaluation: artifactName("critic_eval"),
    },
  };
}

/** The graphs of all runs of a profile besides the common ones, each once. */
export function graphVariants(profile: Profile, layers: number): Required<ArtifactVariants> {
  const internal = internalLayerOf(profile), critics: CriticVariant[] = [];
  const training = new Map<string, TrainingVariant>(), optimizers = new Map<string, OptimizerVariant>();
  const evaluations = new Set<PolicyChoice>(), common: PolicyChoice[] = ["full", internal];
  for (const row of methodRows(profile)) {
    const { name, method, loss } = row, optimizer = optimizerOf(profile, row), layer = rowLayer(profile, row);
    const own = hasOwnLoss(row), kl = method.kl?.in === "loss" ? method.kl : undefined;
    for (const phase of row.seeds.flatMap((seed) => phasesOf(profile, row, seed, layers))) {
      const { policy, moves } = phase, { variant } = optimizerChoice(row, phase);
      const known = common.includes(policy), lossVariant = own ? name : "";
      if (own || !known) {
        const objective = objectiveOf({ objective: loss.objective, kl });
        const file = artifactName("training_model", policy, lossVariant);
        training.set(file, { variant: lossVariant, policy, objective });
      }
      if (variant !== "" || !known) {
        const factor = (parameter: string): number => moves[partOf(parameter, layer)] ?? 1;
        const file = artifactName("optimizer_model", policy, variant);
        optimizers.set(file, { variant, policy, optimizer, factor });
      }
      if (layerOf(policy) !== undefined && !known) evaluations.add(policy);
    }
    const { critic } = method;
    if (critic) {
      critics.push({
        variant: name,
        optimizer,
        objective: (inputs) => {
          const { loss, clipFraction } = valueLoss(inputs, critic);
          return { loss, metrics: { clipFraction } };
        },
      });
    }
  }
  return {
    training: [...training.values()],
    optimizers: [...optimizers.values()],
    evaluations: [...evaluations],
    critics,
  };
}
