/**
 * Adding rows to some rows of a table: the derivative of reading rows by index.
 *
 * @module
 */

import { composite } from "./composite.ts";
import { type Dim, multiplyDims } from "./dimension.ts";
import * as t from "./operations.ts";
import { type Tensor, TraceError } from "./tensor.ts";

/** The name of the composite, by which graphs are told to use its kernel. */
export const ADD_ROWS = "AddRows";

/** The most rows of a table for which a product with a one-hot matrix is faster than the kernel. */
const SMALL_TABLE = 2048;

/** The number of table rows whose one-hot columns are made at a time, so that no [tokens, rows] tensor appears. */
const ONE_HOT_ROWS = 256;

/** one-hot(indices)ᵀ rows, in blocks of the table's rows. */
function oneHotProduct(size: number, indices: Tensor, rows: Tensor): Tensor {
  const one = t.scalar(rows.dtype, 1), zero = t.scalar(rows.dtype, 0);
  const column = t.unsqueeze(indices, [1]), blocks: Tensor[] = [];
  const width = Math.min(ONE_HOT_ROWS, Math.ceil(size / 2));
  for (let start = 0; start < size; start += width) {
    const count = Math.min(width, size - start);
    const hit = t.equal(t.sub(column, t.scalar("int64", start)), t.range(count));
    blocks.push(t.matmul(t.transpose(t.where(hit, one, zero)), rows));
  }
  return t.concat(blocks, 0);
}

/**
 * A table `[size, …]` of a fixed size plus rows at indices, which may repeat.
 *
 * ONNX's ScatterND would run on several threads without order: repeated indices race, and sums change from run to run.
 * ScatterElements adds on one thread, in the order of the indices.
 *
 * @param table What is added to; `undefined` is a table of zeros.
 * @param indices int64, any shape.
 * @param rows One for each index: the indices' shape, then the table's without its first axis.
 * @param shape The table's shape.
 */
export function addRows(
  table: Tensor | undefined,
  indices: Tensor,
  rows: Tensor,
  shape: readonly Dim[],
): Tensor {
  const [size] = shape;
  if (typeof size !== "number") {
    throw new TraceError("AddRows", [rows, indices], "expected a table with a fixed number of rows");
  }
  const width = multiplyDims(shape.slice(1)), count = multiplyDims(indices.shape);
  const places = t.reshape(indices, [count]), flat = t.reshape(rows, [count, width]);
  if (size <= SMALL_TABLE) {
    const sum = t.reshape(oneHotProduct(size, places, flat), shape);
    return table ? t.add(table, sum) : sum;
  }
  const base = t.reshape(table ?? t.expand(t.scalar(rows.dtype, 0), shape), [size, width]);
  const define = (): Tensor[] => [t.add(base, oneHotProduct(size, places, flat))];
  const [sum] = composite(ADD_ROWS, [base, places, flat], define, {
    fused: {
      domain: "",
      operator: "ScatterElements",
      attributes: { axis: { int: 0 }, reduction: { text: "add" } },
      inputs: [base, t.expand(t.unsqueeze(places, [1]), [count, width]), flat],
    },
    vjp: ([g]) => g ? [() => g, undefined, () => t.gather(g, places)] : [],
  });
  return t.reshape(sum as Tensor, shape); // one output
}

/** a + b; where one of them is a table of zeros with rows added, they are added to the other. */
export function addSparse(a: Tensor, b: Tensor): Tensor {
  for (const [sparse, other] of [[a, b], [b, a]] as const) {
    const { node } = sparse;
    if (!("definition" in node.attributes) || node.attributes.name !== ADD_ROWS) continue;
    const [base, places, rows] = node.inputs;
    if (base?.node.op !== "Expand" || !places || !rows) continue;
    return addRows(other, places, rows, other.shape);
  }
  return t.add(a, b);
}
