/**
 * The costs of the graphs that an experiment runs, without its weights.
 *
 * @module
 */

import {
  artifactName,
  copyGraph,
  evaluationGraph,
  optimizerGraph,
  type PolicyChoice,
  prefillGraph,
  rolloutGraph,
  trainingGraph,
} from "../../artifact/mod.ts";
import {
  attentionBlock,
  type ModelConfig,
  type ParameterLayout,
  type ParameterShapes,
  parameterShapes,
  type Precision,
} from "../../model/mod.ts";
import { longestRow, losses, objectiveOf } from "../../rl/mod.ts";
import {
  type Graph,
  type GraphCost,
  graphCost,
  inputName,
  type SymbolSizes,
  toOnnx,
} from "../../tensor/mod.ts";
import { cachePrecision, type Profile } from "../profile/mod.ts";

/** The cost of a graph by the sizes of its symbols. */
export type CostOf = (sizes: SymbolSizes) => GraphCost;

/** The graphs of one policy. */
export interface PolicyCosts {
  /** The parameters that it trains. */
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
  /** Those of BuPO's first phase. */
  readonly internal: PolicyCosts;
  /** Scoring, by `batch` and `sequence`. */
  readonly evaluation: CostOf;
  /** A pass over prompts, by `batch`, `piece` and `prompt_slots`. */
  readonly prefill: CostOf;
  /** Copying prompts to rows, by `copies`, `prompts`, `prompt_slots`, `batch` and `capacity`. */
  readonly copy: CostOf;
  /** One decoding step, by `batch` and `capacity`. */
  readonly rollout: CostOf;
  /** Bytes of each ONNX file; takes as long as building them. */
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

/** The graphs of a policy, by what they are called. */
function policyGraphs(
  { loss, optimizer, training }: Profile,
  config: ModelConfig,
  layout: ParameterLayout,
  attentionBlock: number | undefined,
  policy: PolicyChoice,
): { readonly costs: PolicyCosts; readonly graphs: readonly (() => readonly [string, Graph])[] } {
  const traced = once(() =>
    trainingGraph({
      config,
      policy,
      layout,
      attentionBlock,
      checkpointing: training.checkpointing ?? false,
      objective: objectiveOf(losses[loss]),
    })
  );
  const parameters = once(() => {
    const read = new Set(traced().inputs.map(inputName));
    return new Map([...parameterShapes(config)].filter(([name]) => read.has(name)));
  });
  const name = artifactName("optimizer_model", policy);
  const step = once(() => optimizerGraph(parameters(), optimizer, name.replace(/\.onnx$/, ""), layout));
  const cost = costOf(step);
  return {
    costs: {
      get parameters() {
        return parameters();
      },
      training: costOf(traced),
      get optimizer() {
        return cost({});
      },
    },
    graphs: [() => [artifactName("training_model", policy), traced()], () => [name, step()]],
  };
}

/**
 * The graphs of a profile for a model; each is traced when its cost is first asked for.
 *
 * @param like Graphs of a profile that differs in gradient checkpointing only: all but the training graphs are theirs.
 */
export function planGraphs(profile: Profile, config: ModelConfig, like?: PlanGraphs): PlanGraphs {
  const { training: { internalLayer }, precision = "float32" } = profile;
  const layout = { precision, largestTensor: Infinity, onHost: true }, cache = cachePrecision(profile);
  // A layer that is yet to be chosen costs as much as the last that can be.
  const planned = internalLayer === "auto" ? Math.max(1, config.layers - 1) : internalLayer;
  const block = attentionBlock(longestRow(profile));
  const full = policyGraphs(profile, config, layout, block, "full");
  const internal = policyGraphs(profile, config, layout, block, planned);
  const own = { full: full.costs, internal: internal.costs };
  if (like) return { ...like, ...own };
  const others = {
    evaluation: once(() => evaluationGraph(config, planned, layout, block)),
    prefill: once(() => prefillGraph(config, layout, cache)),
    copy: once(() => copyGraph(config, layout, cache)),
    rollout: once(() => rolloutGraph(config, layout, cache)),
  };
  const names = {
    evaluation: "eval_model",
    prefill: "prefill_model",
    copy: "copy_model",
    rollout: "rollout_model",
  };
  return {
    layout,
    cachePrecision: cache,
    ...own,
    evaluation: costOf(others.evaluation),
    prefill: costOf(others.prefill),
    copy: costOf(others.copy),
    rollout: costOf(others.rollout),
    files: () =>
      Object.fromEntries([
        ...[...full.graphs, ...internal.graphs].map((graph) => graph()),
        ...(Object.keys(others) as (keyof typeof others)[]).map((name) =>
          [artifactName(names[name]), others[name]()] as const
        ),
      ].map(([name, graph]) => [name, toOnnx(graph).length])),
  };
}
