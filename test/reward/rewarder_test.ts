import { assertAlmostEquals, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  type GradedResponse,
  OwnModuleError,
  type ProfileReward,
  Rewarder,
  rewardKey,
  rewardList,
  rewardSchema,
} from "../../src/reward/mod.ts";
import { modulesOf } from "./modules.ts";

const problem = { id: "p1", suite: "s", family: "f", question: "1 + 1?", answer: "2" };

/** A response of some tokens to a limit of 20. */
function response(
  tokens: number,
  verdict: GradedResponse["grade"]["verdict"],
  completion = "",
): GradedResponse {
  return {
    problem,
    completion,
    tokens: new Array(tokens).fill(1),
    truncated: tokens === 20,
    maxTokens: 20,
    grade: { correct: verdict === "correct", verdict },
  };
}

/** What responses earn by ready parts. */
async function earned(
  reward: ProfileReward,
  ...responses: readonly GradedResponse[]
): Promise<readonly number[]> {
  using rewarder = new Rewarder();
  return (await rewarder.earned(reward, responses, "")).totals;
}

Deno.test("the ready rewards: correctness, format, length, overlong", async () => {
  const right = response(5, "correct"), wrong = response(5, "wrong"), none = response(20, "unparsed");
  assertEquals(await earned("correct", right, wrong, none), [1, 0, 0]);
  assertEquals(await earned({ part: "correct", wrong: -1 }, right, wrong, none), [1, -1, -1]);
  assertEquals(await earned("format", right, wrong, none), [1, 1, 0]);
  const tags = { part: "format", tags: ["think", "answer"] } as const;
  const thought = (text: string): GradedResponse => response(5, "wrong", text);
  assertEquals(
    await earned(
      tags,
      thought("<think>a</think> <answer>b</answer>"),
      thought("<answer>b</answer><think>a</think>"),
      thought("<think>a</think>"),
      thought("<think>a</think><think>a</think><answer>b</answer>"),
      thought("<think>a<answer>b</answer></think>"),
      thought("</think><think><answer></answer>"),
      response(5, "unparsed", "<think>a</think><answer>b</answer>"),
    ),
    [1, 0, 0, 0, 0, 0, 0],
  );
  // One that was cut counts with the limit, wherever it was cut.
  const cut = { ...response(10, "correct"), truncated: true };
  assertEquals(await earned("length", right, wrong, response(20, "correct"), cut), [0.75, 0, 0, 0]);
  assertEquals(await earned({ part: "length", of: "all", target: 10 }, wrong, response(15, "wrong")), [
    1,
    0.5,
  ]);
  assertEquals(await earned("overlong", response(16, "wrong"), response(18, "wrong"), none), [0, -0.5, -1]);
  assertEquals(await earned({ part: "overlong", buffer: 0.5 }, response(15, "correct")), [-0.5]);
});

Deno.test("rewards are weighed and added, and each is told apart", async () => {
  const { words } = await modulesOf({
    words:
      "export default ({ completion, problem, truncated }: any) => completion.split(' ').length + problem.answer.length + Number(truncated);",
  });
  const reward: ProfileReward = ["correct", { part: "format", weight: 0.5 }, { module: words, weight: -0.1 }];
  using rewarder = new Rewarder();
  const responses = [response(5, "correct", "a b c"), response(20, "wrong", "a")];
  const { totals, parts } = await rewarder.earned(reward, responses, "GRPO seed 1, step 2");
  assertEquals(parts, { correct: [1, 0], format: [1, 1], words: [4, 3] });
  assertAlmostEquals(totals[0] ?? NaN, 1.1, 1e-12);
  assertAlmostEquals(totals[1] ?? NaN, 0.2, 1e-12);
  assertEquals(rewardKey(reward), [
    { part: "correct", name: "correct", weight: 1 },
    { part: "format", name: "format", weight: 0.5 },
    { module: words.sha256, name: "words", weight: -0.1 },
  ]);
});

Deno.test("a module's fault names module, run, step and problem", async () => {
  const { bad, few } = await modulesOf({
    bad: "export default ({ tokens }: any) => tokens.length > 4 ? NaN : 1;",
    few: "export default ({ rewards }: any) => rewards.slice(1);",
  });
  using rewarder = new Rewarder();
  await assertRejects(
    () =>
      rewarder.earned({ module: bad }, [response(2, "wrong"), response(5, "wrong")], "GRPO seed 1, step 2"),
    OwnModuleError,
    "Cannot use ./bad.ts: GRPO seed 1, step 2, problem p1: it returned NaN; expected a finite number",
  );
  const group = { rewards: [1, 0], lengths: [1, 2], truncated: [false, false] };
  await assertRejects(
    () => rewarder.advantages(few, [group], "mine seed 1, step 2"),
    OwnModuleError,
    "Cannot use ./few.ts: mine seed 1, step 2, group 1 of 1: it returned a list of 1; expected 2 advantages",
  );
});

Deno.test("rewards that are no rewards are refused by field", () => {
  const fault = (reward: unknown): string => {
    const [issue] = rewardSchema.safeParse(reward).error?.issues ?? [];
    return issue ? `${issue.path.join(".")}: ${issue.message}` : "";
  };
  assertStringIncludes(fault("speed"), "expected a reward: one of correct, format, length, overlong");
  assertStringIncludes(fault({ part: "length", goal: 3 }), 'Unrecognized key: "goal"');
  assertStringIncludes(fault({ part: "format", tags: ["<x>"] }), "tags.0");
  assertStringIncludes(fault(["correct", { part: "correct", weight: 2 }]), "under a name of its own");
  assertStringIncludes(fault([]), "Too small");
  assertStringIncludes(fault(["correct", { part: "overlong", buffer: 2 }]), "1.buffer: Too big");
  assertEquals(fault(["correct", { part: "correct", name: "again", weight: 2 }]), "");
  assertEquals(rewardList("correct"), [{ part: "correct", name: "correct", weight: 1 }]);
});
