import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { type DeviceTensors, openRuntime } from "../../src/runtime/mod.ts";
import { constantGraph, fedProgram } from "../../src/runtime/program/mod.ts";
import * as t from "../../src/tensor/mod.ts";

const runtime = openRuntime({ provider: "cpu", threads: 1 });

/** x Wᵀ, gated, and what reads W in another way. */
function model(): Uint8Array {
  const x = t.input("x", "float32", ["batch", 3]), w = t.input("w", "float32", [5, 3]);
  const unused = t.input("unused", "float32", [2]), ids = t.input("ids", "int64", ["batch"]);
  const y = t.matmul(x, t.transpose(w));
  const outputs = { gated: t.mul(y, t.sigmoid(y)), rows: t.gather(w, ids), flipped: t.transpose(w) };
  return t.toOnnx({ name: "m", inputs: [x, ids, w, unused], outputs });
}

function feeds(rows: number): DeviceTensors {
  return {
    x: runtime.upload("float32", [rows, 3], Float32Array.from({ length: 3 * rows }, (_, i) => 0.3 * i - 1)),
    ids: runtime.upload("int64", [rows], BigInt64Array.from({ length: rows }, (_, i) => BigInt(i % 5))),
  };
}

const weight = (scale: number) =>
  runtime.upload("float32", [5, 3], Float32Array.from({ length: 15 }, (_, i) => scale * (i - 7)));
const unused = runtime.upload("float32", [2], new Float32Array(2));

async function outputsOf(run: Promise<DeviceTensors>): Promise<Record<string, number[]>> {
  const entries = Object.entries(await run).map(async ([name, tensor]) =>
    [name, Array.from(await tensor.download(), Number)] as const
  );
  return Object.fromEntries(await Promise.all(entries));
}

Deno.test("a bound session computes what the same graph computes from feeds, and is fed only the rest", async () => {
  const w = weight(0.1), plain = await runtime.load(model()), program = await runtime.prepare(model());
  const bound = await program.bind({ w, unused, "no input of the graph": w });
  assertEquals(bound.inputNames, ["x", "ids"]);
  for (const rows of [1, 2, 7]) {
    const expected = await outputsOf(plain.run({ ...feeds(rows), w, unused }));
    const actual = await outputsOf(bound.run(feeds(rows)));
    assertEquals(Object.keys(actual), ["gated", "rows", "flipped"]);
    for (const [name, values] of Object.entries(expected)) {
      values.forEach((value, i) => assertAlmostEquals(actual[name]?.[i] ?? NaN, value, 1e-6, name));
    }
  }
  for (const session of [plain, bound]) await session.dispose();
  await program.dispose();
});

Deno.test("a program is bound again to see what was written, and to other tensors", async () => {
  const w = weight(0.1), program = await runtime.prepare(model());
  const rows = async (tensor: typeof w): Promise<number[]> => {
    const session = await program.bind({ w: tensor, unused });
    const { rows = [] } = await outputsOf(session.run(feeds(5)));
    await session.dispose();
    return rows;
  };
  const first = await rows(w);
  await w.write(Float32Array.from({ length: 15 }, (_, i) => i));
  assertEquals(await rows(w), Array.from({ length: 15 }, (_, i) => i));
  assertEquals(await rows(weight(0.1)), first);
});

Deno.test("a row of a bound product has the same bits whatever stands beside it, on one thread and on two", async () => {
  const columns = 48, inner = 288, most = 70;
  const x = t.input("x", "float32", ["batch", inner]), w = t.input("w", "float32", [columns, inner]);
  const bytes = t.toOnnx({ name: "p", inputs: [x, w], outputs: { y: t.matmul(x, t.transpose(w)) } });
  const data = Float32Array.from({ length: most * inner }, (_, i) => Math.sin(i));
  const weights = Float32Array.from({ length: columns * inner }, (_, i) => Math.cos(3 * i));
  let expected: number[] | undefined;
  for (const threads of [1, 2]) {
    const on = openRuntime({ provider: "cpu", threads }), program = await on.prepare(bytes);
    const session = await program.bind({ w: on.upload("float32", [columns, inner], weights) });
    for (const rows of [most, 1, 2, 3, 4, 5, 16, 64]) {
      const part = on.upload("float32", [rows, inner], data.slice(0, rows * inner));
      const { y = [] } = await outputsOf(session.run({ x: part }));
      expected ??= y;
      assertEquals(y, expected.slice(0, rows * columns), `${rows} rows on ${threads} threads`);
    }
    await session.dispose();
  }
});

Deno.test("a product with a transposed constant reads it where it lies; no transposed copy is made", () => {
  const w = weight(1), { model: bytes, names } = constantGraph(model(), { w, unused });
  assertEquals(names, ["w"]);
  const graph = fromBinary(ModelProtoSchema, bytes).graph;
  // The transpose that is an output stays.
  const kinds = ["FusedMatMul", "Gather", "QuickGelu", "Transpose"];
  assertEquals(graph?.node.map(({ opType }) => opType).sort(), kinds);
  assertEquals(graph?.input.map(({ name }) => name), ["x", "ids"]);
  assertEquals(graph?.initializer.find(({ name }) => name === "w")?.rawData.length, 0);
});

Deno.test("binding weights takes the memory of one arranged copy", async () => {
  const size = 4096, bytes = 4 * size ** 2;
  const x = t.input("x", "float32", ["batch", size]), w = t.input("w", "float32", [size, size]);
  const y = t.matmul(x, t.transpose(w));
  const program = await runtime.prepare(t.toOnnx({ name: "p", inputs: [x, w], outputs: { y } }));
  const held = runtime.upload("float32", [size, size], new Float32Array(size ** 2).fill(1));
  // Other test files run in this process: what they take meanwhile is not in the least of several looks.
  const looks: number[] = [];
  for (let look = 0; look < 4; look++) {
    const before = Deno.memoryUsage().rss, session = await program.bind({ w: held });
    looks.push(Deno.memoryUsage().rss - before);
    await session.dispose();
  }
  assertGreater(Math.max(...looks), 0.9 * bytes);
  assertLess(Math.min(...looks), 1.3 * bytes);
});

Deno.test("on a device one session is fed what it is bound to", async () => {
  const loaded = await runtime.load(model()), program = fedProgram(loaded);
  for (const scale of [0.1, 0.2]) {
    const w = weight(scale), session = await program.bind({ w, unused });
    assertEquals(session.inputNames, ["x", "ids"]);
    const { rows = [] } = await outputsOf(session.run(feeds(5)));
    assertAlmostEquals(rows[0] ?? NaN, -7 * scale, 1e-6);
    await session.dispose();
  }
  assert(loaded.inputNames.includes("w"));
  await program.dispose();
});
