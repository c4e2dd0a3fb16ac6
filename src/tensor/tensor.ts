/**
 * The traced graph: an immutable node knows its operation, inputs and attributes; a tensor is one output of a node,
 * with its inferred shape and element type. Nothing is computed while tracing.
 *
 * @module
 */

import { formatShape, type Shape } from "./dimension.ts";
import type { DataType } from "./dtype.ts";
import type { Attributes, Op } from "./op.ts";

/** Shape and element type of a tensor. */
export interface Signature {
  /** The sizes, outermost first. */
  readonly shape: Shape;
  /** The element type. */
  readonly dtype: DataType;
}

/** One traced operation. */
export interface Node<K extends Op = Op> {
  /** The operation. */
  readonly op: K;
  /** What it reads. */
  readonly inputs: readonly Tensor[];
  /** Its attributes. */
  readonly attributes: Attributes<Tensor>[K];
  /** The path of {@linkcode scope} names under which it was traced. */
  readonly scope: string;
  /** Shape and element type of each output. */
  readonly signatures: readonly Signature[];
}

/** One output of a traced node. */
export class Tensor implements Signature {
  /** The node that computes it. */
  readonly node: Node;
  /** Which of the node's outputs it is. */
  readonly index: number;
  /** The sizes, outermost first. */
  readonly shape: Shape;
  /** The element type. */
  readonly dtype: DataType;

  /** Names one output of a node; tensors are built by the functions of this room only. */
  constructor(node: Node, index: number) {
    const signature = node.signatures[index];
    if (!signature) throw new RangeError(`internal: ${node.op} has no output ${index}`);
    this.node = node;
    this.index = index;
    this.shape = signature.shape;
    this.dtype = signature.dtype;
  }

  /** The number of dimensions. */
  get rank(): number {
    return this.shape.length;
  }

  /** `float32[batch, 16]`. */
  toString(): string {
    return `${this.dtype}${formatShape(this.shape)}`;
  }
}

let scopePath: readonly string[] = [];

/**
 * Traces a function under a name, so that nodes and error messages say where they belong.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { input, scope } from "./mod.ts";
 *
 * assertEquals(scope("head", () => input("x", "float32", [2])).node.scope, "head");
 * ```
 */
export function scope<T>(name: string, trace: () => T): T {
  const outer = scopePath;
  scopePath = [...outer, name];
  try {
    return trace();
  } finally {
    scopePath = outer;
  }
}

/** The current path of scope names. */
export function currentScope(): string {
  return scopePath.join("/");
}

/** Why an operation cannot be traced: the operation, what it was given, and where in the tracing code. */
export class TraceError extends TypeError {
  /** Tells it from other errors. */
  override readonly name = "TraceError";

  /** Builds the message from the operation, its inputs and the reason. */
  constructor(op: string, inputs: readonly Signature[], reason: string) {
    const given = inputs.map((t) => `${t.dtype}${formatShape(t.shape)}`).join(", ");
    super(`Cannot trace ${op}(${given}): ${reason}`);
    const path = currentScope();
    const caller = /\/([^/\s]+\.ts:\d+)/.exec(
      this.stack?.split("\n").find((line) => line.includes(".ts:") && !line.includes("/src/tensor/")) ?? "",
    )?.[1];
    const place = [path && `in ${path}`, caller && `at ${caller}`].filter(Boolean).join(" ");
    if (place) this.message += ` (traced ${place})`;
  }
}
