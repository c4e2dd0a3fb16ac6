import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { RandomStream } from "../../src/random.ts";
import { type DeviceTensor, onnxRuntimeVersion, openRuntime, ProviderError } from "../../src/runtime/mod.ts";
import * as t from "../../src/tensor/mod.ts";

const runtime = openRuntime({ provider: "cpu", threads: 1 });

const load = (inputs: readonly t.Tensor[], outputs: Readonly<Record<string, t.Tensor>>, on = runtime) =>
  on.load(t.toOnnx({ name: "test", inputs, outputs }));

/** Normal numbers that depend on the name alone. */
function normals(name: string, shape: readonly number[]): Float32Array {
  const random = new RandomStream(name);
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal());
}

const upload = (
  shape: readonly number[],
  data: Float32Array = new Float32Array(shape.reduce((a, b) => a * b, 1)),
) => runtime.upload("float32", shape, data);

async function floats(tensor: DeviceTensor | undefined): Promise<Float32Array> {
  assert(tensor, "the run lacks an output");
  return Float32Array.from(await tensor.download() as Float32Array);
}

const a = t.input("a", "float32", ["batch", 4]), b = t.input("b", "float32", ["batch", 4]);
const simple = () => load([a, b], { sum: t.add(a, b), product: t.mul(a, b) });

Deno.test("Session knows its inputs, outputs and their shapes", async () => {
  const session = await simple();
  assertEquals(session.inputNames, ["a", "b"]);
  assertEquals(session.outputNames, ["sum", "product"]);
  assertEquals(session.outputShapes, { sum: ["batch", 4], product: ["batch", 4] });
  assertMatch(onnxRuntimeVersion(), /^\d+\.\d+\.\d+/);
  await session.dispose();
});

Deno.test("run() accumulates in place when a feed is its target", async () => {
  const accumulator = t.input("accumulator", "float32", [1000]),
    gradient = t.input("gradient", "float32", [1000]);
  for (const threads of [1, 2]) {
    const on = openRuntime({ provider: "cpu", threads });
    const session = await load(
      [accumulator, gradient],
      { total: t.add(accumulator, t.mul(gradient, 0.5)) },
      on,
    );
    const state = upload([1000], normals("state", [1000])), expected = await floats(state);
    const own = await state.download();
    for (let step = 0; step < 20; step++) {
      const values = normals(`gradient ${step}`, [1000]);
      values.forEach((value, i) => expected[i] = (expected[i] as number) + Math.fround(value * 0.5));
      const { total } = await session.run({ accumulator: state, gradient: upload([1000], values) }, {
        total: state,
      });
      assertStrictEquals(total, state);
    }
    assertStrictEquals(await state.download(), own);
    assertEquals(await floats(state), expected);
    await session.dispose();
  }
});

Deno.test("run() gives the same bits with targets as without, in place or not", async () => {
  const p = t.input("p", "float32", [64, 32]),
    g = t.input("g", "float32", [64, 32]),
    m = t.input("m", "float32", [64, 32]);
  const moment = t.add(t.mul(m, 0.9), t.mul(g, t.scalar("float32", 0.1)));
  const change = t.div(moment, t.add(t.sqrt(t.mul(moment, moment)), 1e-6));
  const session = await load([p, g, m], {
    p_out: t.sub(p, change),
    m_out: moment,
    norm: t.sum(t.mul(change, change)),
  });
  const feeds = () =>
    Object.fromEntries(["p", "g", "m"].map((x) => [x, upload([64, 32], normals(x, [64, 32]))]));
  const expected = await session.run(feeds());
  const other = { p_out: upload([64, 32]), norm: upload([]) };
  const fresh = await session.run(feeds(), other);
  assertStrictEquals(fresh.p_out, other.p_out);
  const own = feeds();
  const inPlace = await session.run(own, { p_out: own.p as DeviceTensor, m_out: own.m as DeviceTensor });
  for (const name of session.outputNames) {
    assertEquals(await floats(fresh[name]), await floats(expected[name]));
    assertEquals(await floats(inPlace[name]), await floats(expected[name]));
  }
});

Deno.test("run() computes the outputs that are asked for", async () => {
  const session = await simple(), feeds = { a: upload([2, 4]), b: upload([2, 4]) };
  assertEquals(Object.keys(await session.run(feeds, {}, ["product"])), ["product"]);
  assertEquals(Object.keys(await session.run(feeds)), ["sum", "product"]);
});

Deno.test("run() says in one line which name, element type or shape does not fit", async () => {
  const session = await simple(), good = upload([2, 4]);
  const integers = runtime.upload("int32", [2, 4], new Int32Array(8));
  const cases: readonly (readonly [() => Promise<unknown>, string])[] = [
    [() => session.run({ a: good }), 'Cannot run without the input "b"'],
    [() => session.run({ a: good, b: good, c: good }), 'Cannot run with "c": the graph has no such input'],
    [
      () => session.run({ a: good, b: good }, { total: good }),
      'Cannot run with "total": the graph has no such output',
    ],
    [
      () => session.run({ a: good, b: good }, {}, ["total"]),
      'Cannot compute "total": the graph has no such output',
    ],
    [
      () => session.run({ a: upload([2, 3]), b: good }),
      'Cannot run with "a" of float32[2, 3]: expected float32[batch=2, 4]',
    ],
    [
      () => session.run({ a: upload([8]), b: good }),
      'Cannot run with "a" of float32[8]: expected float32[batch, 4]',
    ],
    [
      () => session.run({ a: upload([1, 4]), b: good }),
      'Cannot run with "b" of float32[2, 4]: expected float32[batch=1, 4]',
    ],
    [
      () => session.run({ a: good, b: integers }),
      'Cannot run with "b" of int32[2, 4]: expected float32[batch=2, 4]',
    ],
    [
      () => session.run({ a: good, b: good }, { sum: upload([3, 4]) }),
      'Cannot run with "sum" of float32[3, 4]: expected float32[batch=2, 4]',
    ],
    [
      () => session.run({ a: good, b: { ...good, dtype: "float32", shape: [2, 4] } as DeviceTensor }),
      'Cannot run with "b": it belongs to another runtime',
    ],
  ];
  for (const [run, message] of cases) assertEquals((await assertRejects(run, Error)).message, message);
  assertThrows(() => upload([2, 2], new Float32Array(3)));
  await assertRejects(
    () => upload([2]).write(new Float32Array(3)),
    RangeError,
    "Cannot write 3 elements to a tensor of 2",
  );
  await assertRejects(() => runtime.load(Uint8Array.of(1, 2, 3)));
});

Deno.test("write() overwrites what a later run reads", async () => {
  const session = await simple(), x = upload([1, 4], Float32Array.of(1, 2, 3, 4));
  await x.write(Float32Array.of(5, 6, 7, 8));
  assertEquals(await floats((await session.run({ a: x, b: x })).sum), Float32Array.of(10, 12, 14, 16));
});

Deno.test("openRuntime() takes what is there when left to choose, and says why it is no GPU", () => {
  const auto = openRuntime({ provider: "auto", threads: 3 });
  assertEquals(auto.threads, 3);
  assertEquals(auto.fallback === undefined, auto.provider !== "cpu");
  if (auto.fallback !== undefined) assertMatch(auto.fallback, /^cuda: .+; webgpu: [^\n]+$/);
});

Deno.test("openRuntime() refuses a provider that is missing in one line that says what to do", () => {
  for (const provider of ["cuda", "webgpu"] as const) {
    try {
      assertEquals(openRuntime({ provider, threads: 1 }).provider, provider);
    } catch (error) {
      assert(error instanceof ProviderError);
      assertMatch(
        error.message,
        new RegExp(`^Cannot compute with "${provider}": .+, or use --provider cpu$`),
      );
    }
  }
});

Deno.test("on the CPU nothing crosses, and tensors are the arrays they were made of", async () => {
  const session = await simple(), data = Float32Array.of(1, 2, 3, 4);
  using x = runtime.upload("float32", [1, 4], data);
  using y = runtime.stage("float32", [1, 4], data);
  assertStrictEquals(await x.download(), data);
  assertStrictEquals(await y.download(), data);
  await session.run({ a: x, b: y });
  assertEquals([runtime.transfers, runtime.memory], [{ up: 0, down: 0 }, { tensors: 0, bytes: 0 }]);
  await session.dispose();
  x.dispose();
  await assertRejects(() => session.run({ a: x, b: y }), ReferenceError, "disposed of");
});

Deno.test("a row of a matrix product has the same bits beside any number of rows, two or more", async () => {
  for (const [inner, columns] of [[128, 128], [128, 384], [384, 128], [96, 250]] as const) {
    const x = t.input("x", "float32", ["rows", inner]);
    const w = t.input("w", "float32", [inner, columns]), v = t.input("v", "float32", [columns, inner]);
    const session = await load([x, w, v], { plain: t.matmul(x, w), transposed: t.matmul(x, t.transpose(v)) });
    const rows = normals("rows", [67, inner]);
    const weights = {
      w: upload([inner, columns], normals("weight", [inner, columns])),
      v: upload([columns, inner], normals("weight", [columns, inner])),
    };
    const products = (from: number, to: number) =>
      session.run({ ...weights, x: upload([to - from, inner], rows.slice(from * inner, to * inner)) });
    const all = await products(0, 67);
    for (const name of session.outputNames) {
      const expected = await floats(all[name]);
      for (const [from, to] of [[0, 2], [1, 3], [65, 67], [0, 3], [7, 12], [3, 35], [0, 66]] as const) {
        const part = await floats((await products(from, to))[name]);
        assertEquals(
          part,
          expected.slice(from * columns, to * columns),
          `${name}, rows ${from} to ${to} of ${inner}`,
        );
      }
    }
    await session.dispose();
  }
});

Deno.test("discard() frees a tensor's elements at once, dispose() leaves what was downloaded", async () => {
  const runtime = openRuntime({ provider: "cpu", threads: 1 });
  const kept = runtime.upload("float32", [4], Float32Array.of(1, 2, 3, 4));
  const freed = runtime.upload("float32", [4], Float32Array.of(1, 2, 3, 4));
  const [first, second] = [await kept.download(), await freed.download()];
  kept.dispose();
  freed.discard();
  assertEquals([first.length, second.length], [4, 0]);
});
