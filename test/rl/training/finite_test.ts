import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { buildArtifacts } from "../../../src/artifact/mod.ts";
import { canonicalJson } from "../../../src/canonical_json.ts";
import {
  initializeWeights,
  type ModelConfig,
  type ParameterLayout,
  plainLayout,
  readTensors,
  type StoredTensors,
  tensorsInMemory,
} from "../../../src/model/mod.ts";
import {
  crossEntropyLoss,
  Learner,
  losses,
  methods,
  NonFiniteError,
  type NonFiniteFacts,
  pretrain,
  type Rollout,
  type TrainerSettings,
  trainStep,
} from "../../../src/rl/mod.ts";
import { openLearner, openSampler, optimizer, randomBatch, runtime, tinyConfig } from "../tiny_model.ts";

const tied = tinyConfig({ layers: 2 }), untied = tinyConfig({ layers: 2, tied: false });
const half: ParameterLayout = { precision: "float16", largestTensor: Infinity };
const settings: TrainerSettings = {
  method: methods.grpo,
  loss: losses.reference,
  seed: 1,
  steps: 3,
  promptsPerStep: 4,
  groupSize: 4,
  updatesPerStep: 1,
  layers: 2,
  internalLayer: 1,
  internalSteps: 2,
  schedule: { peak: 5e-3, warmupSteps: 0, finalShare: 1 },
  microBatchTokens: 256,
  maxResponseTokens: 12,
  logprobTolerance: 1e-3,
};
const prompts = [[3, 4], [5], [9, 9, 9], [20, 31, 8]];
const oddShare = ({ response }: Pick<Rollout, "response">): number =>
  response.filter((token) => token % 2 === 1).length / response.length;

/** Initial weights, each times a factor. */
function scaled(config: ModelConfig, factor: (name: string) => number): StoredTensors {
  return new Map([...initializeWeights(config, 1)].map(([name, tensor]) => {
    return [name, { ...tensor, data: (tensor.data as Float32Array).map((x) => factor(name) * x) }];
  }));
}

/** Weights with one number of one tensor replaced. */
function spoiled(config: ModelConfig, name: string, at: number, value: number): StoredTensors {
  const weights = initializeWeights(config, 1);
  (weights.get(name)?.data as Float32Array)[at] = value;
  return weights;
}

/** What differs from a step that works. */
interface Fault {
  readonly config?: ModelConfig;
  readonly weights?: StoredTensors;
  readonly temperature?: number;
  readonly changes?: Partial<TrainerSettings>;
  readonly step?: number;
  readonly reward?: (problem: number, rollout: Rollout) => number;
  readonly layout?: ParameterLayout;
  readonly endIds?: readonly number[];
}

async function takeStep(fault: Fault): Promise<void> {
  const { config = tied, weights = initializeWeights(config, 1), temperature = 1, step = 1 } = fault;
  const { layout = plainLayout, endIds = [0], reward = (_, rollout) => oddShare(rollout) } = fault;
  const learner = await openLearner(config, { weights, temperature, layer: 1, layout });
  const sampler = await openSampler(config, { endIds }, runtime, layout);
  try {
    await trainStep({ ...settings, ...fault.changes }, learner, sampler, { prompts, reward }, step);
  } finally {
    await sampler.dispose();
    await learner.dispose();
  }
}

const rate = (peak: number): Partial<TrainerSettings> => ({
  steps: 1,
  schedule: { peak, warmupSteps: 0, finalShare: 1 },
});
const tokenWeight = (maxResponseTokens: number): Partial<TrainerSettings> => ({
  maxResponseTokens,
  loss: { ...losses.reference, reduction: "constant" },
});
const mean = { ...methods.grpo, estimator: { kind: "grpo-mean" } } as const;
const embedding = "model.embed_tokens.weight";

/** A fault in each number of a step, and what the error says of it. */
const faults: Readonly<Record<string, readonly [Fault, Partial<NonFiniteFacts>]>> = {
  "the sampler's log-probs": [
    { weights: scaled(tied, (name) => name === "model.norm.weight" ? NaN : 1) },
    { quantity: "sampler log-probs", value: "NaN", response: 0 },
  ],
  "rewards": [
    { reward: (problem) => problem === 2 ? -Infinity : 1 },
    { quantity: "rewards", value: "-Infinity" },
  ],
  "advantages, once they are float32": [
    { changes: { method: mean }, reward: (_, rollout) => 1e40 * oddShare(rollout) },
    { quantity: "advantages" },
  ],
  "the trainer's log-probs": [{ temperature: 0 }, { quantity: "trainer log-probs", value: "NaN" }],
  "the entropy": [
    { config: untied, weights: scaled(untied, (name) => name === "lm_head.weight" ? 1e38 : 1) },
    { quantity: "entropy", value: "NaN" },
  ],
  "the internal policy's log-probs": [
    {
      config: untied,
      weights: scaled(untied, (name) => name === embedding ? 1e38 : name === "lm_head.weight" ? 1e4 : 1),
    },
    { quantity: "layer log-probs", value: "NaN" },
  ],
  "the internal policy's entropy": [
    {
      config: untied,
      weights: scaled(untied, (name) => {
        if (/o_proj|down_proj/.test(name)) return 0;
        return name === embedding ? 5e16 : name === "lm_head.weight" ? 1e22 : 1;
      }),
    },
    { quantity: "layer entropy", value: "NaN" },
  ],
  "token weights, once they are float32": [
    { changes: tokenWeight(1e-42) },
    { quantity: "token weights", value: "Infinity", response: 0 },
  ],
  "the gradient norm of the full policy": [
    { changes: tokenWeight(1e-25) },
    { quantity: "gradient norm", value: "Infinity", policy: "full" },
  ],
  "the gradient norm of a layer's policy": [
    { changes: { ...tokenWeight(1e-25), method: methods.bupo }, step: 2 },
    { quantity: "gradient norm", value: "Infinity", policy: 1, step: 2 },
  ],
  "the loss": [
    { changes: { ...rate(1e15), updatesPerStep: 2 } },
    { quantity: "metrics", tensor: "loss", value: "NaN" },
  ],
  "the update's norm, though each number is finite": [
    { changes: rate(1e18) },
    { quantity: "update norm", value: "Infinity" },
  ],
  "the update itself": [{ changes: rate(1e39) }, { quantity: "update norm", tensor: embedding }],
  "what is reported of finite rewards": [
    { reward: (_, rollout) => 1e200 * oddShare(rollout) },
    { quantity: "metrics", tensor: "rewardDeviation", value: "Infinity" },
  ],
  "log-probs after the last update (finite parameters of 1e15)": [
    { changes: rate(1e15) },
    { quantity: "final log-probs", value: "NaN" },
  ],
  // Responses of one token, so that nothing reads the row of a token that no prompt has; and no update.
  "parameters after the last step": [
    {
      config: untied,
      weights: spoiled(untied, embedding, 39 * 32 + 5, Infinity),
      endIds: Array.from({ length: 40 }, (_, token) => token),
      changes: { steps: 2 },
      step: 2,
      reward: () => 1,
    },
    { quantity: "parameters", tensor: embedding, value: "Infinity", step: 2 },
  ],
};

for (const [what, [fault, expected]] of Object.entries(faults)) {
  Deno.test(`trainStep() stops at a number that is not finite: ${what}`, async () => {
    const error = await assertRejects(() => takeStep(fault), NonFiniteError);
    const facts: Partial<NonFiniteFacts> = { step: 1, policy: "full", ...expected };
    for (const [name, value] of Object.entries(facts)) {
      assertEquals(Reflect.get(error.facts, name), value, `${name}: ${error.message}`);
    }
    assertEquals([error.step, error.policy], [facts.step, facts.policy]);
    assertEquals(error.tensor, error.facts.tensor ?? error.facts.quantity);
    assertMatch(
      error.message,
      /^Cannot finish step \d \((full policy|policy of layer 1)\): the .+ is .+, expected/,
    );
    assert(!error.message.includes("\n"));
    // All that is known is there, as JSON has it.
    const responses = error.batch?.responses ?? [];
    assertEquals(responses.length, 16);
    assertEquals(JSON.parse(canonicalJson(error.facts)), structuredClone(error.facts));
    const known = expected.quantity === "sampler log-probs" ? [] : ["logprobs", "reward"];
    for (const response of responses) {
      for (const name of known) assert(Object.hasOwn(response, name), name);
      assert(response.problem < 4 && (known.length === 0 || response.response.length > 0));
    }
  });
}

Deno.test("the same step without a fault does not stop, in float32 and float16, also as the last one", async () => {
  await takeStep({});
  await takeStep({ changes: { steps: 1 } });
  await takeStep({ layout: half, changes: { steps: 1, logprobTolerance: 0.1 } });
});

Deno.test("the batch of a NonFiniteError holds what was known when the step stopped, what is not finite by name", async () => {
  const rewards: number[] = [];
  const reward = (problem: number, rollout: Rollout): number => {
    rewards.push(problem === 2 ? NaN : oddShare(rollout));
    return rewards.at(-1) ?? 0;
  };
  const stopped = await assertRejects(() => takeStep({ reward }), NonFiniteError);
  const responses = stopped.batch?.responses ?? [];
  assertEquals(responses.map((response) => response.reward), rewards.map((r) => Number.isNaN(r) ? "NaN" : r));
  assertEquals(responses.map(({ sample }) => sample), [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
  assertEquals(responses[stopped.facts.response ?? -1]?.problem, 2);
  assertStringIncludes(stopped.message, `(response ${stopped.facts.response}, problem 2) is NaN`);
  assert(responses.every(({ advantage, trainerLogprobs }) => advantage === undefined && !trainerLogprobs));
  assert(responses.every(({ logprobs, response }) => logprobs?.length === response.length));

  const later = await assertRejects(() => takeStep({ temperature: 0 }), NonFiniteError);
  const [first] = later.batch?.responses ?? [];
  assertEquals(typeof first?.advantage, "number");
});

Deno.test("a NonFiniteError is made again from its facts, with what others know of the run", async () => {
  const error = await assertRejects(() => takeStep({ changes: rate(1e18) }), NonFiniteError);
  const named = error.with({ method: "BuPO", seed: 7 }),
    again = new NonFiniteError(structuredClone(named.facts));
  assertEquals(again.message, named.message);
  assertEquals(again.batch, error.batch);
  assertEquals(
    named.message,
    `Cannot finish step 1 of BuPO seed 7 (full policy): the norm of the parameters' change (${error.tensor}) is Infinity, expected a finite number; lower training.learningRate or raise training.warmupSteps; in 16 bits, try float32`,
  );
  const evaluated = new NonFiniteError({ quantity: "sampler log-probs", value: "NaN", response: 3 });
  assertMatch(evaluated.message, /^Cannot go on: the sampler's log-prob \(response 3\) is NaN, /);
  assertMatch(evaluated.with({ suite: "s" }).message, /^Cannot evaluate the policy on s: /);
  assertMatch(
    evaluated.with({ suite: "s", method: "GRPO", seed: 2 }).message,
    /^Cannot evaluate GRPO seed 2 on s: /,
  );
});

const { sequences, targets, tokens } = randomBatch(6, 40);

Deno.test("step() names the first parameter whose gradient is not finite, or the one that makes the norm overflow", async () => {
  const learner = await openLearner(tied, { layer: 1 });
  const stoppedWith = async (weight: number): Promise<[NonFiniteError, Map<string, Float32Array>]> => {
    const weighed = targets.map((target) => ({ ...target, weights: target.weights.map(() => weight) }));
    await learner.accumulate("full", sequences, weighed, tokens, 100);
    const gradients = await learner.gradients("full");
    return [await assertRejects(() => learner.step("full", 1e-3), NonFiniteError), gradients];
  };
  const finite = (values: Float32Array): boolean => values.every((value) => Number.isFinite(value));
  const [overflow, large] = await stoppedWith(1e25);
  assert([...large.values()].every(finite));
  const norms = [...large].map(([name, values]) => [name, Math.hypot(...values)] as const);
  assertEquals(overflow.tensor, norms.toSorted(([, a], [, b]) => b - a)[0]?.[0]);
  assertEquals([overflow.facts.quantity, overflow.facts.value], ["gradient norm", "Infinity"]);
  await learner.dispose();

  const other = await openLearner(tied, { layer: 1 });
  const weighed = targets.map((target) => ({ ...target, weights: target.weights.map(() => 1e37) }));
  await other.accumulate("full", sequences, weighed, tokens, 100);
  const first = [...await other.gradients("full")].find(([, values]) => !finite(values))?.[0];
  const error = await assertRejects(() => other.step("full", 1e-3), NonFiniteError);
  assert(first !== undefined);
  assertEquals([error.tensor, error.facts.quantity], [first, "gradient norm"]);
  await other.dispose();
});

Deno.test("accumulate() stops at a loss that is not finite, also where a float16 gradient overflows with it", async () => {
  const apart = targets.map((target) => ({
    ...target,
    oldLogprobs: target.advantages.map(() => -30),
    advantages: target.advantages.map(() => -1e38),
  }));
  for (const layout of [plainLayout, half]) {
    const learner = await openLearner(tied, { layer: 1, layout });
    const error = await assertRejects(
      () => learner.accumulate("full", sequences, apart, tokens, 100),
      NonFiniteError,
    );
    assertEquals([error.facts.quantity, error.tensor], ["metrics", "loss"]);
    await learner.dispose();
  }
});

Deno.test("a float16 overflow stops only where the loss's scale cannot be halved any more", async () => {
  const huge = targets.map((target) => ({ ...target, weights: target.weights.map(() => 1e9) }));
  const begin = await openLearner(tied, { layer: 1, layout: half }), state = await readTensors(begin.state());
  await begin.dispose();
  const openAt = (scale: number): Promise<Learner> => {
    const stored = { dtype: "float32", shape: [2], data: Float32Array.of(scale, 0) } as const;
    return openLearner(tied, {
      layer: 1,
      layout: half,
      weights: new Map([...state, ["loss_scale", stored]]),
    });
  };
  const learner = await openAt(2);
  await learner.accumulate("full", sequences, huge, tokens, 100);
  assertEquals([(await learner.step("full", 1e-3)).overflowed, learner.lossScale], [true, 1]);
  await learner.accumulate("full", sequences, huge, tokens, 100);
  const error = await assertRejects(() => learner.step("full", 1e-3), NonFiniteError);
  assertEquals(error.facts.quantity, "gradient norm");
  assert((await learner.gradients("full")).has(error.tensor));
  await learner.dispose();
});

Deno.test("checkParameters() names the first parameter with a number that is not finite", async () => {
  for (const [name, value] of [["model.layers.1.mlp.up_proj.weight", NaN], [embedding, -Infinity]] as const) {
    const learner = await openLearner(tied, { layer: 1, weights: spoiled(tied, name, 7, value) });
    const { facts } = await assertRejects(() => learner.checkParameters(), NonFiniteError);
    assertEquals(facts, { quantity: "parameters", tensor: name, value: `${value}` as "NaN" });
    await learner.dispose();
  }
  const learner = await openLearner(tied, { layer: 1 });
  await learner.checkParameters();
  await learner.dispose();
});

Deno.test("pretrain() stops with the step and its examples", async () => {
  const files = buildArtifacts({
    config: tied,
    objective: (inputs) => ({ loss: crossEntropyLoss(inputs), metrics: {} }),
    optimizer,
    internalLayer: undefined,
  });
  const graph = (name: string): Uint8Array => files[name] ?? new Uint8Array();
  const learner = await Learner.open(
    runtime,
    {
      training: new Map([["full", graph("training_model.onnx")]]),
      optimizer: new Map([["full", graph("optimizer_model.onnx")]]),
      evaluation: graph("eval_model.onnx"),
    },
    tensorsInMemory(initializeWeights(tied, 1)),
    1,
  );
  // The schedule rises to what float32 does not hold.
  const schedule = { peak: 1e39, warmupSteps: 1000, finalShare: 1 };
  const example = (index: number) => ({ prompt: [1 + index], response: [2, 3] });
  const run = pretrain(
    learner,
    example,
    { steps: 9, examplesPerStep: 4, schedule, microBatchTokens: 64 },
    () => {},
  );
  const error = await assertRejects(() => run, NonFiniteError);
  assertEquals([error.step, error.facts.quantity], [1, "update norm"]);
  assertEquals(error.batch?.responses.map(({ problem }) => problem), [0, 1, 2, 3]);
  await learner.dispose();
});
