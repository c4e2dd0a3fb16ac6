import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { type ProfileEvent, timeOf } from "../../benchmarks/perf/where_time.ts";

function run(ts: number, dur: number): ProfileEvent {
  return { cat: "Session", name: "model_run", ts, dur };
}

function node(
  operator: string,
  ts: number,
  dur: number,
  inputs: readonly (readonly number[])[] = [],
  output: readonly number[] = [],
): ProfileEvent {
  return {
    cat: "Node",
    name: `n_kernel_time`,
    ts,
    dur,
    args: {
      op_name: operator,
      input_type_shape: inputs.map((shape) => ({ float: shape })),
      output_type_shape: [{ float: output }],
    },
  };
}

Deno.test("timeOf() sums nodes by kind over the runs that count, and leaves out what holds other nodes", () => {
  const { run: seconds, kinds } = timeOf([
    node("MatMul", 10, 900, [[2, 3], [3, 4]], [2, 4]),
    run(0, 1000),
    node("MatMul", 2010, 400, [[2, 3], [3, 4]], [2, 4]),
    node("Loop", 2500, 300),
    node("Mul", 2500, 200),
    node("Transpose", 2700, 100),
    run(2000, 1000),
    node("MatMul", 4010, 200, [[2, 3], [3, 4]], [2, 4]),
    run(4000, 500),
  ], 1);
  assertAlmostEquals(seconds, 750e-6);
  assertEquals(kinds.map(({ kind, nodes }) => [kind, nodes]), [
    ["matrix products", 1],
    ["arithmetic, element by element", 0.5],
    ["moving and choosing", 0.5],
  ]);
  assertAlmostEquals(kinds[0]?.seconds ?? NaN, 300e-6);
});

Deno.test("timeOf() counts the operations of products, whichever factor is transposed and however many there are", () => {
  const operations = (left: readonly number[], right: readonly number[], out: readonly number[]): number =>
    timeOf([run(0, 1), node("FusedMatMul", 0, 1, [left, right], out)], 0).operations;
  assertEquals(operations([5, 7], [7, 3], [5, 3]), 2 * 5 * 7 * 3);
  assertEquals(operations([7, 5], [3, 7], [5, 3]), 2 * 5 * 7 * 3);
  assertEquals(operations([2, 4, 5, 7], [2, 4, 7, 3], [2, 4, 5, 3]), 2 * 4 * 2 * 5 * 7 * 3);
  assertEquals(operations([2, 5, 7], [7, 3], [2, 5, 3]), 2 * 2 * 5 * 7 * 3);
});

Deno.test("timeOf() refuses a profile without a run that counts", () => {
  assertThrows(() => timeOf([run(0, 1)], 1), RangeError, "it has no run after the first 1");
});
