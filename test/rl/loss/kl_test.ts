import { assertEquals } from "@std/assert";
import { type KlEstimator, klEstimators, klLoss, rewardsWithKl } from "../../../src/rl/loss/kl.ts";
import { assertClose, computeLoss } from "../evaluate.ts";

/** Two distributions over three tokens, and the probabilities as weights: the sum is the expectation. */
const policy = [0.5, 0.3, 0.2], reference = [0.4, 0.35, 0.25];
const divergence = policy.reduce((sum, p, i) => sum + p * Math.log(p / (reference[i] ?? NaN)), 0);

for (const estimator of ["k1", "k3"] as const) {
  Deno.test(`klLoss() is the divergence in expectation when given ${estimator}`, async () => {
    const matrices = {
      logprobs: [policy.map(Math.log)],
      referenceLogprobs: [reference.map(Math.log)],
      weights: [policy],
    };
    const { loss } = await computeLoss(
      matrices,
      "logprobs",
      (tokens) => ({ loss: klLoss(tokens, estimator) }),
    );
    assertClose(loss, [divergence]);
  });
}

Deno.test("klEstimators are 0 when both policies agree", async () => {
  for (const estimator of Object.keys(klEstimators) as KlEstimator[]) {
    const { loss } = await computeLoss(
      { logprobs: [[-0.5]], referenceLogprobs: [[-0.5]], weights: [[1]] },
      "logprobs",
      (tokens) => ({ loss: klLoss(tokens, estimator) }),
    );
    assertEquals([...loss ?? []], [0]);
  }
});

Deno.test("rewardsWithKl() leaves tokens alone when they do not count", () => {
  const rows = rewardsWithKl([[0, 1], [3]], {
    logprobs: [[-1, -2], [-1]],
    referenceLogprobs: [[-2, -5], [-9]],
    mask: [[1, 1], [0]],
  }, 0.5);
  assertEquals(rows.map((row) => [...row]), [[-0.5, -0.5], [3]]);
});
