/**
 * What the signed statements say, beside what the record says.
 *
 * @module
 */

import { type Claim, notChecked, proved, untrue } from "./claim.ts";
import type { Evidence, JudgedRecord, JudgedStatement } from "./evidence.ts";
import { at, difference, isText, member, said } from "./values.ts";

/** What a manifest has to say of a record, but for the environment: what came out. */
export function expectedPredicate(record: JudgedRecord, profileDigest: string): Record<string, unknown> {
  const { profile, base, graderVersion, suites, runs } = record;
  return {
    profile: { name: profile.name, digest: profileDigest },
    base,
    graderVersion,
    suites: suites.map(({ name, digest, problems, samples }) => {
      return { name, digest, problems: problems.length, samples };
    }),
    results: runs.map(({ method, seed, checkpoint, suites: outcomes }) => {
      const scores = suites.map(({ name, problems, samples }) => {
        const { correct = [], truncated = 0, unparsed = 0, tokens = 0 } = outcomes[name] ?? {};
        const right = correct.reduce((sum, count) => sum + count, 0), all = problems.length * samples;
        return [name, { correct: right, samples: all, accuracy: right / all, truncated, unparsed, tokens }];
      });
      return { method, seed, checkpoint, scores: Object.fromEntries(scores) };
    }),
  };
}

/** Does the manifest say what the record says? */
export function statementClaim(record: JudgedRecord, evidence: Evidence): Claim {
  const { statements, profileDigest } = evidence;
  if ("absent" in statements) return notChecked(`the statements: ${statements.absent}`);
  if ("absent" in profileDigest) return notChecked(`the profile's digest: ${profileDigest.absent}`);
  const { predicate } = statements.value.result;
  const expected = {
    ...expectedPredicate(record, profileDigest.value),
    environment: at(predicate, "environment"),
  };
  const path = difference(predicate, expected);
  return path === undefined
    ? proved
    : untrue(`manifest.intoto.json: its predicate's ${path || "value"} is not what results.json says`);
}

/** What went into a result, as far as its record names it: name and SHA-256. */
function recordDependencies({ base, suites }: JudgedRecord): (readonly [string, string])[] {
  return [
    ["base-model", base.digest],
    ...suites.map(({ name, digest }): [string, string] => [`suite/${name}`, digest]),
  ];
}

/** What is wrong with a signed time, if anything: `2026-02-30T…` was never, and what is to come has not been. */
function timeFault(name: string, value: unknown, now: string | undefined): string | undefined {
  if (!isText(value)) return `${name} is ${said(value)}, expected a time`;
  const date = new Date(value);
  if (Number.isNaN(date.getTime()) || date.toISOString().replace(".000Z", "Z") !== value) {
    return `${name} is ${said(value)}, which is no time such as 2026-01-31T12:00:00Z`;
  }
  return now !== undefined && value > now ? `${name} is ${value}, which is still to come` : undefined;
}

/** A day: as much as clocks and the reader's may be apart. */
const APART = 86_400_000;

/** Does the provenance say what the record says, at times that can be? */
export function provenanceClaim(record: JudgedRecord, { statements, now }: Evidence): Claim {
  if ("absent" in statements) return notChecked(`the statements: ${statements.absent}`);
  const { result, provenance } = statements.value, file = "provenance.intoto.json";
  const definition = at(provenance.predicate, "buildDefinition");
  const fault = (what: string): Claim => untrue(`${file}: ${what} is not what results.json says`);
  const profile = difference(at(definition, "externalParameters", "profile"), record.profile);
  if (profile !== undefined) return fault(`its profile's ${profile || "value"}`);
  const environment = difference(
    at(definition, "internalParameters", "environment"),
    at(result.predicate, "environment"),
  );
  if (environment !== undefined) {
    return untrue(`${file}: its environment's ${environment || "value"} is not that of the manifest`);
  }
  const dependencies = at(definition, "resolvedDependencies");
  for (const [name, digest] of recordDependencies(record)) {
    const named = Array.isArray(dependencies)
      ? dependencies.filter((one) => member(one, "name") === name)
      : [];
    if (named.length !== 1 || at(named[0], "digest", "sha256") !== digest) return fault(`its ${name}`);
  }
  const logs = provenance.subject.filter(({ name }) => /^(metrics|probe)\//.test(name));
  if (difference(at(provenance.predicate, "runDetails", "byproducts"), logs) !== undefined) {
    return untrue(`${file}: its byproducts are not the signed training logs`);
  }
  const metadata = at(provenance.predicate, "runDetails", "metadata");
  const limit = now === undefined
    ? undefined
    : new Date(Date.parse(now) + APART).toISOString().replace(/\.\d+Z$/, "Z");
  for (const name of ["startedOn", "finishedOn"]) {
    const wrong = timeFault(name, member(metadata, name), limit);
    if (wrong !== undefined) return untrue(`${file}: ${wrong}`);
  }
  const signedOn = at(definition, "internalParameters", "signing", "signedOn");
  const wrong = signedOn === undefined ? undefined : timeFault("signedOn", signedOn, limit);
  return wrong === undefined ? proved : untrue(`${file}: ${wrong}`);
}

/** Do the statements name what the record names by digest, and the same files? */
export function subjectsFault(
  record: JudgedRecord,
  { result, provenance }: { readonly result: JudgedStatement; readonly provenance: JudgedStatement },
): string | undefined {
  if (difference(result.subject, provenance.subject) !== undefined) {
    return "provenance.intoto.json: it names other files than manifest.intoto.json";
  }
  const named = new Map(result.subject.map(({ name, digest }) => [name, digest.sha256]));
  const expected = [
    ...Object.entries(record.artifacts).map(([name, digest]) => [`artifacts/${name}`, digest] as const),
    ...record.runs.flatMap(({ method, seed, checkpoint }) =>
      checkpoint === null ? [] : [[`checkpoints/${method}-${seed}.safetensors`, checkpoint] as const]
    ),
  ];
  const other = expected.find(([name, digest]) => named.get(name) !== digest);
  return other && `${other[0]}: its SHA-256 is ${other[1]} in results.json and another in the statements`;
}
