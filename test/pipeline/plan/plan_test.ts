import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { buildArtifacts } from "../../../src/artifact/mod.ts";
import { type ModelConfig, parameterCount, parameterShapes, parseConfig } from "../../../src/model/mod.ts";
import {
  cacheBytes,
  checkFits,
  internalLayerOf,
  type Machine,
  parseProfile,
  type Plan,
  planGraphs,
  planModel,
  planProfile,
  type Profile,
  suiteSizes,
  withDevice,
  withProposal,
} from "../../../src/pipeline/mod.ts";
import { losses, objectiveOf } from "../../../src/rl/mod.ts";
import type { Adapter } from "../../../src/runtime/mod.ts";
import { adapterMemory, checkLimit } from "../../../tasks/shared/memory_check.ts";

const GIB = 2 ** 30;
const machine = (memory: number | undefined): Machine => ({
  memory,
  available: memory,
  cores: 2,
  speed: 1e12,
  named: true,
});
const read = async (name: string, variant?: string): Promise<Profile> => {
  const path = `benchmarks/profiles/${name}.json`;
  return parseProfile(await Deno.readTextFile(path), path, variant);
};
const configOf = async (name: string): Promise<ModelConfig> =>
  parseConfig(await Deno.readTextFile(`benchmarks/models/${name}.json`));
const smoke = await read("smoke"),
  tiny = parseConfig(await Deno.readTextFile("benchmarks/model/config.json"));
const plan = (profile: Profile, config: ModelConfig, memory: number | undefined, workers = 1): Plan =>
  planProfile(profile, config, machine(memory), { workers, suites: [] });

Deno.test("the kept architectures have the well-known numbers of parameters", async () => {
  const known = {
    "qwen3-0.6b": 596_049_920,
    "qwen3-4b": 4_022_468_096,
    "qwen3-8b": 8_190_735_360,
    "octothinker-3b-long-base": 3_212_749_824,
    "octothinker-8b-long-base": 8_030_261_248,
  };
  for (const [name, count] of Object.entries(known)) {
    assertEquals(parameterCount(parameterShapes(await configOf(name))), count, name);
  }
  const files = (await Array.fromAsync(Deno.readDir("benchmarks/models"))).map(({ name }) => name).sort();
  assertEquals(files, Object.keys(known).map((name) => `${name}.json`).sort());
});

Deno.test("a plan counts parameters, state and cache exactly", () => {
  const { parameters, memory, storage, files } = plan(smoke, tiny, GIB);
  assertEquals(parameters.full, parameterCount(parameterShapes(tiny)));
  assertEquals(parameters.internal, parameterCount(parameterShapes(tiny, internalLayerOf(smoke))));
  assertEquals(memory.weights, 4 * parameters.full);
  assertEquals([memory.gradients, memory.moments], [memory.weights, 2 * memory.weights]);
  // Keys and values, 5 layers, 2 heads of 32, 4 bytes each: 8 rows of 52 positions, and 8 prompts of 28.
  assertEquals(memory.cache, 2 * 5 * 2 * 32 * (8 * 52 + 8 * 28) * 4);
  assertEquals(cacheBytes(tiny, 8, 52), 2 * 5 * 2 * 32 * 8 * 52 * 4);
  // Two states of each run, and one that is being written: weights and both moments.
  const runs = smoke.methods.length * smoke.seeds.length;
  assertEquals(storage.states, (2 * runs + 1) * 3 * memory.weights);
  const built = buildArtifacts({
    config: tiny,
    objective: objectiveOf(losses[smoke.loss]),
    optimizer: smoke.optimizer,
    internalLayer: internalLayerOf(smoke),
  });
  const sizes = Object.entries(built).map(([name, bytes]) => [name, bytes.length]);
  assertEquals(files, Object.fromEntries(sizes));
});

Deno.test("a plan counts the arranged weights of decoding on the CPU, and caches as they are stored", () => {
  const { memory } = plan(smoke, tiny, GIB), halved = { ...smoke, rollout: { kvCache: "float16" } } as const;
  assertEquals(plan(halved, tiny, GIB).memory.cache, memory.cache / 2);
  // Five layers of q and o [128, 160], k and v [64, 160], three of [448, 160]; the tied head [480, 160]. 16 divides all.
  const arranged = 4 * 160 * (5 * (2 * 128 + 2 * 64 + 3 * 448) + 480);
  const planned = withDevice(machine(GIB), GIB);
  const onDevice = planProfile(smoke, tiny, planned, { workers: 1, suites: [] }).memory;
  assertEquals([memory.arranged, onDevice.arranged], [arranged, 0]);
  // Only what samples holds them; all other stages are as large as the largest graph made the arena.
  const most = Math.max(...Object.values(memory.intermediates)), { weights, cache, program, host } = memory;
  assertEquals(memory.stages.rollout, 4 * weights + cache + arranged + most + program + host);
  assertEquals(memory.stages.training, 4 * weights + cache + most + program + host);
  // Layers that compute in 16 bits are arranged at each run; the head is float32.
  assertEquals(plan({ ...smoke, precision: "float16" }, tiny, GIB).memory.arranged, 4 * 160 * 480);
});

Deno.test("a plan counts operations: 6 a parameter and trained token, and attention besides", async () => {
  const profile = await read("qwen3-4b"), config = await configOf("qwen3-4b");
  const { work } = plan(
    { ...profile, training: { ...profile.training, checkpointing: false } },
    config,
    undefined,
  );
  const positions = 256 + 4096 - 1, sequences = 128 * 8;
  // The input embedding is gathered in the forward pass; its gradient and the output embedding are products.
  const dense = 6 * parameterCount(parameterShapes(config)) * positions * sequences;
  const ratio = work.step.operations.training / dense;
  assert(ratio > 1 && ratio < 1.6, String(ratio));
  assert(work.internalStep.operations.training < 0.4 * work.step.operations.training);
  assertEquals(work.step.maxTokens, sequences * 8192);
  const { scoring, training } = work.step.operations, { updatesPerStep } = profile.training;
  // Two of eight responses of each group are scored for the report, and all whose update is not the step's first.
  const graphs = planGraphs(profile, config), whole = graphs.evaluation({ batch: 1, sequence: positions });
  const scored = 1 - 6 / 8 / updatesPerStep;
  assertAlmostEquals(scoring / (sequences * scored * whole.productOperations), 1, 1e-9);
  assert(updatesPerStep > 1 && scoring < training);
  // Gradient checkpointing runs the layers' forward pass once more.
  const again = plan(profile, config, undefined).work.step.operations.training / training;
  assert(profile.training.checkpointing && again > 1.15 && again < 4 / 3, String(again));
});

Deno.test("a plan says what does not fit, and what would make it fit, in this order", () => {
  const settingsOf = (memory: number, workers: number): Plan["proposal"] =>
    plan(smoke, tiny, memory, workers).proposal;
  const { total: one } = plan(smoke, tiny, undefined), { total: three } = plan(smoke, tiny, undefined, 3);
  assertEquals(plan(smoke, tiny, undefined).fits, "unknown");
  assertEquals([plan(smoke, tiny, one).fits, plan(smoke, tiny, one - 1).fits], ["yes", "no"]);
  assertEquals(settingsOf(three - 1, 3)?.workers, 2);
  assertEquals(settingsOf(one - 1, 3)?.workers, 1);
  assertEquals(checkFits(plan(smoke, tiny, one)), undefined);
  const reason = checkFits(plan(smoke, tiny, one, 3)) ?? "";
  assertMatch(
    reason,
    /^Cannot run smoke: it needs .+ GiB of memory, this machine has .+; with --workers 1 it fits; /,
  );
  // One row of one token is the least: below it nothing helps.
  assertEquals(settingsOf(2 ** 28, 1), undefined);
  assertMatch(checkFits(plan(smoke, tiny, 2 ** 28)) ?? "", /no setting makes it fit/);
});

Deno.test("on a device only tensors count: its memory, and what --device-memory allows them", () => {
  const on = (memory: number | undefined, workers = 1): Plan =>
    planProfile(smoke, tiny, withDevice(machine(GIB), memory), { workers, suites: [] });
  const { memory, total, machine: { cores }, fits } = on(undefined);
  const { weights, cache, intermediates, program } = memory;
  assertEquals([fits, cores], ["unknown", 1]);
  assertEquals(
    total,
    Math.max(
      4 * weights + cache + Math.max(...Object.values(intermediates)),
      weights + cache + intermediates.evaluation,
    ),
  );
  assert(total < program + memory.host);
  assertEquals([on(total).fits, on(total - 1).fits], ["yes", "no"]);
  assertEquals(on(undefined, 2).total, 2 * total);
  assertMatch(
    checkFits(on(total, 2)) ?? "",
    /^Cannot run smoke: it needs .+ GiB of memory, the device has .+; with --workers 1 it fits; /,
  );
  const placed = 4 * weights + cache;
  assertEquals(checkLimit(on(GIB), placed), undefined);
  assertEquals(checkLimit(on(GIB), undefined), undefined);
  assertMatch(
    checkLimit(on(GIB), placed - 1) ?? "",
    /^Cannot run smoke: parameters, .+ take .+, --device-memory allows [^\n]+$/,
  );
});

Deno.test("the memory of a device is that of the adapter that computes, or unknown", () => {
  const adapter = (kind: Adapter["kind"], memory: number): Adapter => {
    return { name: kind, driver: "1.0.0", kind, memory, largestBuffer: GIB, storageBindings: 8 };
  };
  const card = adapter("discrete", 24 * GIB), software = adapter("software", 8 * GIB);
  assertEquals(adapterMemory("webgpu", [card, software]), 24 * GIB);
  assertEquals(adapterMemory("webgpu", [software]), 8 * GIB);
  assertEquals(adapterMemory("cuda", [card]), 24 * GIB);
  for (const adapters of [undefined, [], [software]]) {
    assertEquals(adapterMemory("cuda", adapters), undefined);
  }
  assertEquals(adapterMemory("webgpu", [adapter("integrated", 0)]), undefined);
});

Deno.test("a proposal fits, and is never below the longest sequence", async () => {
  const profile = await read("qwen3-0.6b"), config = await configOf("qwen3-0.6b");
  for (const memory of [16 * GIB, 200 * GIB]) {
    const { proposal, longest, settings } = plan(profile, config, memory, 2);
    assert(proposal, `${memory / GIB} GiB`);
    const { microBatchTokens, maxResponseTokens } = proposal;
    assert(microBatchTokens >= Math.min(longest, profile.maxPromptTokens + maxResponseTokens - 1));
    const changed = withProposal(profile, settings, proposal);
    assertEquals(plan(changed, config, memory, proposal.workers).fits, "yes", `${memory / GIB} GiB`);
  }
  const grown = plan(profile, config, 200 * GIB, 1).proposal;
  assert((grown?.microBatchTokens ?? 0) > profile.training.microBatchTokens);
});

Deno.test("a profile that asks for more context than the model has is refused", async () => {
  const profile = { ...await read("qwen3-4b"), maxResponseTokens: 40_000 },
    config = await configOf("qwen3-4b");
  assertThrows(
    () => plan(profile, config, undefined),
    RangeError,
    "41024 tokens, the model takes 40960; lower",
  );
});

Deno.test("planModel() takes the folder, the cache, then the kept architectures", async () => {
  const none = (): Promise<undefined> => Promise.resolve(undefined);
  assertEquals((await planModel(smoke, ".", none)).downloaded, true);
  const profile = await read("octothinker-3b"), kept = await planModel(profile, ".", none);
  assertEquals([kept.downloaded, kept.config.layers], [false, 28]);
  const cached = await planModel(profile, ".", () => Promise.resolve("benchmarks/model"));
  assertEquals([cached.downloaded, cached.config.layers], [true, 5]);
  const other = { ...profile, model: { repository: "Qwen/Qwen9", revision: "main" } };
  await assertRejects(() => planModel(other, ".", none), ReferenceError, "name a config.json with --config");
});

Deno.test("suiteSizes() knows generated suites and definitions", async () => {
  const sizes = await suiteSizes(await read("qwen3-4b"), ".");
  assertEquals(sizes.map(({ name, problems, samples }) => `${name} ${problems} ${samples}`), [
    "aime-2024 30 32",
    "aime-2025 30 32",
    "amc-2023 40 16",
    "math-500 500 16",
  ]);
  const [generated] = await suiteSizes(smoke, ".");
  assertEquals(generated, { name: "mini-math", problems: 4, samples: 2 });
});
