import { assertEquals } from "@std/assert";
import { discountedReturns, generalizedAdvantages } from "../../../src/rl/advantage/gae.ts";
import { assertClose } from "../evaluate.ts";

const rewards = [0.5, -1, 0, 2], values = [0.1, 0.3, -0.2, 0.7], all = [1, 1, 1, 1];

Deno.test("generalizedAdvantages() is the return minus the value when lambda is 1", () => {
  const gamma = 0.9;
  const expected = values.map((value, t) =>
    rewards.slice(t).reduce((sum, reward, i) => sum + reward * gamma ** i, 0) - value
  );
  assertClose(generalizedAdvantages([rewards], [values], [all], { gamma })[0], expected);
});

Deno.test("generalizedAdvantages() is the one-step error when lambda is 0", () => {
  const expected = rewards.map((reward, t) => reward + 0.9 * (values[t + 1] ?? 0) - (values[t] ?? NaN));
  assertClose(generalizedAdvantages([rewards], [values], [all], { gamma: 0.9, lambda: 0 })[0], expected);
});

Deno.test("generalizedAdvantages() is as without the tokens that do not count when there is a gap", () => {
  const settings = { gamma: 0.9, lambda: 0.8 };
  const [gap] = generalizedAdvantages([[0.5, 9, 9, -1, 0, 2]], [[0.1, 9, 9, 0.3, -0.2, 0.7]], [[
    1,
    0,
    0,
    1,
    1,
    1,
  ]], settings);
  const [dense] = generalizedAdvantages([rewards], [values], [all], settings);
  assertClose([0, 3, 4, 5].map((t) => gap?.[t] ?? NaN), dense ?? []);
});

Deno.test("discountedReturns() restarts when a token does not count", () => {
  assertEquals([...discountedReturns([[1, 2, 4, 8]], [[1, 1, 0, 1]], 0.5)[0] ?? []], [2, 2, 8, 8]);
});
