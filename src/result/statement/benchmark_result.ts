/**
 * This project's predicate: what came out of a benchmark.
 *
 * @module
 */

import { z } from "zod";
import { contentId } from "../../canonical_json.ts";
import { digestSchema, type ResultRecord } from "../record/mod.ts";
import {
  type Environment,
  environmentSchema,
  type Statement,
  statementSchema,
  textSchema,
} from "./statement.ts";

/** The type of this project's predicate; the version is part of it. */
export const BENCHMARK_RESULT_TYPE = "https://jsr.io/@bupo/bench/predicate/benchmark-result/v1";

/** What a policy achieved on a suite. */
export interface SuiteScore {
  /** Correct samples of all problems together. */
  readonly correct: number;
  /** Samples of all problems together. */
  readonly samples: number;
  /** Their ratio: avg@k. */
  readonly accuracy: number;
  /** Completions cut off at the length limit. */
  readonly truncated: number;
  /** Completions without a readable answer. */
  readonly unparsed: number;
  /** Tokens of all completions. */
  readonly tokens: number;
}

/** What came out of a benchmark, and all that identifies it. All but the environment follows from `results.json`. */
export interface BenchmarkResult {
  /** Name and content id of the resolved profile. */
  readonly profile: { readonly name: string; readonly digest: string };
  /** The base model. */
  readonly base: { readonly digest: string; readonly parameters: number };
  /** Version of the grader. */
  readonly graderVersion: string;
  /** The suites: content id of problems, prompt and sampling; number of problems; samples a problem. */
  readonly suites: readonly {
    readonly name: string;
    readonly digest: string;
    readonly problems: number;
    readonly samples: number;
  }[];
  /** The evaluated policies and their scores by suite. */
  readonly results: readonly {
    readonly method: string;
    readonly seed: number | null;
    readonly checkpoint: string | null;
    readonly scores: Readonly<Record<string, SuiteScore>>;
  }[];
  /** Where it ran. */
  readonly environment: Environment;
}

/** A statement with this predicate. */
export type BenchmarkStatement = Statement<typeof BENCHMARK_RESULT_TYPE, BenchmarkResult>;

const count = z.int().nonnegative();

const benchmarkResultSchema: z.ZodType<BenchmarkResult> = z.strictObject({
  profile: z.strictObject({ name: textSchema, digest: digestSchema }).describe(
    "Name of the profile and SHA-256 of the RFC 8785 form of its resolved settings",
  ),
  base: z.strictObject({ digest: digestSchema, parameters: z.int().positive() }).describe(
    "The base model: SHA-256 of the RFC 8785 form of {file: SHA-256}, and its number of parameters",
  ),
  graderVersion: textSchema.describe("Version of the grader that judged the completions"),
  suites: z.array(z.strictObject({
    name: textSchema,
    digest: digestSchema.describe("SHA-256 of the RFC 8785 form of problems, prompt template and sampling"),
    problems: z.int().positive(),
    samples: z.int().positive().describe("Samples a problem"),
  })).min(1),
  results: z.array(z.strictObject({
    method: textSchema.describe("base for the untrained model, else the training method"),
    seed: count.nullable().describe("Training seed; null where nothing was trained"),
    checkpoint: digestSchema.nullable().describe("SHA-256 of the trained weights"),
    scores: z.record(
      textSchema,
      z.strictObject({
        correct: count.describe("Correct samples of all problems together"),
        samples: z.int().positive().describe("Samples of all problems together"),
        accuracy: z.number().min(0).max(1).describe("correct / samples: avg@k"),
        truncated: count.describe("Completions cut off at the length limit"),
        unparsed: count.describe("Completions without a readable answer"),
        tokens: count.describe("Tokens of all completions"),
      }),
    ).describe("By suite"),
  })).min(1),
  environment: environmentSchema,
});

/** The schema of a statement with this predicate. */
export const benchmarkStatementSchema: z.ZodType<BenchmarkStatement> = statementSchema(
  BENCHMARK_RESULT_TYPE,
  benchmarkResultSchema,
);

/** The JSON Schema of the predicate, as published in `docs`. */
export function benchmarkResultJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(benchmarkResultSchema);
  return { $schema, $id: BENCHMARK_RESULT_TYPE, title: "BuPO Bench benchmark result", ...schema };
}

/** What a record says came out. */
export async function benchmarkResult(
  { profile, base, graderVersion, suites, runs }: ResultRecord,
  environment: Environment,
): Promise<BenchmarkResult> {
  return {
    profile: { name: profile.name, digest: await contentId(profile) },
    base,
    graderVersion,
    suites: suites.map(({ name, digest, problems, samples }) => {
      return { name, digest, problems: problems.length, samples };
    }),
    results: runs.map(({ method, seed, checkpoint, suites: outcomes }) => {
      const scores = suites.map(({ name, problems, samples }): [string, SuiteScore] => {
        const { correct = [], truncated = 0, unparsed = 0, tokens = 0 } = outcomes[name] ?? {};
        const right = correct.reduce((sum, count) => sum + count, 0), all = problems.length * samples;
        return [name, { correct: right, samples: all, accuracy: right / all, truncated, unparsed, tokens }];
      });
      return { method, seed, checkpoint, scores: Object.fromEntries(scores) };
    }),
    environment,
  };
}
