import { assertEquals, assertThrows } from "@std/assert";
import { noTensor, type TensorSource } from "../../../src/model/mod.ts";
import { checkState, savedParameters } from "../../../src/rl/training/saved_state.ts";

const shapes = new Map([["a.weight", [2, 3]], ["b.weight", [3]]]);

/** A state of names and shapes alone. */
function state(entries: readonly (readonly [string, readonly number[]])[]): TensorSource {
  return {
    entries: new Map(entries.map(([name, shape]) => [name, { dtype: "float32", shape }])),
    read: (name) => noTensor(name),
  };
}

const whole: (readonly [string, readonly number[]])[] = [...shapes].flatMap(([name, shape]) => [
  [name, shape] as const,
  [`${name}_first_moment`, shape] as const,
  [`${name}_second_moment`, shape] as const,
  [`${name}_steps`, [1]] as const,
]);

Deno.test("checkState() takes a whole state, and none that lacks a part or has one too many", () => {
  checkState(state(whole), shapes);
  checkState(state([...whole, ["loss_scale", []]]), shapes);
  whole.forEach(([name], i) => {
    assertThrows(() => checkState(state(whole.toSpliced(i, 1)), shapes), TypeError, `"${name}" is missing`);
    assertThrows(
      () => checkState(state(whole.with(i, [name, [7]])), shapes),
      TypeError,
      `"${name}" has the shape [7]`,
    );
  });
  assertThrows(
    () => checkState(state([...whole, ["c.weight", [1]]]), shapes),
    TypeError,
    '"c.weight" is no part of one',
  );
});

Deno.test("savedParameters() leaves moments, counters and the loss's scale out", () => {
  const { entries } = savedParameters(state([...whole, ["loss_scale", []]]));
  assertEquals([...entries.keys()], [...shapes.keys()]);
});
