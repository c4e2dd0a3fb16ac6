import { assertEquals, assertThrows } from "@std/assert";
import { checkProfile, parseProfile } from "../../../../src/pipeline/mod.ts";
import { type ComparedStep, comparedValue } from "../../../../src/pipeline/stage/steps/mod.ts";

const rewards = (...values: readonly number[]): ComparedStep[] =>
  values.map((rewardMean) => ({ rewardMean }));
const all = (rule: Parameters<typeof comparedValue>[0], steps: readonly ComparedStep[]): unknown[] =>
  steps.map((_, i) => comparedValue(rule, steps.slice(0, i + 1)));

Deno.test("states are compared by the mean reward of a window, at the rule's steps and when the window is full", () => {
  const steps = rewards(0, 0.5, 1, 0.5, 0.25, 0.75);
  assertEquals(all({ by: "reward", window: 1, everySteps: 1 }, steps), [0, 0.5, 1, 0.5, 0.25, 0.75]);
  assertEquals(all({ by: "reward", window: 2, everySteps: 2 }, steps), [
    undefined,
    0.25,
    undefined,
    0.75,
    undefined,
    0.5,
  ]);
  assertEquals(all({ by: "reward", window: 4, everySteps: 3 }, steps), [...Array(5).fill(undefined), 0.625]);
});

Deno.test("by accuracy those states are compared that were evaluated", () => {
  const steps = [{ rewardMean: 1 }, { rewardMean: 0, evaluation: { accuracy: 0.3 } }, { rewardMean: 1 }];
  assertEquals(all({ by: "accuracy" }, steps), [undefined, 0.3, undefined]);
});

Deno.test("a profile whose rule cannot name a state is refused, and says why", async () => {
  const smoke = parseProfile(await Deno.readTextFile("benchmarks/profiles/smoke.json"), "smoke.json");
  const refused = (training: object, message: string, evaluation: object = {}): void => {
    assertThrows(
      () =>
        checkProfile({
          ...smoke,
          training: { ...smoke.training, ...training },
          evaluation: { ...smoke.evaluation, ...evaluation },
        }, "it"),
      SyntaxError,
      message,
    );
  };
  const evaluate = { everySteps: 1, problems: 2, samples: 1, seed: 1 };
  refused({}, "evaluation.checkpoint: expected training.keep.best", { checkpoint: "best" });
  refused({ keep: { best: { by: "accuracy" } } }, "training.keep.best.by: expected training.evaluate too");
  refused(
    { evaluate, keep: { best: { by: "accuracy", window: 2 } } },
    "training.keep.best.window: expected it with reward only",
  );
  refused(
    { keep: { best: { by: "reward", window: 2 } } },
    "training.keep.best: expected window and everySteps",
  );
  refused(
    { keep: { best: { by: "reward", window: 3, everySteps: 1 } } },
    "training.keep.best.everySteps: expected a step to compare up to the last, 2, found 1",
  );
  refused(
    { evaluate: { ...evaluate, everySteps: 3 } },
    "training.evaluate.everySteps: expected at most steps, 2",
  );
  refused(
    { evaluate: { ...evaluate, maxResponseTokens: 25 } },
    "training.evaluate.maxResponseTokens: expected at most the profile's, 24, found 25",
  );
  refused(
    { evaluate: { ...evaluate, temperature: 1e-50 } },
    "training.evaluate.temperature: expected a number within",
  );
  refused({ keepCompletions: { everySteps: 1, prompts: 3 } }, "expected at most promptsPerStep, 2, found 3");
});
