import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { join, relative } from "node:path";
import {
  initializeWeights,
  loadTokenizer,
  parseConfig,
  tensorsInMemory,
  writeModelDirectory,
} from "../../src/model/mod.ts";
import { providers } from "./providers.ts";

const smoke = JSON.parse(await Deno.readTextFile("benchmarks/profiles/smoke.json"));

/** Logit of the tokens that come next, when the direction of the token before is all there is of a state. */
const CERTAIN = 6;

/** A model of two layers with the embedded tokenizer that answers every question with a random digit in a box. */
async function makeModel(directory: string): Promise<void> {
  const embedded = JSON.parse(await Deno.readTextFile("benchmarks/model/config.json")),
    base = await Deno.makeTempDir();
  const config = {
    ...embedded,
    hidden_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    head_dim: 16,
    intermediate_size: 24,
    tie_word_embeddings: false,
  };
  await Deno.writeTextFile(join(base, "config.json"), JSON.stringify(config));
  for (const name of ["tokenizer.json", "tokenizer_config.json"]) {
    await Deno.copyFile(join("benchmarks/model", name), join(base, name));
  }
  const tokenizer = await loadTokenizer(base),
    weights = initializeWeights(parseConfig(JSON.stringify(config)), 1);
  const scaled = (name: string, scale: number): Float32Array => {
    const data = weights.get(name)?.data as Float32Array;
    for (let i = 0; i < data.length; i++) data[i] = scale * (data[i] as number); // within the array
    return data;
  };
  for (const name of weights.keys()) if (name.endsWith("_proj.weight")) scaled(name, 0.1);
  const embedding = scaled("model.embed_tokens.weight", 0.02), head = scaled("lm_head.weight", 0.02);
  const digits = [..."0123456789"].flatMap((digit) => tokenizer.encode(digit));
  const states = [...tokenizer.encode("\\boxed{").map((token) => [token]), digits, tokenizer.encode("}")];
  assertLess(states.length + 1, config.hidden_size);
  for (let token = 0; token < config.vocab_size; token++) {
    const state = states.findIndex((tokens) => tokens.includes(token));
    embedding[token * config.hidden_size + state + 1] = 1;
  }
  [...states, [tokenizer.endIds[0] ?? 0]].forEach((tokens, state) => {
    for (const token of tokens) head[token * config.hidden_size + state] = CERTAIN;
  });
  await writeModelDirectory(base, tensorsInMemory(weights), directory, { dtype: "float32" });
}

async function writeProfile(directory: string): Promise<string> {
  const suite = join(directory, "digits.jsonl"), path = join(directory, "tiny.json");
  const problems = Array.from({ length: 6 }, (_, i) => ({ problem: `${i} + 1`, answer: `${(i + 1) % 10}` }));
  await Deno.writeTextFile(suite, problems.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const { training, evaluation } = smoke, suites = [suite];
  await Deno.writeTextFile(
    path,
    JSON.stringify({
      ...smoke,
      $schema: undefined,
      name: "tiny",
      model: relative(Deno.cwd(), join(directory, "model")),
      seeds: [1],
      maxResponseTokens: 16,
      rolloutBatch: 8,
      training: {
        ...training,
        suites,
        problems: undefined,
        steps: 2,
        promptsPerStep: 2,
        groupSize: 8,
        updatesPerStep: 1,
        internalLayer: 1,
        internalSteps: 1,
        learningRate: 0.001,
      },
      evaluation: { ...evaluation, suites, problems: undefined, samples: 4 },
    }),
  );
  return path;
}

/** Runs the pipeline on a provider in a process of its own and returns its record and its steps' metrics. */
async function reproduce(directory: string, profile: string, provider: string) {
  const out = join(directory, provider, "results"), store = join(directory, provider, "store");
  const command = new Deno.Command("deno", {
    args: [
      ...["run", "--quiet", "--no-prompt", "-A", "test/provider/main.ts", "reproduce", "--profile", profile],
      ...["--provider", provider, "--workers", "1", "--store", store, "--out", out],
    ],
    env: { BUPO_KEY: join(directory, "key.pem"), NO_COLOR: "1" },
    stdin: "null",
  });
  const { code, stdout, stderr } = await command.output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const lines = async (name: string): Promise<Record<string, number>[]> =>
    (await Deno.readTextFile(join(out, "metrics", name))).trim().split("\n").map((line) => JSON.parse(line));
  return {
    table: new TextDecoder().decode(stdout),
    record: JSON.parse(await Deno.readTextFile(join(out, "results.json"))),
    provenance: atob(JSON.parse(await Deno.readTextFile(join(out, "provenance.intoto.json"))).payload),
    steps: [...await lines("grpo-1.jsonl"), ...await lines("bupo-1.jsonl")],
  };
}

for (const { name, runtime, reason } of providers.filter(({ name }) => name !== "cpu")) {
  Deno.test({
    name: `${name}: reproduce trains and evaluates GRPO and BuPO as on the CPU${reason}`,
    ignore: !runtime,
    fn: async () => {
      const directory = await Deno.makeTempDir();
      await Deno.mkdir(join(directory, "model"));
      await makeModel(join(directory, "model"));
      const profile = await writeProfile(directory);
      const key = await new Deno.Command("deno", {
        args: ["run", "--quiet", "-A", "main.ts", "keys", "generate", "--key", join(directory, "key.pem")],
      }).output();
      assertEquals(key.code, 0, new TextDecoder().decode(key.stderr));
      const expected = await reproduce(directory, profile, "cpu"),
        actual = await reproduce(directory, profile, name);
      assert(expected.steps.some(({ updateNorm }) => (updateNorm ?? 0) > 0), "no step changed the policy");
      // The tolerance that docs/gpu.md states: 1 % of each metric, and one response in twenty. AdamW's first steps are
      // ± the learning rate, also where a gradient is next to 0 and rounding decides its sign.
      expected.steps.forEach((step, i) => {
        for (const [metric, value] of Object.entries(step)) {
          const other = actual.steps[i]?.[metric];
          if (typeof value !== "number" || metric === "logprobGap") continue;
          assertLess(
            Math.abs((other ?? NaN) - value),
            1e-5 + 1e-2 * Math.abs(value),
            `${metric} of step ${i + 1}`,
          );
        }
      });
      const counts = ({ runs }: { runs: { suites: Record<string, { correct: number[] }> }[] }): number[] =>
        runs.flatMap(({ suites }) => Object.values(suites).flatMap(({ correct }) => correct));
      const wanted = counts(expected.record), found = counts(actual.record);
      assertEquals(found.length, wanted.length);
      const moved = wanted.reduce((sum, count, i) => sum + Math.abs(count - (found[i] ?? NaN)), 0);
      assertLess(moved, 1 + 0.05 * 4 * wanted.length);
      if (runtime?.adapter) assertStringIncludes(actual.provenance, runtime.adapter);
      await Deno.remove(directory, { recursive: true });
    },
  });
}
