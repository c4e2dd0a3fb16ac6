/**
 * `results.json`: what was run and the counts that came out. It holds no time, duration or machine fact, so two runs
 * of the same thing are the same bytes.
 *
 * @module
 */

import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "../../store.ts";
import { type Misfit, oversize } from "./bounds.ts";
import { limits } from "./limits.ts";
import { digestSchema, nameSchema, problemIdSchema } from "./names.ts";
import { type ServedOutcome, servedSchema } from "./served.ts";
import { parseAs, readDocument, writeDocument } from "./schema.ts";

/** The version of the record's shape. */
export const RECORD_SCHEMA = "bupo-bench/results/v1";

/** The record's file name in a run directory. */
export const RECORD_FILE = "results.json";

const count = z.int().nonnegative();

/** A value with a JSON form. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [member: string]: JsonValue };

/** What one method and seed achieved on one suite. */
export interface SuiteOutcome {
  /** Number of correct samples of each problem, in the suite's order of problems. */
  readonly correct: readonly number[];
  /** Completions cut off at the length limit. */
  readonly truncated: number;
  /** Completions without a readable answer. */
  readonly unparsed: number;
  /** Tokens of all completions together. */
  readonly tokens: number;
  /** The inference server that sampled the completions; absent: our own engine did. */
  readonly served?: ServedOutcome | undefined;
}

/** One evaluated policy. */
export interface Run {
  /** `base` for the untrained model, else the name of the method's row: `grpo`, `bupo`. */
  readonly method: string;
  /** The training seed, or null where nothing was trained. */
  readonly seed: number | null;
  /** SHA-256 of the checkpoint's file, or null for the base model. */
  readonly checkpoint: string | null;
  /** After which training step; absent: after the last. */
  readonly step?: number | undefined;
  /** Training steps that updated nothing, where those were all or many in a row: the run had no signal. */
  readonly silentSteps?: number | undefined;
  /** Training steps in which a sign of trouble held, by its name; absent where none did. */
  readonly alarms?: Readonly<Record<string, number>> | undefined;
  /** Outcomes by suite name. */
  readonly suites: Readonly<Record<string, SuiteOutcome>>;
}

/** A suite as it was used. */
export interface SuiteUsed {
  /** Its name. */
  readonly name: string;
  /** Content id of its problems, prompt template and sampling settings: all that a score depends on. */
  readonly digest: string;
  /** Stable ids of its problems, in the order of the counts. */
  readonly problems: readonly string[];
  /** Samples drawn for each problem. */
  readonly samples: number;
}

/** The content of `results.json`. */
export interface ResultRecord {
  /** {@linkcode RECORD_SCHEMA}. */
  readonly schema: typeof RECORD_SCHEMA;
  /** The profile with every default resolved. */
  readonly profile: { readonly name: string; readonly [setting: string]: JsonValue };
  /** The base model. */
  readonly base: {
    /** Content id of the model directory. */
    readonly digest: string;
    /** Number of parameters. */
    readonly parameters: number;
  };
  /** SHA-256 of each training artifact, by file name. */
  readonly artifacts: Readonly<Record<string, string>>;
  /** Version of the grader that judged the completions. */
  readonly graderVersion: string;
  /** The suites, in the order of the table's columns. */
  readonly suites: readonly SuiteUsed[];
  /** The evaluated policies, in the order of the table's rows. */
  readonly runs: readonly Run[];
}

const outcomeSchema = z.strictObject({
  correct: z.array(count),
  truncated: count,
  unparsed: count,
  tokens: count,
  served: servedSchema.optional(),
});

/** The schema of `results.json`, cross-references included. */
export const recordSchema: z.ZodType<ResultRecord> = z.strictObject({
  schema: z.literal(RECORD_SCHEMA),
  profile: z.object({ name: nameSchema }).catchall(z.json()),
  base: z.strictObject({ digest: digestSchema, parameters: z.int().positive().max(limits.parameters) }),
  artifacts: z.record(nameSchema, digestSchema).refine(
    (artifacts) => Object.keys(artifacts).length <= limits.artifacts,
    `expected at most ${limits.artifacts} graphs`,
  ),
  graderVersion: nameSchema,
  suites: z.array(z.strictObject({
    name: nameSchema,
    digest: digestSchema,
    problems: z.array(problemIdSchema).min(1).max(limits.problems),
    samples: z.int().positive().max(limits.samples),
  })).min(1).max(limits.suites),
  runs: z.array(z.strictObject({
    method: nameSchema,
    seed: count.nullable(),
    checkpoint: digestSchema.nullable(),
    step: z.int().positive().optional(),
    silentSteps: z.int().positive().optional(),
    alarms: z.record(nameSchema, z.int().positive()).refine(
      (alarms) => Object.keys(alarms).length <= limits.alarms,
      `expected at most ${limits.alarms} signs`,
    ).optional(),
    suites: z.record(nameSchema, outcomeSchema),
  })).min(1).max(limits.methods * limits.seeds),
}).superRefine((record, context) => {
  // What is too large is not looked through.
  const [misfit] = [...oversize(record).take(1), ...inconsistencies(record).take(1)];
  if (misfit) context.addIssue({ code: "custom", ...misfit });
});

/** The index of the first item that occurred before, or −1. */
function firstRepeated(items: readonly string[]): number {
  const seen = new Set<string>();
  return items.findIndex((item) => seen.size === seen.add(item).size);
}

/** What a record of the right shape contradicts itself in. */
function* inconsistencies(record: ResultRecord): Generator<Misfit> {
  const names = record.suites.map((suite) => suite.name);
  const twice = firstRepeated(names);
  if (twice >= 0) yield { path: ["suites", twice, "name"], message: "expected each suite once" };
  for (const [index, { problems }] of record.suites.entries()) {
    if (new Set(problems).size < problems.length) {
      const path = ["suites", index, "problems", firstRepeated(problems)];
      yield { path, message: "expected each problem once" };
    }
  }
  const again = firstRepeated(record.runs.map(({ method, seed }) => JSON.stringify([method, seed])));
  if (again >= 0) yield { path: ["runs", again, "method"], message: "expected each method and seed once" };
  for (const [index, run] of record.runs.entries()) {
    const path = ["runs", index, "suites"];
    if (Object.keys(run.suites).sort().join("\n") !== names.toSorted().join("\n")) {
      yield { path, message: `expected outcomes of ${names.join(", ")}` };
      continue;
    }
    for (const { name, problems, samples } of record.suites) {
      const { correct, truncated, unparsed, tokens } = run.suites[name] as SuiteOutcome; // its presence was just checked
      const total = problems.length * samples;
      if (correct.length !== problems.length) {
        yield { path: [...path, name, "correct"], message: `expected ${problems.length} counts` };
      }
      const over = correct.findIndex((c) => c > samples);
      if (over >= 0) yield { path: [...path, name, "correct", over], message: `expected at most ${samples}` };
      if (truncated > total) {
        yield { path: [...path, name, "truncated"], message: `expected at most ${total}` };
      }
      if (tokens > total * limits.completionTokens) {
        const message = `expected at most ${limits.completionTokens} tokens a completion`;
        yield { path: [...path, name, "tokens"], message };
      }
      if (unparsed > total) yield { path: [...path, name, "unparsed"], message: `expected at most ${total}` };
    }
  }
}

/**
 * Reads the bytes of a `results.json`.
 *
 * @throws {RangeError} If they are more than a record needs.
 * @throws {SyntaxError} If they are not canonical JSON.
 * @throws {TypeError} If the document does not fit the schema: one line with path, expectation and what was found.
 */
export function parseRecord(bytes: Uint8Array): ResultRecord {
  const action = `Cannot read ${RECORD_FILE}`;
  if (bytes.length > limits.recordBytes) {
    throw new RangeError(
      `${action}: it has ${bytes.length} bytes, expected at most ${limits.recordBytes}`,
    );
  }
  return parseAs(recordSchema, readDocument(bytes, action), action);
}

/**
 * Checks a record before it is filled with counts: that whoever reads it will take its names, and its size.
 *
 * @param action What is being done, for the error.
 * @throws {TypeError} With the first place that does not fit.
 */
export function checkRecord(record: ResultRecord, action: string): void {
  parseAs(recordSchema, record, action);
}

/**
 * Writes `results.json` into a run directory, in canonical form.
 *
 * @throws {TypeError} If the record does not fit the schema.
 */
export async function writeRecord(directory: string, record: ResultRecord): Promise<void> {
  checkRecord(record, `Cannot write ${RECORD_FILE}`);
  await writeFileAtomic(join(directory, RECORD_FILE), writeDocument(record));
}
