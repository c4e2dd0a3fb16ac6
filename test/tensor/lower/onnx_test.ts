import { fromBinary } from "@bufbuild/protobuf";
import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { ModelProtoSchema } from "onnx-buf";
import * as t from "../../../src/tensor/mod.ts";
import type { Graph, Tensor } from "../../../src/tensor/mod.ts";
import { load, numbers, runtime } from "../finite_difference.ts";

/** A graph with scopes, constants, symbols and a gradient. */
function example(scale = 0.5): Graph {
  const x = t.input("x", "float32", ["batch", 4]), w = t.input("w", "float32", [4, 4]);
  const y = t.scope("layer", () => t.tanh(t.mul(t.matmul(x, w), scale)));
  const loss = t.sum(t.add(t.mul(y, 0.5), t.scope("layer", () => t.tanh(x))));
  const [gradient] = t.grad(loss, [w]) as [Tensor];
  return { name: "example", inputs: [x, w], outputs: { loss, gradient } };
}

const decode = (graph: Graph) => fromBinary(ModelProtoSchema, t.toOnnx(graph)).graph;

/** Runs a graph of float32 inputs, each filled with its own whole numbers. */
async function run(graph: Graph, shapes: Readonly<Record<string, readonly number[]>>) {
  const session = await load(graph);
  const feeds = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const length = shape.reduce((a, b) => a * b, 1);
      return [name, runtime.upload("float32", shape, Float32Array.from({ length }, (_, i) => i))];
    }),
  );
  const results: Record<string, readonly [readonly number[], readonly number[]]> = {};
  for (const [name, tensor] of Object.entries(await session.run(feeds))) {
    results[name] = [[...tensor.shape], await numbers(tensor)];
  }
  return results;
}

Deno.test("toOnnx() gives the same bytes for the same graph traced again, and others for another", () => {
  assertEquals(t.toOnnx(example()), t.toOnnx(example()));
  assertNotEquals(t.toOnnx(example()), t.toOnnx(example(0.25)));
});

Deno.test("toOnnx() names values after scope and operation, numbered where they repeat", () => {
  assertEquals(decode(example())?.node.slice(0, 7).map((node) => node.output[0]), [
    "layer/MatMul",
    "layer/Mul",
    "layer/Tanh",
    "Mul",
    "layer/Tanh_1",
    "Add",
    "loss",
  ]);
});

Deno.test("toOnnx() stores equal constants once and constants of other types or shapes apart", () => {
  const x = t.input("x", "float32", [2]), f = () => t.constant("float32", [1], Float32Array.of(1));
  const others = [
    t.cast(t.constant("int32", [1], Int32Array.of(0x3f800000)), "float32"),
    t.constant("float32", [1, 1], Float32Array.of(1)),
    t.constant("float32", [1], Float32Array.of(-0)),
    t.constant("float32", [1], Float32Array.of(0)),
  ];
  const same = decode({ name: "g", inputs: [x], outputs: { y: t.add(t.add(x, f()), f()) } });
  assertEquals(same?.initializer.map(({ name }) => name), ["constant_0"]);
  const apart = decode({
    name: "g",
    inputs: [x],
    outputs: { y: [f(), ...others].reduce((a, b) => t.add(a, b), x) },
  });
  assertEquals(apart?.initializer.length, 5);
});

Deno.test("toOnnx() keeps an input that nothing reads", async () => {
  const x = t.input("x", "float32", [2]), unread = t.input("unread", "float32", ["batch"]);
  const graph = { name: "g", inputs: [unread, x], outputs: { y: t.neg(x) } };
  assertEquals((await load(graph)).inputNames, ["unread", "x"]);
  assertEquals(await run(graph, { x: [2], unread: [3] }), { y: [[2], [-0, -1]] });
});

Deno.test("toOnnx() takes an input, a constant, and one tensor twice as outputs", async () => {
  const x = t.input("x", "float32", [2]), y = t.add(x, 1);
  const outputs = {
    x,
    other: x,
    first: y,
    second: y,
    stopped: t.stopGradient(y),
    three: t.scalar("float32", 3),
  };
  assertEquals(await run({ name: "g", inputs: [x], outputs }, { x: [2] }), {
    x: [[2], [0, 1]],
    other: [[2], [0, 1]],
    first: [[2], [1, 2]],
    second: [[2], [1, 2]],
    stopped: [[2], [1, 2]],
    three: [[], [3]],
  });
});

Deno.test("toOnnx() keeps inner names apart from those of inputs and outputs", async () => {
  const x = t.input("Neg", "float32", [2]), add = t.add(t.neg(x), 1);
  const graph = { name: "g", inputs: [x], outputs: { Add: t.mul(add, 2), Add_1: t.exp(t.mul(add, 0)) } };
  assertEquals(await run(graph, { Neg: [2] }), { Add: [[2], [2, 0]], Add_1: [[2], [1, 1]] });
});

Deno.test("toOnnx() reshapes where two symbols move, and where sizes are zero", async () => {
  const x = t.input("x", "float32", ["batch", "sequence", 2]);
  const graph = {
    name: "g",
    inputs: [x],
    outputs: {
      moved: t.reshape(x, ["sequence", "batch", 2]),
      both: t.reshape(x, [2, "batch*sequence"]),
    },
  };
  for (const [batch, sequence] of [[3, 5], [1, 1], [0, 3], [3, 0]] as const) {
    const result = await run(graph, { x: [batch, sequence, 2] });
    assertEquals(result.moved?.[0], [sequence, batch, 2]);
    assertEquals(result.both?.[0], [2, batch * sequence]);
    assertEquals(result.moved?.[1], Array.from({ length: 2 * batch * sequence }, (_, i) => i));
  }
  const empty = t.input("empty", "float32", [0, 4]);
  const still = { name: "g", inputs: [empty], outputs: { y: t.reshape(empty, [4, 0]) } };
  assertEquals(await run(still, { empty: [0, 4] }), { y: [[4, 0], []] });
});

Deno.test("toOnnx() computes products of symbols for Expand", async () => {
  const x = t.input("x", "float32", ["batch", "sequence", "width"]);
  const y = t.expand(t.scalar("float32", 7), [t.multiplyDims([2, "width", "batch", "sequence"]), "width"]);
  const result = await run({ name: "g", inputs: [x], outputs: { y } }, { x: [2, 3, 5] });
  assertEquals(result.y?.[0], [60, 5]);
});

Deno.test("toOnnx() throws when an input is undeclared, named twice, or overwritten, or a symbol has no input", () => {
  const x = t.input("x", "float32", ["batch"]), twin = t.input("x", "float32", ["batch"]);
  const cases: readonly (readonly [Graph, string])[] = [
    [{ name: "g", inputs: [], outputs: { y: t.neg(x) } }, 'it reads the undeclared input "x"'],
    [{ name: "g", inputs: [x, twin], outputs: { y: t.neg(x) } }, "two inputs have the same name"],
    [{ name: "g", inputs: [x], outputs: { x: t.neg(x) } }, '"x" is an input and another output'],
    [{ name: "g", inputs: [t.neg(x)], outputs: { y: t.scalar("float32", 1) } }, "it is made by Neg"],
    [
      { name: "g", inputs: [x], outputs: { y: t.expand(t.scalar("float32", 1), ["sequence"]) } },
      'no input has the dimension "sequence"',
    ],
  ];
  for (const [graph, reason] of cases) assertThrows(() => t.toOnnx(graph), Error, reason);
});

Deno.test("toOnnx() writes a kernel that repeats a graph: states, slices, what is read from outside, constants", async () => {
  const x = t.input("x", "float32", ["n", "m"]), rows = t.input("rows", "float32", [3, 2]);
  const factor = t.mul(x, x), zero = t.expand(t.scalar("float32", 0), ["n", "m"]);
  const fused = t.scanKernel({ states: [zero], slices: [rows], constants: [factor] }, (given) => {
    const [state, row, outer] = [...given.states, ...given.slices, ...given.constants] as [
      Tensor,
      Tensor,
      Tensor,
    ];
    // A constant of the body, a size that only outside is read, a state that is an output as it came.
    return { states: [t.add(state, t.mul(outer, t.slice(row, 0, 0, 1)))], outputs: [state, t.add(row, 2)] };
  });
  const define = (): Tensor[] => {
    const states: Tensor[] = [zero];
    for (const i of [0, 1, 2]) {
      states.push(t.add(states[i] as Tensor, t.mul(factor, t.slice(t.slice(rows, 0, i, i + 1), 1, 0, 1))));
    }
    return [
      states[3] as Tensor,
      t.concat(states.slice(0, 3).map((s) => t.unsqueeze(s, [0])), 0),
      t.add(rows, 2),
    ];
  };
  const outputs = Object.fromEntries(
    t.composite("Repeat", [zero, rows, factor], define, { fused }).map((tensor, i) => [`y${i}`, tensor]),
  );
  const results = await Promise.all([[], ["Repeat"]].map(async (names) => {
    const session = await load({ name: "repeat", inputs: [x, rows], outputs, fused: new Set(names) });
    const made = await session.run({
      x: runtime.upload("float32", [2, 2], Float32Array.of(1, 2, 3, 4)),
      rows: runtime.upload("float32", [3, 2], Float32Array.of(1, 9, 2, 9, 3, 9)),
    });
    const values = await Promise.all(Object.keys(outputs).map((name) => numbers(made[name])));
    await session.dispose();
    return values;
  }));
  assertEquals(results[1], results[0]);
  assertEquals(results[1]?.[0], [6, 24, 54, 96]);
});
