import { assert, assertEquals, assertNotEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { artifactDigests, buildArtifacts } from "../../src/artifact/mod.ts";
import { canonicalJson } from "../../src/canonical_json.ts";
import {
  type Experiment,
  graphVariants,
  internalLayerOf,
  methodRow,
  methodRows,
  parseProfile,
  type Profile,
  type ProfileMethod,
  profileRuns,
  runGraphs,
  trainingKey,
} from "../../src/pipeline/mod.ts";
import { ownModule } from "../../src/module/mod.ts";
import { controlsNote, controlsOf, labelOf, methodLabels } from "../../src/report/mod.ts";
import { losses, methodLabel, methods, objectiveOf } from "../../src/rl/mod.ts";
import { tinyConfig } from "../rl/tiny_model.ts";

const smoke = JSON.parse(await Deno.readTextFile("benchmarks/profiles/smoke.json"));
const config = tinyConfig({ layers: 4 });

function profileOf(list: readonly ProfileMethod[], changes: object = {}): Profile {
  return parseProfile(JSON.stringify({ ...smoke, ...changes, methods: list }), "a profile");
}

/** As much of an experiment as keys are made of. */
async function experimentOf(profile: Profile): Promise<Experiment> {
  const artifacts = buildArtifacts({
    config,
    objective: objectiveOf(losses[profile.loss]),
    optimizer: profile.optimizer,
    internalLayer: internalLayerOf(profile),
    variants: graphVariants(profile, config.layers),
  });
  const part = {
    profile,
    model: { config, digest: "m" },
    plainDigests: await artifactDigests(artifacts),
    training: { digest: "t" },
    engine: {},
    sources: { digest: "s" },
  };
  return part as unknown as Experiment;
}

const controls: readonly ProfileMethod[] = [
  "grpo",
  "bupo",
  { name: "again", row: "grpo", seeds: [11, 12] },
  { name: "noisy", row: "grpo", rewards: { right: 0.7 } },
  { name: "half", row: "bupo", steps: 1 },
];

Deno.test("methodRows() gives rows under other names what they change, and the rest of their row", () => {
  const rows = methodRows(profileOf(controls, { seeds: [1, 2, 3] }));
  assertEquals(rows.map(({ name, seeds, steps }) => [name, seeds, steps]), [
    ["grpo", [1, 2, 3], 2],
    ["bupo", [1, 2, 3], 2],
    ["again", [11, 12], 2],
    ["noisy", [1, 2, 3], 2],
    ["half", [1, 2, 3], 1],
  ]);
  assertEquals(rows[2]?.method, { ...methods.grpo, label: "again" });
  assertEquals(rows[3]?.method.rewards, { right: 0.7 });
  assertEquals(rows[4]?.method.phases, methods.bupo.phases);
  assertEquals(methodRow(profileOf(["dapo"]), "dapo").loss, methods.dapo.loss);
  assertEquals(methodRow(profileOf(["grpo"], { loss: "paper" }), "grpo").loss, losses.paper);
  assertThrows(
    () => methodRow(profileOf(["dapo", "ppo"]), "grpo"),
    RangeError,
    "the profile has dapo and ppo",
  );
});

Deno.test("profileRuns() takes the first seeds of all methods first, each with its own", () => {
  const runs = profileRuns(profileOf(controls, { seeds: [1, 2, 3] }));
  assertEquals(runs.map(({ method, seed }) => `${method} ${seed}`), [
    ...["grpo 1", "bupo 1", "again 11", "noisy 1", "half 1"],
    ...["grpo 2", "bupo 2", "again 12", "noisy 2", "half 2"],
    ...["grpo 3", "bupo 3", "noisy 3", "half 3"],
  ]);
});

Deno.test("runGraphs() names files that graphVariants() has built, for each row and seed", async () => {
  const names = Object.keys(methods) as (keyof typeof methods)[],
    profile = profileOf(names, { seeds: [1, 2, 3] });
  const { plainDigests } = await experimentOf(profile);
  for (const row of methodRows(profile)) {
    for (const seed of row.seeds) {
      const { training, optimizer, evaluations, critic } = runGraphs(profile, row, seed, config.layers);
      const files = [training, optimizer, evaluations].flatMap((map) => [...map.values()]);
      for (const file of [...files, ...Object.values(critic ?? {})]) {
        assert(plainDigests[file], `${row.name} ${seed}: ${file}`);
      }
    }
  }
  // What the released code trains with is shared by the methods that have no loss of their own.
  const shared = runGraphs(profile, methodRow(profile, "rloo"), 1, config.layers);
  assertEquals([...shared.training.values()], ["training_model.onnx"]);
  assertEquals([...runGraphs(profile, methodRow(profile, "bupo"), 1, config.layers).optimizer.values()], [
    "optimizer_model.layer_2.onnx",
    "optimizer_model.onnx",
  ]);
});

Deno.test("the key of a run does not change with the other methods of its profile, but with its own row", async () => {
  const alone = await experimentOf(profileOf(["bupo"])),
    among = await experimentOf(profileOf(["ppo", "gspo", "bupo"]));
  assertEquals(canonicalJson(trainingKey(alone, "bupo", 1)), canonicalJson(trainingKey(among, "bupo", 1)));
  const item = (changes: object) => ({ name: "mine", row: "bupo", ...changes }) as ProfileMethod;
  const keys = await Promise.all([
    item({}),
    item({ estimator: { kind: "rloo" } }),
    item({ rewards: { right: 0.7 } }),
    item({ reward: "format" }),
    item({ reward: ["correct", { part: "format", weight: 0.1 }] }),
    item({ reward: { module: ownModule("./a.ts", "one") } }),
    item({ estimator: { kind: "own", module: ownModule("./a.ts", "one") } }),
    item({ estimator: { kind: "own", module: ownModule("./a.ts", "two") } }),
    item({ beta2: 0.9 }),
    item({ loss: { objective: { kind: "cispo", clipHigh: 5 }, reduction: "token-mean" } }),
    item({ phases: [{ policy: "full", lasts: "rest", moves: { upper: 0.5 } }] }),
    item({ internalLayer: 3 }),
    item({ internalSteps: 2 }),
    item({ learningRate: 1e-3 }),
  ].map(async (one) => canonicalJson(trainingKey(await experimentOf(profileOf([one])), "mine", 1))));
  assertEquals(new Set(keys).size, keys.length);
  // Where a module lies is not part of it.
  const named = item({ estimator: { kind: "own", module: ownModule("../b.ts", "one") } });
  assertEquals(
    canonicalJson(trainingKey(await experimentOf(profileOf([named])), "mine", 1)),
    keys[6],
  );
  // A longer run goes on from a shorter one.
  const longer = await experimentOf(profileOf([item({ steps: 7 })]));
  assertEquals(canonicalJson(trainingKey(longer, "mine", 1)), keys[0]);
  assertNotEquals(canonicalJson(trainingKey(alone, "bupo", 1)), keys[0]);
});

Deno.test("a method with a layer of its own trains, scores and moves that layer's policy", async () => {
  const moved = { row: "frozen_lower", internalLayer: 3 } as const;
  const profile = profileOf(["bupo", { name: "bupo.k3", row: "bupo", internalLayer: 3 }, {
    name: "frozen",
    ...moved,
  }]);
  const { plainDigests } = await experimentOf(profile);
  const graphs = (name: string) => runGraphs(profile, methodRow(profile, name), 1, config.layers);
  assertEquals([...graphs("bupo.k3").training], [[3, "training_model.layer_3.onnx"], [
    "full",
    "training_model.onnx",
  ]]);
  assertEquals([...graphs("bupo.k3").evaluations.values()], ["eval_model.layer_3.onnx"]);
  assertEquals([...graphs("bupo.k3").optimizer.values()], [
    "optimizer_model.layer_3.onnx",
    "optimizer_model.onnx",
  ]);
  for (const name of ["bupo.k3", "frozen"]) {
    const { training, optimizer, evaluations } = graphs(name);
    for (const file of [training, optimizer, evaluations].flatMap((map) => [...map.values()])) {
      assert(plainDigests[file], file);
    }
  }
  // Another layer freezes other parameters.
  const of = async (internalLayer: number) =>
    (await experimentOf(profileOf([{ name: "frozen", ...moved, internalLayer }])))
      .plainDigests["optimizer_model.frozen.phase_1.onnx"];
  assertNotEquals(await of(2), await of(3));
});

Deno.test("tables call methods as their rows do", () => {
  const { base, ...labels } = methodLabels;
  assertEquals(base, "Base");
  assertEquals(labels, Object.fromEntries(Object.entries(methods).map(([name, { label }]) => [name, label])));
  assertEquals([methodLabel("ppo"), methodLabel("noisy")], ["PPO", "noisy"]);
  for (const name of ["bupo.k3.s2", "grpo.lr2.5e-5", "noisy.k2", "bupo.mine"]) {
    assertEquals(labelOf(name), methodLabel(name));
  }
});

Deno.test("a table says which controls its profile lacks", () => {
  const full = profileOf(controls);
  assertEquals(controlsOf(full), ["errors in rewards", "fewer steps", "the same again"]);
  assertEquals(controlsNote(full), undefined);
  assertStringIncludes(controlsNote(profileOf(["grpo", "bupo"])) ?? "", "No controls");
  assertEquals(
    controlsNote(profileOf(controls.slice(0, 4))),
    "Controls that are missing: fewer steps.",
  );
  const shuffled = { name: "x", row: "grpo", rewards: { shuffled: true } } as const;
  assertEquals(controlsOf(profileOf([shuffled, { name: "y", row: "grpo", rewards: {} }])), [
    "errors in rewards",
  ]);
});

Deno.test("CONTRIBUTING.md's method is a row, and is one in a profile", async () => {
  const page = await Deno.readTextFile("CONTRIBUTING.md");
  const [, row = ""] = /```ts\n\s*(mean_clip_higher: \{[\s\S]*?\n\s*\},)\n```/.exec(page) ?? [];
  const [, json = ""] = /```json\n(\{\s*"name": "mean-clip-higher"[\s\S]*?)\n```/.exec(page) ?? [];
  const { phases } = methods.grpo;
  const written = new Function("whole", `return { ${row} }.mean_clip_higher`)(phases);
  const profile = profileOf([JSON.parse(json)]), { method } = methodRow(profile, "mean-clip-higher");
  assertEquals({ ...written, label: "" }, { ...method, label: "" });
  const { training } = runGraphs(profile, methodRow(profile, "mean-clip-higher"), 1, config.layers);
  assertEquals([...training.values()], ["training_model.mean-clip-higher.onnx"]);
});
