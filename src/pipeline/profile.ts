/**
 * Profiles: experiments as data. Every setting that can change a result is a field here.
 *
 * @module
 */

import { z } from "zod";
import type { AdamWSettings } from "../artifact/mod.ts";
import { type MethodName, methods, type Variant, variants } from "../rl/mod.ts";
import { type GeneratedSuite, generatedSuites, type PromptName, promptTemplates } from "../suite/mod.ts";

/** How the methods of a profile train. */
export interface TrainingProfile {
  /** The suites whose training split is used. */
  readonly suites: readonly GeneratedSuite[];
  /** Training problems of each suite. */
  readonly problems: number;
  /** Seed of the problems. */
  readonly suiteSeed: number;
  /** Training steps. */
  readonly steps: number;
  /** Prompts a step. */
  readonly promptsPerStep: number;
  /** Responses a prompt. */
  readonly groupSize: number;
  /** Optimizer steps on each batch. */
  readonly updatesPerStep: number;
  /** Padded positions of a micro-batch at most. */
  readonly microBatchTokens: number;
  /** Steps between saved states. */
  readonly checkpointEvery: number;
  /** The learning rate after warm-up. */
  readonly learningRate: number;
  /** Optimizer steps of linear warm-up. */
  readonly warmupSteps: number;
  /** k: the layer whose policy BuPO trains first, from 1. */
  readonly internalLayer: number;
  /** s_inter: how many steps BuPO trains it. */
  readonly internalSteps: number;
}

/** How the policies of a profile are evaluated. */
export interface EvaluationProfile {
  /** The suites whose held-out split is used. */
  readonly suites: readonly GeneratedSuite[];
  /** Held-out problems of each suite. */
  readonly problems: number;
  /** Seed of the problems. */
  readonly suiteSeed: number;
  /** k: responses a problem. */
  readonly samples: number;
  /** Seed of the sampling noise. */
  readonly seed: number;
}

/** An experiment. */
export interface Profile {
  /** The schema, for editors. */
  readonly $schema?: string | undefined;
  /** The profile's name: that of its file. */
  readonly name: string;
  /** What it is, in one line. */
  readonly description: string;
  /** Folder of the base model, relative to the repository. */
  readonly model: string;
  /** Threads within an operation. */
  readonly threads: number;
  /** The wording around a question. */
  readonly template: PromptName;
  /** The rows of the table besides Base. */
  readonly methods: readonly MethodName[];
  /** Loss settings. */
  readonly variant: Variant;
  /** Training seeds. */
  readonly seeds: readonly number[];
  /** The most prompt tokens. */
  readonly maxPromptTokens: number;
  /** The most response tokens. */
  readonly maxResponseTokens: number;
  /** The sampling temperature. */
  readonly temperature: number;
  /** Rows that are decoded together; changes no result. */
  readonly rolloutBatch: number;
  /** How the methods train. */
  readonly training: TrainingProfile;
  /** AdamW's constants. */
  readonly optimizer: AdamWSettings;
  /** How the policies are evaluated. */
  readonly evaluation: EvaluationProfile;
}

function keys<K extends string>(table: Readonly<Record<K, unknown>>): [K, ...K[]] {
  return Object.keys(table) as [K, ...K[]];
}

const count = z.int().positive();
const suite = z.enum(keys<GeneratedSuite>(generatedSuites));

const profileSchema: z.ZodType<Profile> = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  description: z.string(),
  model: z.string().describe(
    "Folder of the base model in the Hugging Face layout, relative to the repository",
  ),
  threads: count.describe(
    "Threads within an operation: part of every key, because it can change the last bits",
  ),
  template: z.enum(keys<PromptName>(promptTemplates)).describe("The wording around a question"),
  methods: z.array(z.enum(keys<MethodName>(methods))).min(1).describe("The rows of the table besides Base"),
  variant: z.enum(keys<Variant>(variants)).describe(
    "Loss settings: the released code's, the paper's, or clip-higher",
  ),
  seeds: z.array(z.int().nonnegative()).min(1).describe("Training seeds; each method is trained with each"),
  maxPromptTokens: count,
  maxResponseTokens: count,
  temperature: z.number().positive(),
  rolloutBatch: count.describe("Rows that are decoded together; changes no result"),
  training: z.strictObject({
    suites: z.array(suite).min(1),
    problems: count.describe("Training problems of each suite"),
    suiteSeed: z.int().nonnegative(),
    steps: count,
    promptsPerStep: count,
    groupSize: count.min(2),
    updatesPerStep: count,
    microBatchTokens: count.describe("Padded positions of a micro-batch at most"),
    checkpointEvery: count.describe("Steps between saved states that a killed run continues from"),
    learningRate: z.number().positive(),
    warmupSteps: z.int().nonnegative().describe("Optimizer steps of linear warm-up"),
    internalLayer: count.describe("k: the layer whose policy BuPO trains first, from 1"),
    internalSteps: z.int().nonnegative().describe("s_inter: how many steps BuPO trains it"),
  }),
  optimizer: z.strictObject({
    betas: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]),
    epsilon: z.number().positive(),
    weightDecay: z.number().nonnegative(),
    maxGradientNorm: z.number().positive(),
  }),
  evaluation: z.strictObject({
    suites: z.array(suite).min(1),
    problems: count.describe("Held-out problems of each suite"),
    suiteSeed: z.int().nonnegative(),
    samples: count.describe("k: responses a problem"),
    seed: z.int().nonnegative().describe("Seed of the sampling noise"),
  }),
});

/** The JSON Schema of profiles, as published beside them. */
export function profileJsonSchema(): Record<string, unknown> {
  return { title: "BuPO Bench profile", ...z.toJSONSchema(profileSchema) };
}

/**
 * Reads a profile.
 *
 * @throws {SyntaxError} If it is no JSON, or a field is missing, unknown or out of range: one line that names it.
 */
export function parseProfile(text: string, source: string): Profile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`Cannot read ${source}: ${error instanceof Error ? error.message : error}`);
  }
  const { data, error } = profileSchema.safeParse(value);
  if (data) return data;
  const [issue] = error.issues;
  throw new SyntaxError(
    `Cannot use ${source}: ${issue?.path.join(".") || "the document"}: ${issue?.message}`,
  );
}
