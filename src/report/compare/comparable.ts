/**
 * Whether two suites of the same name may be compared, and in what two results differ besides.
 *
 * @module
 */

import type { CompareOptions, ComparisonInput, Fact, FactDifference } from "./comparison.ts";

/** The common problems of a suite in two inputs, or why there is no comparison. */
export type Match =
  | {
    /** Why the two are not compared. */
    readonly refused: string;
  }
  | {
    /** Positions of the common problems, `[candidate, baseline]`, in the baseline's order. */
    readonly positions: readonly (readonly [number, number])[];
    /** What a reader has to know, or null. */
    readonly note: string | null;
  };

/** A setting in which two results differ. */
export interface SettingDifference {
  /** Its path in the profile, or `base model`. */
  readonly setting: string;
  /** Its values in candidate and baseline, in words. */
  readonly values: readonly [string, string];
  /** Does it change what is compared, and not only how a method was trained? */
  readonly decisive: boolean;
}

/** Settings that say how completions are sampled: with others, the same policy has other scores. */
const SAMPLING: readonly string[] = ["temperature", "template", "maxPromptTokens", "maxResponseTokens"];

/** Parts of a profile that change no score, or that the tables show anyway. */
const INERT: readonly string[] = ["name", "description", "notes", "rolloutBatch", "methods", "seeds"];

/** Parts of a profile that an untrained model knows nothing of. */
const TRAINING: readonly string[] = ["training", "optimizer", "loss"];

/** The start of a digest. */
function short(digest: string): string {
  return digest.slice(0, 8);
}

/** All leaves of a JSON value by path; lists are leaves. */
function* leaves(value: Fact, path: string): Generator<readonly [string, Fact]> {
  if (value === null || typeof value !== "object" || Array.isArray(value)) yield [path, value];
  else for (const [member, inner] of Object.entries(value)) yield* leaves(inner, `${path}.${member}`);
}

/** A value in few words. */
function shortText(value: Fact): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 24 ? `${text.slice(0, 23)}…` : text;
}

/**
 * The settings in which two results differ, those first that change what is compared: base model and sampling. How a
 * method was trained is what may be under test; it is told, and decides nothing.
 *
 * @param trained Whether the methods were trained; of base models, what training was set to is left out.
 */
export function settingDifferences(
  candidate: ComparisonInput,
  baseline: ComparisonInput,
  trained: boolean,
): SettingDifference[] {
  const [a, b] = [candidate, baseline].map(({ record }) =>
    new Map([
      ["base model", short(record.base.digest)] as const,
      ...Object.entries(record.profile)
        .filter(([part]) => !INERT.includes(part) && (trained || !TRAINING.includes(part)))
        .flatMap(([part, value]) => [...leaves(value, part)]),
    ])
  );
  const names = [...new Set([...a?.keys() ?? [], ...b?.keys() ?? []])];
  const text = (facts: Map<string, Fact> | undefined, name: string): string =>
    facts?.has(name) ? shortText(facts.get(name) ?? null) : "none";
  const found = names
    // Both digests say which model it is; where it lay does not.
    .filter((name) => name !== "model" && !name.startsWith("model."))
    .map((setting): SettingDifference => ({
      setting,
      values: [text(a, setting), text(b, setting)],
      decisive: setting === "base model" || SAMPLING.includes(setting),
    }))
    .filter(({ setting, values: [x, y] }) =>
      setting === "base model"
        ? candidate.record.base.digest !== baseline.record.base.digest
        : x !== y || JSON.stringify(a?.get(setting)) !== JSON.stringify(b?.get(setting))
    );
  return [...found.filter(({ decisive }) => decisive), ...found.filter(({ decisive }) => !decisive)];
}

/** The most settings that a note lists. */
const SETTINGS_TOLD = 4;

/** Differences of settings as a note. */
export function settingsNote(differences: readonly SettingDifference[]): string {
  const told = differences.slice(0, SETTINGS_TOLD).map(({ setting, values: [a, b] }) =>
    `${setting} (${a} and ${b})`
  );
  const more = differences.length - told.length;
  return `settings differ: ${told.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** Why an input is not a full run, or undefined. */
function partialReason({ name, partial }: ComparisonInput): string | undefined {
  return partial === undefined ? undefined : `${name} is a partial run (${partial})`;
}

/**
 * Matches the problems of a suite in two inputs by id. Refused are partial runs, results that differ in base model or
 * sampling settings, and suites that differ in grader version, number of samples, problem ids, or content id (problem
 * texts, template, sampling settings).
 *
 * @param options Whether suites with different problems are refused or cut down to the common ones (then problem texts
 * cannot be told from the content id any more, and the note says so), and whether other settings refuse.
 */
export function matchSuite(
  candidate: ComparisonInput,
  baseline: ComparisonInput,
  suite: string,
  { unequalProblems = "refuse", unequalSettings = "refuse" }: Pick<
    CompareOptions,
    "unequalProblems" | "unequalSettings"
  > = {},
): Match {
  const partial = partialReason(candidate) ?? partialReason(baseline);
  if (partial !== undefined) return { refused: partial };
  const decisive = settingDifferences(candidate, baseline, false).filter(({ decisive }) => decisive);
  if (decisive.length > 0 && unequalSettings === "refuse") return { refused: settingsNote(decisive) };
  const find = ({ record }: ComparisonInput) => record.suites.find(({ name }) => name === suite);
  const a = find(candidate), b = find(baseline);
  if (!a || !b) return { refused: `${a ? baseline.name : candidate.name} was not evaluated on it` };
  const [grader, other] = [candidate.record.graderVersion, baseline.record.graderVersion];
  if (grader !== other) return { refused: `grader versions differ: ${grader} and ${other}` };
  if (a.samples !== b.samples) {
    return { refused: `samples of each problem differ: ${a.samples} and ${b.samples}` };
  }
  const places = new Map(a.problems.map((id, position) => [id, position]));
  const positions = b.problems.flatMap((id, position) => {
    const place = places.get(id);
    return place === undefined ? [] : [[place, position] as const];
  });
  const lost = [a.problems.length - positions.length, b.problems.length - positions.length] as const;
  if (lost[0] > 0 || lost[1] > 0) {
    const text = `${lost[0]} problems only in ${candidate.name}, ${lost[1]} only in ${baseline.name}`;
    if (unequalProblems === "refuse" || positions.length === 0) {
      return { refused: `problems differ: ${text}` };
    }
    return {
      positions,
      note: `over ${positions.length} common problems (${text}); their texts unchecked`,
    };
  }
  if (a.digest !== b.digest && !decisive.some(({ setting }) => SAMPLING.includes(setting))) {
    return {
      refused: `problem texts, template or sampling differ: suite digests ${short(a.digest)} and ${
        short(b.digest)
      }`,
    };
  }
  return { positions, note: null };
}

/** What is known of an input, by name of the fact. */
function factsOf({ record, commit, dirty, environment }: ComparisonInput): Map<string, Fact> {
  return new Map<string, Fact>([
    ["commit", commit ?? null],
    ["dirty", dirty ?? "unknown"],
    ["base model", record.base.digest],
    ["grader", record.graderVersion],
    ...Object.entries(environment ?? {}).map(([name, value]) => [`environment.${name}`, value] as const),
    ...leaves(record.profile, "profile"),
  ]);
}

/** The facts in which inputs differ, in the order of their first appearance. */
export function factDifferences(inputs: readonly ComparisonInput[]): FactDifference[] {
  const all = inputs.map(factsOf);
  const names = new Set(all.flatMap((facts) => [...facts.keys()]));
  return [...names]
    .map((fact) => ({ fact, values: all.map((facts) => facts.get(fact) ?? null) }))
    .filter(({ values }) => new Set(values.map((value) => JSON.stringify(value))).size > 1);
}
