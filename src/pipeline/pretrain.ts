/**
 * Making the embedded base model: tokenizer, configuration, weights, all from one file of settings.
 *
 * @module
 */

import { z } from "zod";
import { type AdamWSettings, buildArtifacts } from "../artifact/mod.ts";
import { type ByteStream, fileSource, sha256Stream, streamOf } from "../byte_source.ts";
import { canonicalJson, sha256 } from "../canonical_json.ts";
import { parseChecked } from "../checked_json.ts";
import {
  initializeWeights,
  loadTokenizer,
  makeTokenizer,
  parseConfig,
  storedStream,
  tensorsInMemory,
} from "../model/mod.ts";
import {
  crossEntropyLoss,
  Learner,
  pretrain,
  type PretrainMetrics,
  type PretrainSettings,
  type Sequence,
} from "../rl/mod.ts";
import { openRuntime } from "../runtime/mod.ts";
import { writeFileAtomic } from "../store.ts";
import {
  type GeneratedSuite,
  generatedSuites,
  pretrainingExample,
  promptMessages,
  tokenizerCorpus,
  trainingText,
} from "../suite/mod.ts";

const count = z.int().positive();

/** How the embedded base model is made. */
export interface PretrainingSettings extends PretrainSettings {
  /** Seed of the initial weights and of the examples. */
  readonly seed: number;
  /** Threads within an operation. */
  readonly threads: number;
  /** The content of `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The corpus that the tokenizer is made from, and how many tokens it gets. */
  readonly tokenizer: { readonly seed: number; readonly examples: number; readonly vocabularySize: number };
  /** The probability that a digit of a worked solution is misprinted. */
  readonly misprintRate: number;
  /** So many steps, the first ones, see no misprint: facts are learned before slips; default 0. */
  readonly cleanSteps?: number | undefined;
  /** The generated suites of its examples and its tokenizer; default `mini-aime` and `mini-math`. */
  readonly suites?: readonly GeneratedSuite[] | undefined;
  /** AdamW's constants. */
  readonly optimizer: AdamWSettings;
}

const settingsSchema: z.ZodType<PretrainingSettings> = z.strictObject({
  seed: z.int().nonnegative(),
  threads: count,
  config: z.record(z.string(), z.json()),
  tokenizer: z.strictObject({ seed: z.int().nonnegative(), examples: count, vocabularySize: count }),
  misprintRate: z.number().min(0).max(1),
  cleanSteps: z.int().nonnegative().optional(),
  suites: z.array(z.enum(Object.keys(generatedSuites) as GeneratedSuite[])).min(1).optional(),
  steps: count,
  examplesPerStep: count,
  microBatchTokens: count,
  schedule: z.strictObject({
    peak: z.number().positive(),
    warmupSteps: z.int().nonnegative(),
    finalShare: z.number().min(0).max(1),
  }),
  optimizer: z.strictObject({
    betas: z.tuple([z.number(), z.number()]),
    epsilon: z.number().positive(),
    weightDecay: z.number().nonnegative(),
    maxGradientNorm: z.number().positive(),
  }),
});

/** What making it gave. */
export interface PretrainingRecord {
  /** SHA-256 of the settings' canonical form. */
  readonly settings: string;
  /** SHA-256 of the files that were written. */
  readonly files: Readonly<Record<string, string>>;
  /** Mean loss over the last tenth of the steps, in nats a token. */
  readonly finalLoss: number;
}

/**
 * Reads pretraining settings.
 *
 * @throws {SyntaxError} If the text is no JSON or a field does not fit: one line that names it.
 */
export function parsePretrainingSettings(text: string, source: string): PretrainingSettings {
  return parseChecked(settingsSchema, text, source);
}

const recordSchema: z.ZodType<PretrainingRecord> = z.strictObject({
  settings: z.string(),
  files: z.record(z.string(), z.string()),
  finalLoss: z.number(),
});

/** The text of a file of a folder; nothing if there is no such file. */
async function textOf(directory: string, name: string): Promise<string | undefined> {
  return await Deno.readTextFile(`${directory}/${name}`).catch((error: unknown) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
}

/**
 * The settings that made the model of a directory, from its `pretraining.json`; nothing if the record beside it does
 * not say that these settings made these weights.
 *
 * @throws {SyntaxError} If one of the two files cannot be read: one line that names it.
 */
export async function pretrainingSettingsOf(directory: string): Promise<PretrainingSettings | undefined> {
  const names = ["pretraining.json", "pretraining_record.json"] as const;
  const [source, recorded] = await Promise.all(names.map((name) => textOf(directory, name)));
  if (source === undefined || recorded === undefined) return undefined;
  const settings = parsePretrainingSettings(source, `${directory}/${names[0]}`);
  const record = parseChecked(recordSchema, recorded, `${directory}/${names[1]}`);
  const weights = record.files["model.safetensors"];
  if (weights === undefined || record.settings !== await sha256(canonicalJson(settings))) return undefined;
  const found = await sha256Stream(streamOf(await fileSource(`${directory}/model.safetensors`)));
  return found === weights ? settings : undefined;
}

/** Makes the model and writes it as a Hugging Face model directory, with `pretraining_record.json`. */
export async function makeBaseModel(
  settings: PretrainingSettings,
  directory: string,
  onStep: (metrics: PretrainMetrics) => void,
): Promise<PretrainingRecord> {
  const files: Record<string, string> = {};
  const write = async (name: string, content: string | ByteStream): Promise<void> => {
    await writeFileAtomic(`${directory}/${name}`, content);
    files[name] = typeof content === "string" ? await sha256(content) : await sha256Stream(content);
  };
  const pretty = (value: unknown): string => JSON.stringify(value, null, 2) + "\n";
  const corpus = tokenizerCorpus(settings.tokenizer.seed, settings.tokenizer.examples, settings.suites);
  const made = makeTokenizer(corpus, { vocabularySize: settings.tokenizer.vocabularySize });
  await write("tokenizer.json", pretty(made.tokenizer));
  await write("tokenizer_config.json", pretty(made.config));
  await write("config.json", pretty(settings.config));
  const tokenizer = await loadTokenizer(directory);
  const [end] = tokenizer.endIds;
  if (end === undefined) throw new TypeError("Cannot pretrain: the tokenizer names no end token");
  const config = parseConfig(JSON.stringify(settings.config));
  const artifacts = buildArtifacts({
    config,
    objective: (inputs) => ({ loss: crossEntropyLoss(inputs), metrics: {} }),
    optimizer: settings.optimizer,
    internalLayer: undefined,
  });
  const graph = (name: string): Uint8Array => artifacts[name] ?? new Uint8Array();
  const learner = await Learner.open(
    openRuntime({ provider: "cpu", threads: settings.threads }),
    {
      training: new Map([["full", graph("training_model.onnx")]]),
      optimizer: new Map([["full", graph("optimizer_model.onnx")]]),
      evaluation: graph("eval_model.onnx"),
    },
    tensorsInMemory(initializeWeights(config, settings.seed)),
    1,
  );
  const example = (index: number): Sequence => {
    const clean = index < (settings.cleanSteps ?? 0) * settings.examplesPerStep;
    const problem = pretrainingExample(
      settings.seed,
      index,
      clean ? { ...settings, misprintRate: 0 } : settings,
    );
    return {
      prompt: tokenizer.prompt(promptMessages(problem)),
      response: [...tokenizer.encode(trainingText(problem)), end],
    };
  };
  const losses: number[] = [];
  await pretrain(learner, example, settings, (metrics) => {
    losses.push(metrics.loss);
    onStep(metrics);
  });
  await write("model.safetensors", storedStream(learner.weights()));
  await learner.dispose();
  const last = losses.slice(-Math.ceil(losses.length / 10));
  const record: PretrainingRecord = {
    settings: await sha256(canonicalJson(settings)),
    files,
    finalLoss: last.reduce((a, b) => a + b, 0) / last.length,
  };
  await writeFileAtomic(`${directory}/pretraining_record.json`, pretty(record));
  return record;
}
