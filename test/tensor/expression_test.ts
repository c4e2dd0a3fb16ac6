import fc from "fast-check";
import * as t from "../../src/tensor/mod.ts";
import type { Shape, Tensor } from "../../src/tensor/mod.ts";
import { assertGradient, type Spec } from "./finite_difference.ts";

/** A step adds one tensor to those traced so far; the numbers choose among them. */
type Step = (pick: (choice: number) => Tensor, a: number, b: number) => Tensor;

/** Smooth everywhere, and bounded so that deep expressions stay where differences have digits. */
const steps: readonly Step[] = [
  (pick, a, b) => pair(t.add, pick(a), pick(b)),
  (pick, a, b) => t.tanh(pair(t.mul, pick(a), pick(b))),
  (pick, a, b) => pair(t.sub, pick(a), pick(b)),
  (pick, a, b) => pair(t.div, pick(a), t.add(t.exp(t.sin(pick(b))), 1)),
  (pick, a) => t.sigmoid(pick(a)),
  (pick, a) => t.cos(pick(a)),
  (pick, a) => t.log(t.add(t.mul(pick(a), pick(a)), 1)),
  (pick, a) => t.sqrt(t.add(t.mul(pick(a), pick(a)), 1)),
  (pick, a, b) => axis(pick(a), (x) => t.sum(x, [b % x.rank], a % 2 === 0)),
  (pick, a) => axis(pick(a), t.softmax),
  (pick, a) => axis(pick(a), (x) => t.tanh(t.cumulativeSum(x))),
  (pick, a) => t.transpose(pick(a)),
  (pick, a) => t.flatten(pick(a), 0),
  (pick, a) => axis(pick(a), (x) => t.tanh(t.matmul(t.flatten(x), t.transpose(t.flatten(x))))),
  (pick, a, b) => axis(pick(a), (x) => last(x, (size) => t.slice(x, -1, b % size, size))),
  (pick, a, b) => axis(pick(a), (x) => last(x, () => t.pad(x, -1, b % 2, 1))),
  (pick, a) => axis(pick(a), (x) => last(x, () => t.concat([x, t.neg(x)], -1))),
  (pick, a) =>
    t.composite("Cube", [pick(a)], () => [t.tanh(t.mul(pick(a), t.mul(pick(a), pick(a))))])[0] as Tensor,
];

/** The operation where the shapes broadcast, else with the second operand summed to a scalar. */
function pair(trace: (a: Tensor, b: Tensor) => Tensor, a: Tensor, b: Tensor): Tensor {
  return trace(a, t.broadcastShapes(a.shape, b.shape) ? b : t.tanh(t.sum(b)));
}

function axis(x: Tensor, trace: (x: Tensor) => Tensor): Tensor {
  return trace(x.rank === 0 ? t.reshape(x, [1]) : x);
}

function last(x: Tensor, trace: (size: number) => Tensor): Tensor {
  const size = x.shape.at(-1);
  return typeof size === "number" ? trace(size) : x;
}

const shapes: readonly Shape[] = [[], [2], ["batch"], ["batch", 2], [1, 2], ["batch", 1], [2, "batch", 2]];
const number = fc.nat(1000);

Deno.test("grad() of random expressions is the central difference", async () => {
  const inputs = fc.array(fc.constantFrom(...shapes), { minLength: 1, maxLength: 3 });
  const program = fc.array(fc.tuple(fc.nat(steps.length - 1), number, number), {
    minLength: 1,
    maxLength: 7,
  });
  await fc.assert(
    fc.asyncProperty(inputs, program, async (inputs, program) => {
      const specs = inputs.map((shape): Spec => ({ shape, dtype: "float64", low: -1, high: 1 }));
      await assertGradient(specs, (...traced) => {
        const known = [...traced];
        const pick = (choice: number): Tensor => known[choice % known.length] as Tensor; // never empty
        for (const [step, a, b] of program) {
          const made = (steps[step] as Step)(pick, a, b); // below the number of steps
          if (made.rank <= 5) known.push(made);
        }
        // Every tensor enters, weighted unlike its neighbours.
        return known.map((x, i) => t.mul(t.sum(x), Math.cos(i + 1))).reduce((a, b) => t.add(a, b));
      }, { step: 1e-5, relative: 1e-6 });
    }),
    { numRuns: 150, seed: 20260101 },
  );
});
