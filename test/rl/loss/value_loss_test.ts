import { assertEquals } from "@std/assert";
import { valueLoss } from "../../../src/rl/loss/value_loss.ts";
import { computeLoss } from "../evaluate.ts";

Deno.test("valueLoss() stops the gradient when a value has moved beyond the clip towards its return", async () => {
  const tokens = {
    // within the clip, beyond it towards the return, beyond it away from the return, not counted
    values: [[1.5, 3, -3, 7]],
    oldValues: [[1, 0, 0, 0]],
    returns: [[4, 4, 4, 0]],
    weights: [[1, 1, 1, 0]],
    metricWeights: [[0.25, 0.25, 0.5, 0]],
  };
  const { loss, gradient, clipFraction } = await computeLoss(
    tokens,
    "values",
    (inputs) => ({ ...valueLoss(inputs, { clip: 1 }) }),
  );
  assertEquals([...loss ?? []], [(2.5 ** 2 + 3 ** 2 + 7 ** 2) / 2]);
  assertEquals([...gradient ?? []], [-2.5, 0, -7, 0]);
  assertEquals([...clipFraction ?? []], [0.25]);
});
