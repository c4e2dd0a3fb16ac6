/**
 * Dimensions of traced tensors: a number, a named symbol such as `batch`, or a product such as `2*batch*sequence`.
 * Symbols are equal by name; the rank of a tensor is always known.
 *
 * @module
 */

/** A number, a symbol, or a canonical product of both (`2*batch*sequence`: the number first, symbols sorted). */
export type Dim = number | string;

/** The sizes of a tensor, outermost first. */
export type Shape = readonly Dim[];

/** A dimension taken apart: its number and its sorted symbols. */
interface Factors {
  readonly count: number;
  readonly symbols: readonly string[];
}

function factors(dim: Dim): Factors {
  if (typeof dim === "number") return { count: dim, symbols: [] };
  const parts = dim.split("*");
  const count = /^\d/.test(dim) ? Number(parts.shift()) : 1;
  return { count, symbols: parts };
}

function join({ count, symbols }: Factors): Dim {
  if (symbols.length === 0 || count === 0) return count;
  return (count === 1 ? symbols : [String(count), ...symbols]).join("*");
}

/**
 * The product of dimensions: the number of elements of a shape.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { multiplyDims } from "./dimension.ts";
 *
 * assertEquals(multiplyDims(["sequence", 4, "batch"]), "4*batch*sequence");
 * ```
 */
export function multiplyDims(dims: Shape): Dim {
  const all = dims.map(factors);
  return join({
    count: all.reduce((product, f) => product * f.count, 1),
    symbols: all.flatMap((f) => f.symbols).sort(),
  });
}

/** The symbols and the number of which a dimension is the product. */
export function splitDim(dim: Dim): Dim[] {
  const { count, symbols } = factors(dim);
  return symbols.length === 0 || count !== 1 ? [count, ...symbols] : [...symbols];
}

/** `[2, batch, 16]` as a text. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Are two shapes the same, symbol by symbol? */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** The common shape of two under NumPy's broadcasting rule, or `undefined` if there is none. */
export function broadcastShapes(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const result: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1, y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return undefined;
    result.push(x === 1 ? y : x);
  }
  return result;
}

/** An axis counted from the front, where a negative one counts from the end. */
export function normalizeAxis(axis: number, rank: number): number {
  const result = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || result < 0 || result >= rank) {
    throw new RangeError(`Cannot use axis ${axis} of a tensor of rank ${rank}`);
  }
  return result;
}
