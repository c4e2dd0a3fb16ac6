/**
 * What every export is made from, and what they have in common.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { type IntervalMethod, passAtK } from "../../stats/mod.ts";
import type { ComparedRecord, ComparisonSettings, Fact } from "../compare/mod.ts";
import type { LeaderboardResult } from "../leaderboard/mod.ts";
import { estimateShare } from "../table/mod.ts";

/** A data set on the Hub. */
export interface ExportedDataset {
  /** Its repository. */
  readonly id: string;
  /** The commit that it was read from. */
  readonly revision: string;
  /** How many problems the suite has that is made of it. */
  readonly problems: number;
}

/** A verified result for other tools. */
export interface ExportedResult {
  /** The result as the leaderboard has it. */
  readonly result: LeaderboardResult;
  /** Its record; a `ResultRecord` fits. */
  readonly record: Omit<ComparedRecord, "runs"> & {
    readonly runs: readonly (ComparedRecord["runs"][number] & { readonly checkpoint: string | null })[];
  };
  /** How intervals are made. */
  readonly settings: Pick<ComparisonSettings, "confidence" | "resamples">;
  /** The signed files with their SHA-256. */
  readonly files: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  /** Data sets on the Hub by suite, with their number of problems; generated suites have none. */
  readonly datasets: ReadonlyMap<string, ExportedDataset>;
  /** Version of this harness. */
  readonly version: string;
}

/** A run of a result. */
export type ExportedRun = ExportedResult["record"]["runs"][number];

/** A score of a run with its uncertainty. */
export interface ExportedScore {
  /** `avg` or `pass`. */
  readonly metric: "avg" | "pass";
  /** The suite. */
  readonly suite: ComparedRecord["suites"][number];
  /** The score as a share. */
  readonly value: number;
  /** Lower end of the interval. */
  readonly low: number;
  /** Upper end of the interval. */
  readonly high: number;
  /** Standard error; never 0. */
  readonly standardError: number;
  /** How the interval was made. */
  readonly method: IntervalMethod;
}

/** The longest part of a path that is written as it is: file systems end at 255 bytes, and there are prefixes. */
const LONGEST_NAME = 100;

/** A name as a part of a path on every system: other names give other parts. */
function pathPart(name: string): string {
  const safe = name.replace(/[^\w.-]/gu, (character) => `_${character.codePointAt(0)?.toString(16)}`);
  if (safe.length <= LONGEST_NAME) return safe;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 12);
  return `${safe.slice(0, LONGEST_NAME - digest.length - 1)}-${digest}`;
}

/** The model of a run: the base model, or what a method and seed made of it. */
export function modelName({ record }: ExportedResult, { method, seed }: ExportedRun): string {
  return pathPart(`${record.profile.name}-${method}${seed === null ? "" : `-seed${seed}`}`);
}

/** The folder of a result. It names the signed files, so that two results of one profile and date have two. */
export function resultFolder({ result: { name, manifest } }: ExportedResult): string {
  return `${pathPart(name)}-${manifest.slice(0, 12)}`;
}

/**
 * The data set that a suite is: only a suite with all of its problems, which were compared with the data set's, bears its
 * name elsewhere.
 */
export function datasetOf(
  { datasets, result: { judged } }: ExportedResult,
  { name, problems }: ComparedRecord["suites"][number],
): ExportedDataset | undefined {
  const dataset = datasets.get(name), origin = judged.suites.find((suite) => suite.name === name);
  const whole = origin?.kind === "hub" && origin.whole === true && dataset?.problems === problems.length;
  return whole && judged.claims.problems.state === "proved" ? dataset : undefined;
}

/** avg@k and pass@k of a run on every suite; the intervals are over problems, as there is one seed. */
export function runScores(
  { record, settings }: Pick<ExportedResult, "settings"> & {
    readonly record: Pick<ComparedRecord, "suites">;
  },
  run: Pick<ExportedRun, "suites">,
): ExportedScore[] {
  return record.suites.flatMap((suite) => {
    const counts = run.suites[suite.name]?.correct ?? [], { samples } = suite;
    const scores = {
      avg: counts.map((count) => count / samples),
      pass: counts.map((count) => passAtK(samples, count, samples)),
    };
    return (["avg", "pass"] as const).map((metric) => {
      const { degreesOfFreedom: _, ...estimate } = estimateShare([[scores[metric]]], settings);
      return { metric, suite, ...estimate };
    });
  });
}

/** A setting of a record's profile: `temperature`, `evaluation.seed`. */
export function setting({ profile }: Pick<ComparedRecord, "profile">, path: string): Fact | undefined {
  return path.split(".").reduce<Fact | undefined>((value, name) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return Object.hasOwn(value, name) ? (value as Readonly<Record<string, Fact>>)[name] : undefined;
  }, profile);
}

/** A setting that is a number, or nothing. */
export function numberSetting(record: Pick<ComparedRecord, "profile">, path: string): number | undefined {
  const value = setting(record, path);
  return typeof value === "number" ? value : undefined;
}

/** Seconds since 1970 of a time as it is signed. */
export function epochSeconds(time: string): number {
  return Date.parse(time) / 1000;
}
