import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseProfile, profileJsonSchema } from "../../src/pipeline/mod.ts";

const folder = "benchmarks/profiles";
const smoke: Record<string, unknown> = JSON.parse(await Deno.readTextFile(`${folder}/smoke.json`));
const parse = (changes: Readonly<Record<string, unknown>>) =>
  parseProfile(JSON.stringify({ ...smoke, ...changes }), "p.json");

Deno.test("parseProfile() reads every committed profile, which is named as its file", async () => {
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name)
    .filter((name) => name !== "profile.schema.json").sort();
  assert(names.includes("embedded.json") && names.includes("smoke.json"));
  for (const name of names) {
    const text = await Deno.readTextFile(`${folder}/${name}`), profile = parseProfile(text, name);
    assertEquals(`${profile.name}.json`, name);
    const { notes: _, variants: __, ...fields } = JSON.parse(text);
    assertEquals<unknown>(profile, fields);
    assertEquals(profile.$schema, "./profile.schema.json");
    if (typeof profile.model === "string") assert((await Deno.stat(profile.model)).isDirectory);
  }
  const embedded = parseProfile(await Deno.readTextFile(`${folder}/embedded.json`), "embedded.json");
  assertEquals(embedded.methods, ["grpo", "bupo"]);
  assert(embedded.seeds.length >= 3);
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
    [{ methods: ["ppo"] }, "p.json: methods.0: "],
    [{ loss: "verl" }, "p.json: loss: "],
    [{ name: "Smoke Test" }, "p.json: name: "],
    [{ temperature: 0 }, "p.json: temperature: "],
    [{ threads: 1.5 }, "p.json: threads: "],
    [{ training: { ...training, groupSize: 1 } }, "p.json: training.groupSize: "],
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
