/**
 * The building blocks of a decoder: RMSNorm, rotary positions, SwiGLU, attention.
 *
 * @module
 */

import {
  add,
  and,
  cast,
  composite,
  concat,
  constant,
  cos,
  type DataType,
  type Dim,
  div,
  equal,
  lessOrEqual,
  matmul,
  mul,
  multiplyDims,
  neg,
  not,
  reshape,
  sigmoid,
  sin,
  slice,
  softmax,
  sqrt,
  sub,
  sum,
  type Tensor,
  transpose,
  unsqueeze,
  where,
} from "../../tensor/mod.ts";

/** The score of a position that may not be attended to: far below any real one, and finite so that no row is NaN. */
export const MASKED: number = -1e9;

/** The segment of positions that every segment of a row sees. */
const SHARED = -1;

/** x Wᵀ + bias, with W as `[out, in]`; computed in W's element type, the result has that of x. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const product = cast(matmul(cast(x, weight.dtype), transpose(weight)), x.dtype);
  return bias ? add(product, bias) : product;
}

/**
 * Root mean square normalisation along the last axis: x / √(mean x² + ε) · gain (Zhang and Sennrich, 2019).
 *
 * Its derivative keeps only 1/√(mean x² + ε), one number a row, from the forward pass.
 */
export function rmsNorm(x: Tensor, gain: Tensor, epsilon: number): Tensor {
  const size = x.shape.at(-1) as number; // a gain fixes the width
  const define = (): Tensor[] => {
    const mean = div(sum(mul(x, x), [-1], true), size);
    const inverse = div(1, sqrt(add(mean, epsilon)));
    return [mul(mul(x, inverse), gain), inverse];
  };
  const [y] = composite("RmsNorm", [x, gain], define, {
    fused: {
      domain: "",
      operator: "SimplifiedLayerNormalization",
      attributes: { axis: { int: -1 }, epsilon: { float: epsilon }, stash_type: { int: 1 } },
      inputs: [x, gain],
    },
    vjp: ([g], [, inverse]) => {
      if (!g || !inverse) return [];
      const normed = mul(x, inverse), scaled = mul(g, gain);
      return [
        () => mul(inverse, sub(scaled, mul(normed, div(sum(mul(scaled, normed), [-1], true), size)))),
        () => sum(mul(g, normed), x.shape.slice(0, -1).map((_, i) => i)),
      ];
    },
  });
  return y as Tensor;
}

/** Cosines and sines of rotary angles, each `[batch, sequence, headDimension / 2]`. */
export interface Rotary {
  /** Cosines. */
  readonly cos: Tensor;
  /** Sines. */
  readonly sin: Tensor;
}

/** The rotary angles of positions `[batch, sequence]` at given frequencies. */
export function rotary(positions: Tensor, frequencies: readonly number[]): Rotary {
  const speed = constant("float32", [frequencies.length], Float32Array.from(frequencies));
  const angles = mul(unsqueeze(cast(positions, "float32"), [2]), speed);
  return { cos: cos(angles), sin: sin(angles) };
}

/**
 * Rotates pairs (i, i + d/2) of the last axis of x `[batch, heads, sequence, d]`. The transpose of a rotation is the
 * rotation back, so the derivative is this operation with the angle's sign changed.
 */
export function rotate(x: Tensor, angles: Rotary): Tensor {
  const half = (x.shape.at(-1) as number) / 2; // the head dimension is fixed
  const define = (): Tensor[] => {
    const c = unsqueeze(angles.cos, [1]), s = unsqueeze(angles.sin, [1]);
    const first = slice(x, -1, 0, half), second = slice(x, -1, half, 2 * half);
    return [concat([sub(mul(first, c), mul(second, s)), add(mul(second, c), mul(first, s))], -1)];
  };
  const [y] = composite("Rotate", [x, angles.cos, angles.sin], define, {
    fused: { domain: "", operator: "RotaryEmbedding", attributes: {}, inputs: [x, angles.cos, angles.sin] },
    vjp: ([g]) => g ? [() => rotate(g, { cos: angles.cos, sin: neg(angles.sin) })] : [],
  });
  return y as Tensor;
}

/** x · σ(x). Its derivative σ + y (1 − σ) is made of what the definition computes: x need not be kept for it. */
function swish(x: Tensor): Tensor {
  const define = (): Tensor[] => {
    const share = sigmoid(x);
    return [mul(x, share), share];
  };
  const [y] = composite("Swish", [x], define, {
    vjp: ([g], [y, share]) => g && y && share ? [() => mul(g, add(share, sub(y, mul(y, share))))] : [],
  });
  return y as Tensor;
}

/** gate · σ(gate) · up (Shazeer, 2020). */
export function swiGlu(gate: Tensor, up: Tensor): Tensor {
  return mul(swish(gate), up);
}

/** `[batch, sequence, heads · d]` as `[batch, heads, sequence, d]`. */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const [batch, sequence, width] = x.shape as [Dim, Dim, number];
  const split = [batch, sequence, heads, width / heads];
  // With one position both layouts hold the same elements in the same order.
  if (sequence === 1) return reshape(x, [batch, heads, 1, width / heads]);
  return transpose(reshape(x, split), [0, 2, 1, 3]);
}

/** `[batch, heads, sequence, d]` as `[batch, sequence, heads · d]`. */
export function joinHeads(x: Tensor): Tensor {
  const [batch, heads, sequence, size] = x.shape as [Dim, number, Dim, number];
  return reshape(transpose(x, [0, 2, 1, 3]), [batch, sequence, heads * size]);
}

/**
 * The additive mask `[batch, 1, sequence, sequence]`: a position sees earlier positions, itself included, of its own
 * segment, and those of the segment −1, a prompt that all sequences of its row share. One rule covers causal order, padding
 * on either side (a segment of its own) and packed sequences.
 */
export function attentionMask(positions: Tensor, segments: Tensor): Tensor {
  const row = (x: Tensor): Tensor => unsqueeze(x, [1, 3]),
    column = (x: Tensor): Tensor => unsqueeze(x, [1, 2]);
  const keys = column(segments), other = not(equal(row(segments), keys)), own = not(equal(keys, SHARED));
  const visible = and(not(and(other, own)), lessOrEqual(column(positions), row(positions)));
  const zero = constant("float32", [], Float32Array.of(0));
  return where(visible, zero, constant("float32", [], Float32Array.of(MASKED)));
}

/**
 * Grouped-query attention: queries `[batch, heads, sequence, d]`, keys and values `[batch, fewer heads, seen, d]`. The
 * queries that share a key head are rows of one product, so keys are never repeated.
 *
 * @param precision The element type of both products; the softmax between them has that of the mask.
 */
export function attention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  mask: Tensor,
  precision: DataType = query.dtype,
): Tensor {
  const [batch, heads, sequence, size] = query.shape as [Dim, number, Dim, number];
  const [, groups, seen] = key.shape as [Dim, number, Dim, number]; // the number of key heads is fixed
  const rows = (x: Tensor, width: Dim): Tensor =>
    reshape(x, [batch, groups, multiplyDims([heads / groups, sequence]), width]);
  const product = (a: Tensor, b: Tensor): Tensor =>
    cast(matmul(cast(a, precision), cast(b, precision)), query.dtype);
  const scores = product(mul(rows(query, size), 1 / Math.sqrt(size)), transpose(key));
  const probabilities = softmax(add(reshape(scores, [batch, heads, sequence, seen]), mask));
  return reshape(product(rows(probabilities, seen), value), [batch, heads, sequence, size]);
}
