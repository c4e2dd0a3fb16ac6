import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { buildArtifacts, criticParameters } from "../../../src/artifact/mod.ts";
import { parameterCount, parseConfig } from "../../../src/model/mod.ts";
import {
  expectedRounds,
  graphVariants,
  internalLayerOf,
  type Machine,
  parseProfile,
  type Plan,
  planGraphs,
  planProfile,
  type ProfileMethod,
  workSeconds,
} from "../../../src/pipeline/mod.ts";
import { probeCost } from "../../../src/policy/mod.ts";
import { losses, objectiveOf } from "../../../src/rl/mod.ts";
import { planText } from "../../../tasks/shared/plan_text.ts";

const smoke = JSON.parse(await Deno.readTextFile("benchmarks/profiles/smoke.json"));
const config = parseConfig(await Deno.readTextFile("benchmarks/model/config.json"));
const machine: Machine = { memory: 8e9, available: 8e9, cores: 2, speed: 20e9, named: false };
const { probe, ...training } = smoke.training;
const profileOf = (methods: readonly ProfileMethod[], changes: object = {}) =>
  parseProfile(JSON.stringify({ ...smoke, methods, training: { ...training, ...changes } }), "p.json");
const plan = (methods: readonly ProfileMethod[], changes: object = {}): Plan =>
  planProfile(profileOf(methods, changes), config, machine, { workers: 1, suites: [], quick: true });

const kl = { in: "loss", estimator: "k3", coefficient: 0.01 } as const;
const held: ProfileMethod = { name: "held", row: "grpo", kl };

Deno.test("a plan counts a critic's parameters, state, graphs and passes", () => {
  const without = plan(["grpo"]), { memory, storage, work } = plan(["grpo", "ppo"]);
  const critic = 4 * parameterCount(criticParameters(config));
  assertEquals([without.memory.critic, memory.critic], [0, 4 * critic]);
  // Two states of each run and one that is being written; those of PPO hold the critic and its moments.
  assertEquals(storage.states, 3 * (5 * memory.weights + 3 * critic));
  const graphs = planGraphs(profileOf(["ppo"]), config), sizes = { batch: 1, sequence: 7 + 12 - 1 };
  const { grpo, ppo } = work.methods, responses = 2 * 8;
  assert(grpo && ppo);
  const passes = graphs.critic.training(sizes).productOperations,
    values = graphs.critic.evaluation(sizes).productOperations;
  assertAlmostEquals(ppo.operations.training - grpo.operations.training, responses * passes, 1);
  assertAlmostEquals(ppo.operations.scoring - grpo.operations.scoring, responses * values, 1);
  assertEquals(ppo.tokens, grpo.tokens);
});

Deno.test("a plan counts the reference of a divergence: a copy, and a score of each response", () => {
  const { memory, work } = plan(["grpo", held]), { grpo, held: own } = work.methods;
  assert(grpo && own);
  assertEquals([plan(["grpo"]).memory.reference, memory.reference], [0, memory.weights]);
  // Two of four responses of a group are scored without it; with it all of them, twice.
  assertAlmostEquals(own.operations.scoring / grpo.operations.scoring, 4, 1e-9);
});

Deno.test("a plan counts refills: half of the groups come again, at most as often as the method allows", () => {
  const { work, refilled } = plan(["grpo", "dapo"]), { grpo, dapo } = work.methods;
  assert(grpo && dapo && refilled && !plan(["grpo"]).refilled);
  assertEquals(expectedRounds(4), 1 + 1 / 2 + 1 / 4 + 1 / 8 + 1 / 16);
  assertAlmostEquals(dapo.tokens / grpo.tokens, expectedRounds(4), 1e-9);
  assertEquals(dapo.maxTokens, 5 * grpo.maxTokens);
  assertAlmostEquals(dapo.operations.rollout / grpo.operations.rollout, expectedRounds(4), 1e-9);
  assertEquals(dapo.operations.training, grpo.operations.training);
});

Deno.test("a plan counts probes, with their batch of responses, and the choice of a layer", () => {
  const inspected = ({ work }: Plan): number => work.training.operations.inspection;
  assertEquals(inspected(plan(["grpo"])), 0);
  const probed = plan(["grpo"], { probe }), plain = plan(["grpo"]);
  const size = { completions: 4, promptTokens: 7, responseTokens: 12 };
  const { operations } = probeCost(config, size, [1, 2, 3, 4, 5]);
  assertAlmostEquals(inspected(probed), 3 * operations, 1); // the base model, and after both steps
  assertEquals(probed.work.training.tokens - plain.work.training.tokens, 4 * 12);
  const chosen = plan(["grpo"], { internalLayer: "auto" });
  assert(inspected(chosen) > 0);
  assertEquals(chosen.work.training.tokens - plain.work.training.tokens, 32 * 12);
  assert(
    probed.memory.intermediates.scoring >=
      probeCost(config, { ...size, promptTokens: 28, responseTokens: 24 }, [1, 2, 3, 4, 5]).peak,
  );
});

Deno.test("probeCost() counts what a probe multiplies: a pass over the layers, and the products with the unembedding", () => {
  const size = { completions: 4, promptTokens: 1, responseTokens: 32 },
    { hiddenSize, vocabularySize, layers } = config;
  const of = (chosen: readonly number[]): number => probeCost(config, size, chosen).operations;
  const product = 2 * hiddenSize * vocabularySize * 4 * 32;
  // Seven states and their reference; of a layer below the last also each later layer, and its own state once more.
  assertAlmostEquals(of([layers]) - of([]), 8 * product, 1);
  assertAlmostEquals(of([2]) - of([]), (8 + 1 + layers - 2) * product, 1);
  const projections = 2 * 4 * 32 * layers * (2 * 128 * 160 + 2 * 64 * 160 + 3 * 448 * 160);
  const rest = (of([]) - 2 * product) / projections;
  assert(rest > 1 && rest < 1.1, String(rest));
});

Deno.test("a plan of a grid counts every run with its own layer and length, and names all files as they are built", () => {
  const profile = parseProfile(
    JSON.stringify({
      ...smoke,
      seeds: [1, 2],
      methods: ["grpo", "ppo", "frozen_lower"],
      training,
      grid: [{ method: ["bupo"], internalLayer: [1, 4], internalSteps: [1, 2] }],
    }),
    "p.json",
  );
  const planned = planProfile(profile, config, machine, { workers: 2, suites: [] });
  assertEquals(planned.runs, 7 * 2);
  const { training: of } = planned.work.methods["bupo.k1.s2"]?.operations ?? { training: NaN };
  const { training: deep } = planned.work.methods["bupo.k4.s2"]?.operations ?? { training: NaN };
  const { training: full } = planned.work.methods["grpo"]?.operations ?? { training: NaN };
  assert(of < deep && deep < full, `${of} ${deep} ${full}`);
  const built = buildArtifacts({
    config,
    objective: objectiveOf(losses[profile.loss]),
    optimizer: profile.optimizer,
    internalLayer: internalLayerOf(profile),
    variants: graphVariants(profile, config.layers),
  });
  assertEquals(
    planned.files,
    Object.fromEntries(Object.entries(built).map(([name, { length }]) => [name, length])),
  );
  const text = planText(planned, { config, path: "c", downloaded: true });
  assert(
    /^runs +7 methods, 14 training runs and 15 evaluations, 2 at a time; a run takes .+ \(BuPO k=1 s=2\) to .+ \(PPO\)$/m
      .test(text),
    text,
  );
  assert(/, critic \d/.test(text) && !/reference model/.test(text));
  assert(workSeconds(planned.work.training, 1e9) > 0);
});
