import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseConfig } from "../../../src/model/mod.ts";
import { checkProfile, methodNameOf, parseProfile, profileJsonSchema } from "../../../src/pipeline/mod.ts";
import { checkModelFit } from "../../../src/pipeline/model_fit.ts";
import { readProfile } from "../../../tasks/shared/profile_flag.ts";

const folder = "benchmarks/profiles";
const smoke: Record<string, unknown> = JSON.parse(await Deno.readTextFile(`${folder}/smoke.json`));
const parse = (changes: Readonly<Record<string, unknown>>) =>
  parseProfile(JSON.stringify({ ...smoke, ...changes }), "p.json");

/** A plan that can be read. */
const registered = {
  suites: ["mini-math"],
  metric: "avg",
  samples: 2,
  pairs: [{ method: "bupo", against: "grpo" }],
  seeds: 1,
  smallestEffect: 2,
};

Deno.test("parseProfile() keeps a registered plan", () => {
  assertEquals<unknown>(parse({ registered }).registered, registered);
  assertEquals(parse({}).registered, undefined);
});

Deno.test("parseProfile() reads every committed profile, which is named as its file", async () => {
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name)
    .filter((name) => name !== "profile.schema.json").sort();
  assert(names.includes("embedded.json") && names.includes("smoke.json"));
  for (const name of names) {
    const file = JSON.parse(await Deno.readTextFile(`${folder}/${name}`));
    const profile = await readProfile(name.replace(/\.json$/, ""));
    assertEquals(`${profile.name}.json`, name);
    assertEquals(file.$schema, "./profile.schema.json");
    const { notes: _, variants: __, ...fields } = file;
    if (fields.extends === undefined && fields.grid === undefined) assertEquals<unknown>(profile, fields);
    if (typeof profile.model === "string") assert((await Deno.stat(profile.model)).isDirectory);
  }
  const embedded = await readProfile("embedded");
  assertEquals(embedded.methods, ["grpo", "bupo"]);
  assert(embedded.seeds.length >= 3);
});

Deno.test("embedded-ablation has what its registered plan compares, and at least three seeds", async () => {
  const { methods, seeds, registered, grid = [] } = await readProfile("embedded-ablation");
  const names = new Set(["base", ...methods.map(methodNameOf)]);
  for (const { method, against } of registered?.pairs ?? []) {
    assert(names.has(method) && names.has(against), method);
  }
  assert(seeds.length >= 3 && grid.length === 4);
  assertEquals(methods.length, 2 + 9 + 1 + 3 + 3);
});

Deno.test("profileJsonSchema() is the published one", async () => {
  const published = await Deno.readTextFile(`${folder}/profile.schema.json`);
  assertEquals(published, JSON.stringify(profileJsonSchema(), null, 2) + "\n");
});

Deno.test("parseProfile() names the field that is missing, unknown or out of range", () => {
  const training = smoke.training as Record<string, unknown>;
  const cases: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
    [{ seeds: undefined }, "p.json: seeds: "],
    [{ seeds: [] }, "p.json: seeds: "],
    [{ seeds: [1, -2] }, "p.json: seeds.1: "],
    [{ methods: ["pppo"] }, "p.json: methods.0: expected a method, one of grpo, "],
    [{ methods: [{ name: "noisy", row: "grpo", lr: 1 }] }, "p.json: methods.0: "],
    [
      { methods: [{ name: "a", row: "grpo", kl: { in: "loss", estimator: "k9", coefficient: 1 } }] },
      "p.json: methods.0: kl.estimator: Invalid option: expected one of ",
    ],
    [{ methods: [{ name: "grpo", row: "grpo" }] }, "methods.0.name: expected a name that no row has"],
    [
      { methods: [{ name: "a", row: "ppo", estimator: { kind: "grpo" } }] },
      "methods.0.critic: a: expected a critic",
    ],
    [{ methods: [{ name: "a", row: "grpo", seeds: [1, 1] }] }, "methods.0.seeds: expected each seed once"],
    [
      { training: { ...training, groupSize: 1 } },
      "methods.0.estimator: grpo: expected a groupSize of at least 2",
    ],
    [{ registered: {} }, "p.json: registered.suites: "],
    [{ registered: { ...registered, seeds: 0 } }, "p.json: registered.seeds: "],
    [
      { registered: { ...registered, pairs: [{ method: "grpo", against: "grpo" }] } },
      "p.json: registered.pairs.0: expected two methods",
    ],
    [{ topP: 0.9 }, "p.json: topP: expected 1: the trainer's log-probs are over all tokens"],
    [{ topK: 50 }, "p.json: topK: expected 0: the trainer's log-probs are over all tokens"],
    [{ loss: "verl" }, "p.json: loss: "],
    [{ name: "Smoke Test" }, "p.json: name: "],
    [{ temperature: 0 }, "p.json: temperature: "],
    [{ threads: 1.5 }, "p.json: threads: "],
    [{ training: { ...training, groupSize: 0 } }, "p.json: training.groupSize: "],
    [{ training: { ...training, suites: [] } }, "p.json: training.suites: "],
    [{ training: { ...training, steps: "3" } }, "p.json: training.steps: "],
    [{ evaluation: { problems: 3 } }, "p.json: evaluation.suites: "],
    [{ optimizer: { ...smoke.optimizer as object, betas: [0.9, 1] } }, "p.json: optimizer.betas.1: "],
    [{ learningRate: 1 }, '"learningRate"'],
    [{ training: { ...training, stepz: 3 } }, '"stepz"'],
  ];
  for (const [changes, message] of cases) {
    const { message: found } = assertThrows(() => parse(changes), SyntaxError);
    assert(found.startsWith("Cannot use p.json: ") && found.includes(message), found);
    assert(!found.includes("\n"), found);
  }
  assertThrows(() => parseProfile("[]", "p.json"), SyntaxError, "Cannot use p.json: the document: ");
  assertThrows(() => parseProfile("{,}", "p.json"), SyntaxError, "Cannot read p.json: ");
});

Deno.test("parseProfile() refuses what cannot give a result: field, found and expected value", () => {
  const training = smoke.training as Record<string, unknown>, evaluation = smoke.evaluation as object;
  const withTraining = (changes: object) => ({ training: { ...training, ...changes } });
  const optimizer = (changes: object) => ({ optimizer: { ...smoke.optimizer as object, ...changes } });
  const range = "expected a number within float32's range, 1e-45 to 3.4e38";
  const cases: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
    [{ methods: ["grpo", "bupo", "grpo"] }, 'methods: expected each method once, found "grpo" twice'],
    [{ seeds: [4, 1, 7, 1] }, "seeds: expected each seed once, found 1 twice"],
    [
      withTraining({ suites: ["mini-math", "mini-math"] }),
      'training.suites: expected each suite once, found "mini-math" twice',
    ],
    [
      { evaluation: { ...evaluation, suites: ["mini-math", "mini-aime", "mini-math"] } },
      'evaluation.suites: expected each suite once, found "mini-math" twice',
    ],
    [
      { evaluation: { ...evaluation, suites: ["a/x.jsonl", "mini-aime", "b/x.json"] } },
      'evaluation.suites: expected each suite\'s name once, found "x" twice: a/x.jsonl, b/x.json',
    ],
    [
      { evaluation: { ...evaluation, suites: ["mini-math", "own/mini-math.parquet"] } },
      'found "mini-math" twice: mini-math, own/mini-math.parquet',
    ],
    [
      withTraining({ promptsPerStep: 5, updatesPerStep: 4 }),
      "training.promptsPerStep: expected a multiple of updatesPerStep, 4, so that each update has as many prompts, found 5",
    ],
    [
      withTraining({ promptsPerStep: 2, updatesPerStep: 8 }),
      "training.promptsPerStep: expected a multiple of updatesPerStep, 8, so that each update has as many prompts, found 2",
    ],
    [
      withTraining({ promptsPerStep: 8, updatesPerStep: 2, gradientShards: 8 }),
      "training.gradientShards: expected a power of two that divides promptsPerStep / updatesPerStep, 4, found 8",
    ],
    [
      withTraining({ steps: 3, internalSteps: 4 }),
      "training.internalSteps: expected at most steps, 3, found 4",
    ],
    [
      withTraining({ steps: 3, updatesPerStep: 2, warmupSteps: 6 }),
      "training.warmupSteps: expected fewer than all updates, steps · updatesPerStep = 6, found 6",
    ],
    [
      withTraining({ learningRate: 0 }),
      "training.learningRate: Too small: expected number to be >0, found 0",
    ],
    [withTraining({ learningRate: 1e-50 }), `training.learningRate: ${range}, found 1e-50`],
    [withTraining({ learningRate: 1e39 }), `training.learningRate: ${range}, found 1e+39`],
    [{ temperature: 1e-46 }, `temperature: ${range}, found 1e-46`],
    [optimizer({ epsilon: 1e-60 }), `optimizer.epsilon: ${range}, found 1e-60`],
    [optimizer({ maxGradientNorm: 1e40 }), `optimizer.maxGradientNorm: ${range}, found 1e+40`],
    [optimizer({ weightDecay: 1e40 }), "optimizer.weightDecay: expected a number within float32's range"],
    [withTraining({ steps: 0 }), "training.steps: Too small: expected number to be >0, found 0"],
    [{ seeds: [] }, "seeds: Too small: expected array to have >=1 items, found []"],
    [{ loss: "verl" }, 'found "verl"'],
  ];
  for (const [changes, message] of cases) {
    const { message: found } = assertThrows(() => parse(changes), SyntaxError);
    assert(found.startsWith("Cannot use p.json: ") && found.includes(message), found);
    assert(!found.includes("\n"), found);
  }
  // A number that JSON can write and float64 cannot hold.
  const text = JSON.stringify(smoke).replace('"temperature":1,', '"temperature":1e999,');
  assertThrows(
    () => parseProfile(text, "p.json"),
    SyntaxError,
    "temperature: Invalid input: expected number",
  );
});

Deno.test("parseProfile() takes what is just within the limits", () => {
  const training = smoke.training as Record<string, unknown>;
  const limits = { steps: 3, promptsPerStep: 4, updatesPerStep: 4, internalSteps: 3, warmupSteps: 11 };
  assertEquals(parse({ training: { ...training, ...limits } }).training.warmupSteps, 11);
  const optimizer = { ...smoke.optimizer as object, weightDecay: 0 };
  assertEquals(parse({ optimizer, seeds: [0, 1, 2] }).optimizer.weightDecay, 0);
});

Deno.test("checkProfile() refuses a change that parseProfile() would refuse, and no other", () => {
  const profile = parse({}), evaluation = { ...profile.evaluation, suites: ["a/x.jsonl", "b/x.jsonl"] };
  assertEquals(checkProfile(profile, "flags"), profile);
  assertThrows(
    () => checkProfile({ ...profile, evaluation }, "flags"),
    SyntaxError,
    'Cannot use flags: evaluation.suites: expected each suite\'s name once, found "x" twice',
  );
  const own = { ...evaluation, suites: ["a/x.jsonl", "b/y.jsonl"], problems: undefined };
  assertEquals(checkProfile({ ...profile, evaluation: own }, "flags").evaluation, own);
});

Deno.test("checkModelFit() refuses a layer that the model has not, and sequences beyond its context", () => {
  const profile = parse({}), model = parseConfig(Deno.readTextFileSync("benchmarks/model/config.json"));
  const withLayer = (internalLayer: number) => ({
    ...profile,
    training: { ...profile.training, internalLayer },
  });
  checkModelFit(withLayer(model.layers), model);
  assertThrows(
    () => checkModelFit(withLayer(6), model),
    RangeError,
    "Cannot use smoke: training.internalLayer is 6, expected a layer of the model, 1 to 5",
  );
  checkModelFit(profile, { ...model, contextLength: 52 });
  assertThrows(
    () => checkModelFit(profile, { ...model, contextLength: 51 }),
    RangeError,
    "prompt and response may have 52 tokens, the model takes 51",
  );
});

Deno.test("parseProfile() applies a variant: objects are merged, the name says so", () => {
  const variants = { long: { description: "more steps", changes: { seeds: [5], training: { steps: 9 } } } };
  const text = JSON.stringify({ ...smoke, notes: { seeds: "why" }, variants });
  const profile = parseProfile(text, "p.json", "long"), plain = parseProfile(text, "p.json");
  assertEquals([profile.name, profile.seeds, profile.training.steps], ["smoke-long", [5], 9]);
  assertEquals(profile.training, { ...plain.training, steps: 9 });
  assert(profile.description.endsWith("; more steps"));
  assertThrows(() => parseProfile(text, "p.json", "short"), RangeError, "its variants are: long");
  const bad = { bad: { description: "", changes: { training: { stepz: 1 } } } };
  assertThrows(
    () => parseProfile(JSON.stringify({ ...smoke, variants: bad }), "p.json", "bad"),
    SyntaxError,
    "p.json, variant bad: training",
  );
});

/** Does a JSON Schema have a field at a path such as `training.steps`? */
function hasField(schema: unknown, path: readonly string[]): boolean {
  const [name, ...rest] = path;
  if (name === undefined) return true;
  const { properties, anyOf = [] } = Object(schema) as { properties?: object; anyOf?: readonly unknown[] };
  if (properties && Object.hasOwn(properties, name)) return hasField(Reflect.get(properties, name), rest);
  return anyOf.some((one) => hasField(one, path));
}

Deno.test("notes are about fields that profiles have", async () => {
  const schema = profileJsonSchema();
  assert(!hasField(schema, ["training", "step"]));
  for (const { name } of await Array.fromAsync(Deno.readDir(folder))) {
    const { notes = {} } = JSON.parse(await Deno.readTextFile(`${folder}/${name}`));
    for (const path of Object.keys(notes)) assert(hasField(schema, path.split(".")), `${name}: ${path}`);
  }
});

Deno.test("the paper's profiles note where paper and code disagree, and --variant paper has the paper's values", async () => {
  // Layer, steps of phase 1, response tokens: the paper's text; Table 8 of it for the optimizer steps.
  const paper: Readonly<Record<string, readonly [number, number, number]>> = {
    "qwen3-4b": [6, 30, 7168],
    "qwen3-8b": [6, 20, 7168],
    "octothinker-3b": [27, 20, 3072],
    "octothinker-8b": [31, 20, 3072],
  };
  const noted = [
    "loss",
    "seeds",
    "template",
    "maxResponseTokens",
    "training.updatesPerStep",
    "training.internalSteps",
    "training.internalLayer",
    "evaluation.checkpoint",
  ];
  for (const [name, [layer, steps, tokens]] of Object.entries(paper)) {
    const text = await Deno.readTextFile(`${folder}/${name}.json`), released = parseProfile(text, name);
    for (const path of noted) assert(JSON.parse(text).notes[path], `${name} has no note about ${path}`);
    const variant = parseProfile(text, name, "paper"),
      { training, name: _, description: __, ...others } = released;
    assertEquals([training.steps, training.promptsPerStep, training.groupSize], [300, 128, 8]);
    assertEquals([training.internalLayer, others.seeds.length], [layer, 3]);
    assertEquals(variant, {
      ...others,
      name: `${name}-paper`,
      description: variant.description,
      loss: "paper",
      maxResponseTokens: tokens,
      training: {
        ...training,
        updatesPerStep: 16,
        internalSteps: steps,
        microBatchTokens: others.maxPromptTokens + tokens, // the longest sequence
      },
    });
  }
});
