/**
 * Graphs that look into a model layer by layer: one graph runs any layer, and two read internal policies against a chunk
 * of the vocabulary. Neither the model nor the logits are ever in memory as a whole.
 *
 * @module
 */

import {
  layerParameter,
  type ModelConfig,
  parameterInputs,
  parameterShapes,
  traceLayer,
} from "../model/mod.ts";
import {
  cast,
  concat,
  exp,
  gatherLast,
  type Graph,
  input,
  less,
  matmul,
  max,
  mul,
  multiplyDims,
  reshape,
  slice,
  sub,
  sum,
  type Tensor,
  transpose,
  unsqueeze,
} from "../tensor/mod.ts";
import { forwardKernels } from "./evaluation.ts";
import { sequenceContext } from "./inputs.ts";

/** The names of a layer's parameters within the layer, such as `mlp.up_proj.weight`; they are the same in each. */
export function layerParameterNames(config: ModelConfig): string[] {
  const prefix = layerParameter(1, "");
  return [...parameterShapes(config).keys()].flatMap((name) =>
    name.startsWith(prefix) ? [name.slice(prefix.length)] : []
  );
}

/**
 * Builds the graph of one layer; its parameters are inputs under their names within the layer, so that it serves every
 * layer. Inputs besides: `hidden` `[batch, sequence, hiddenSize]`, `position_ids`, `segment_ids`. Outputs, of the shape
 * of `hidden`: `residual`, `attn`, `ffn` (what the modules add) and `attn_in`, `ffn_in` (their normed inputs).
 */
export function decoderLayerGraph(config: ModelConfig): Graph {
  const shapes = parameterShapes(config);
  const parameters = parameterInputs(
    new Map(layerParameterNames(config).map((name) => [name, shapes.get(layerParameter(1, name)) ?? []])),
  );
  const hidden = input("hidden", "float32", ["batch", "sequence", config.hiddenSize]);
  const positionIds = input("position_ids", "int64", ["batch", "sequence"]);
  const segmentIds = input("segment_ids", "int64", ["batch", "sequence"]);
  const own = (name: string): Tensor => {
    const tensor = parameters.get(name);
    if (!tensor) throw new ReferenceError(`Cannot trace a layer: there is no parameter "${name}"`);
    return tensor;
  };
  const states = traceLayer(config, 1, hidden, own, sequenceContext(config, { positionIds, segmentIds }));
  return {
    name: "inspect_layer",
    inputs: [hidden, positionIds, segmentIds, ...parameters.values()],
    outputs: {
      residual: states.after,
      attn: states.attended,
      ffn: states.fed,
      attn_in: states.attentionIn,
      ffn_in: states.feedForwardIn,
    },
    fused: forwardKernels,
  };
}

/** What {@linkcode headStatisticsGraph} is built for. */
export interface HeadStatisticsShape {
  /** The width of states. */
  readonly hiddenSize: number;
  /** Rows of the output embedding. */
  readonly chunk: number;
  /** States of a token. */
  readonly states: number;
  /** The first so many states are read a second time, rescaled. */
  readonly scaled: number;
  /** Tokens whose ranks are counted under each policy. */
  readonly targets: number;
}

/** The logits `[rows, chunk]` of states `[rows, hiddenSize]`: one form in both graphs, so that they agree in every bit. */
function chunkLogits(states: Tensor, embedding: Tensor): Tensor {
  return matmul(states, transpose(embedding));
}

/**
 * Builds the graph that reads policies against a chunk of the vocabulary. With z a policy's logits, q those of the
 * reference, m and m′ their peaks within the chunk; sums run in float64 over the chunk:
 *
 * Inputs: `states` `[states, rows, hiddenSize]`, `scale` `[scaled, rows, 1]`, `reference` `[rows, hiddenSize]`,
 * `target_logits` `[policies, rows, targets]`, `embedding` `[chunk, hiddenSize]`. The policies are the states, then the
 * rescaled ones. Outputs: `peak` m, `mass` Σ eᶻ⁻ᵐ, `moment` Σ eᶻ⁻ᵐ (z − m), `cross` Σ eᶻ⁻ᵐ (z − q),
 * `reverse` Σ e^(q − m′) (q − z), `above.k` how many logits are above that of target k, `[policies, rows]` each;
 * `reference_peak`, `reference_mass` `[rows]`; `logits` `[policies, rows, chunk]`.
 */
export function headStatisticsGraph(
  { hiddenSize, chunk, states, scaled, targets }: HeadStatisticsShape,
): Graph {
  const hidden = input("states", "float32", [states, "rows", hiddenSize]);
  const scale = input("scale", "float32", [scaled, "rows", 1]);
  const reference = input("reference", "float32", ["rows", hiddenSize]);
  const policies = states + scaled;
  const targetLogits = input("target_logits", "float32", [policies, "rows", targets]);
  const embedding = input("embedding", "float32", [chunk, hiddenSize]);
  const flat = reshape(hidden, [multiplyDims([states, "rows"]), hiddenSize]);
  const plain = reshape(chunkLogits(flat, embedding), [states, "rows", chunk]);
  const logits = concat([plain, mul(slice(plain, 0, 0, scaled), scale)], 0);
  const other = unsqueeze(chunkLogits(reference, embedding), [0]);
  const total = (x: Tensor): Tensor => sum(cast(x, "float64"), [-1]);
  const peak = max(logits, [-1], true), shifted = sub(logits, peak), weights = exp(shifted);
  const otherPeak = max(other, [-1], true), otherWeights = exp(sub(other, otherPeak));
  const apart = sub(logits, other);
  const above = Object.fromEntries(Array.from({ length: targets }, (_, k) => {
    return [`above.${k}`, sum(cast(less(slice(targetLogits, -1, k, k + 1), logits), "float32"), [-1])];
  }));
  const outputs = {
    peak: reshape(peak, [policies, "rows"]),
    mass: total(weights),
    moment: total(mul(weights, shifted)),
    cross: total(mul(weights, apart)),
    reverse: total(mul(otherWeights, sub(other, logits))),
    reference_peak: reshape(otherPeak, ["rows"]),
    reference_mass: reshape(total(otherWeights), ["rows"]),
    ...above,
    logits,
  };
  return { name: "inspect_head", inputs: [hidden, scale, reference, targetLogits, embedding], outputs };
}

/**
 * Builds the graph that computes one logit a row: `logits` `[rows]` of `states` `[rows, hiddenSize]` against the rows
 * `local` `[rows]` of `embedding` `[chunk, hiddenSize]`, in every bit as {@linkcode headStatisticsGraph} computes it if
 * there are at least two rows.
 */
export function targetLogitsGraph(hiddenSize: number, chunk: number): Graph {
  const states = input("states", "float32", ["rows", hiddenSize]);
  const local = input("local", "int64", ["rows"]);
  const embedding = input("embedding", "float32", [chunk, hiddenSize]);
  const picked = gatherLast(chunkLogits(states, embedding), unsqueeze(local, [1]));
  return {
    name: "inspect_targets",
    inputs: [states, local, embedding],
    outputs: { logits: reshape(picked, ["rows"]) },
  };
}
