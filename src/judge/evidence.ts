/**
 * What a result is judged by: plain values, so that a command and a browser can gather them each in its own way.
 *
 * @module
 */

import type { Claim } from "./claim.ts";

/** What one policy achieved on one suite. */
export interface JudgedOutcome {
  /** Right completions by problem. */
  readonly correct: readonly number[];
  /** Completions that were cut off. */
  readonly truncated: number;
  /** Completions without an answer that can be read. */
  readonly unparsed: number;
  /** Tokens of all completions. */
  readonly tokens: number;
}

/** A policy of a record. */
export interface JudgedRun {
  /** The method, or `base`. */
  readonly method: string;
  /** Its training seed; null where nothing was trained. */
  readonly seed: number | null;
  /** SHA-256 of its checkpoint; null where nothing was trained. */
  readonly checkpoint: string | null;
  /** Training steps that updated nothing, where the record marks the run for them. */
  readonly silentSteps?: number | undefined;
  /** What it achieved, by suite. */
  readonly suites: Readonly<Record<string, JudgedOutcome>>;
}

/** A suite of a record. */
export interface JudgedSuite {
  /** Its name. */
  readonly name: string;
  /** SHA-256 of its problems, prompt template and sampling. */
  readonly digest: string;
  /** Ids, in order. */
  readonly problems: readonly string[];
  /** Completions a problem. */
  readonly samples: number;
}

/** The record that is judged; a `ResultRecord` fits. */
export interface JudgedRecord {
  /** The resolved profile. */
  readonly profile: { readonly name: string; readonly [setting: string]: unknown };
  /** The base model. */
  readonly base: { readonly digest: string; readonly parameters: number };
  /** SHA-256 of each graph by file name. */
  readonly artifacts: Readonly<Record<string, string>>;
  /** The version of the grader that counted. */
  readonly graderVersion: string;
  /** The suites. */
  readonly suites: readonly JudgedSuite[];
  /** The policies. */
  readonly runs: readonly JudgedRun[];
}

/** A statement that is compared with the record; in-toto statements fit. */
export interface JudgedStatement {
  /** The files that it speaks of. */
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  /** What it says of them. */
  readonly predicate: unknown;
}

/** What this project knows of a suite that it can name. */
export interface KnownSuite {
  /** Where its problems come from. */
  readonly kind: "generated" | "hub";
  /** Problems of the whole suite; null where any number can be had, or nobody knows. */
  readonly problems: number | null;
  /** k where the profile says none; null where the suite says none. */
  readonly samples: number | null;
}

/** What this project knows: the same for every result. */
export interface Knowledge {
  /** Suites by name. */
  readonly suites: ReadonlyMap<string, KnownSuite>;
  /** Versions of the grader that there were, the present one included. */
  readonly graders: readonly string[];
  /** The version of the grader that grades again. */
  readonly grader: string;
  /** Methods by name, and whether they train an internal policy first: their logs must show it. */
  readonly methods: ReadonlyMap<string, { readonly bottomUp: boolean }>;
}

/** The problems that a suite's own definition gives for a profile. */
export interface FoundProblems {
  /** Their ids in order. */
  readonly ids: readonly string[];
  /** The content id of problems, template and sampling. */
  readonly digest: string;
}

/** What was found in the file of completions. */
export interface FoundSamples {
  /** What is wrong with its lines, or null. */
  readonly fault: string | null;
  /** A number of each completion, equal for equal ones, in the record's order of suites and problems; by run. */
  readonly prints: readonly (ArrayLike<number>)[];
}

/** What grading again gave. */
export interface Regraded {
  /** Completions that were graded. */
  readonly graded: number;
  /** Completions that there are. */
  readonly completions: number;
  /** The first count that came out otherwise, in words, or null. */
  readonly difference: string | null;
  /** How many of them. */
  readonly differences: number;
  /** Suites whose completions were not graded, and why. */
  readonly left: ReadonlyMap<string, string>;
}

/** What a table shows of a method on a suite, or over all suites. */
export interface ShownScore {
  /** The method, or `base`. */
  readonly method: string;
  /** The suite; null for the mean over all. */
  readonly suite: string | null;
  /** avg@k as a share. */
  readonly average: number;
  /** pass@k as a share. */
  readonly pass: number;
}

/** Evidence that is there, or why it is not. */
export type Found<T> = { readonly value: T } | { readonly absent: string };

/**
 * Everything that a result is judged by. What could not be gathered is said to be absent and why; nothing is taken for
 * granted.
 */
export interface Evidence {
  /** What the gatherer found of signatures, trust, files and schemas. */
  readonly made: Readonly<Record<"signature" | "trust" | "files" | "schema", Claim>>;
  /** The record as parsed, or why there is none. */
  readonly record: Found<JudgedRecord>;
  /** SHA-256 of the canonical form of the record's profile. */
  readonly profileDigest: Found<string>;
  /** The statements as parsed, their signatures whatever they are. */
  readonly statements: Found<{ readonly result: JudgedStatement; readonly provenance: JudgedStatement }>;
  /** What this project knows. */
  readonly knowledge: Knowledge;
  /** The problems found again by suite of the record, each found or not. */
  readonly problems: ReadonlyMap<string, Found<FoundProblems>>;
  /** The training logs by `<method>-<seed>`, each a list of steps; those that are there. */
  readonly logs: Found<ReadonlyMap<string, readonly unknown[]>>;
  /** The probes of training by `<method>-<seed>`, each a list of rows; those that are there. */
  readonly probes: Found<ReadonlyMap<string, readonly unknown[]>>;
  /** `artifacts.json` as parsed. */
  readonly artifacts: Found<unknown>;
  /** `overlap.json` as parsed. */
  readonly overlap: Found<unknown>;
  /** The completions. */
  readonly samples: Found<FoundSamples>;
  /** What grading again gave. */
  readonly regraded: Found<Regraded>;
  /** What a table shows, where there is one. */
  readonly shown?: readonly ShownScore[];
  /** The present time, RFC 3339 in UTC; without it no time counts as future. */
  readonly now?: string;
}
