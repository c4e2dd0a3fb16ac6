/**
 * The shape of `inspect.json`: what one command found out about the internal policies of one or several models.
 *
 * @module
 */

import { z } from "zod";
import type { LayerMeans, ModelInspection, QuantityName } from "../../policy/mod.ts";
import {
  type InspectedRun,
  type InspectedTraining,
  inspectedTrainingSchema,
  meanSchema,
  runSchema,
} from "./training_document.ts";

/** The version of the document's shape. */
export const INSPECTION_SCHEMA = "bupo-bench/inspection/v1";

/** Whose completions were read. */
export interface InspectedCompletions {
  /** `sampled` from the model itself, those of the `base` model before training, or read from a `file`. */
  readonly from: "sampled" | "base" | "file";
  /** SHA-256 over the tokens of all prompts and completions. */
  readonly digest: string;
  /** Suites of the prompts; none for a file. */
  readonly suites: readonly string[];
  /** The wording around questions; null for a file. */
  readonly template: string | null;
  /** The sampling temperature; null for a file. */
  readonly temperature: number | null;
  /** The seed of the samples; null for a file. */
  readonly seed: number | null;
  /** The most response tokens; longer completions of a file are cut there too. */
  readonly maxResponseTokens: number;
  /** Completions that ended at that limit. */
  readonly cut: number;
}

/** A model's inspection with what it was made of. */
export interface InspectedDocumentModel extends ModelInspection {
  /** What it is called in figures. */
  readonly name: string;
  /** Content id of the model's files; of a trained policy, SHA-256 of its checkpoint. */
  readonly digest: string;
  /** The training run that it comes from; null for any other model. */
  readonly run: InspectedRun | null;
  /** The shape. */
  readonly shape: {
    /** L. */
    readonly layers: number;
    /** The width of the residual stream. */
    readonly hiddenSize: number;
    /** Tokens of the vocabulary. */
    readonly vocabularySize: number;
    /** Whether the output embedding is the input embedding. */
    readonly tiedEmbeddings: boolean;
  };
  /** ln of the vocabulary's size: the entropy of a policy that knows nothing, in nats. */
  readonly maximumEntropy: number;
  /** Whose completions were read. */
  readonly source: InspectedCompletions;
  /** What the shown completion answers, and its tokens. */
  readonly shown: {
    /** The problem. */
    readonly problem: string;
    /** Ids and texts of the response tokens. */
    readonly tokens: readonly { readonly id: number; readonly text: string }[];
    /** Texts of other tokens that the example names, by id. */
    readonly texts: Readonly<Record<string, string>>;
  };
}

/** What `inspect.json` holds. */
export interface Inspection {
  /** The version of this shape. */
  readonly schema: typeof INSPECTION_SCHEMA;
  /** Coverage of all intervals. */
  readonly confidence: number;
  /** The layer that figures point out: the one that a user named, or each model's choice. */
  readonly layer: number | null;
  /** What computed. */
  readonly engine: { readonly provider: string; readonly threads: number; readonly onnxruntime: string };
  /** The models, in the order in which they were named. */
  readonly models: readonly InspectedDocumentModel[];
  /** What the models were trained by; null where they are not those of a profile. */
  readonly training: InspectedTraining | null;
}

const count = z.int().nonnegative(), text = z.string(), real = z.number();
const mean = meanSchema;
const layers: z.ZodType<readonly LayerMeans[]> = z.array(z.strictObject({
  layer: count.describe("From 1; 0 is the embedding"),
  index: count.nullable().describe(
    "What the released code calls the layer: one less; null for the embedding",
  ),
  values: z.record(
    text.regex(/^[a-z_]+(\.[a-z_]+){1,2}$/) as unknown as z.ZodType<QuantityName, QuantityName>,
    z.strictObject({
      token: mean.describe("Over all response tokens; the interval is clustered by problem"),
      problem: mean.describe("Over the problems' means"),
    }),
  ).describe(
    "By quantity: measure, state, form. Nats for entropies, changes, divergences and log-probs; forms are raw, normed (through the final norm), matched (rescaled to the norm of the last layer's state)",
  ),
}));
const survival = z.strictObject({ correlation: real.nullable(), sameSign: count, layers: count });
const boundary = z.strictObject({
  layer: count.nullable().describe("The last layer with ΔH_FFN > 0"),
  interval: z.tuple([count, count]).nullable().describe("0 stands for none"),
  candidates: z.array(z.strictObject({ layer: count, change: mean, share: real.nullable() })),
});
const range = z.tuple([count, count]).nullable();
const ranges = z.strictObject({ exploration: range, integration: range, convergence: range });
const rows = z.array(z.array(real)).describe("A row a layer from 0, a number a response token");

const schema: z.ZodType<Inspection> = z.strictObject({
  schema: z.literal(INSPECTION_SCHEMA),
  confidence: real,
  layer: count.nullable().describe("The layer that was named; null: each model's choice"),
  engine: z.strictObject({ provider: text, threads: count, onnxruntime: text }),
  models: z.array(z.strictObject({
    name: text,
    digest: text.regex(/^[0-9a-f]{64}$/),
    run: runSchema.nullable(),
    shape: z.strictObject({
      layers: count,
      hiddenSize: count,
      vocabularySize: count,
      tiedEmbeddings: z.boolean(),
    }),
    maximumEntropy: real,
    source: z.strictObject({
      from: z.enum(["sampled", "base", "file"]),
      digest: text.regex(/^[0-9a-f]{64}$/),
      suites: z.array(text),
      template: text.nullable(),
      temperature: real.nullable(),
      seed: count.nullable(),
      maxResponseTokens: count,
      cut: count,
    }),
    tokens: count,
    problems: count,
    completions: count,
    perplexity: real.nonnegative(),
    layers,
    boundary: z.strictObject({ raw: boundary, matched: boundary }),
    ranges: z.strictObject({ raw: ranges, matched: ranges }),
    choice: z.strictObject({ layer: count, form: z.enum(["raw", "normed", "matched"]), reason: text }),
    controls: z.strictObject({
      matched: z.strictObject({ entropy: survival, change: survival }),
      norm: survival,
      shuffled: z.strictObject({ logprob: mean, shuffledLogprob: mean, rank: mean, shuffledRank: mean }),
      random: z.strictObject({ seed: count, entropy: survival, change: survival, layers }).nullable(),
    }),
    example: z.strictObject({
      entropy: rows,
      normedEntropy: rows,
      divergence: rows,
      rank: rows,
      top: z.array(z.array(z.array(z.strictObject({ token: count, logprob: real })))),
    }),
    shown: z.strictObject({
      problem: text,
      tokens: z.array(z.strictObject({ id: count, text })),
      texts: z.record(text, text),
    }),
  })).min(1),
  training: inspectedTrainingSchema.nullable(),
});

/** The JSON Schema of `inspect.json`, as published in `docs`. */
export function inspectionJsonSchema(): Record<string, unknown> {
  const { $schema, ...own } = z.toJSONSchema(schema);
  return { $schema, $id: INSPECTION_SCHEMA, title: "BuPO Bench inspection of internal policies", ...own };
}

/**
 * Checks that a value is an inspection.
 *
 * @throws {TypeError} With the first place that does not fit.
 */
export function parseInspection(value: unknown): Inspection {
  const { data, error } = schema.safeParse(value);
  if (data) return data;
  const [issue] = error.issues;
  throw new TypeError(`Cannot read an inspection: ${issue?.path.join(".")}: ${issue?.message}`);
}

/** Digits that are kept: more than float32 has. */
const DIGITS = 9;

/**
 * The same document as files can hold it: numbers in as many digits as they have, so that files stay small and last bits
 * are not shown; texts well-formed.
 */
export function roundedInspection(inspection: Inspection): Inspection {
  const text = JSON.stringify(inspection, (_, value: unknown) => {
    if (typeof value === "string") return value.toWellFormed();
    return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(DIGITS)) : value;
  });
  return parseInspection(JSON.parse(text));
}
