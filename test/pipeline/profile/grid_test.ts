import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type MethodEntry,
  methodRow,
  parseProfile,
  type Profile,
  profileRuns,
} from "../../../src/pipeline/mod.ts";
import { checkModelFit } from "../../../src/pipeline/model_fit.ts";
import { dependsOn, methodLabel, type MethodName, methods } from "../../../src/rl/mod.ts";
import { parseConfig } from "../../../src/model/mod.ts";
import { gridCells, gridsOf, ownValues } from "../../../src/method_grid.ts";

const smoke = JSON.parse(await Deno.readTextFile("benchmarks/profiles/smoke.json"));
const parse = (grid: unknown, changes: object = {}): Profile =>
  parseProfile(JSON.stringify({ ...smoke, ...changes, grid }), "p.json");
const names = ({ methods }: Profile): string[] => methods.map((m) => typeof m === "string" ? m : m.name);

Deno.test("a grid stands for every combination, named after what is not the profile's own", () => {
  // The profile: k = 2, s_inter = 1, two steps.
  const profile = parse([
    { title: "Table 2", method: ["bupo"], internalLayer: [2, 3], internalSteps: [1, 2] },
    { method: ["bupo", "bupo_normed"], internalLayer: [2] },
    { method: ["grpo"], learningRate: [2e-4, 1e-3, 2.5e-5], seeds: [7, 8] },
  ]);
  assertEquals(names(profile), [
    ...["grpo", "bupo", "bupo.s2", "bupo.k3", "bupo.k3.s2", "bupo_normed"],
    ...["grpo.lr2e-4", "grpo.lr1e-3", "grpo.lr2.5e-5"],
  ]);
  const row = methodRow(profile, "bupo.k3.s2");
  assertEquals([row.internalLayer, row.internalSteps, row.learningRate], [3, 2, 2e-4]);
  assertEquals(methodRow(profile, "bupo").internalLayer, undefined);
  const slow = methodRow(profile, "grpo.lr2.5e-5");
  assertEquals([slow.learningRate, slow.seeds], [2.5e-5, [7, 8]]);
  assertEquals(["bupo.k3.s2", "grpo.lr2.5e-5", "bupo_normed"].map(methodLabel), [
    ...["BuPO k=3 s=2", "GRPO lr=2.5e-5", "BuPO, normed"],
  ]);
  assertEquals(profileRuns(profile).length, 6 + 3 * 2);
});

Deno.test("a resolved profile is read as it is: its record stands for the same methods", () => {
  const profile = parse([{ method: ["bupo"], internalLayer: [1, 2, 3] }, {
    method: ["bupo", "frozen_lower"],
    internalLayer: [1],
  }]);
  assertEquals(parseProfile(JSON.stringify(profile), "again"), profile);
  const [first] = gridsOf(JSON.parse(JSON.stringify(profile)));
  assert(first);
  assertEquals(gridCells(first, ownValues(profile.training)).map(({ name }) => name), [
    "bupo.k1",
    "bupo",
    "bupo.k3",
  ]);
});

Deno.test("every method depends on a setting exactly where the setting changes its phases", async () => {
  const { runPhases } = await import("../../../src/rl/mod.ts");
  const context = { internalLayer: 2, internalSteps: 4, layers: 6, seed: 1 };
  for (const [name, { phases }] of Object.entries(methods)) {
    const of = (changes: object): string => JSON.stringify(runPhases(phases, { ...context, ...changes }));
    const movesByLayer = phases.some(({ moves = {} }) =>
      moves.lower !== undefined || moves.upper !== undefined
    );
    assertEquals(
      dependsOn(phases, "internalLayer"),
      of({}) !== of({ internalLayer: 3 }) || movesByLayer,
      name,
    );
    assertEquals(dependsOn(phases, "internalSteps"), of({}) !== of({ internalSteps: 8 }), name);
  }
});

Deno.test("grids that cannot be meant are refused in one line that says where and why", () => {
  const cases: readonly (readonly [grid: unknown, changes: object, message: string])[] = [
    [
      [{ method: ["grpo"], model: ["a", "b"] }],
      {},
      "p.json: grid.0: expected no model: a result has one base model",
    ],
    [[{ method: ["grpo"] }], {}, "p.json: grid.0.method: expected several methods, or values of"],
    [
      [{ method: ["grpo", "bupo"], internalLayer: [1, 2] }],
      {},
      "grid.0.internalLayer: expected only methods that depend on it: grpo does not",
    ],
    [[{ method: ["bupo_random_layer"], internalLayer: [1] }], {}, "bupo_random_layer does not"],
    [[{ method: ["frozen_lower"], internalSteps: [1] }], {}, "frozen_lower does not"],
    [
      [{ method: ["bupo"], internalSteps: [1, 3] }],
      {},
      "grid.0.internalSteps: expected at most as many as there are steps, 2, found 3",
    ],
    [
      [{ method: ["bupo"], internalLayer: [1, 1] }],
      {},
      "grid.0.internalLayer: expected each layer once, found 1 twice",
    ],
    [
      [{ method: ["bupo"], internalLayer: Array.from({ length: 61 }, (_, i) => i + 1) }],
      {},
      "expected at most 60 methods in a grid, found 61",
    ],
    [
      [{ method: ["bupo"], internalLayer: [1, 3] }, { method: ["bupo"], internalLayer: [3], seeds: [9] }],
      {},
      "grid.1: expected bupo.k3 as grid.0 has it, its seeds too",
    ],
    [[{ method: ["bupo"], internalLayer: [3] }], {
      methods: ["grpo", { name: "bupo.k3", row: "bupo", internalLayer: 2 }],
    }, "grid.0: expected bupo.k3 as methods has it"],
    [
      [{ method: ["bupo"], internalLayer: [3] }],
      { training: { ...smoke.training, internalLayer: "auto" } },
      'expected no layers where training.internalLayer is "auto"',
    ],
    [
      undefined,
      { methods: [{ name: "a", row: "grpo", internalLayer: 2 }] },
      "methods.0.internalLayer: a: expected none, because grpo does not depend on it",
    ],
    [
      undefined,
      { methods: [{ name: "a", row: "bupo", internalSteps: 2, steps: 1 }] },
      "methods.0.internalSteps: a: expected at most its steps, 1, found 2",
    ],
  ];
  for (const [grid, changes, message] of cases) {
    assertThrows(() => parse(grid, changes), SyntaxError, message);
  }
  const config = parseConfig(Deno.readTextFileSync("benchmarks/model/config.json"));
  assertThrows(
    () => checkModelFit(parse([{ method: ["bupo"], internalLayer: [1, 9] }]), config),
    RangeError,
    "bupo.k9 has internalLayer 9, expected a layer of the model, 1 to 5",
  );
});

Deno.test("a variant's grid is written out too, and the names of all rows are short enough for files", () => {
  const variants = {
    deep: { description: "deeper", changes: { grid: [{ method: ["bupo"], internalLayer: [4] }] } },
  };
  const text = JSON.stringify({ ...smoke, variants });
  assertEquals(names(parseProfile(text, "p.json", "deep")), ["grpo", "bupo", "bupo.k4"]);
  const every = (Object.keys(methods) as MethodName[]).filter((name) =>
    dependsOn(methods[name].phases, "internalLayer") && dependsOn(methods[name].phases, "internalSteps")
  );
  const entries =
    parse([{ method: every, internalLayer: [12], internalSteps: [2], learningRate: [1.25e-5] }]).methods;
  assert(entries.some((entry) => (entry as MethodEntry).name === "bupo_schedule.k12.s2.lr1.25e-5"));
});
