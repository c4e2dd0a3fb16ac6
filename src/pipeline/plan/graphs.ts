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
} from "../../model/mod.ts";
import { losses, policyLoss } from "../../rl/mod.ts";
import {
  type Graph,
  type GraphCost,
  graphCost,
  inputName,
  type SymbolSizes,
  toOnnx,
} from "../../tensor/mod.ts";
import type { Profile } from "../profile/mod.ts";

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

/** Traces the graphs of a profile for a model. */
export function planGraphs(
  { loss, optimizer, training, precision = "float32", maxPromptTokens, maxResponseTokens }: Profile,
  config: ModelConfig,
): PlanGraphs {
  const layout = { precision, largestTensor: Infinity },
    block = attentionBlock(maxPromptTokens + maxResponseTokens - 1);
  const graphs = new Map<string, Graph>();
  const add = (name: string, graph: Graph): CostOf => {
    graphs.set(name, graph);
    const cost = graphCost(graph), known = new Map<string, GraphCost>();
    return (sizes) => {
      const key = JSON.stringify(sizes), before = known.get(key);
      if (before) return before;
      const made = cost(sizes);
      known.set(key, made);
      return made;
    };
  };
  const policyCosts = (policy: PolicyChoice): PolicyCosts => {
    const graph = trainingGraph({
      config,
      policy,
      layout,
      attentionBlock: block,
      checkpointing: training.checkpointing ?? false,
      objective: (inputs) => policyLoss(inputs, losses[loss].clip),
    });
    const read = new Set(graph.inputs.map(inputName));
    const parameters = new Map([...parameterShapes(config)].filter(([name]) => read.has(name)));
    const name = artifactName("optimizer_model", policy);
    return {
      parameters,
      training: add(artifactName("training_model", policy), graph),
      optimizer: add(name, optimizerGraph(parameters, optimizer, name.replace(/\.onnx$/, ""), layout))({}),
    };
  };
  // A layer that is yet to be chosen costs as much as the last that can be.
  const { internalLayer } = training,
    planned = internalLayer === "auto" ? Math.max(1, config.layers - 1) : internalLayer;
  return {
    layout,
    full: policyCosts("full"),
    internal: policyCosts(planned),
    evaluation: add(artifactName("eval_model"), evaluationGraph(config, planned, layout, block)),
    prefill: add(artifactName("prefill_model"), prefillGraph(config, layout)),
    copy: add(artifactName("copy_model"), copyGraph(config, layout)),
    rollout: add(artifactName("rollout_model"), rolloutGraph(config, layout)),
    files: () => Object.fromEntries([...graphs].map(([name, graph]) => [name, toOnnx(graph).length])),
  };
}
