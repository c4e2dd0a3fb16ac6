/**
 * `optimizer_model.onnx`: clipping by the global norm, then AdamW (Loshchilov and Hutter, 2019, algorithm 2), for the
 * parameters that have a gradient. Parameters without one are no inputs: they keep value, moments and counter.
 *
 * @module
 */

import {
  type ParameterLayout,
  type ParameterShapes,
  parameterType,
  plainLayout,
  type Precision,
} from "../model/mod.ts";
import {
  add,
  cast,
  composite,
  concat,
  constant,
  type DataType,
  div,
  expand,
  gather,
  type Graph,
  input,
  minimum,
  mul,
  neg,
  reshape,
  scanKernel,
  scope,
  slice,
  sqrt,
  sub,
  sum,
  tanh,
  type Tensor,
} from "../tensor/mod.ts";
import { gradientName, outputName } from "./training.ts";

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

/** The name of the composites that compute a tensor block by block. */
const IN_BLOCKS = "InBlocks";

/** Vectors of at most so many elements are updated together with others of their length: a kernel costs as much. */
const SMALL = 2 ** 12;

/** The name of the composites that sum squares. */
const SUM_OF_SQUARES = "SumOfSquares";

/** How many elements a block has at least and at most: what an update reads and makes of it stays in a processor's cache. */
const BLOCK = { least: 2 ** 14, most: 2 ** 17 } as const;

/** The largest number of elements of a block in which tensors of a size can be computed; `undefined` for none. */
function blockOf(elements: number): number | undefined {
  for (let blocks = Math.ceil(elements / BLOCK.most); blocks <= elements / BLOCK.least; blocks++) {
    if (elements % blocks === 0) return elements / blocks;
  }
  return undefined;
}

/**
 * The shape in which the optimizer's graph takes a parameter and what belongs to it, and gives them: where it computes
 * block by block, rows of blocks, so that a kernel reads and writes them where they lie.
 */
function walkedShape(shape: readonly number[], { onHost }: ParameterLayout): readonly number[] {
  const elements = shape.reduce((a, b) => a * b, 1), block = blockOf(elements);
  return !onHost || block === undefined || block === elements ? shape : [elements / block, block];
}

/**
 * An elementwise computation of tensors of one shape, whose outputs are such tensors or sums over all elements, of shape
 * []. A kernel takes one block after another where there is more than one: then nothing but the tensors themselves goes
 * through memory, and outputs are written where they lie.
 */
function inBlocks(
  tensors: readonly Tensor[],
  factors: readonly Tensor[],
  compute: (tensors: readonly Tensor[], factors: readonly Tensor[]) => readonly Tensor[],
): Tensor[] {
  const shape = tensors[0]?.shape as number[]; // parameters have fixed sizes
  const elements = shape.reduce((a, b) => a * b, 1), block = blockOf(elements);
  if (block === undefined || block === elements) return [...compute(tensors, factors)];
  const blocks = elements / block, walked = tensors.map((tensor) => reshape(tensor, [blocks, block]));
  const whole = compute(tensors, factors);
  const fused = scanKernel(
    { states: [], slices: walked, constants: factors },
    ({ slices, constants }) => ({ states: [], outputs: compute(slices, constants) }),
  );
  const results = composite(IN_BLOCKS, [...walked, ...factors], () => {
    return compute(walked, factors).map((result) =>
      result.rank > 0 ? result : expand(div(result, blocks), [blocks])
    );
  }, { fused });
  return results.map((result, i) => whole[i]?.rank === 0 ? sum(result) : reshape(result, shape));
}

/** What the graph reads of one parameter. */
interface Row {
  readonly parameter: string;
  /** Its place among the counters. */
  readonly place: number;
  readonly shape: readonly number[];
  /** What layers compute with it in. */
  readonly precision: Precision;
  readonly value: Tensor;
  readonly gradient: Tensor;
  readonly first: Tensor;
  readonly second: Tensor;
}

/** Vectors of one length as the rows of a matrix; one tensor alone stays as it is. */
function stacked(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors, all = concat(tensors, 0);
  return first && tensors.length > 1 ? reshape(all, [tensors.length, ...first.shape]) : all;
}

/** Σ x² over a tensor in one pass. */
function squares(x: Tensor): Tensor {
  const [total] = composite(SUM_OF_SQUARES, [x], () => [sum(mul(x, x))], {
    fused: { domain: "", operator: "ReduceSumSquare", attributes: { keepdims: { int: 0 } }, inputs: [x] },
  });
  return total as Tensor; // one output
}

/** Σ x². */
function sumOfSquares(x: Tensor): Tensor {
  const [total] = inBlocks([x], [], ([all]) => [squares(all as Tensor)]);
  return total as Tensor; // one output
}

/**
 * One step of a parameter: its new value and moments, the square of the change's norm, and where layers compute in 16 bits
 * the rounded value. Bias corrections are taken together with the learning rate,
 * lr · (m / c₁) / (√(v / c₂) + ε) = lr · √c₂ / c₁ · m / (√v + ε √c₂), and clipping with the moments' factors.
 */
function update(
  tensors: readonly Tensor[],
  factors: readonly Tensor[],
  { betas: [beta1, beta2], weightDecay }: AdamWSettings,
  precision: DataType,
): Tensor[] {
  const [value, gradient, first, second] = tensors as [Tensor, Tensor, Tensor, Tensor];
  const [pace, epsilon, ofFirst, ofSecond, decay] = factors as [Tensor, Tensor, Tensor, Tensor, Tensor];
  const newFirst = add(mul(first, beta1), mul(gradient, ofFirst)), root = mul(gradient, ofSecond);
  const newSecond = add(mul(second, beta2), mul(root, root));
  const moved = mul(div(newFirst, add(sqrt(newSecond), epsilon)), pace);
  const change = weightDecay === 0 ? moved : add(moved, mul(value, decay));
  const newValue = add(value, change);
  const copy = precision === "float32" ? [] : [cast(newValue, precision)];
  return [newValue, newFirst, newSecond, squares(change), ...copy];
}

/**
 * Builds the optimizer graph of a set of parameters. On the host it takes those that do not fit a processor's cache as
 * rows of blocks, [blocks, block], with their elements in the same order; the shapes of the outputs tell.
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
  const rows = [...shapes].map(([parameter, own], i) => {
    const shape = walkedShape(own, layout);
    return {
      parameter,
      place: i,
      shape,
      precision: parameterType(parameter, own, layout),
      value: input(parameter, "float32", shape),
      gradient: input(gradientName(parameter), "float32", shape),
      first: input(firstMomentName(parameter), "float32", shape),
      second: input(secondMomentName(parameter), "float32", shape),
    };
  });
  const groups = Map.groupBy(rows, ({ place, shape, precision }) => {
    const [length = 1] = shape;
    return shape.length === 1 && length <= SMALL ? `${precision}[${length}]` : `${place}`;
  });
  const stacks = [...groups.values()].map((members) => {
    const [{ parameter, shape, precision }] = members as [Row, ...Row[]]; // no group is empty
    const name = members.length === 1 ? parameter : `${members.length}x${shape.join("x")}`;
    const stack = (of: (row: Row) => Tensor): Tensor => scope(name, () => stacked(members.map(of)));
    return {
      name,
      members,
      shape,
      precision,
      value: stack(({ value }) => value),
      gradient: stack(({ gradient }) => gradient),
      first: stack(({ first }) => first),
      second: stack(({ second }) => second),
    };
  });
  const [beta1, beta2] = settings.betas;
  const parts = scope("clip", () => stacks.map(({ gradient }) => sumOfSquares(gradient)));
  const rawNorm = scope("clip", () => sqrt(parts.reduce((a, b) => add(a, b))));
  const gradientNorm = gradientScale ? scope("unscale", () => mul(rawNorm, gradientScale)) : rawNorm;
  const scale = scope("clip", () => {
    const clip = minimum(div(settings.maxGradientNorm, add(gradientNorm, CLIP_EPSILON)), 1);
    return gradientScale ? mul(clip, gradientScale) : clip;
  });
  const counters = cast(steps, "float32");
  const common = scope("bias", () => {
    const correction1 = biasCorrection(beta1, counters), correction2 = sqrt(biasCorrection(beta2, counters));
    const rates = mul(
      neg(learningRate),
      constant("float32", [shapes.size], Float32Array.from(shapes.keys(), (row) => factors.get(row) ?? 1)),
    );
    return {
      epsilons: mul(correction2, settings.epsilon),
      paces: mul(div(correction2, correction1), rates),
      first: mul(scale, 1 - beta1),
      second: mul(scale, Math.sqrt(1 - beta2)),
      decays: mul(rates, settings.weightDecay),
    };
  });
  const outputs: Record<string, Tensor> = {}, changes: Tensor[] = [];
  for (const { name: place, members, shape, precision, value, gradient, first, second } of stacks) {
    scope(place, () => {
      const own = (numbers: Tensor): Tensor => {
        const places = BigInt64Array.from(members, (row) => BigInt(row.place));
        const picked = gather(numbers, constant("int64", [places.length], places));
        return members.length === 1 ? picked : reshape(picked, [members.length, ...shape.map(() => 1)]);
      };
      const factors = [
        own(common.paces),
        own(common.epsilons),
        common.first,
        common.second,
        own(common.decays),
      ];
      const tensors = [value, gradient, first, second];
      const compute = (of: readonly Tensor[], by: readonly Tensor[]): Tensor[] =>
        update(of, by, settings, precision);
      // The factors of a stack belong to its rows, which are not its blocks.
      const [newValue, newFirst, newSecond, change, copy] =
        (members.length === 1 ? inBlocks(tensors, factors, compute) : compute(tensors, factors)) as [
          Tensor,
          Tensor,
          Tensor,
          Tensor,
          Tensor | undefined,
        ];
      changes.push(change);
      members.forEach(({ parameter }, i) => {
        const size = shape[0] as number; // of a vector
        const part = (all: Tensor): Tensor =>
          members.length === 1
            ? all
            : slice(reshape(all, [members.length * size]), 0, i * size, (i + 1) * size);
        outputs[outputName(parameter)] = part(newValue);
        outputs[outputName(firstMomentName(parameter))] = part(newFirst);
        outputs[outputName(secondMomentName(parameter))] = part(newSecond);
        if (copy) outputs[outputName(copyName(parameter, precision))] = part(copy);
      });
    });
  }
  const updateNorm = scope("update", () => sqrt(changes.reduce((a, b) => add(a, b))));
  return {
    name,
    inputs: [
      learningRate,
      steps,
      ...(gradientScale ? [gradientScale] : []),
      ...rows.flatMap((row) => [row.value, row.gradient, row.first, row.second]),
    ],
    outputs: { gradient_norm: gradientNorm, update_norm: updateNorm, ...outputs },
    fused: new Set(layout.onHost ? [IN_BLOCKS, SUM_OF_SQUARES] : []),
  };
}
