/**
 * Profiles: experiments as data. Every setting that can change a result is a field here.
 *
 * @module
 */

import { z } from "zod";
import type { AdamWSettings } from "../../artifact/mod.ts";
import { checked, parseChecked } from "../../checked_json.ts";
import type { Precision } from "../../model/mod.ts";
import type { MethodGrid } from "../../method_grid.ts";
import { type ProfileReward, rewardSchema } from "../../reward/mod.ts";
import { losses, type LossName, type MethodName } from "../../rl/mod.ts";
import type { RegisteredPlan } from "../../stats/mod.ts";
import {
  type PromptName,
  promptTemplates,
  withWordingDigest,
  type Wording,
  wordingSchema,
} from "../../suite/mod.ts";
import { count, distinct, namedTwice, real, suites } from "./distinct.ts";
import { isObject, mergeJson } from "./merge.ts";
import { gridFaults, gridSchema, withGridMethods } from "./grid.ts";
import { serverSchema } from "./server.ts";
import {
  type EvaluationProfile,
  type HubModel,
  registeredPlanSchema,
  type RolloutProfile,
  type TrainingProfile,
  trainingSchema,
} from "./parts.ts";
import { keepingFaults } from "./run_keeping.ts";
import {
  methodFaults,
  methodNameOf,
  methodRows,
  type ProfileMethod,
  profileMethodSchema,
} from "./methods.ts";

/** An experiment. */
export interface Profile {
  /** The schema, for editors. */
  readonly $schema?: string | undefined;
  /** The profile's name: that of its file. */
  readonly name: string;
  /** What it is, in one line. */
  readonly description: string;
  /** Folder of the base model, absolute or relative to the program's folder, or where it is on the Hub. */
  readonly model: string | HubModel;
  /** Threads within an operation. */
  readonly threads: number;
  /** What layers compute in; parameters, moments, norms, softmax and log-probs are float32 in each. Default float32. */
  readonly precision?: Precision | undefined;
  /** The wording around a question. */
  readonly template: PromptName;
  /** What of it this profile words itself. */
  readonly wording?: Wording | undefined;
  /** The rows of the table besides Base. */
  readonly methods: readonly ProfileMethod[];
  /** Grids, whose methods are among them; tables are grouped by these. */
  readonly grid?: readonly MethodGrid<MethodName>[] | undefined;
  /** Loss settings of methods without a loss of their own. */
  readonly loss: LossName;
  /** What is trained on, of methods without rewards of their own. Default the verifier's grade. */
  readonly reward?: ProfileReward | undefined;
  /** Training seeds. */
  readonly seeds: readonly number[];
  /** The most prompt tokens. */
  readonly maxPromptTokens: number;
  /** The most response tokens. */
  readonly maxResponseTokens: number;
  /** The sampling temperature. */
  readonly temperature: number;
  /** Nothing but 1: with less every ratio is off by the logarithm of the kept mass, as the trainer has no kept set. */
  readonly topP?: 1 | undefined;
  /** Nothing but 0, which is no limit, for the same reason. */
  readonly topK?: 0 | undefined;
  /** Rows that are decoded together; changes no result. */
  readonly rolloutBatch: number;
  /** How responses are sampled. */
  readonly rollout?: RolloutProfile | undefined;
  /** How the methods train. */
  readonly training: TrainingProfile;
  /** AdamW's constants. */
  readonly optimizer: AdamWSettings;
  /** How the policies are evaluated. */
  readonly evaluation: EvaluationProfile;
  /** How the result will be read, said before it is there. */
  readonly registered?: RegisteredPlan | undefined;
}

function keys<K extends string>(table: Readonly<Record<K, unknown>>): [K, ...K[]] {
  return Object.keys(table) as [K, ...K[]];
}

const name = z.string().regex(/^[a-z0-9][a-z0-9.-]*$/);
/** Why sampling takes all tokens. */
const KEPT_SET = "the trainer's log-probs are over all tokens, and what a limit had kept is not replayed";

/** The fields of a resolved profile. */
const fields = {
  $schema: z.string().optional(),
  name: name.describe("What results are filed under"),
  description: z.string().describe("What it is for, in a line"),
  model: z.union([
    z.string().describe("Folder of the base model in the Hugging Face layout, relative to the profile"),
    z.strictObject({
      repository: z.string().describe("The repository on the Hub, such as Qwen/Qwen3-4B"),
      revision: z.string().describe("A commit, or a branch or tag that is resolved to one"),
    }),
  ]),
  threads: count.describe(
    "Threads within an operation: part of every key, because it can change the last bits",
  ),
  precision: z.enum(["float32", "float16", "bfloat16"]).optional().describe(
    "What layers compute in; parameters, moments, norms, softmax and log-probs are float32 in each; absent: float32",
  ),
  template: z.enum(keys<PromptName>(promptTemplates)).describe("The wording around a question, by name"),
  wording: wordingSchema.optional().describe(
    "What of that wording this profile words itself; absent: nothing",
  ),
  methods: z.array(profileMethodSchema).min(1).refine(
    (items) => namedTwice(items, methodNameOf).length === 0,
    {
      error: ({ input }) => {
        const [twice] = namedTwice(input as ProfileMethod[], methodNameOf);
        return `expected each method once, found "${twice && methodNameOf(twice)}" twice`;
      },
    },
  ).describe("The rows of the table besides Base: methods by name, or with changes under another name"),
  grid: z.array(gridSchema).min(1).max(20).optional().describe(
    "Further methods: rows with every combination of some settings, named after them; their tables have a setting a side",
  ),
  loss: z.enum(keys<LossName>(losses)).describe(
    "Clipping and reduction of methods without a loss of their own: the released code's (token mean, dual clip), the paper's (mean per response, no dual clip), or clip-higher",
  ),
  reward: rewardSchema.optional().describe(
    "What is trained on: correct, format, length, overlong, or the path of a module; several are added, with weights; absent: correct",
  ),
  seeds: distinct(z.int().nonnegative(), "seed").describe("Training seeds; each method is trained with each"),
  maxPromptTokens: count.describe("Longer prompts lose their beginning"),
  maxResponseTokens: count.describe("Longer responses are cut off, and wrong"),
  temperature: real.describe("Of sampling, in training and evaluation"),
  topP: z.literal(1, `expected 1: ${KEPT_SET}`).optional().describe(
    "Nothing but 1; sampling takes all tokens",
  ),
  topK: z.literal(0, `expected 0: ${KEPT_SET}`).optional().describe(
    "Nothing but 0; sampling takes all tokens",
  ),
  rolloutBatch: count.describe("Rows that are decoded together; changes no result"),
  rollout: z.strictObject({
    kvCache: z.enum(["float32", "float16"]).optional().describe(
      "The element type of KV caches, half the memory in float16; absent: what layers compute in",
    ),
  }).optional().describe("How responses are sampled"),
  training: trainingSchema,
  optimizer: z.strictObject({
    betas: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]).describe(
      "AdamW's β₁ and β₂: how slowly its two moments forget",
    ),
    epsilon: real.describe("AdamW's ε"),
    weightDecay: z.number().nonnegative().refine(
      (value) => Number.isFinite(Math.fround(value)),
      "expected a number within float32's range, up to 3.4e38",
    ).describe("AdamW's λ, times the learning rate"),
    maxGradientNorm: real.describe("A longer gradient is scaled down to this norm"),
  }).describe("AdamW"),
  evaluation: z.strictObject({
    suites,
    problems: count.optional().describe("Held-out problems of each suite; absent: all"),
    suiteSeed: z.int().nonnegative().describe("Seed of the problems: which are generated, or chosen"),
    samples: count.max(4096).optional().describe(
      "k: responses a problem; absent: what the suite's definition says",
    ),
    seed: z.int().nonnegative().describe("Seed of the sampling noise"),
    limit: count.optional().describe("Only the first problems of each suite: a partial run, never a result"),
    checkpoint: z.enum(["last", "best"]).describe(
      "Which checkpoint is evaluated: the last, or the best by training.keep.best; none is chosen on held-out problems",
    ),
    server: serverSchema.optional().describe(
      "An inference server that samples the responses: a statistical claim, marked in every table; absent: our own engine",
    ),
  }).describe("How base model and checkpoints are evaluated"),
  registered: registeredPlanSchema.optional().describe(
    "How the result will be read, said before it is there",
  ),
};

/** A profile whose grids may not be written out yet. */
const writtenSchema: z.ZodType<Profile> = z.strictObject(fields).check(({ value, issues }) => {
  for (const { path, message } of gridFaults(value)) {
    issues.push({ code: "custom", input: value.grid, path, message });
  }
});

const profileSchema: z.ZodType<Profile> = z.strictObject(fields).check(({ value, issues }) => {
  const methods = methodFaults(value),
    refuse = (path: readonly (string | number)[], message: string): void => {
      issues.push({ code: "custom", input: value, path: [...path], message });
    };
  for (const { path, message } of methods) refuse(path, message);
  if (methods.length > 0) return;
  const shortest = Math.min(...methodRows(value).map(({ steps }) => steps));
  for (const { path, message } of keepingFaults(value, shortest)) refuse(path, message);
});

/** A profile from its document, the methods of its grids written out. */
function resolved(document: unknown, source: string): Profile {
  const whole = withGridMethods(checked(writtenSchema, document, source));
  return withWordingDigest(checked(profileSchema, whole, source), source);
}

const fileSchema = z.strictObject({
  ...fields,
  notes: z.record(z.string(), z.string()).optional().describe(
    "What a reader must know of a field, by its path: where sources disagree about a value, and what they say",
  ),
  variants: z.record(
    name,
    z.strictObject({
      description: z.string(),
      changes: z.record(z.string(), z.unknown()).describe("Fields that differ; objects are merged"),
    }),
  ).optional().describe("Named changes to the values above, chosen with --variant"),
});

/** A schema in which nothing need be there. */
function partial(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(partial);
  if (!isObject(schema)) return schema;
  const { required, ...rest } = schema;
  const parts = Object.fromEntries(Object.entries(rest).map(([key, part]) => [key, partial(part)]));
  // A field may be called "required" too.
  return Array.isArray(required) || required === undefined
    ? parts
    : { ...parts, required: partial(required) };
}

/** The JSON Schema of profiles, as published beside them: whole, or building on another. */
export function profileJsonSchema(): Record<string, unknown> {
  const whole = z.toJSONSchema(fileSchema), { $schema, ...parts } = partial(whole) as typeof whole;
  const base = { type: "string", description: "The profile that this one builds on: its name, or a path" };
  const extending = {
    ...parts,
    properties: { extends: base, ...parts.properties },
    required: ["extends", "name"],
  };
  const { $schema: _, ...complete } = whole;
  return { $schema, title: "BuPO Bench profile", anyOf: [complete, extending] };
}

/**
 * A profile whose fields were changed after it was read.
 *
 * @param source What it is called in errors.
 * @throws {SyntaxError} If a field is out of range, or does not go with another: one line that names it.
 */
export function checkProfile(profile: Profile, source: string): Profile {
  return checked(profileSchema, profile, source);
}

/**
 * Reads a profile.
 *
 * @param variant The variant whose changes are applied; the profile's name then ends in it.
 * @throws {SyntaxError} If it is no JSON, or a field is missing, unknown, out of range or does not go with another: one
 * line that names it.
 * @throws {RangeError} If there is no such variant.
 */
export function parseProfile(text: string, source: string, variant?: string): Profile {
  const { notes: _, variants = {}, ...base } = parseChecked(fileSchema, text, source);
  const whole = resolved(base, source);
  if (variant === undefined) return whole;
  const chosen = Object.hasOwn(variants, variant) ? variants[variant] : undefined;
  if (!chosen) {
    const known = Object.keys(variants).join(", ") || "none";
    throw new RangeError(`Cannot use the variant "${variant}" of ${source}: its variants are: ${known}`);
  }
  const { description, changes } = chosen;
  const named = {
    name: `${whole.name}-${variant}`,
    description: `${whole.description}; ${description}`,
  };
  return resolved({ ...mergeJson(base, changes), ...named }, `${source}, variant ${variant}`);
}
