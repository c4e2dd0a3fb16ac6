/**
 * `training_model.onnx`: forward, loss and backward of one micro-batch, the gradient added to accumulators.
 *
 * The loss is a plain sum over tokens of weight · ℓ; mask and reduction are folded into the weights by the host, so the
 * accumulated gradient does not depend on how a batch is cut into micro-batches.
 *
 * @module
 */

import {
  blockedKernels,
  blockShapes,
  EMBEDDING,
  HEAD,
  type ModelConfig,
  parameterInputs,
  type ParameterLayout,
  type Parameters,
  type ParameterShapes,
  plainLayout,
} from "../model/mod.ts";
import {
  add,
  cast,
  grad,
  type Graph,
  input,
  less,
  mul,
  scope,
  sqrt,
  stopGradient,
  sum,
  type Tensor,
  where,
} from "../tensor/mod.ts";
import { sequenceContext, sequenceInputs } from "./inputs.ts";
import {
  checkLayer,
  decodeFor,
  type PolicyChoice,
  policyOf,
  policyParameters,
  policySuffix,
  tableKernels,
} from "./policy_graph.ts";

/** Numbers per token that not every objective reads, by their names in a graph. */
export const extraInputs = {
  /** log π(target) under the frozen reference policy. */
  referenceLogprobs: "reference_logprobs",
  /** 1 over the number of tokens that count of the token's sequence. */
  sequenceWeights: "sequence_weights",
} as const;

/** What an objective may read besides. */
export type ExtraInput = keyof typeof extraInputs;

/** The traced inputs of an objective, `[batch, sequence]` float32 each. */
export interface ObjectiveInputs {
  /** log π(target) under the policy that is trained. */
  readonly logprobs: Tensor;
  /** The entropy of that policy, in nats. */
  readonly entropy: Tensor;
  /** log π(target) under the policy before the update; that of this very pass where none was given. */
  readonly oldLogprobs: Tensor;
  /** Advantages. */
  readonly advantages: Tensor;
  /** Mask and reduction: the loss is Σ weight · ℓ. */
  readonly weights: Tensor;
  /** Mask over the number of valid tokens: metrics are Σ weight · value. */
  readonly metricWeights: Tensor;
  /** What only some objectives read; a graph has an input for it where it was asked for. */
  readonly extra: (name: ExtraInput) => Tensor;
}

/** A loss over tokens, with scalar metrics by output name. */
export type Objective = (inputs: ObjectiveInputs) => {
  readonly loss: Tensor;
  readonly metrics: Readonly<Record<string, Tensor>>;
};

/** What a training graph computes. */
export interface TrainingSettings {
  /** The architecture. */
  readonly config: ModelConfig;
  /** The policy whose log-probabilities enter the loss. */
  readonly policy: PolicyChoice;
  /** The loss. */
  readonly objective: Objective;
  /** Gradient checkpointing: keeps only the residual stream between layers for the backward pass. Default false. */
  readonly checkpointing?: boolean;
  /** How the graph holds the parameters. Default float32, each in one piece. */
  readonly layout?: ParameterLayout;
  /** How many queries attention takes at a time. Absent: all at once. */
  readonly attentionBlock?: number | undefined;
}

/** The composites that training graphs compute by fused kernels: those with derivatives of their own. */
export const trainingKernels: ReadonlySet<string> = new Set(["RmsNorm", "Rotate", ...blockedKernels]);

/**
 * What stands in `old_logprobs` for the log-prob of this very pass, so that the ratio is exactly 1: no log-prob is above 0.
 */
export const OWN_LOGPROB = 1;

/** The name of a parameter's gradient accumulator. */
export function gradientName(parameter: string): string {
  return `${parameter}_grad`;
}

/** The name of the norm of all accumulators, by which the host tells an overflow. */
export const ACCUMULATED_NORM = "accumulated_norm";

/** √Σ x² over all elements of tensors. */
export function norm(tensors: readonly Tensor[]): Tensor {
  return sqrt(tensors.map((x) => sum(mul(x, x))).reduce((a, b) => add(a, b)));
}

/** The name under which a graph returns the new value of an input. */
export function outputName(name: string): string {
  return `${name}.out`;
}

/** The inputs and outputs of a sum of gradients. */
export interface Accumulation {
  /** Whether the sum starts anew, and the accumulators. */
  readonly inputs: readonly Tensor[];
  /** The new sums, and in float16 their norm. */
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/** Accumulators of more elements are set to 0 by the host, where it has them. */
const LARGE = 2 ** 17;

/**
 * Does the host set the accumulator of a parameter to 0 before a new sum? A graph that chooses between the gradient and the
 * sum copies both before it writes one of them: of a large vocabulary's table that is the most memory that a pass takes.
 * Other parameters' gradients are products, which ONNX Runtime would join with the sum and compute last, all at once.
 */
export function zeroedByHost(
  parameter: string,
  shape: readonly number[],
  { onHost = false }: ParameterLayout,
): boolean {
  const table = parameter === EMBEDDING || parameter === HEAD;
  return onHost && table && shape.reduce((a, b) => a * b, 1) > LARGE;
}

/**
 * Adds the gradient of a loss to accumulators.
 *
 * Inputs: `reset_gradient` [] (true starts a new sum, of those that {@linkcode zeroedByHost} does not name), `<p>_grad`.
 * Outputs: `<p>_grad.out`, and in float16 `accumulated_norm`, the norm of all of these sums: no number if one has
 * overflowed.
 */
export function accumulateGradient(
  loss: Tensor,
  parameters: Parameters,
  shapes: ParameterShapes,
  layout: ParameterLayout,
): Accumulation {
  const reset = input("reset_gradient", "bool", []);
  const gradients = grad(loss, [...parameters.values()]);
  const accumulators = new Map([...shapes].map(([name, shape]) => {
    return [name, input(gradientName(name), "float32", shape)] as const;
  }));
  const sums: Record<string, Tensor> = {};
  scope("accumulate", () => {
    [...shapes].forEach(([name, shape], i) => {
      const accumulator = accumulators.get(name), gradient = gradients[i];
      if (!accumulator || !gradient) {
        throw new ReferenceError(`internal: the loss does not read the parameter "${name}"`);
      }
      const own = cast(gradient, "float32"), sum = add(accumulator, own);
      // Whatever needs the accumulator needs the gradient too: it would be computed long before, for all parameters at once.
      sums[outputName(gradientName(name))] = zeroedByHost(name, shape, layout) ? sum : where(reset, own, sum);
    });
  });
  const overflow = layout.precision === "float16"
    ? { [ACCUMULATED_NORM]: scope("accumulate", () => norm(Object.values(sums))) }
    : {};
  return { inputs: [reset, ...accumulators.values()], outputs: { ...overflow, ...sums } };
}

/**
 * Builds the training graph of a policy.
 *
 * Inputs: tokens, `old_logprobs` ({@linkcode OWN_LOGPROB} where they are those of this pass), `advantages`, `weights`,
 * `metric_weights` and what else the objective reads, all `[batch, sequence]`, `temperature` [], every parameter `<p>`,
 * and those of {@linkcode accumulateGradient}. Outputs: `loss`, the objective's metrics, `logprobs`, and the sums. The
 * graph of a layer's policy holds only the parameters that the policy reads, see {@linkcode policyParameters}.
 */
export function trainingGraph(
  { config, policy, objective, checkpointing = false, layout = plainLayout, attentionBlock }:
    TrainingSettings,
): Graph {
  checkLayer(config, policy);
  const whole = policyParameters(config, policy);
  const parameters = parameterInputs(whole, layout), shapes = blockShapes(whole, layout);
  const tokens = sequenceInputs();
  const perToken = (name: string): Tensor => input(name, "float32", ["batch", "sequence"]);
  const givenLogprobs = perToken("old_logprobs"), advantages = perToken("advantages");
  const weights = perToken("weights"), metricWeights = perToken("metric_weights");
  const extras = new Map<ExtraInput, Tensor>();
  const extra = (name: ExtraInput): Tensor => {
    const tensor = extras.get(name) ?? perToken(extraInputs[name]);
    extras.set(name, tensor);
    return tensor;
  };
  const temperature = input("temperature", "float32", []);
  const states = decodeFor(
    config,
    parameters,
    tokens,
    sequenceContext(config, tokens, { precision: layout.precision, checkpointing, block: attentionBlock }),
    policy,
  );
  const { logprobs, entropy } = policyOf(
    config,
    parameters,
    states,
    tokens.targetIds,
    temperature,
    policy,
    layout,
  );
  const { loss, metrics } = scope("objective", () => {
    const oldLogprobs = where(less(0, givenLogprobs), stopGradient(logprobs), givenLogprobs);
    return objective({ logprobs, entropy, oldLogprobs, advantages, weights, metricWeights, extra });
  });
  const { inputs: [reset, ...accumulators], outputs } = accumulateGradient(loss, parameters, shapes, layout);
  const suffix = policySuffix(policy);
  return {
    name: suffix === "" ? "training_model" : `training_model.${suffix}`,
    inputs: [
      ...Object.values(tokens),
      givenLogprobs,
      advantages,
      weights,
      metricWeights,
      ...extras.values(),
      temperature,
      ...(reset ? [reset] : []),
      ...parameters.values(),
      ...accumulators,
    ],
    outputs: { loss, ...metrics, logprobs, ...outputs },
    fused: new Set([...trainingKernels, ...tableKernels(layout)]),
  };
}
