import { assertEquals, assertStringIncludes } from "@std/assert";
import { byproductsClaim } from "../../../src/judge/byproducts.ts";
import { profileMethods, settingOf } from "../../../src/judge/profile_methods.ts";
import { partialRuns } from "../../../src/judge/runs.ts";

const methods = ["grpo", { name: "again", row: "grpo", seeds: [7] }, { name: "half", row: "bupo", steps: 2 }];

Deno.test("profileMethods() reads names, and rows under other names with their seeds and steps", () => {
  assertEquals(profileMethods({ name: "p", methods }), [
    { name: "grpo", row: "grpo", seeds: undefined, own: {} },
    { name: "again", row: "grpo", seeds: [7], own: {} },
    { name: "half", row: "bupo", seeds: undefined, own: { steps: 2 } },
  ]);
  const bad = [
    undefined,
    [],
    ["grpo", "grpo"],
    ["grpo", { name: "grpo", row: "bupo" }],
    [{ row: "grpo" }],
    [{ name: "x", seeds: [1, 1] }],
    [{ name: "x", steps: "2" }],
    [{ name: "x", internalLayer: 1.5 }],
    [{ name: "x", learningRate: "fast" }],
    [7],
  ];
  for (const list of bad) assertEquals(profileMethods({ name: "p", methods: list }), undefined);
});

Deno.test("partialRuns() wants each method with its own seeds", () => {
  const run = (method: string, seed: number | null) => ({
    method,
    seed,
    checkpoint: seed === null ? null : `${method}${seed}`,
  });
  const runs = [run("base", null), run("grpo", 1), run("again", 7), run("half", 1)];
  const of = (some: typeof runs) =>
    partialRuns(
      { profile: { methods, seeds: [1] }, runs: some } as unknown as Parameters<typeof partialRuns>[0],
    );
  assertEquals(of(runs), undefined);
  assertEquals(of(runs.filter(({ method }) => method !== "again")), 'it lacks "again" with seed 7');
});

Deno.test("settingOf() is the method's own value, or the profile's", () => {
  const profile = { name: "p", methods, training: { steps: 5 } };
  assertEquals(["grpo", "again", "half", "none"].map((name) => settingOf(profile, name, "steps")), [
    5,
    5,
    2,
    5,
  ]);
});

Deno.test("a training log has the layer, the length and the rate of its method's own", () => {
  const own = { name: "bupo.k2.lr1e-3", row: "bupo", internalLayer: 2, learningRate: 1e-3 };
  const profile = {
    name: "p",
    methods: ["bupo", own, { ...own, name: "mine", phases: [] }],
    seeds: [1],
    training: {
      steps: 2,
      internalSteps: 1,
      internalLayer: 3,
      learningRate: 2e-4,
      updatesPerStep: 1,
      warmupSteps: 0,
    },
  };
  const log = (method: string, layer: unknown, learningRate: number, second: unknown = "full") => {
    const steps = [{ step: 1, policy: layer, learningRate }, { step: 2, policy: second, learningRate }];
    const absent = { absent: "not asked for" };
    const evidence = {
      logs: { value: new Map([[`${method}-1`, steps]]) },
      probes: absent,
      artifacts: absent,
      overlap: absent,
      knowledge: { methods: new Map([["bupo", { bottomUp: true }]]) },
    };
    const record = {
      profile,
      suites: [],
      artifacts: {},
      runs: [{ method, seed: 1, checkpoint: "c", suites: {} }],
    };
    const claim = byproductsClaim(record as never, evidence as never);
    return claim.state === "false" ? claim.reason : "fits";
  };
  assertEquals(log("bupo", 3, 2e-4), "fits");
  assertEquals(log("bupo.k2.lr1e-3", 2, 1e-3), "fits");
  assertEquals(log("mine", 4, 1e-3), "fits");
  assertStringIncludes(log("bupo.k2.lr1e-3", 3, 1e-3), "trained the policy 3, expected 2");
  assertStringIncludes(log("bupo.k2.lr1e-3", 2, 2e-4), "has the learning rate 0.0002, expected 0.001");
  assertStringIncludes(log("bupo.k2.lr1e-3", 2, 1e-3, 2), 'step 2 trained the policy 2, expected "full"');
});
