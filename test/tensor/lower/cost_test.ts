import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  add,
  composite,
  concat,
  div,
  exp,
  type Graph,
  graphCost,
  input,
  matmul,
  mul,
  reshape,
  scanKernel,
  scheduleGraph,
  sigmoid,
  slice,
  sub,
  sum,
  type Tensor,
  transpose,
} from "../../../src/tensor/mod.ts";

const x = input("x", "float32", ["batch", 8]), w = input("w", "float32", [16, 8]);
const graph = (outputs: Graph["outputs"], inputs = [x, w]): Graph => ({ name: "test", inputs, outputs });
const operations = (outputs: Graph["outputs"], inputs = [x, w]): string[] =>
  scheduleGraph(graph(outputs, inputs)).kernels.map(({ node }) => node.op);

Deno.test("graphCost() counts a product as 2·m·n·k, and inputs and outputs in bytes", () => {
  const cost = graphCost(graph({ y: matmul(x, transpose(w)) }))({ batch: 3 });
  assertEquals(cost, {
    productOperations: 2 * 3 * 8 * 16,
    elementOperations: 0,
    inputBytes: 4 * (3 * 8 + 16 * 8),
    outputBytes: 4 * 3 * 16,
    peakBytes: 0,
    kernels: 1,
  });
  assertThrows(() => graphCost(graph({ y: exp(x) }))({}), RangeError, 'the symbol "batch" has no size');
});

Deno.test("graphCost() counts an element for each result, and for reductions each that is read", () => {
  const cost = graphCost(graph({ y: sum(exp(mul(x, x)), [1]) }))({ batch: 5 });
  assertEquals([cost.elementOperations, cost.productOperations], [5 * 8 * 3, 0]);
});

Deno.test("a value whose last reader can write over it takes no memory of its own", () => {
  // x·x is made, exp and sqrt write over it; the sum goes to the caller.
  const chain = graphCost(graph({ y: sum(exp(exp(mul(x, x))), [1]) }));
  assertEquals(chain({ batch: 5 }).peakBytes, 4 * 5 * 8);
  // Read twice, it must stay until both are done.
  const square = mul(x, x), kept = graphCost(graph({ y: sum(mul(exp(square), square), [1]) }));
  assertEquals(kept({ batch: 5 }).peakBytes, 2 * 4 * 5 * 8);
});

Deno.test("views take nothing and keep alive what they look at", () => {
  const square = mul(x, x), view = reshape(square, ["batch", 2, 4]);
  const cost = graphCost(graph({ y: sum(mul(exp(view), view), [1]) }));
  assertEquals(cost({ batch: 5 }).peakBytes, 2 * 4 * 5 * 8);
});

Deno.test("outputs lie with the caller, also where other kernels read them", () => {
  const y = exp(x);
  assertEquals(graphCost(graph({ y, z: add(y, 1) }))({ batch: 5 }).peakBytes, 0);
});

Deno.test("equal operations are computed once", () => {
  const a = slice(w, 0, 0, 4), b = slice(w, 0, 0, 4);
  const y = add(matmul(x, transpose(a)), exp(matmul(x, transpose(b))));
  assertEquals(operations({ y }).filter((op) => op === "Slice").length, 1);
  assertEquals(operations({ y }).filter((op) => op === "MatMul").length, 1);
});

Deno.test("what ONNX Runtime computes in one kernel is one", () => {
  const gate = input("gate", "float32", ["batch", 8]);
  assertEquals(operations({ y: mul(gate, sigmoid(gate)) }, [gate]), ["Mul"]);
  const scaled = matmul(mul(x, 0.5), transpose(w));
  assertEquals(operations({ y: scaled }), ["MatMul"]);
  // A sum with a matrix product is written where the sum lies: only exp(w wᵀ) needs memory.
  const old = input("old", "float32", [16, 16]);
  const cost = graphCost(graph({ y: add(matmul(w, transpose(w)), exp(old)) }, [w, old]))({});
  assertEquals([cost.peakBytes, cost.productOperations], [4 * 16 * 16, 2 * 16 * 16 * 8]);
});

Deno.test("the order is that of a reverse depth-first search: the last leaf first, its last-made input first", () => {
  const a = exp(x), b = mul(x, x), c = sub(b, a);
  // The file has b, a, c, d: c's inputs in their order. So d comes first, then a, b and c.
  const order = scheduleGraph(graph({ c, d: div(x, 2) })).kernels.map(({ node }) => node.op);
  assertEquals(order, ["Div", "Exp", "Mul", "Sub"]);
});

Deno.test("all parts of a concatenation are alive when it is made", () => {
  const parts = [0, 4, 8, 12].map((start) => mul(slice(w, 0, start, start + 4), 2));
  const cost = graphCost(graph({ y: sum(concat(parts, 0), [0, 1]) }, [w]))({});
  assertEquals(cost.peakBytes, 2 * 4 * 16 * 8);
  assert(cost.kernels >= 6);
});

Deno.test("graphCost() counts what a kernel repeats: its operations each time, its memory once", () => {
  const rows = input("rows", "float32", [5, 16, 8]), zero = input("zero", "float32", ["batch", 16]);
  const step = (state: Tensor, row: Tensor, by = x): Tensor => add(state, exp(matmul(by, transpose(row))));
  const fused = scanKernel(
    { states: [zero], slices: [rows], constants: [x] },
    ({ states: [state], slices: [row], constants: [by] }) => ({
      states: [step(state as Tensor, row as Tensor, by as Tensor)],
      outputs: [],
    }),
  );
  const define = (): Tensor[] => {
    let state: Tensor = zero;
    for (let i = 0; i < 5; i++) state = step(state, reshape(slice(rows, 0, i, i + 1), [16, 8]));
    return [state];
  };
  const [y] = composite("Repeat", [zero, rows, x], define, { fused }) as [Tensor];
  const cost = graphCost({ ...graph({ y }, [x, zero, rows]), fused: new Set(["Repeat"]) })({ batch: 3 });
  assertEquals([cost.kernels, cost.productOperations], [1, 5 * 2 * 3 * 16 * 8]);
  assertEquals(cost.peakBytes, 4 * 3 * 16, "the logits of one repetition");
});
