import { assert, assertEquals, assertGreater, assertLess, assertMatch } from "@std/assert";
import { type ModelConfig, parseConfig } from "../../../src/model/mod.ts";
import {
  cardBytes,
  CARDS,
  checkFits,
  type Machine,
  type MemorySettings,
  parseProfile,
  type Plan,
  planProfile,
  type Profile,
  withDevice,
  withProposal,
} from "../../../src/pipeline/mod.ts";

const GIB = 2 ** 30;
const read = async (name: string): Promise<Profile> => {
  const path = `benchmarks/profiles/${name}.json`;
  return parseProfile(await Deno.readTextFile(path), path);
};
const configOf = async (name: string): Promise<ModelConfig> =>
  parseConfig(await Deno.readTextFile(`benchmarks/models/${name}.json`));
const host: Machine = { memory: undefined, available: undefined, cores: 2, speed: undefined, named: false };
const on = (profile: Profile, config: ModelConfig, memory: number, machine = host, adopt = true): Plan =>
  planProfile(profile, config, withDevice(machine, memory, "bfloat16"), {
    workers: 1,
    suites: [],
    quick: true,
    adopt,
  });

/** Model, the smallest card that runs it, and the most GiB on a card that is asked for. */
const shipped = {
  embedded: [undefined, 12],
  smoke: [undefined, 12],
  "qwen3-0.6b": ["qwen3-0.6b", 12],
  "qwen3-4b": ["qwen3-4b", 48],
  "qwen3-8b": ["qwen3-8b", 80],
  "octothinker-3b": ["octothinker-3b-long-base", 48],
  "octothinker-8b": ["octothinker-8b-long-base", 80],
} as const;

for (const [name, [model, smallest]] of Object.entries(shipped)) {
  Deno.test(`${name} runs on a card of ${smallest} GB with the settings that the plan picks, and on no smaller one`, async () => {
    const profile = await read(name);
    const config = model
      ? await configOf(model)
      : parseConfig(await Deno.readTextFile("benchmarks/model/config.json"));
    const plan = on(profile, config, cardBytes(smallest)), { own, settings, fits, total } = plan;
    assertEquals([fits, settings.maxResponseTokens], ["yes", profile.maxResponseTokens]);
    assertLess(total, cardBytes(smallest));
    // The fields are what the plan says: the changed profile needs as much, without any further change.
    const again = on(withProposal(profile, own, settings), config, cardBytes(smallest), host, false);
    assertEquals([again.fits, again.total, again.settings], ["yes", total, settings]);
    const below = CARDS.findLast((card) => card < smallest);
    if (below === undefined) return;
    const small = on(profile, config, cardBytes(below));
    assert(
      small.fits === "no" || small.settings.maxResponseTokens < profile.maxResponseTokens,
      `${below} GB`,
    );
  });
}

Deno.test("the paper's main profile fits 76 GiB and the affordable one 11, in float32", async () => {
  for (const [name, most] of [["qwen3-4b", 76], ["qwen3-0.6b", 11]] as const) {
    const { fits, total, settings } = on(await read(name), await configOf(name), most * GIB);
    assertEquals([fits, settings.precision], ["yes", "float32"], name);
    assertLess(total, most * GIB);
  }
});

Deno.test("each setting lowers what it is meant to lower, and nothing else", async () => {
  const profile = await read("qwen3-0.6b"), config = await configOf("qwen3-0.6b");
  const memory = (changes: Partial<MemorySettings>): Plan["memory"] => {
    const { precision, ...training } = changes;
    const changed = {
      ...profile,
      ...(precision ? { precision } : {}),
      training: { ...profile.training, ...training },
    };
    return on(changed, config, 1000 * GIB).memory;
  };
  const plain = memory({ checkpointing: false }), { weights, gradients, cache } = plain;
  const staged = memory({ checkpointing: false, stagedMemory: true });
  assertEquals(plain.stages.rollout - staged.stages.rollout, gradients);
  assertEquals(plain.stages.scoring - staged.stages.scoring, gradients + cache);
  assertEquals(plain.stages.training - staged.stages.training, cache);
  assertEquals(plain.stages.optimizer - staged.stages.optimizer, cache);
  const offloaded = memory({ checkpointing: false, offload: true });
  assertEquals(plain.stages.training - offloaded.stages.training, 2 * weights);
  assertEquals(offloaded.intermediates.optimizer, 0);
  assertEquals(offloaded.onHost - plain.onHost, 4 * weights);
  const checkpointed = memory({ checkpointing: true });
  assertLess(checkpointed.intermediates.training, 0.6 * plain.intermediates.training);
  assertEquals(checkpointed.stages.rollout, plain.stages.rollout);
  const half = memory({ checkpointing: false, precision: "bfloat16" });
  assertEquals(half.cache, cache / 2);
  assertLess(half.intermediates.training, plain.intermediates.training);
  // Copies beside the float32 parameters; with both on the host only the copies are left.
  assertGreater(half.placed, weights);
  assertLess(memory({ checkpointing: false, precision: "bfloat16", offload: true }).placed, weights);
});

Deno.test("what changes no result is proposed first, and only as far as it is needed", async () => {
  const profile = await read("qwen3-0.6b"), config = await configOf("qwen3-0.6b");
  const bare = { ...profile, training: { ...profile.training, checkpointing: false } };
  const need = (settings: Partial<MemorySettings>): number => {
    const training = { ...bare.training, ...settings };
    return on({ ...bare, training }, config, 1000 * GIB).total;
  };
  const chosen = (memory: number): Partial<MemorySettings> => {
    const { checkpointing, stagedMemory, offload, rolloutBatch, precision } =
      on(bare, config, memory).settings;
    return { checkpointing, stagedMemory, offload, rolloutBatch, precision };
  };
  const none = { stagedMemory: false, offload: false, rolloutBatch: 8, precision: "float32" } as const;
  assertEquals(chosen(need({})), { ...none, checkpointing: false });
  assertEquals(chosen(need({ checkpointing: true })), { ...none, checkpointing: true });
  assertEquals(chosen(need({ checkpointing: true, stagedMemory: true })).offload, false);
  const all = chosen(need({ checkpointing: true, stagedMemory: true, offload: true }));
  assertEquals([all.offload, all.rolloutBatch, all.precision], [true, 8, "float32"]);
  const less = chosen(need({ checkpointing: true, stagedMemory: true, offload: true }) - 1);
  assert(less.rolloutBatch !== 8 || less.precision !== "float32");
});

Deno.test("state on the host is proposed only where the host holds it, and a run is refused where it does not", async () => {
  const profile = await read("qwen3-4b"), config = await configOf("qwen3-4b");
  const small = { ...host, memory: 24 * GIB };
  assert(!on(profile, config, 76 * GIB, small).settings.offload);
  const offloaded = { ...profile, training: { ...profile.training, offload: true, stagedMemory: true } };
  const refused = on(offloaded, config, 76 * GIB, small, false);
  assertMatch(
    checkFits(refused) ?? "",
    /^Cannot run qwen3-4b: beside the device it needs \S+ GiB of memory, this machine has 24\.0 GiB; [^\n]+; --force-memory tries all the same$/,
  );
});
