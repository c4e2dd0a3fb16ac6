/**
 * `optimizer_model.onnx`: clipping by the global norm, then AdamW (Loshchilov and Hutter, 2019, algorithm 2), for the
 * parameters that have a gradient. Parameters without one are no inputs: they keep value, moments and counter.
 *
 * @module
 */

import { type ParameterLayout, type ParameterShapes, parameterType, plainLayout } from "../model/mod.ts";
import {
  add,
  cast,
  type DataType,
  div,
  type Graph,
  input,
  minimum,
  mul,
  neg,
  reshape,
  scope,
  slice,
  sqrt,
  sub,
  tanh,
  type Tensor,
} from "../tensor/mod.ts";
import { gradientName, norm, outputName } from "./training.ts";

/** The constants of AdamW and of clipping. */
export interface AdamWSettings {
  /** β₁, β₂: the decay of the moments. */
  readonly betas: readonly [number, number];
  /** ε, added to the root of the second moment. */
  readonly epsilon: number;
  /** λ: decoupled weight decay, times the learning rate. */
  readonly weightDecay: number;
  /** The largest global gradient norm. */
  readonly maxGradientNorm: number;
}

/** Added to the gradient norm before dividing by it, as PyTorch's clip_grad_norm_ does. */
const CLIP_EPSILON = 1e-6;

/** The name of a parameter's first moment. */
export function firstMomentName(parameter: string): string {
  return `${parameter}_first_moment`;
}

/** The name of a parameter's second moment. */
export function secondMomentName(parameter: string): string {
  return `${parameter}_second_moment`;
}

/** The name of a parameter's 16-bit copy, which layers compute with. */
export function copyName(parameter: string, precision: DataType): string {
  return `${parameter}_${precision}`;
}

/**
 * 1 − βᵗ without cancellation: with x = t ln β it is −(eˣ − 1) = −2 tanh(x/2) / (1 − tanh(x/2)), accurate to float32's
 * last digits where 1 − 0.999ᵗ computed directly would lose four of them.
 */
function biasCorrection(beta: number, step: Tensor): Tensor {
  const half = tanh(mul(step, Math.log(beta) / 2));
  return div(mul(half, -2), sub(1, half));
}

/**
 * Builds the optimizer graph of a set of parameters.
 *
 * Inputs: `learning_rate` [], `step` int64 [number of parameters] (each parameter's own counter, from 1), `<p>`,
 * `<p>_grad`, `<p>_first_moment`, `<p>_second_moment`. Outputs: their new values `<p>.out` …, `gradient_norm` before
 * clipping and `update_norm`, the norm of the parameters' change.
 *
 * Where layers compute in 16 bits there is one more output for each parameter that they read so, `<p>_float16.out` or
 * `<p>_bfloat16.out`. float16 has one more input, `gradient_scale` [], which the gradients are multiplied by: 1 / the
 * loss's scale. bfloat16 has float32's range and needs none.
 *
 * @param factors What the learning rate of a parameter is multiplied by, decay included; absent: 1.
 */
export function optimizerGraph(
  shapes: ParameterShapes,
  settings: AdamWSettings,
  name = "optimizer_model",
  layout: ParameterLayout = plainLayout,
  factors: ReadonlyMap<string, number> = new Map(),
): Graph {
  const gradientScale = layout.precision === "float16" ? input("gradient_scale", "float32", []) : undefined;
  const learningRate = input("learning_rate", "float32", []);
  const steps = input("step", "int64", [shapes.size]);
  const rows = [...shapes].map(([parameter, shape]) => ({
    parameter,
    value: input(parameter, "float32", shape),
    gradient: input(gradientName(parameter), "float32", shape),
    first: input(firstMomentName(parameter), "float32", shape),
    second: input(secondMomentName(parameter), "float32", shape),
  }));
  const gradients = scope(
    "unscale",
    () => rows.map(({ gradient }) => gradientScale ? mul(gradient, gradientScale) : gradient),
  );
  const gradientNorm = scope("clip", () => norm(gradients));
  const scale = scope(
    "clip",
    () => minimum(div(settings.maxGradientNorm, add(gradientNorm, CLIP_EPSILON)), 1),
  );
  const [beta1, beta2] = settings.betas;
  const counters = cast(steps, "float32");
  const corrections = scope(
    "bias",
    () => [biasCorrection(beta1, counters), biasCorrection(beta2, counters)] as const,
  );
  const outputs: Record<string, Tensor> = {}, changes: Tensor[] = [];
  rows.forEach(({ parameter, value, first, second }, i) => {
    scope(parameter, () => {
      const [correction1, correction2] = corrections.map((c) => reshape(slice(c, 0, i, i + 1), [])) as [
        Tensor,
        Tensor,
      ];
      const g = mul(gradients[i] as Tensor, scale); // one for each row
      const newFirst = add(mul(first, beta1), mul(g, 1 - beta1));
      const newSecond = add(mul(second, beta2), mul(mul(g, g), 1 - beta2));
      const denominator = add(sqrt(div(newSecond, correction2)), settings.epsilon);
      const direction = div(div(newFirst, correction1), denominator);
      const decayed = add(direction, mul(value, settings.weightDecay));
      const factor = factors.get(parameter) ?? 1;
      const change = neg(mul(decayed, factor === 1 ? learningRate : mul(learningRate, factor)));
      changes.push(change);
      const newValue = add(value, change);
      outputs[outputName(parameter)] = newValue;
      outputs[outputName(firstMomentName(parameter))] = newFirst;
      outputs[outputName(secondMomentName(parameter))] = newSecond;
      const precision = parameterType(parameter, value.shape as number[], layout); // fixed sizes
      if (precision !== "float32") {
        outputs[outputName(copyName(parameter, precision))] = cast(newValue, precision);
      }
    });
  });
  const updateNorm = scope("update", () => norm(changes));
  return {
    name,
    inputs: [
      learningRate,
      steps,
      ...(gradientScale ? [gradientScale] : []),
      ...rows.flatMap((row) => [row.value, row.gradient, row.first, row.second]),
    ],
    outputs: { gradient_norm: gradientNorm, update_norm: updateNorm, ...outputs },
  };
}
