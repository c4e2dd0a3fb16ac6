/**
 * Reverse-mode differentiation of traced graphs.
 *
 * @module
 */

import { addSparse } from "./add_rows.ts";
import { formatShape, sameShape } from "./dimension.ts";
import * as t from "./operations.ts";
import { isFloat } from "./dtype.ts";
import { type Node, scope, Tensor, TraceError } from "./tensor.ts";
import { type Cotangents, type Vjp, vjps } from "./vjp.ts";

/** Cotangents of a node's outputs by output index. */
type Pending = Map<Node, (Tensor | undefined)[]>;

function accumulate(pending: Pending, tensor: Tensor, cotangent: Tensor): void {
  const slots = pending.get(tensor.node) ?? [];
  const known = slots[tensor.index];
  slots[tensor.index] = known ? addSparse(known, cotangent) : cotangent;
  pending.set(tensor.node, slots);
}

/** What a node's cotangents flow into: its inputs, or the definition of a composite without a derivative of its own. */
function sources(node: Node): readonly Tensor[] {
  if (node.op === "StopGradient") return [];
  if ("definition" in node.attributes && !node.attributes.vjp) return node.attributes.definition;
  return node.inputs;
}

/** All nodes that a root reaches, the root last. */
function postorder(root: Node): Node[] {
  const order: Node[] = [], seen = new Set<Node>();
  const stack: { node: Node; next: number }[] = [{ node: root, next: 0 }];
  seen.add(root);
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const source = sources(top.node)[top.next++];
    if (!source) {
      order.push(top.node);
      stack.pop();
    } else if (!seen.has(source.node)) {
      seen.add(source.node);
      stack.push({ node: source.node, next: 0 });
    }
  }
  return order;
}

function cotangentsOf(
  node: Node,
  slots: readonly (Tensor | undefined)[],
  outputs: readonly Tensor[],
): Cotangents {
  const attributes = node.attributes;
  if ("definition" in attributes) {
    if (attributes.vjp) return attributes.vjp(slots, outputs);
    return attributes.definition.map((_, i) => slots[i] ? () => slots[i] as Tensor : undefined);
  }
  const [g] = slots, [y] = outputs;
  if (!g || !y) return [];
  const rule = vjps[node.op] as Vjp<typeof node.op>;
  return rule(g, y, node);
}

/**
 * The gradient of a scalar with respect to tensors. A tensor on which the loss does not depend gets `undefined`, so
 * that "no gradient" and "gradient 0" stay different, as optimizers need it.
 *
 * @throws {TraceError} If the loss is not a floating-point scalar.
 *
 * @example d(x²)/dx = 2x
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { grad, input, mul, sum } from "./mod.ts";
 *
 * const x = input("x", "float32", ["n"]);
 * const [gradient] = grad(sum(mul(x, x)), [x]);
 * assertEquals(gradient?.shape, ["n"]);
 * ```
 */
export function grad(loss: Tensor, wrt: readonly Tensor[]): (Tensor | undefined)[] {
  if (loss.rank !== 0 || !isFloat(loss.dtype)) {
    throw new TraceError("grad", [loss], "expected a floating-point loss of shape []");
  }
  return pullback(loss, t.scalar(loss.dtype, 1), wrt);
}

/**
 * The cotangents of tensors, given the cotangent of a tensor that depends on them: Jᵀ g. A tensor on which `y` does not
 * depend gets `undefined`.
 *
 * @throws {TraceError} If the cotangent is not of the type and shape of `y`.
 */
export function pullback(y: Tensor, cotangent: Tensor, wrt: readonly Tensor[]): (Tensor | undefined)[] {
  if (!sameShape(y.shape, cotangent.shape) || y.dtype !== cotangent.dtype) {
    throw new TraceError("pullback", [y, cotangent], "expected a cotangent of the same type and shape");
  }
  const order = postorder(y.node);
  // Only nodes on a path from the wanted tensors to y are visited.
  const wanted = new Set(wrt.map((tensor) => tensor.node));
  const active = new Set<Node>();
  for (const node of order) {
    if (wanted.has(node) || sources(node).some((source) => active.has(source.node))) active.add(node);
  }
  const pending: Pending = new Map();
  accumulate(pending, y, cotangent);
  for (const node of order.reverse()) {
    const slots = pending.get(node);
    if (!slots || !active.has(node)) continue;
    const results = node.signatures.map((_, i) => new Tensor(node, i));
    scope(node.scope ? `${node.scope}/grad` : "grad", () => {
      const cotangents = cotangentsOf(node, slots, results);
      sources(node).forEach((source, i) => {
        const thunk = cotangents[i];
        if (!thunk || !active.has(source.node)) return;
        const cotangent = thunk();
        if (!sameShape(cotangent.shape, source.shape) || cotangent.dtype !== source.dtype) {
          const made = `${cotangent.dtype}${formatShape(cotangent.shape)}`;
          throw new TraceError(`${node.op}'s derivative`, [source], `internal: the cotangent is ${made}`);
        }
        accumulate(pending, source, cotangent);
      });
    });
  }
  return wrt.map((tensor) => pending.get(tensor.node)?.[tensor.index]);
}
