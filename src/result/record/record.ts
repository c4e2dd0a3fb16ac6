/**
 * `results.json`: what was run and the counts that came out. It holds no time, duration or machine fact, so two runs
 * of the same thing are the same bytes.
 *
 * @module
 */

import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "../../store.ts";
import { parseAs, readDocument, writeDocument } from "./schema.ts";

/** The version of the record's shape. */
export const RECORD_SCHEMA = "bupo-bench/results/v1";

/** The record's file name in a run directory. */
export const RECORD_FILE = "results.json";

/** A lower-case hexadecimal SHA-256. */
export const digestSchema: z.ZodType<string> = z.string().regex(
  /^[0-9a-f]{64}$/,
  "expected a SHA-256 in hex",
);

const count = z.int().nonnegative(), name = z.string().min(1).max(200);

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
}

/** One evaluated policy. */
export interface Run {
  /** `base` for the untrained model, else the name of the method's row: `grpo`, `bupo`. */
  readonly method: string;
  /** The training seed, or null where nothing was trained. */
  readonly seed: number | null;
  /** SHA-256 of the checkpoint's file, or null for the base model. */
  readonly checkpoint: string | null;
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
});

/** The schema of `results.json`, cross-references included. */
export const recordSchema: z.ZodType<ResultRecord> = z.strictObject({
  schema: z.literal(RECORD_SCHEMA),
  profile: z.object({ name }).catchall(z.json()),
  base: z.strictObject({ digest: digestSchema, parameters: z.int().positive() }),
  artifacts: z.record(name, digestSchema),
  graderVersion: name,
  suites: z.array(z.strictObject({
    name,
    digest: digestSchema,
    problems: z.array(name).min(1),
    samples: z.int().positive(),
  })).min(1),
  runs: z.array(z.strictObject({
    method: name,
    seed: count.nullable(),
    checkpoint: digestSchema.nullable(),
    suites: z.record(name, outcomeSchema),
  })).min(1),
}).superRefine((record, context) => {
  for (const { path, message } of inconsistencies(record)) {
    context.addIssue({ code: "custom", path, message });
  }
});

/** The index of the first item that occurred before, or −1. */
function firstRepeated(items: readonly string[]): number {
  const seen = new Set<string>();
  return items.findIndex((item) => seen.size === seen.add(item).size);
}

/** What a record of the right shape contradicts itself in. */
function* inconsistencies(record: ResultRecord): Generator<{ path: (string | number)[]; message: string }> {
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
      const { correct, truncated, unparsed } = run.suites[name] as SuiteOutcome; // its presence was just checked
      const total = problems.length * samples;
      if (correct.length !== problems.length) {
        yield { path: [...path, name, "correct"], message: `expected ${problems.length} counts` };
      }
      const over = correct.findIndex((c) => c > samples);
      if (over >= 0) yield { path: [...path, name, "correct", over], message: `expected at most ${samples}` };
      if (truncated > total) {
        yield { path: [...path, name, "truncated"], message: `expected at most ${total}` };
      }
      if (unparsed > total) yield { path: [...path, name, "unparsed"], message: `expected at most ${total}` };
    }
  }
}

/**
 * Reads the bytes of a `results.json`.
 *
 * @throws {SyntaxError} If they are not canonical JSON.
 * @throws {TypeError} If the document does not fit the schema: one line with path, expectation and what was found.
 */
export function parseRecord(bytes: Uint8Array): ResultRecord {
  const action = `Cannot read ${RECORD_FILE}`;
  return parseAs(recordSchema, readDocument(bytes, action), action);
}

/**
 * Writes `results.json` into a run directory, in canonical form.
 *
 * @throws {TypeError} If the record does not fit the schema.
 */
export async function writeRecord(directory: string, record: ResultRecord): Promise<void> {
  parseAs(recordSchema, record, `Cannot write ${RECORD_FILE}`);
  await writeFileAtomic(join(directory, RECORD_FILE), writeDocument(record));
}
