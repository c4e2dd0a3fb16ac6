import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { DeviceMemoryError, openRuntime, type Runtime } from "../../src/runtime/mod.ts";
import { add, type ArrayTypes, type DataType, input, mul, toOnnx } from "../../src/tensor/mod.ts";
import { array } from "../tensor/finite_difference.ts";
import { testEach } from "./providers.ts";

const x = input("x", "float32", ["n"]), y = input("y", "float32", ["n"]);
const load = (runtime: Runtime) =>
  runtime.load(
    toOnnx({ name: "sum", inputs: [x, y], outputs: { total: add(x, mul(y, 0.5)), twice: mul(x, 2) } }),
  );

testEach(
  "elements of every type come back as they went, also none and those of a scalar",
  async (runtime) => {
    for (const dtype of ["float32", "int32", "int64", "bool", "float64"] as const satisfies DataType[]) {
      for (const shape of [[], [3], [0, 2], [5, 7]]) {
        const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i % 2);
        const data = array(dtype, values), own = data.slice() as ArrayTypes[typeof dtype];
        using tensor = runtime.upload(dtype, shape, own);
        assertEquals(Array.from(await tensor.download(), Number), values, `${dtype}[${shape}]`);
        const turned = array(dtype, values.map((value) => 1 - value)) as ArrayTypes[typeof dtype];
        await tensor.write(turned);
        assertEquals(Array.from(await tensor.download(), Number), values.map((value) => 1 - value));
        await assertRejects(
          () => tensor.write(array(dtype, [...values, 1]) as typeof own),
          RangeError,
          "elements",
        );
      }
    }
  },
);

testEach("a run updates a tensor where it lies, and returns the others", async (runtime) => {
  const session = await load(runtime), size = 1000;
  using state = runtime.upload("float32", [size], new Float32Array(size).fill(1));
  const before = runtime.transfers;
  for (let step = 0; step < 3; step++) {
    using fresh = runtime.stage("float32", [size], new Float32Array(size).fill(step));
    const outputs = await session.run({ x: state, y: fresh }, { total: state }, ["total"]);
    assertEquals(outputs.total, state);
  }
  const after = runtime.transfers, device = runtime.provider !== "cpu";
  assertEquals(after.up - before.up, device ? 3 * 4 * size : 0);
  assertEquals(after.down, before.down);
  assertEquals((await state.download())[0], 2.5);
  const outputs = await session.run({ x: state, y: state });
  assertEquals([(await outputs.total?.download())?.[0], (await outputs.twice?.download())?.[0]], [3.75, 5]);
  // An output of one run is an input of the next.
  const again = await session.run({ x: outputs.total ?? state, y: state });
  assertEquals((await again.twice?.download())?.[0], 7.5);
  await session.dispose();
});

testEach("runs that were not waited for do not disturb each other", async (runtime) => {
  const session = await load(runtime);
  using state = runtime.upload("float32", [8], new Float32Array(8));
  using one = runtime.upload("float32", [8], new Float32Array(8).fill(2));
  const run = () => session.run({ x: state, y: one }, { total: state }, ["total"]);
  await Promise.all([run(), run(), run()]);
  assertEquals((await state.download())[7], 3);
  await session.dispose();
});

testEach("a tensor that was disposed of, or belongs elsewhere, is refused", async (runtime) => {
  const session = await load(runtime), before = runtime.memory;
  const tensor = runtime.upload("float32", [4], new Float32Array(4));
  tensor.dispose();
  tensor.dispose();
  assertEquals(runtime.memory, before);
  await assertRejects(() => session.run({ x: tensor, y: tensor }), ReferenceError, "disposed of");
  const other = openRuntime({ provider: "cpu", threads: 1 });
  const foreign = await load(other);
  if (runtime.provider !== "cpu") {
    using resident = runtime.upload("float32", [4], new Float32Array(4));
    await assertRejects(() => foreign.run({ x: resident, y: resident }), TypeError, "another runtime");
  }
  await foreign.dispose();
  await session.dispose();
});

testEach("a device takes no more than its limit, and says what to do", ({ provider }) => {
  const limited = openRuntime({ provider, threads: 1, deviceMemory: 1000 });
  const tensor = limited.upload("float32", [200], new Float32Array(200));
  if (provider !== "cpu") {
    const error = assertThrows(
      () => limited.upload("float32", [100], new Float32Array(100)),
      DeviceMemoryError,
    );
    assertMatch(
      error.message,
      /^Cannot place a tensor float32\[100\] .+ limit is .+ smaller micro-batch[^\n]+$/,
    );
  }
  tensor.dispose();
  limited.upload("float32", [100], new Float32Array(100)).dispose();
  return Promise.resolve();
});
