/**
 * What a result's signed files say of it. It is a pure function of them: the page's script calls it too, on the files
 * embedded in the page, so that nothing shown of a result can differ from what was signed.
 *
 * @module
 */

import type { Provenance, ResultRecord } from "../../result/mod.ts";
import { sourceOf } from "../../result/mod.ts";
import type { ExecutedRecords, SignedFacts } from "./leaderboard.ts";

/** With fewer problems in all a run is a test of the pipeline, whatever it is called: AIME alone has 30. */
const FEWEST_PROBLEMS = 30;

/** A record as far as it says what was run; a `ResultRecord` fits. */
export type DescribedRecord = Pick<ResultRecord, "profile" | "base" | "graderVersion" | "suites">;

/** A member of a setting that is an object, where it is a text. */
function textMember(value: unknown, name: string): string | null {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return null;
  const member: unknown = Reflect.get(value, name);
  return typeof member === "string" && member !== "" ? member : null;
}

/**
 * The base model's name: a folder, or a repository of the Hub with its revision. A profile that names neither has the
 * model called by its digest, as every model has one.
 */
export function modelOf({ profile, base }: DescribedRecord): SignedFacts["model"] {
  const { model } = profile, named = typeof model === "string" && model !== "" ? model : null;
  return {
    name: named ?? textMember(model, "repository") ?? `model ${base.digest.slice(0, 12)}`,
    revision: textMember(model, "revision"),
    digest: base.digest,
    parameters: base.parameters,
  };
}

/** Is it a run for tests: of the smoke profile or a variant of it, or of too few problems? */
function isForTests({ profile, suites }: DescribedRecord): boolean {
  return /^smoke\b/.test(profile.name) ||
    suites.reduce((sum, { problems }) => sum + problems.length, 0) < FEWEST_PROBLEMS;
}

/** When a result was signed, and why again, where its provenance says so; older ones do not. */
function signingOf(internal: object): Pick<SignedFacts, "signed" | "afterEdit"> {
  const signing: unknown = Reflect.get(internal, "signing");
  const edit: unknown = typeof signing === "object" && signing !== null
    ? Reflect.get(signing, "afterEdit")
    : undefined;
  return { signed: textMember(signing, "signedOn"), afterEdit: textMember(edit, "why") };
}

/** What executed the records, where the provenance says so; older ones do not. */
function executedBy(
  { makers = [] }: Provenance["buildDefinition"]["internalParameters"],
): ExecutedRecords[] {
  return makers.map(({ sources: _, commit, dirty, records, ...environment }) => {
    return { commit, dirty, environment: { ...environment }, records };
  });
}

/**
 * What the record and the provenance of a result say.
 *
 * @param profileDigest Content id of the record's profile.
 */
export function signedFacts(
  record: DescribedRecord,
  profileDigest: string,
  { buildDefinition, runDetails: { metadata } }: Provenance,
): SignedFacts {
  const { profile, graderVersion, suites } = record, { internalParameters } = buildDefinition;
  const { description } = profile;
  return {
    profile: {
      name: profile.name,
      digest: profileDigest,
      description: typeof description === "string" ? description : "",
    },
    model: modelOf(record),
    graderVersion,
    suites: suites.map(({ name, digest, problems, samples }) => {
      return { name, digest, problems: problems.length, samples };
    }),
    forTests: isForTests(record),
    ...sourceOf(buildDefinition.resolvedDependencies),
    started: metadata.startedOn,
    date: metadata.finishedOn,
    ...signingOf(internalParameters),
    executed: executedBy(internalParameters),
    environment: { ...internalParameters.environment },
  };
}
