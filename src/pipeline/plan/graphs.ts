/**
 * The costs of the graphs that an experiment runs, without its weights.
 *
 * @module
 */

import {
  buildArtifacts,
  copyGraph,
  criticEvaluationGraph,
  type CriticObjective,
  criticParameters,
  criticTrainingGraph,
  evaluationGraph,
  optimizerGraph,
  type PolicyChoice,
  policyParameters,
  prefillGraph,
  rolloutGraph,
  trainingGraph,
} from "../../artifact/mod.ts";
import {
  attentionBlock,
  blockShapes,
  type ModelConfig,
  type ParameterLayout,
  type ParameterShapes,
  type Precision,
} from "../../model/mod.ts";
import { longestRow, losses, objectiveOf, valueLoss } from "../../rl/mod.ts";
import { type Graph, type GraphCost, graphCost, type SymbolSizes } from "../../tensor/mod.ts";
import { graphVariants } from "../method_graphs.ts";
import { cachePrecision, type Profile } from "../profile/mod.ts";

/** The cost of a graph by the sizes of its symbols. */
export type CostOf = (sizes: SymbolSizes) => GraphCost;

/** The graphs of one policy, or of a critic. */
export interface PolicyCosts {
  /** The parameters that are trained. */
  readonly parameters: ParameterShapes;
  /** Forward and backward pass, by `batch` and `sequence`. */
  readonly training: CostOf;
  /** One optimizer step. */
  readonly optimizer: GraphCost;
}

/** All graphs of an experiment. */
export interface PlanGraphs {
  /** How they hold the parameters. */
  readonly layout: ParameterLayout;
  /** The element type of KV caches. */
  readonly cachePrecision: Precision;
  /** The full policy's. */
  readonly full: PolicyCosts;
  /** Those of the profile's internal layer. */
  readonly internal: PolicyCosts;
  /** Those of any policy. */
  policy(choice: PolicyChoice): PolicyCosts;
  /** A critic's, with its scoring. */
  readonly critic: PolicyCosts & { readonly evaluation: CostOf };
  /** Scoring, by `batch` and `sequence`. */
  readonly evaluation: CostOf;
  /** A pass over prompts, by `batch`, `piece` and `prompt_slots`. */
  readonly prefill: CostOf;
  /** Copying prompts to rows, by `copies`, `prompts`, `prompt_slots`, `batch` and `capacity`. */
  readonly copy: CostOf;
  /** One decoding step, by `batch` and `capacity`. */
  readonly rollout: CostOf;
  /** Bytes of each ONNX file, those of single methods too; takes as long as building them. */
  files(): Record<string, number>;
}

/** A value that is made when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** The cost of a graph, remembered by sizes; the graph is traced when it is first asked for. */
function costOf(graph: () => Graph): CostOf {
  const cost = once(() => graphCost(graph())), known = new Map<string, GraphCost>();
  return (sizes) => {
    const key = JSON.stringify(sizes), found = known.get(key) ?? cost()(sizes);
    known.set(key, found);
    return found;
  };
}

/** Costs of what is trained, traced when they are first asked for. */
function trainedCosts(
  parameters: () => ParameterShapes,
  training: () => Graph,
  { optimizer }: Profile,
  layout: ParameterLayout,
): PolicyCosts {
  const known = once(parameters);
  const step = costOf(() => optimizerGraph(blockShapes(known(), layout), optimizer, "optimizer", layout));
  return {
    get parameters() {
      return known();
    },
    training: costOf(training),
    get optimizer() {
      return step({});
    },
  };
}

/** A critic's objective; what the clip is changes no cost. */
const criticObjective: CriticObjective = (inputs) => {
  const { loss, clipFraction } = valueLoss(inputs, { clip: 1 });
  return { loss, metrics: { clipFraction } };
};

/** The layer of a profile; one that is yet to be chosen costs as much as the last that can be. */
export function plannedLayer({ training: { internalLayer } }: Profile, { layers }: ModelConfig): number {
  return internalLayer === "auto" ? Math.max(1, layers - 1) : internalLayer;
}

/** A profile whose layer is a number. */
export function withPlannedLayer(profile: Profile, config: ModelConfig): Profile {
  return { ...profile, training: { ...profile.training, internalLayer: plannedLayer(profile, config) } };
}

/**
 * The graphs of a profile for a model; each is traced when its cost is first asked for.
 *
 * @param like Graphs of a profile that differs in gradient checkpointing only: all but the training graphs are theirs.
 */
export function planGraphs(profile: Profile, config: ModelConfig, like?: PlanGraphs): PlanGraphs {
  const { training: { checkpointing = false }, precision = "float32", loss } = profile;
  const layout = { precision, largestTensor: Infinity, onHost: true }, cache = cachePrecision(profile);
  const planned = plannedLayer(profile, config), block = attentionBlock(longestRow(profile));
  const settings = { config, layout, attentionBlock: block, checkpointing },
    objective = objectiveOf(losses[loss]);
  const policies = new Map<PolicyChoice, PolicyCosts>();
  const policy = (choice: PolicyChoice): PolicyCosts => {
    const known = policies.get(choice) ?? trainedCosts(
      () => policyParameters(config, choice),
      () => trainingGraph({ ...settings, policy: choice, objective }),
      profile,
      layout,
    );
    policies.set(choice, known);
    return known;
  };
  const own = {
    policy,
    full: policy("full"),
    internal: policy(planned),
    // Not spread: that would trace what nobody has asked for.
    critic: Object.assign(
      trainedCosts(
        () => criticParameters(config),
        () => criticTrainingGraph({ ...settings, objective: criticObjective }),
        profile,
        layout,
      ),
      { evaluation: like?.critic.evaluation ?? costOf(() => criticEvaluationGraph(config, layout, block)) },
    ),
  };
  if (like) return { ...like, ...own };
  return {
    layout,
    cachePrecision: cache,
    ...own,
    evaluation: costOf(() => evaluationGraph(config, planned, layout, block)),
    prefill: costOf(() => prefillGraph(config, layout, cache)),
    copy: costOf(() => copyGraph(config, layout, cache)),
    rollout: costOf(() => rolloutGraph(config, layout, cache)),
    files: () => {
      const { optimizer } = profile,
        variants = graphVariants(withPlannedLayer(profile, config), config.layers);
      const built = buildArtifacts({
        ...settings,
        objective,
        optimizer,
        internalLayer: planned,
        variants,
        cachePrecision: cache,
      });
      return Object.fromEntries(Object.entries(built).map(([name, bytes]) => [name, bytes.length]));
    },
  };
}
