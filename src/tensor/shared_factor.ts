/**
 * The cotangent of a matrix that multiplies every row: of a weight.
 *
 * @module
 */

import type { Dim } from "./dimension.ts";
import * as t from "./operations.ts";
import type { Tensor } from "./tensor.ts";

/** Rows of a micro-batch, as profiles have them: what a pass over rows is weighed with. */
const ROWS = 512;

/**
 * x `[..., features]` as `[features, rows]`, in memory. ONNX Runtime would let a product read a plain transpose in place,
 * and its CPU kernel then turns the same rows again for every block of columns, which costs a quarter of the product
 * (onnxruntime 1.30, sgemm.cpp, MlasSgemmTransposePackA...); of three axes it leaves the pass as it stands.
 */
function turned(x: Tensor): Tensor {
  const [features = 1] = x.shape.slice(-1), flat = t.flatten(x);
  const rows: readonly Dim[] = x.rank === 2 ? [1, flat.shape[0] ?? 1] : x.shape.slice(0, -1);
  const axes = [...rows, features].map((_, axis) => axis);
  const front = t.transpose(t.reshape(x, [...rows, features]), [axes.length - 1, ...axes.slice(0, -1)]);
  return t.reshape(front, [features, flat.shape[0] ?? 1]);
}

/**
 * The cotangent of B `[in, out]` in Y = A B, summed over all rows: Aᵀ G.
 *
 * Either factor may be turned. It is the cotangent of Y, and the result comes out as a weight lies, `[out, in]`; or it is
 * A, where passes over A and over the result are cheaper: a small weight that widens.
 *
 * @param a A, `[..., in]`.
 * @param g The cotangent of Y, `[..., out]`.
 * @returns `[in, out]`.
 */
export function sharedFactor(a: Tensor, g: Tensor): Tensor {
  const narrow = a.shape.at(-1), wide = g.shape.at(-1);
  const widens = typeof narrow === "number" && typeof wide === "number" &&
    ROWS * narrow + narrow * wide < ROWS * wide;
  return widens ? t.matmul(turned(a), t.flatten(g)) : t.transpose(t.matmul(turned(g), t.flatten(a)));
}
