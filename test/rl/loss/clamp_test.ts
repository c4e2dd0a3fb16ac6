import { assertEquals } from "@std/assert";
import { clamp } from "../../../src/rl/loss/clamp.ts";
import { sum } from "../../../src/tensor/mod.ts";
import { computeLoss } from "../evaluate.ts";

Deno.test("clamp() has gradient 1 within the bounds and on them, 0 outside", async () => {
  const { value, gradient } = await computeLoss({ x: [[-2, -1, 0.5, 1, 3]] }, "x", ({ x }) => {
    const value = clamp(x, -1, 1);
    return { loss: sum(value), value };
  });
  assertEquals([...value ?? []], [-1, -1, 0.5, 1, 1]);
  assertEquals([...gradient ?? []], [0, 1, 1, 1, 0]);
});

Deno.test("clamp() keeps NaN", async () => {
  const { loss } = await computeLoss({ x: [[NaN]] }, "x", ({ x }) => ({ loss: sum(clamp(x, -1, 1)) }));
  assertEquals([...loss ?? []], [NaN]);
});
