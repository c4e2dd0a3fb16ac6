/**
 * `critic_training.onnx` and `critic_eval.onnx`: a critic, the policy's decoder with a number a token, the value, where the
 * policy has the vocabulary. It has parameters of its own.
 *
 * @module
 */

import {
  blockShapes,
  finalNorm,
  HEAD,
  type ModelConfig,
  parameterInputs,
  type ParameterLayout,
  type Parameters,
  type ParameterShapes,
  parameterShapes,
  plainLayout,
  type StoredTensor,
  type TensorSource,
} from "../model/mod.ts";
import { type Graph, input, mul, scope, sum, type Tensor } from "../tensor/mod.ts";
import { forwardKernels } from "./evaluation.ts";
import { sequenceContext, type SequenceInputs, sequenceInputs, type SequenceSettings } from "./inputs.ts";
import { decodeFor, tableKernels } from "./policy_graph.ts";
import { accumulateGradient, trainingKernels } from "./training.ts";

/** The name of the value head, `[hiddenSize]`. */
export const VALUE_HEAD = "value_head.weight";

/** The critic's parameters: the policy's without its output embedding, and the value head. */
export function criticParameters(config: ModelConfig): ParameterShapes {
  return new Map([
    ...[...parameterShapes(config)].filter(([name]) => name !== HEAD),
    [VALUE_HEAD, [config.hiddenSize]],
  ]);
}

/** The weights that a critic starts from: a policy's, and a value head of zeros, so that every value is 0. */
export function criticWeights(config: ModelConfig, policy: TensorSource): TensorSource {
  const zeros: StoredTensor = {
    dtype: "float32",
    shape: [config.hiddenSize],
    data: new Float32Array(config.hiddenSize),
  };
  const body = [...policy.entries].filter(([name]) => name !== HEAD);
  return {
    entries: new Map([...body, [VALUE_HEAD, zeros]]),
    read: async (name) => name === VALUE_HEAD ? zeros : await policy.read(name),
  };
}

/** The traced inputs of a critic's objective, `[batch, sequence]` float32 each. */
export interface CriticInputs {
  /** The value of the state in which a token is chosen. */
  readonly values: Tensor;
  /** Values before this step's updates. */
  readonly oldValues: Tensor;
  /** Returns to predict. */
  readonly returns: Tensor;
  /** Mask and reduction: the loss is Σ weight · ℓ. */
  readonly weights: Tensor;
  /** Mask over the number of valid tokens. */
  readonly metricWeights: Tensor;
}

/** A critic's loss over tokens. */
export type CriticObjective = (inputs: CriticInputs) => {
  readonly loss: Tensor;
  readonly metrics: Readonly<Record<string, Tensor>>;
};

/** What a critic's training graph computes. */
export interface CriticSettings {
  /** The architecture. */
  readonly config: ModelConfig;
  /** The loss. */
  readonly objective: CriticObjective;
  /** Gradient checkpointing. Default false. */
  readonly checkpointing?: boolean;
  /** How the graph holds the parameters. Default float32, each in one piece. */
  readonly layout?: ParameterLayout;
  /** How many queries attention takes at a time. Absent: all at once. */
  readonly attentionBlock?: number | undefined;
}

/** V = ⟨LN(Hᴸ), w⟩ at every position, `[batch, sequence]`. */
function valuesOf(
  config: ModelConfig,
  parameters: Parameters,
  tokens: SequenceInputs,
  settings: SequenceSettings,
): Tensor {
  const context = sequenceContext(config, tokens, settings);
  const { residual } = decodeFor(config, parameters, tokens, context, "full");
  const last = residual.at(-1), head = parameters.get(VALUE_HEAD);
  if (!last || !head) throw new ReferenceError("internal: the critic has no value head");
  return scope("value", () => sum(mul(finalNorm(config, parameters, last), head), [-1]));
}

/**
 * Builds the training graph of a critic.
 *
 * Inputs: tokens, `old_values`, `returns`, `weights`, `metric_weights` `[batch, sequence]`, every parameter, and those of
 * `accumulateGradient()`. Outputs: `loss`, the objective's metrics, `values`, and the sums of gradients.
 */
export function criticTrainingGraph(
  { config, objective, checkpointing = false, layout = plainLayout, attentionBlock }: CriticSettings,
): Graph {
  const whole = criticParameters(config), parameters = parameterInputs(whole, layout);
  const tokens = sequenceInputs();
  const perToken = (name: string): Tensor => input(name, "float32", ["batch", "sequence"]);
  const oldValues = perToken("old_values"), returns = perToken("returns");
  const weights = perToken("weights"), metricWeights = perToken("metric_weights");
  const values = valuesOf(config, parameters, tokens, {
    precision: layout.precision,
    checkpointing,
    block: attentionBlock,
  });
  const { loss, metrics } = scope(
    "objective",
    () => objective({ values, oldValues, returns, weights, metricWeights }),
  );
  const sums = accumulateGradient(loss, parameters, blockShapes(whole, layout), layout);
  return {
    name: "critic_training",
    inputs: [
      ...Object.values(tokens),
      oldValues,
      returns,
      weights,
      metricWeights,
      ...parameters.values(),
      ...sums.inputs,
    ],
    outputs: { loss, ...metrics, values, ...sums.outputs },
    fused: new Set([...trainingKernels, ...tableKernels(layout)]),
  };
}

/** Builds the graph that gives a critic's `values` `[batch, sequence]`. */
export function criticEvaluationGraph(
  config: ModelConfig,
  layout: ParameterLayout = plainLayout,
  attentionBlock?: number,
): Graph {
  const parameters = parameterInputs(criticParameters(config), layout), tokens = sequenceInputs();
  return {
    name: "critic_eval",
    inputs: [...Object.values(tokens), ...parameters.values()],
    outputs: {
      values: valuesOf(config, parameters, tokens, { precision: layout.precision, block: attentionBlock }),
    },
    fused: new Set([...forwardKernels, ...tableKernels(layout)]),
  };
}
