/**
 * The primitive operations and their attributes. The tables of shape rules, derivatives and lowerings are typed by
 * {@linkcode Op}, so a missing entry does not compile.
 *
 * @module
 */

import type { Dim, Shape } from "./dimension.ts";
import type { ArrayTypes, DataType } from "./dtype.ts";

/** No attributes. */
export type None = Readonly<Record<never, never>>;

/** Attributes of a softmax-like or cumulative operation. */
export interface AxisAttribute {
  /** The axis, counted from the front. */
  readonly axis: number;
}

/** Attributes of a reduction. */
export interface ReduceAttributes {
  /** The reduced axes, ascending. */
  readonly axes: readonly number[];
  /** Whether reduced axes stay with size 1. */
  readonly keepDims: boolean;
}

/** Attributes of an operation with a target shape. */
export interface ShapeAttribute {
  /** The target shape. */
  readonly shape: Shape;
}

/** Attributes of a slice along one axis. */
export interface SliceAttributes extends AxisAttribute {
  /** The first index. */
  readonly start: number;
  /** One past the last index; both are non-negative. */
  readonly end: number;
}

/** Attributes of an operation whose result has a size that a run decides. */
export interface WindowAttributes extends AxisAttribute {
  /** The symbol of that size. */
  readonly dim: string;
}

/** An attribute of a kernel. */
export type KernelAttribute = { readonly int: number } | { readonly float: number } | {
  readonly text: string;
};

/** An ONNX node that computes a composite in one kernel. */
export interface FusedKernelOf<T> {
  /** The operator's domain; empty for ONNX's own. */
  readonly domain: string;
  /** The operator's name. */
  readonly operator: string;
  /** The operator's attributes. */
  readonly attributes: Readonly<Record<string, KernelAttribute>>;
  /** The kernel's inputs; `undefined` skips an optional one. */
  readonly inputs: readonly (T | undefined)[];
  /** What the kernel repeats, where it is a loop: its inputs are then the first states, and the tensors that it walks. */
  readonly loop?: LoopOf<T>;
}

/** A kernel that repeats a graph. */
export type LoopOf<T> = BlockLoopOf<T> | RowWalkOf<T>;

/** What all loops have. */
export interface RepeatedOf<T> {
  /** The states as the body reads them: inputs of the body. */
  readonly before: readonly T[];
  /** The states as the body leaves them. */
  readonly after: readonly T[];
  /** All values from outside that the body reads. */
  readonly reads: readonly T[];
}

/** A loop along the first axis of tensors, one index at a time. */
export interface RowWalkOf<T> extends RepeatedOf<T> {
  /** The size of that axis. */
  readonly steps: number;
  /** The tensors' slices at an index, without the axis: inputs of the body. */
  readonly slices: readonly T[];
  /** What an index adds to the kernel's further outputs, which have that first axis again. */
  readonly results: readonly T[];
}

/** A loop over blocks of a dimension, one block at a time. */
export interface BlockLoopOf<T> extends RepeatedOf<T> {
  /** The dimension. */
  readonly over: Dim;
  /** The size of a block; the last one has half to one and a half times as many. */
  readonly size: number;
  /** Whether the last block comes first. */
  readonly descending: boolean;
  /** The first index of the block, and one past its last: inputs of the body, int64 `[1]` each. */
  readonly bounds: readonly [start: T, end: T];
}

/** The derivative of a composite: cotangents of its outputs in, thunks of cotangents of its inputs out. */
export type CompositeVjpOf<T> = (
  cotangents: readonly (T | undefined)[],
  outputs: readonly T[],
) => readonly ((() => T) | undefined)[];

/** What a composite node carries; T is the tensor. */
export interface CompositeOf<T> {
  /** Its name, such as `RmsNorm`. */
  readonly name: string;
  /** The outputs, defined by primitives over the node's inputs. */
  readonly definition: readonly T[];
  /** A kernel whose outputs are the definition's, in order. */
  readonly fused: FusedKernelOf<T> | undefined;
  /** A derivative of its own, where memory or a kernel demands one. */
  readonly vjp: CompositeVjpOf<T> | undefined;
}

/** The attributes of every primitive operation, under ONNX's operator names where one exists; T is the tensor. */
export interface Attributes<T> {
  /** A graph input. */
  readonly Input: { readonly name: string; readonly dtype: DataType; readonly shape: Shape };
  /** A constant. */
  readonly Constant: {
    readonly data: ArrayTypes[DataType];
    readonly dtype: DataType;
    readonly shape: readonly number[];
  };
  /** Its input, through which no gradient flows. */
  readonly StopGradient: None;
  /** Several primitives under one name, with an optional fused kernel and derivative. */
  readonly Composite: CompositeOf<T>;
  /** Changes the element type. */
  readonly Cast: { readonly to: DataType };
  /** −x. */
  readonly Neg: None;
  /** eˣ. */
  readonly Exp: None;
  /** Natural logarithm. */
  readonly Log: None;
  /** Square root. */
  readonly Sqrt: None;
  /** 1 / (1 + e⁻ˣ). */
  readonly Sigmoid: None;
  /** Hyperbolic tangent. */
  readonly Tanh: None;
  /** Sine. */
  readonly Sin: None;
  /** Cosine. */
  readonly Cos: None;
  /** Logical negation. */
  readonly Not: None;
  /** a + b. */
  readonly Add: None;
  /** a − b. */
  readonly Sub: None;
  /** a · b. */
  readonly Mul: None;
  /** a / b. */
  readonly Div: None;
  /** The smaller. */
  readonly Min: None;
  /** The larger. */
  readonly Max: None;
  /** a = b. */
  readonly Equal: None;
  /** a < b. */
  readonly Less: None;
  /** a ≤ b. */
  readonly LessOrEqual: None;
  /** a and b. */
  readonly And: None;
  /** condition ? a : b. */
  readonly Where: None;
  /** Sum over axes. */
  readonly ReduceSum: ReduceAttributes;
  /** Maximum over axes. */
  readonly ReduceMax: ReduceAttributes;
  /** Index of the first maximum along an axis, the axis removed. */
  readonly ArgMax: AxisAttribute;
  /** Softmax along the last axis. */
  readonly Softmax: None;
  /** Running sum along an axis. */
  readonly CumSum: AxisAttribute;
  /** Matrix product over the last two axes, the others broadcast. */
  readonly MatMul: None;
  /** Same elements, other shape. */
  readonly Reshape: ShapeAttribute;
  /** Permutes axes. */
  readonly Transpose: { readonly permutation: readonly number[] };
  /** Broadcasts to a shape. */
  readonly Expand: ShapeAttribute;
  /** A range of one axis. */
  readonly Slice: SliceAttributes;
  /** Zeros before and after along one axis: the transpose of a slice. */
  readonly Pad: AxisAttribute & { readonly before: number; readonly after: number };
  /** Joins along an axis. */
  readonly Concat: AxisAttribute;
  /** A range of one axis between two indices that a run computes; the size gets a name. */
  readonly Window: WindowAttributes;
  /** Joins along an axis of which sizes are known by name only. */
  readonly Join: WindowAttributes;
  /** Rows of a table [rows, …] by int64 indices. */
  readonly Gather: None;
  /** One element along the last axis for each int64 index [..., 1]. */
  readonly GatherElements: None;
}

/** The name of a primitive operation. */
export type Op = keyof Attributes<unknown>;
