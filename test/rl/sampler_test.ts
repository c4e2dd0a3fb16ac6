import { assert, assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import { initializeWeights } from "../../src/model/mod.ts";
import { randomKey, RandomStream } from "../../src/random.ts";
import {
  NonFiniteError,
  type Rollout,
  type RolloutRequest,
  type SamplingSettings,
} from "../../src/rl/mod.ts";
import { bits, openLearner, openSampler, place, tinyConfig } from "./tiny_model.ts";

const config = tinyConfig();
// Larger weights than at the start of a training make probabilities that differ.
const weights = new Map([...initializeWeights(config, 2)].map(([name, tensor]) => {
  const scale = name === "model.norm.weight" ? 2.5 : 1;
  return [name, {
    ...tensor,
    dtype: "float32" as const,
    data: (tensor.data as Float32Array).map((x) => scale * x),
  }];
}));
const parameters = place(weights);
const key = randomKey("sampler test");

const random = new RandomStream("requests");
const requests: RolloutRequest[] = Array.from({ length: 23 }, (_, i) => ({
  prompt: Array.from({ length: random.integer(1, 8) }, () => random.integer(1, 39)),
  problem: Math.floor(i / 2),
  sample: i % 2,
}));

/** Samples with settings of its own. */
async function sample(
  list: readonly RolloutRequest[],
  settings: Partial<SamplingSettings> = {},
): Promise<Rollout[]> {
  const sampler = await openSampler(config, { endIds: [0, 1, 2], ...settings });
  const rollouts = await sampler.sample(parameters, list, key);
  await sampler.dispose();
  return rollouts;
}

function assertSame(actual: Rollout | undefined, expected: Rollout | undefined): void {
  assert(actual && expected);
  assertEquals([actual.prompt, actual.response, actual.ended], [
    expected.prompt,
    expected.response,
    expected.ended,
  ]);
  assertEquals(bits(actual.logprobs), bits(expected.logprobs));
}

Deno.test("sample() gives the same bits for any number of rows, any order and any company", async () => {
  const expected = await sample(requests, { batch: 23 });
  const lengths = new Set(expected.map(({ response }) => response.length));
  assertGreater(lengths.size, 3, "the responses should be ragged");
  for (const batch of [1, 2, 5, 7, 64]) {
    (await sample(requests, { batch })).forEach((rollout, i) => assertSame(rollout, expected[i]));
  }
  const order = new RandomStream("order").shuffle(requests.map((_, i) => i));
  const shuffled = await sample(order.map((i) => requests[i] as RolloutRequest), { batch: 5 });
  order.forEach((i, at) => assertSame(shuffled[at], expected[i]));
  for (const subset of [[7], [22, 3], [1, 4, 9, 16, 20]]) {
    const rollouts = await sample(subset.map((i) => requests[i] as RolloutRequest), { batch: 3 });
    subset.forEach((i, at) => assertSame(rollouts[at], expected[i]));
  }
});

Deno.test("sample() gives the same bits when a sampler is used again, whatever its cache holds", async () => {
  const sampler = await openSampler(config, { endIds: [0], batch: 4 });
  const first = await sampler.sample(parameters, requests, key);
  await sampler.sample(parameters, requests.toReversed(), randomKey("another"));
  const again = await sampler.sample(parameters, requests, key);
  again.forEach((rollout, i) => assertSame(rollout, first[i]));
  assertEquals(await sampler.sample(parameters, [], key), []);
  await sampler.dispose();
});

Deno.test("sample() gives the same bits with a policy that is held for several calls", async () => {
  const expected = await sample(requests, { batch: 5 });
  const sampler = await openSampler(config, { endIds: [0, 1, 2], batch: 5 });
  {
    await using held = await sampler.hold(parameters);
    for (const list of [requests, requests.slice(0, 3), requests]) {
      (await sampler.sample(held, list, key)).forEach((rollout, i) => assertSame(rollout, expected[i]));
    }
  }
  await sampler.dispose();
});

Deno.test("sample() sees what an update wrote to the parameters where they lie", async () => {
  const trained = place(weights), sampler = await openSampler(config, { endIds: [0, 1, 2] });
  const before = await sampler.sample(trained, requests, key);
  const changed = new Map([...weights].map(([name, tensor]) => {
    return [name, { ...tensor, data: (tensor.data as Float32Array).map((x, i) => x + 0.05 * Math.sin(i)) }];
  }));
  for (const [name, { data }] of changed) await trained[name]?.write(data as Float32Array<ArrayBuffer>);
  const after = await sampler.sample(trained, requests, key);
  await sampler.dispose();
  const other = await openSampler(config, { endIds: [0, 1, 2] });
  const fresh = await other.sample(place(changed), requests, key);
  after.forEach((rollout, i) => assertSame(rollout, fresh[i]));
  assert(after.some(({ response }, i) => response.join() !== before[i]?.response.join()));
  await other.dispose();
});

Deno.test("sample() ends a response at an end token or at the limit, and tells each that finishes", async () => {
  const endIds = [0, 1, 2, 3], stopped = await sample(requests, { endIds });
  const free = await sample(requests, { endIds: [] });
  stopped.forEach(({ response, logprobs, ended }, i) => {
    const at = free[i]?.response.findIndex((token) => endIds.includes(token)) ?? NaN;
    assertEquals(ended, at >= 0);
    // Without end tokens the same response goes on: the noise belongs to the position, not to the step.
    assertEquals(response, free[i]?.response.slice(0, ended ? at + 1 : 12));
    assertEquals(bits(logprobs), bits(free[i]?.logprobs.slice(0, response.length) ?? []));
  });
  assert(stopped.some(({ ended }) => ended) && stopped.some(({ ended }) => !ended));
  assert(free.every(({ response, ended }) => response.length === 12 && !ended));
  const sampler = await openSampler(config), told: number[] = [];
  await sampler.sample(parameters, requests, key, { onFinished: () => void told.push(told.length + 1) });
  assertEquals(told, requests.map((_, i) => i + 1));
  await sampler.dispose();
});

Deno.test("sample() gives samples of one problem, and problems of one prompt, their own noise", async () => {
  const same = Array.from({ length: 12 }, (_, i) => ({ prompt: [5, 6], problem: i >> 2, sample: i & 3 }));
  // At a high temperature: this model likes to repeat the last token.
  const hot = { endIds: [], temperature: 3 }, rollouts = await sample(same, hot);
  assertEquals(new Set(rollouts.map(({ response }) => response.join())).size, 12);
  const sampler = await openSampler(config, hot);
  const other = await sampler.sample(parameters, same, randomKey("sampler test", 2));
  assert(other.every(({ response }, i) => response.join() !== rollouts[i]?.response.join()));
  await sampler.dispose();
});

Deno.test("sample() gives a problem that stands at two places of a batch its own noise at each", async () => {
  const same = Array.from(
    { length: 12 },
    (_, i) => ({ prompt: [5, 6], problem: 3, sample: i & 3, place: i >> 2 }),
  );
  const hot = { endIds: [], temperature: 3 }, rollouts = await sample(same, hot);
  assertEquals(new Set(rollouts.map(({ response }) => response.join())).size, 12);
  // Without a place it is the first one.
  const alone = await sample(same.slice(0, 4).map(({ place: _, ...request }) => request), hot);
  alone.forEach((rollout, i) => assertSame(rollout, rollouts[i]));
});

Deno.test("sample() stops at a log-prob that is not finite, and tells what was sampled until then", async () => {
  const untied = tinyConfig({ tied: false }), spoiled = initializeWeights(untied, 2);
  // Whoever reads token 7 computes no number any more.
  (spoiled.get("model.embed_tokens.weight")?.data as Float32Array).fill(NaN, 7 * 32, 8 * 32);
  const sampler = await openSampler(untied, { endIds: [0, 1, 2] });
  const list = requests.map((request) => ({
    ...request,
    prompt: request.prompt.map((token) => token === 7 ? 8 : token),
  }));
  const told: number[] = [];
  const error = await assertRejects(
    () => sampler.sample(place(spoiled), list, key, { onFinished: (_, i) => void told.push(i) }),
    NonFiniteError,
  );
  await sampler.dispose();
  const { quantity, value, response: stopped = NaN, batch, step } = error.facts,
    responses = batch?.responses ?? [];
  assertEquals([quantity, value, step, error.tensor], [
    "sampler log-probs",
    "NaN",
    undefined,
    "sampler log-probs",
  ]);
  assertEquals(responses.map(({ problem }) => problem), requests.map(({ problem }) => problem));
  assertEquals(responses[stopped]?.response.at(-2), 7);
  assertEquals(responses[stopped]?.logprobs?.at(-1), "NaN");
  assertEquals(
    responses.flatMap(({ logprobs = [] }) => logprobs.filter((x) => typeof x !== "number")).length,
    1,
  );
  const ended = responses.filter(({ response }, i) => {
    return i !== stopped && (response.length === 12 || (response.at(-1) ?? 9) < 3);
  });
  assertGreater(told.length, 0);
  assertEquals(ended.length, told.length);
  assert(responses.every(({ response, logprobs }) => response.length === logprobs?.length));
});

Deno.test("sample() refuses an empty prompt and one beyond the limit", async () => {
  for (const prompt of [[], new Array<number>(9).fill(1)]) {
    await assertRejects(
      () => sample([requests[0] as RolloutRequest, { prompt, problem: 0, sample: 0 }]),
      RangeError,
      `Cannot sample for prompt 1: it has ${prompt.length} tokens, the limit is 8`,
    );
  }
});

Deno.test("sample() reports the log-probabilities of the evaluation graph within 1e-4", async () => {
  for (const [temperature, attentionBlock] of [[1], [0.6], [1, 4], [0.6, 7]] as const) {
    const learner = await openLearner(config, { weights, temperature, attentionBlock });
    const rollouts = await sample(requests, { temperature });
    const scores = await learner.score(rollouts, 200);
    rollouts.forEach(({ logprobs }, i) => {
      logprobs.forEach((value, t) => assertLess(Math.abs(value - (scores[i]?.logprobs[t] ?? NaN)), 1e-4));
    });
    await learner.dispose();
  }
});

/** The probability of each token after a prompt, by the evaluation graph. */
async function distribution(prompt: readonly number[], temperature: number): Promise<number[]> {
  const learner = await openLearner(config, { weights, temperature });
  const sequences = Array.from({ length: 40 }, (_, token) => ({ prompt, response: [token] }));
  const scores = await learner.score(sequences, 1000);
  await learner.dispose();
  return scores.map(({ logprobs: [logprob = NaN] }) => Math.exp(logprob));
}

Deno.test("sample() draws tokens as often as the softmax at the temperature says", async () => {
  const prompt = [9, 30, 4], count = 6000;
  for (const temperature of [1, 0.5, 2]) {
    const expected = await distribution(prompt, temperature);
    assertLess(Math.abs(expected.reduce((a, b) => a + b, 0) - 1), 1e-4);
    const list = Array.from({ length: count }, (_, problem) => ({ prompt, problem, sample: 0 }));
    const rollouts = await sample(list, { temperature, maxResponseTokens: 1, batch: 64 });
    const seen = new Array<number>(40).fill(0);
    for (const { response: [token = 0] } of rollouts) seen[token] = (seen[token] ?? 0) + 1;
    const statistic = (probabilities: readonly number[]): number => {
      // Tokens that are expected fewer than five times form one class.
      const classes = [{ seen: 0, expected: 0 }];
      probabilities.forEach((p, token) => {
        const entry = { seen: seen[token] ?? 0, expected: count * p };
        const rare = classes[0] as typeof entry;
        if (entry.expected >= 5) classes.push(entry);
        else Object.assign(rare, { seen: rare.seen + entry.seen, expected: rare.expected + entry.expected });
      });
      const used = classes.filter((each) => each.expected > 0);
      return used.reduce((sum, each) => sum + (each.seen - each.expected) ** 2 / each.expected, 0) /
        used.length;
    };
    // χ² over the number of classes; with 20 and more of them 2 is passed once in 200 times, and the noise is fixed.
    assertLess(statistic(expected), 2, `temperature ${temperature}`);
    const wrong = await distribution(prompt, temperature * 1.3);
    assertGreater(statistic(wrong), 4, "the test should tell temperatures apart");
  }
});
