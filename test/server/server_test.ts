import { assert, assertAlmostEquals, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { artifactName, buildSamplingArtifacts, evaluationGraph } from "../../src/artifact/mod.ts";
import { toOnnx } from "../../src/tensor/mod.ts";
import { loadModel, type Model, plainLayout } from "../../src/model/mod.ts";
import { placeParameters, scoreResponses } from "../../src/rl/mod.ts";
import { openRuntime } from "../../src/runtime/mod.ts";
import {
  type CheckOptions,
  checkServer,
  type EngineName,
  engineNames,
  InferenceServer,
  OtherModelError,
  ServerError,
} from "../../src/server/mod.ts";
import { type Fault, otherWeights, StandIn, type StandInOptions } from "./stand_in.ts";

const model: Model = await loadModel("benchmarks/model");
const artifacts = {
  ...buildSamplingArtifacts(model.config),
  [artifactName("eval_model")]: toOnnx(evaluationGraph(model.config)),
};
const runtime = openRuntime({ provider: "cpu", threads: 1 });
const parameters = await placeParameters(runtime, model.weights, plainLayout);
const prompts = ["Find 12+30", "Find 147 mod 8", "Find 5*9"].map((question) =>
  model.tokenizer.prompt([{ role: "user", content: question }])
);
const vocabulary = { size: model.config.vocabularySize, endIds: model.tokenizer.endIds };
const limits = { maxPromptTokens: 28, maxResponseTokens: 16 };

function standIn(options: Partial<StandInOptions> = {}): StandIn {
  return new StandIn({ engine: "vllm", model, artifacts, ...limits, ...options });
}

async function open(server: StandIn, options: object = {}): Promise<InferenceServer> {
  return await InferenceServer.open({ url: server.url, timeout: 60_000, retries: 3, backoff: 1, ...options });
}

const check: CheckOptions = {
  prompts,
  maxTokens: 16,
  temperature: 1,
  bound: 0.01,
  concurrency: 2,
  vocabulary,
  decode: (tokens) => model.tokenizer.decode(tokens, { skipSpecialTokens: true }),
  score: (texts, temperature) => {
    const graph = artifacts[artifactName("eval_model")] as Uint8Array;
    return scoreResponses(runtime, graph, parameters, texts, 512, temperature);
  },
};

const asked = { prompt: prompts[0] ?? [], seed: 7, temperature: 1, maxTokens: 16 };

for (const engine of engineNames) {
  Deno.test(`${engine} is known by its name, asked for every field of sampling, and shown to hold the weights`, async () => {
    await using server = standIn({ engine });
    const opened = await open(server), found = await checkServer(opened, check);
    assertEquals(opened.identity.engine, engine);
    const { tokens, logprobs, ended } = await opened.complete(asked, vocabulary);
    assert(tokens.length > 0 && ended === vocabulary.endIds.includes(tokens.at(-1) ?? -1));
    const [own = []] = await check.score([{ prompt: asked.prompt, response: tokens }], 1);
    logprobs?.forEach((value, i) => assertAlmostEquals(value, own[i] ?? NaN, 1e-5));
    assertEquals([found.prompts, found.logprobs], [3, "the same"]);
    assert(found.largest < 1e-4 && found.mean <= found.largest, JSON.stringify(found));
    // What was drawn, and where the engine can, the prompts themselves.
    const sampled = server.received.slice(0, 3).map(({ body }) => body.seed);
    assertEquals(new Set(sampled).size, 3);
    const scores = engine === "llama.cpp" ? 0 : prompts.reduce((sum, prompt) => sum + prompt.length - 1, 0);
    assert(found.tokens > scores);
    assertEquals(server.received.length, 3 + (scores > 0 ? 3 : 0) + 1);
    const body = server.received.at(-1)?.body, limit = body.max_tokens ?? body.n_predict;
    assertEquals([body.prompt, body.seed, body.temperature, limit], [asked.prompt, 7, 1, 16]);
    const off = {
      top_p: 1,
      min_p: 0,
      presence_penalty: 0,
      frequency_penalty: 0,
      ignore_eos: false,
      stream: false,
    };
    for (const [field, value] of Object.entries(off)) assertEquals(body[field], value, field);
    assert(body.top_k === -1 || body.top_k === 0);
    assertEquals(body.repetition_penalty ?? body.repeat_penalty, 1);
    if (engine !== "llama.cpp") assertEquals(body.stop_token_ids, vocabulary.endIds);
  });

  Deno.test(`${engine} with other weights, another tokenizer or wrong log-probs is refused in one line`, async () => {
    const refused = async (options: Partial<StandInOptions>, message: string): Promise<void> => {
      await using server = standIn({ engine, ...options });
      const opened = await open(server);
      const error = await assertRejects(() => checkServer(opened, check), OtherModelError, message);
      assert(!error.message.includes("\n") && !error.message.includes("127.0.0.1"), error.message);
    };
    await refused({ weights: otherWeights(model.weights, 1.1) }, "it serves other weights");
    await refused({ fault: () => "wrong log-probs" }, "by up to 0.300 nats");
    await refused(
      { decode: (tokens) => check.decode(tokens.map((token) => (token + 1) % vocabulary.size)) },
      "it serves another tokenizer",
    );
  });

  Deno.test(`${engine}: what is no response of the model is refused, and said so`, async () => {
    const faults: [Fault, string][] = [
      ["no log-probs", "its answer has no log-probs, and without them nothing shows which weights it serves"],
      ["no ids", "its answer has no token ids"],
      ["miscounted", "an answer has"],
      ["short", "it cut a response at 1 of 16 tokens"],
      ["foreign end", "it ends a response at token"],
      ["refused", 'it answers 400, "no such field"'],
    ];
    for (const [fault, message] of faults) {
      await using server = standIn({ engine, fault: () => fault });
      const opened = await open(server);
      await assertRejects(() => opened.complete(asked, vocabulary), ServerError, message);
      assertEquals(server.received.length, 1, `${fault} is no reason to ask again`);
    }
  });
}

Deno.test("a busy server, a cut connection, garbage and silence are asked again, and not for ever", async () => {
  for (const fault of ["429", "500", "cut", "garbage", "html", "slow"] as const) {
    const waits: string[] = [];
    await using server = standIn({ fault: (n) => n < 2 ? fault : undefined });
    const opened = await open(server, {
      // An answer takes less than that, silence longer.
      timeout: fault === "slow" ? 5000 : 60_000,
      onWait: (reason: string) => waits.push(reason),
    });
    const { tokens } = await opened.complete(asked, vocabulary);
    assert(tokens.length > 0);
    assertEquals([waits.length, server.received.length], [2, 3], fault);
    // The same request, the same seed.
    assertEquals(server.received[0]?.body, server.received[2]?.body);
  }
  await using server = standIn({ fault: () => "500" });
  const opened = await open(server);
  const error = await assertRejects(() => opened.complete(asked, vocabulary), ServerError, "(tried 4 times)");
  assertStringIncludes(error.message, 'it answers 500, "out of memory"');
  assertEquals(server.received.length, 4);
});

Deno.test("a 429 is waited for as long as Retry-After says", async () => {
  const waits: number[] = [];
  await using server = standIn({ fault: (n) => n === 0 ? "429" : undefined });
  const opened = await open(server, {
    backoff: 5000,
    onWait: (_: string, milliseconds: number) => waits.push(milliseconds),
  });
  await opened.complete(asked, vocabulary);
  assertEquals(waits, [0]);
});

Deno.test("the key is a bearer token, and no message repeats it or the address", async () => {
  const key = "sk-very-secret";
  await using server = standIn({ key });
  const opened = await open(server, { key });
  await opened.complete(asked, vocabulary);
  assertEquals(server.received[0]?.authorization, `Bearer ${key}`);
  // The stand-in's refusal repeats what it was sent.
  const wrong = await assertRejects(
    () => open(server, { key: "sk-other" }),
    ServerError,
    "does not accept the key",
  );
  assert(!wrong.message.includes("sk-other"), wrong.message);
  const none = await assertRejects(() => open(server), ServerError, "set BUPO_SERVER_KEY");
  assert(!none.message.includes("127.0.0.1"), none.message);
});

Deno.test("names and engines that a server does not have are told with those that it has", async () => {
  await using server = standIn({ names: ["one", "two"] });
  await assertRejects(() => open(server), ServerError, 'the server serves "one", "two"; say --served-model');
  await assertRejects(() => open(server, { model: "three" }), ServerError, 'Cannot find "three"');
  assertEquals((await open(server, { model: "two" })).identity, { engine: "vllm", version: "0.18.0" });
  await using unknown = standIn({ owner: "somebody" });
  await assertRejects(() => open(unknown), ServerError, 'calls itself "somebody"');
  // A site may show completions only.
  const engine: EngineName = "sglang";
  assertEquals((await open(unknown, { engine })).identity, { engine, version: "unknown" });
});

Deno.test("log-probs at another temperature are known as the model's or as those of what was sampled from", async () => {
  for (const processed of [false, true]) {
    await using server = standIn({ processed });
    const found = await checkServer(await open(server), { ...check, temperature: 0.6 });
    assertEquals(found.logprobs, processed ? "processed" : "raw");
  }
});

Deno.test("a response goes up to the first token that ends it, and no request is after another's seed", async () => {
  await using server = standIn({ engine: "llama.cpp" });
  const opened = await open(server);
  const twice = [await opened.complete(asked, vocabulary), await opened.complete(asked, vocabulary)];
  assertEquals(twice[0], twice[1]);
  const [first = 0] = twice[0]?.tokens ?? [];
  // A model whose end is the token that comes first.
  const ending = await opened.complete(asked, { ...vocabulary, endIds: [first] });
  assertEquals([ending.tokens, ending.ended, ending.logprobs?.length], [[first], true, 1]);
});

Deno.test("addresses with secrets or of other protocols are refused without being repeated", async () => {
  for (
    const url of [
      "http://me:pw1@127.0.0.1:1",
      "http://127.0.0.1:1/?key=pw1",
      "ftp://pw1",
      "pw1",
      "127.0.0.1:8000",
    ]
  ) {
    const error = await assertRejects(
      () => InferenceServer.open({ url, timeout: 1000, retries: 0 }),
      ServerError,
      "Cannot use the server: its address",
    );
    assert(!error.message.includes("pw1"), error.message);
  }
});
