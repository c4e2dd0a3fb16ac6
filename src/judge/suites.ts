/**
 * The problems of a result: are they those of the suites that its profile names?
 *
 * @module
 */

import { type Claim, notChecked, proved, untrue } from "./claim.ts";
import type { Evidence, Found, FoundProblems, JudgedRecord, JudgedSuite, Knowledge } from "./evidence.ts";
import { fileName, hubSuite, shadowedSuite, undefinedSuite } from "../suite_name.ts";
import { at, distinctList, isNatural, isText, said } from "./values.ts";

/** Where the problems of a suite come from, as far as the record says. */
export interface SuiteOrigin {
  /** The suite's name. */
  readonly name: string;
  /** Generated, a defined data set of the Hub, a file or data set of the signer's own, or a name that this project does not know. */
  readonly kind: "generated" | "hub" | "own" | "unknown";
  /** The name of the signer's own file, without folders; null for others. */
  readonly file: string | null;
  /** Are these all problems of the suite? Null where nobody knows. */
  readonly whole: boolean | null;
  /** What must stand beside the suite wherever it is shown, or null: `own file easy.jsonl`, `40 of 500 problems`. */
  readonly note: string | null;
}

/** The origin of a suite that the profile calls by a name or a path. */
function originOf(
  { name, problems }: JudgedSuite,
  source: unknown,
  wanted: unknown,
  { suites }: Knowledge,
): SuiteOrigin {
  const known = suites.get(name);
  const own = isText(source) && !suites.has(source) ? undefinedSuite(source) : undefined;
  if (own) {
    const file = fileName(own.path);
    const what = hubSuite(source as string) ? `data set ${own.path}` : `own file ${file}`;
    return { name, kind: "own", file, whole: null, note: what };
  }
  if (!known || source !== name) {
    return { name, kind: "unknown", file: null, whole: null, note: "no suite that is known here" };
  }
  const of = known.problems ?? wanted;
  const whole = isNatural(of) ? problems.length === of : null;
  const note = whole === false ? `${problems.length} of ${of} problems` : null;
  return { name, kind: known.kind, file: null, whole, note };
}

/** What the profile calls a suite: its name, or the path of a file of that name; `undefined` if it does not name it. */
function sourceOf(name: string, profile: JudgedRecord["profile"]): string | undefined {
  const sources = distinctList(at(profile, "evaluation", "suites"), isText) ?? [];
  return sources.find((source) => source === name) ??
    sources.find((source) => undefinedSuite(source)?.name === name);
}

/** The origins of a record's suites. */
export function suiteOrigins({ profile, suites }: JudgedRecord, knowledge: Knowledge): SuiteOrigin[] {
  const wanted = at(profile, "evaluation", "problems");
  return suites.map((suite) => originOf(suite, sourceOf(suite.name, profile), wanted, knowledge));
}

/** What is wrong with a suite's name, number of problems or samples, if anything. */
function namingFault(
  suite: JudgedSuite,
  { kind, file }: SuiteOrigin,
  profile: JudgedRecord["profile"],
  { suites }: Knowledge,
): string | undefined {
  const { name } = suite, known = suites.get(name);
  if (sourceOf(name, profile) === undefined) return `${name}: the profile does not name it`;
  const shadowed = kind === "own" ? shadowedSuite(name, suites.keys()) : undefined;
  if (shadowed !== undefined) {
    return `${name}: it is the signer's own file ${said(file)}, which must not be called as ${shadowed} is`;
  }
  const evaluation = profile["evaluation"];
  const wanted = at(evaluation, "problems") ?? known?.problems, limit = at(evaluation, "limit");
  const expected = isNatural(wanted) && isNatural(limit) ? Math.min(wanted, limit) : wanted ?? limit;
  if (expected !== undefined && expected !== null && suite.problems.length !== expected) {
    // A limit may be above the number of problems, where that is not known.
    const under = !isNatural(wanted) && isNatural(limit) && suite.problems.length < limit;
    if (!under) return `${name}: it has ${suite.problems.length} problems, expected ${said(expected)}`;
  }
  const samples = at(evaluation, "samples") ?? known?.samples;
  if (samples !== undefined && samples !== null && samples !== suite.samples) {
    return `${name}: it has ${suite.samples} samples a problem, expected ${said(samples)}`;
  }
  return undefined;
}

/**
 * Are the ids and their digest those that were found again?
 *
 * @param older Whether an older grader counted.
 */
function sameProblems(
  { name, problems, digest }: JudgedSuite,
  { kind }: Pick<SuiteOrigin, "kind">,
  found: Found<FoundProblems>,
  older: boolean,
): Claim {
  if ("absent" in found) return notChecked(`${name}: ${found.absent}`);
  const { ids } = found.value, sameDigest = digest === found.value.digest;
  const other = ids.findIndex((id, index) => problems[index] !== id);
  const sameIds = other < 0 && problems.length === ids.length;
  if (sameIds && sameDigest) return proved;
  // What is generated, and what its digest covers, changes only with the version of the grader.
  if (kind === "generated" && !sameDigest && older) {
    return notChecked(
      `${name}: this checkout generates other problems, so another version made them, or they are invented`,
    );
  }
  if (sameIds) {
    return untrue(`${name}: its digest is ${digest}, that of these problems is ${found.value.digest}`);
  }
  const place = other < 0 ? ids.length : other;
  return untrue(
    `${name}: problem ${place + 1} is ${said(problems[place])}, expected ${said(ids[place])}: ${
      sameDigest ? "the digest is that of other problems" : "the suite has others"
    }`,
  );
}

/** A suite and what was found out about its problems. */
export interface SuiteJudgement extends SuiteOrigin {
  /** Are they those of the suite that the profile names? */
  readonly problems: Claim;
}

/** Judges each suite of a record: its name, its origin, its problems. */
export function judgeSuites(record: JudgedRecord, { knowledge, problems }: Evidence): SuiteJudgement[] {
  const { profile, suites } = record, origins = suiteOrigins(record, knowledge);
  const older = record.graderVersion !== knowledge.grader;
  if (!distinctList(at(profile, "evaluation", "suites"), isText)) {
    const claim = notChecked("the profile names no suites");
    return origins.map((origin) => ({ ...origin, problems: claim }));
  }
  return origins.map((origin, index) => {
    const suite = suites[index] as JudgedSuite; // the origins are those of the suites
    const fault = namingFault(suite, origin, profile, knowledge);
    const claim = fault === undefined
      ? sameProblems(suite, origin, problems.get(suite.name) ?? { absent: "nobody looked" }, older)
      : untrue(fault);
    return { ...origin, problems: claim };
  });
}

/** Why a record lacks suites or problems of its profile, or `undefined`. */
export function partialSuites({ profile, suites }: JudgedRecord): string | undefined {
  for (const place of [profile, profile["evaluation"]]) {
    const limit = at(place, "limit");
    if (limit !== undefined && limit !== null) return `--limit ${said(limit)}`;
    if (at(place, "partial") === true) return "it says so";
  }
  const sources = distinctList(at(profile, "evaluation", "suites"), isText);
  if (!sources) return "its profile does not say with which suites";
  const held = new Set(suites.map(({ name }) => sourceOf(name, profile)));
  const missing = sources.find((source) => !held.has(source));
  return missing === undefined ? undefined : `it lacks the suite ${said(missing)}`;
}
