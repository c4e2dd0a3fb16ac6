import { assertEquals } from "@std/assert";
import { openRuntime } from "../../src/runtime/mod.ts";
import {
  ADD_ROWS,
  addRows,
  addSparse,
  expand,
  grad,
  input,
  mul,
  scalar,
  sum,
  toOnnx,
} from "../../src/tensor/mod.ts";
import { load, numbers, runtime } from "./finite_difference.ts";

const rowsOf = (size: number, width: number) => ({
  table: input("table", "float64", [size, width]),
  indices: input("indices", "int64", ["batch", "sequence"]),
  rows: input("rows", "float64", ["batch", "sequence", width]),
});

/** A table, three rows by two, and what is added to rows 1, 1, last, 0, 1, last. */
function values(size: number, width: number) {
  const indices = [1, 1, size - 1, 0, 1, size - 1];
  const table = Float64Array.from({ length: size * width }, (_, i) => i % 7);
  const rows = Float64Array.from({ length: 6 * width }, (_, i) => i + 0.5);
  const expected = table.slice();
  indices.forEach((row, i) => {
    for (let j = 0; j < width; j++) {
      expected[row * width + j] = (expected[row * width + j] ?? NaN) + (rows[i * width + j] ?? NaN);
    }
  });
  const feeds = {
    table: runtime.upload("float64", [size, width], table),
    indices: runtime.upload("int64", [3, 2], BigInt64Array.from(indices, BigInt)),
    rows: runtime.upload("float64", [3, 2, width], rows),
  };
  return { feeds, expected: [...expected] };
}

Deno.test("addRows() adds repeated rows, for small and large tables, by its definition and by its kernel", async () => {
  for (const size of [9, 5000]) {
    for (const fused of [[], [ADD_ROWS]]) {
      const { table, indices, rows } = rowsOf(size, 2), { feeds, expected } = values(size, 2);
      const session = await load({
        name: "rows",
        inputs: [table, indices, rows],
        outputs: { sum: addRows(table, indices, rows, table.shape) },
        fused: new Set(fused),
      });
      const { sum } = await session.run(feeds);
      assertEquals(await numbers(sum), expected, `${size} ${fused}`);
      await session.dispose();
    }
  }
});

Deno.test("addRows() has derivatives: the cotangent, and its rows at the indices", async () => {
  const { table, indices, rows } = rowsOf(5000, 2), weight = input("weight", "float64", [5000, 2]);
  const loss = sum(mul(addRows(table, indices, rows, table.shape), weight));
  const [forTable, forRows] = grad(loss, [table, rows]);
  if (!forTable || !forRows) throw new Error("no gradient");
  const session = await load({
    name: "rows",
    inputs: [table, indices, rows, weight],
    outputs: { forTable, forRows },
    fused: new Set([ADD_ROWS]),
  });
  const numbersOf = Float64Array.from({ length: 10_000 }, (_, i) => i);
  const { feeds } = values(5000, 2),
    outputs = await session.run({
      ...feeds,
      weight: runtime.upload("float64", [5000, 2], numbersOf),
    });
  assertEquals(await numbers(outputs.forTable), [...numbersOf]);
  assertEquals(await numbers(outputs.forRows), [2, 3, 2, 3, 9998, 9999, 0, 1, 2, 3, 9998, 9999]);
  await session.dispose();
});

Deno.test("addSparse() adds rows to the other addend where it lies, whichever comes first", async () => {
  const { table, indices, rows } = rowsOf(5000, 2), { feeds, expected } = values(5000, 2);
  const sparse = addRows(undefined, indices, rows, table.shape);
  for (const [a, b] of [[table, sparse], [sparse, table]] as const) {
    const added = addSparse(a, b);
    const base = added.node.inputs[0];
    assertEquals(base?.node.op, "Input", "no table of zeros");
    const session = await load({ name: "rows", inputs: [table, indices, rows], outputs: { added } });
    assertEquals(await numbers((await session.run(feeds)).added), expected);
    await session.dispose();
  }
  const zeros = expand(scalar("float64", 0), [5000, 2]);
  assertEquals(addSparse(zeros, table).node.op, "Add");
});

Deno.test("addRows() gives the same bytes on several threads, however often it runs beside other work", async () => {
  const size = 2500, width = 64, count = 3000;
  const table = input("table", "float32", [size, width]), indices = input("indices", "int64", [count]);
  const rows = input("rows", "float32", [count, width]);
  const model = toOnnx({
    name: "rows",
    inputs: [table, indices, rows],
    outputs: { sum: addRows(table, indices, rows, table.shape) },
    fused: new Set([ADD_ROWS]),
  });
  // Few tokens, often repeated: threads would meet at each of them.
  const at = Array.from({ length: count }, (_, i) => i * 7919 % 5);
  const added = Float32Array.from({ length: count * width }, (_, i) => Math.sin(i));
  const expected = new Float32Array(size * width);
  at.forEach((row, i) => {
    for (let j = 0; j < width; j++) {
      expected[row * width + j] = Math.fround(
        (expected[row * width + j] ?? NaN) + (added[i * width + j] ?? NaN),
      );
    }
  });
  const burner = new Worker(`data:text/javascript,for(;;);`, { type: "module" });
  try {
    for (const threads of [1, 2, 4]) {
      const several = openRuntime({ provider: "cpu", threads }), session = await several.load(model);
      const feeds = {
        table: several.upload("float32", [size, width], new Float32Array(size * width)),
        indices: several.upload("int64", [count], BigInt64Array.from(at, BigInt)),
        rows: several.upload("float32", [count, width], added),
      };
      for (let run = 0; run < 8; run++) {
        const { sum } = await session.run(feeds), actual = await sum?.download();
        const wrong = expected.findIndex((value, i) => value !== actual?.[i]);
        assertEquals(wrong, -1, `${threads} threads, run ${run}`);
      }
      await session.dispose();
    }
  } finally {
    burner.terminate();
  }
});
