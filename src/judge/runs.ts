/**
 * The runs of a result: are they those of its profile, and each one a run of its own?
 *
 * @module
 */

import { type Claim, notChecked, proved, untrue } from "./claim.ts";
import type { FoundSamples, JudgedRecord, JudgedRun } from "./evidence.ts";
import { profileMethod, profileMethods, settingOf } from "./profile_methods.ts";
import { at, distinctList, isNatural, said } from "./values.ts";

/** What the untrained model's run is called. */
const BASE = "base";

/** A run as people call it. */
export function runName({ method, seed }: Pick<JudgedRun, "method" | "seed">): string {
  return seed === null ? method : `${method} with seed ${seed}`;
}

/** The trained runs that a profile asks for, or `undefined` where it does not say. */
function wantedRuns(
  profile: JudgedRecord["profile"],
): readonly { readonly method: string; readonly seed: number }[] | undefined {
  const methods = profileMethods(profile), seeds = distinctList(profile["seeds"], isNatural);
  return methods && seeds &&
    methods.flatMap(({ name, seeds: own = seeds }) => own.map((seed) => ({ method: name, seed })));
}

/** Is it the base model still: never trained, or marked as a run of which no step updated anything? */
function isUntrained(
  { method, seed, silentSteps }: JudgedRun,
  profile: JudgedRecord["profile"],
): boolean {
  return seed === null || silentSteps !== undefined && silentSteps === settingOf(profile, method, "steps");
}

/** Do the two train with the same seed the one a layer that the seed draws, the other one that is named? */
function mayDrawTheSame(a: JudgedRun, b: JudgedRun, profile: JudgedRecord["profile"]): boolean {
  const rows = [a, b].map(({ method }) => profileMethod(profile, method)?.row ?? method);
  return a.seed === b.seed && rows.includes("bupo_random_layer") && rows.includes("bupo");
}

/**
 * May the two be one by definition? Without internal steps a bottom-up method is the other one; a layer that is drawn may
 * be the one that another method names.
 */
function mayBeEqual(a: JudgedRun, b: JudgedRun, profile: JudgedRecord["profile"]): boolean {
  return a.method !== b.method && a.seed === b.seed &&
    (at(profile, "training", "internalSteps") === 0 || mayDrawTheSame(a, b, profile));
}

/** May the logs of the two be the same? */
export function mayShareLog(a: JudgedRun, b: JudgedRun, profile: JudgedRecord["profile"]): boolean {
  return mayBeEqual(a, b, profile) || areUntrained(a, b, profile);
}

/** Where no reward ever came, every method and seed leaves the base model as it was. */
function areUntrained(a: JudgedRun, b: JudgedRun, profile: JudgedRecord["profile"]): boolean {
  return isUntrained(a, profile) && isUntrained(b, profile);
}

/** Pairs of runs that have to be different ones. */
function* pairs({ runs, profile }: JudgedRecord): Generator<readonly [number, number, string]> {
  for (const [i, a] of runs.entries()) {
    for (const [j, b] of runs.entries()) {
      if (j <= i || mayBeEqual(a, b, profile)) continue;
      yield [i, j, `${runName(a)} and ${runName(b)}`];
    }
  }
}

/** Are the runs exactly those that the profile names, each with a checkpoint of its own? */
export function seedsClaim(record: JudgedRecord): Claim {
  const { runs, profile } = record, wanted = wantedRuns(profile);
  for (const run of runs) {
    if (run.method === BASE && run.seed === null) {
      if (run.checkpoint !== null) return untrue("base: it has a checkpoint, though nothing was trained");
    } else if (run.seed === null) return untrue(`${run.method}: it has no seed, though it was trained`);
    else if (wanted && !wanted.some(({ method, seed }) => method === run.method && seed === run.seed)) {
      return untrue(`${runName(run)}: the profile does not name it`);
    }
  }
  const owners = new Map<string, JudgedRun>();
  for (const run of runs) {
    const { checkpoint } = run, owner = checkpoint === null ? undefined : owners.get(checkpoint);
    if (
      owner && checkpoint !== null && !mayBeEqual(owner, run, profile) && !areUntrained(owner, run, profile)
    ) {
      return untrue(
        `${runName(owner)} and ${runName(run)}: they have one checkpoint, ${checkpoint.slice(0, 12)}…`,
      );
    }
    if (checkpoint !== null) owners.set(checkpoint, run);
  }
  const partial = partialRuns(record);
  return partial === undefined ? proved : notChecked(partial);
}

/** Why a record lacks runs of its profile, or `undefined`. */
export function partialRuns({ profile, runs }: JudgedRecord): string | undefined {
  const wanted = wantedRuns(profile);
  if (!wanted) return "its profile does not say with which methods and seeds";
  if (!runs.some(({ method, seed }) => method === BASE && seed === null)) return "it lacks the base model";
  for (const { method, seed } of wanted) {
    const run = runs.find((one) => one.method === method && one.seed === seed);
    if (!run) return `it lacks ${said(method)} with seed ${seed}`;
    if (run.checkpoint === null) return `it lacks the checkpoint of ${said(method)} with seed ${seed}`;
  }
  return undefined;
}

/** With fewer completions, two policies may well have written the same. */
const FEW = 64;

/**
 * The share of equal completions from which two runs count as one. Runs of equal settings and sampling noise share up to
 * a half on the shortest problems that there are.
 */
const SAME = 0.95;

/** The most runs that are compared with each other. */
const MOST_RUNS = 500;

/** At how many places two lists differ, counted until there are more than `most`. */
function differences(a: ArrayLike<number>, b: ArrayLike<number>, most: number): number {
  let count = 0;
  for (let i = 0; i < a.length && count <= most; i++) if (a[i] !== b[i]) count++;
  return count;
}

/** Are there completions of every run, and no two runs the same? */
export function samplesClaim(record: JudgedRecord, { fault, prints }: FoundSamples): Claim {
  if (fault !== null) return untrue(fault);
  const { suites, runs, profile } = record;
  const each = suites.reduce((sum, { problems, samples }) => sum + problems.length * samples, 0);
  const short = runs.findIndex((_, index) => prints[index]?.length !== each);
  if (short >= 0) {
    const run = runs[short];
    return untrue(`${run ? runName(run) : ""}: ${prints[short]?.length ?? 0} completions, expected ${each}`);
  }
  if (each < FEW) return proved;
  if (runs.length > MOST_RUNS) return notChecked(`${runs.length} runs are too many to compare`);
  const most = Math.floor((1 - SAME) * each);
  const base = prints[runs.findIndex(({ method, seed }) => method === BASE && seed === null)] ?? [];
  for (const [i, j, both] of pairs(record)) {
    const other = differences(prints[i] ?? [], prints[j] ?? [], most);
    if (other > most) continue;
    const [a, b] = [runs[i], runs[j]];
    // Marked as untrained, the two have to write what the base model writes: the mark hides no copy.
    if (a && b && areUntrained(a, b, profile) && differences(base, prints[j] ?? [], most) <= most) continue;
    return untrue(`${both}: ${each - other} of ${each} completions are the same, so they are one run`);
  }
  return proved;
}
