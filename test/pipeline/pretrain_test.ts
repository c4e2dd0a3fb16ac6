import { assert, assertEquals, assertGreater, assertLess, assertThrows } from "@std/assert";
import { join } from "node:path";
import { sha256 } from "../../src/canonical_json.ts";
import { loadModel, parameterShapes, parseConfig } from "../../src/model/mod.ts";
import {
  makeBaseModel,
  parsePretrainingSettings,
  type PretrainingSettings,
  pretrainingSettingsOf,
} from "../../src/pipeline/mod.ts";
import type { PretrainMetrics } from "../../src/rl/mod.ts";

const committed = "benchmarks/model/pretraining.json";
const read = parsePretrainingSettings(await Deno.readTextFile(committed), committed);

/** The committed settings with a small model, a small tokenizer and few steps. */
const settings: PretrainingSettings = {
  ...read,
  threads: 1,
  config: {
    ...read.config,
    vocab_size: 300,
    hidden_size: 32,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    head_dim: 16,
    intermediate_size: 64,
  },
  tokenizer: { seed: 0, examples: 200, vocabularySize: 300 },
  steps: 25,
  examplesPerStep: 8,
  schedule: { peak: 1e-2, warmupSteps: 3, finalShare: 0.1 },
};

Deno.test("makeBaseModel() writes a model that loads, has learned, and is the same for the same settings", async () => {
  const directory = await Deno.makeTempDir();
  const make = async (name: string, own: PretrainingSettings) => {
    const steps: PretrainMetrics[] = [];
    const record = await makeBaseModel(own, join(directory, name), (metrics) => steps.push(metrics));
    return { record, steps };
  };
  const [first, second] = [await make("a", settings), await make("b", settings)];
  assertEquals(second, first);
  const { record, steps } = first;
  assertEquals(steps.map(({ step }) => step), Array.from({ length: 25 }, (_, i) => i + 1));
  const [start] = steps;
  // An untrained model is about as unsure as all tokens are many.
  assertLess(Math.abs((start?.loss ?? NaN) - Math.log(300)), 1);
  assertLess(record.finalLoss, 0.75 * (start?.loss ?? NaN));
  const last = steps.slice(-3).map(({ loss }) => loss);
  assertLess(Math.abs(record.finalLoss - last.reduce((a, b) => a + b, 0) / 3), 1e-12);
  for (const step of steps) assert(step.tokens > 0 && step.gradientNorm > 0 && step.updateNorm > 0);

  const { config, tokenizer, weights } = await loadModel(join(directory, "a"));
  assertEquals([config.layers, config.vocabularySize, tokenizer.vocabularySize], [1, 300, 300]);
  assertGreater(weights.entries.size, 5);
  const files = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"];
  assertEquals(Object.keys(record.files).toSorted(), files);
  for (const [name, digest] of Object.entries(record.files)) {
    assertEquals(await sha256(await Deno.readFile(join(directory, "a", name))), digest);
  }
  const written: unknown = JSON.parse(
    await Deno.readTextFile(join(directory, "a", "pretraining_record.json")),
  );
  assertEquals(written, record);

  const other = await make("c", { ...settings, seed: 2, steps: 1 });
  assert(other.record.files["model.safetensors"] !== record.files["model.safetensors"]);
  assertEquals(other.record.files["tokenizer.json"], record.files["tokenizer.json"]);
  assert(other.record.settings !== record.settings);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("makeBaseModel() takes tokenizer and examples from the suites, and misprints only after the clean steps", async () => {
  const directory = await Deno.makeTempDir();
  const losses = async (changes: Partial<PretrainingSettings>): Promise<number[]> => {
    const found: number[] = [];
    const own = {
      ...settings,
      suites: ["graded-arithmetic" as const],
      misprintRate: 1,
      steps: 3,
      ...changes,
    };
    await makeBaseModel(own, directory, ({ loss }) => found.push(loss));
    return found;
  };
  const clean = await losses({ misprintRate: 0 }),
    misprinted = await losses({}),
    late = await losses({ cleanSteps: 2 });
  assertEquals(late.slice(0, 2), clean.slice(0, 2));
  assert(late[2] !== clean[2] && misprinted[0] !== clean[0]);
  const piece = "From 3 plus "; // words that only this suite's questions have in this order
  const tokensOf = async () => (await loadModel(directory)).tokenizer.encode(piece).length;
  const graded = await tokensOf();
  const other = await losses({ suites: ["mini-aime"], misprintRate: 0 });
  assert(other[0] !== clean[0]);
  assertLess(graded, await tokensOf());
  await Deno.remove(directory, { recursive: true });
});

Deno.test("the settings of both embedded base models give the shapes of their weights, and made these files", async () => {
  for (const folder of ["benchmarks/model", "benchmarks/model-deep"]) {
    const made = await pretrainingSettingsOf(folder), { config, weights } = await loadModel(folder);
    assertEquals(JSON.parse(await Deno.readTextFile(join(folder, "config.json"))), made?.config, folder);
    const shapes = parameterShapes(parseConfig(JSON.stringify(made?.config)));
    assertEquals(
      new Map(Array.from(weights.entries, ([name, { shape }]) => [name, [...shape]])),
      new Map(
        Array.from(shapes, ([name, shape]) => [name, [...shape]]),
      ),
    );
    assertEquals(config.vocabularySize, made?.tokenizer.vocabularySize);
  }
});

Deno.test("parsePretrainingSettings() names the field that it cannot use", () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [{ ...read, steps: 0 }, "steps: "],
    [{ ...read, seed: undefined }, "seed: "],
    [{ ...read, schedule: { ...read.schedule, finalShare: 2 } }, "schedule.finalShare: "],
    [{ ...read, tokenizer: { ...read.tokenizer, size: 1 } }, '"size"'],
    [{ ...read, suites: ["mini-aime", "mini-maths"] }, "suites.1: "],
    [{ ...read, suites: [] }, "suites: "],
    [{ ...read, cleanSteps: -1 }, "cleanSteps: "],
  ];
  for (const [value, message] of cases) {
    const run = () => parsePretrainingSettings(JSON.stringify(value), "s.json");
    const { message: found } = assertThrows(run, SyntaxError);
    assert(found.startsWith("Cannot use s.json: ") && found.includes(message), found);
  }
  assertThrows(() => parsePretrainingSettings("{", "s.json"), SyntaxError, "Cannot read s.json: ");
});
