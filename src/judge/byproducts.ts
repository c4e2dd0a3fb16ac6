/**
 * What lies beside the record: do training logs, graphs and overlap fit it?
 *
 * @module
 */

import { type Claim, notChecked, proved, together, untrue } from "./claim.ts";
import type { Evidence, JudgedRecord, JudgedRun, Knowledge } from "./evidence.ts";
import { probesClaim } from "./probes.ts";
import { profileMethod, settingOf } from "./profile_methods.ts";
import { mayShareLog } from "./runs.ts";
import { at, isNatural, member, said } from "./values.ts";

/** Does a training log have the steps that the profile asks for, and an internal policy where the method has one? */
function logClaim(
  { method, seed }: JudgedRun,
  steps: readonly unknown[] | undefined,
  { profile }: JudgedRecord,
  { methods }: Knowledge,
): Claim {
  const name = `metrics/${method}-${seed}.jsonl`, training = profile["training"];
  if (!steps) return notChecked(`${name}: it is missing`);
  const wanted = settingOf(profile, method, "steps"), internal = settingOf(profile, method, "internalSteps");
  if (!isNatural(wanted)) return notChecked(`${name}: the profile does not say how many steps there are`);
  if (steps.length !== wanted) return untrue(`${name}: it has ${steps.length} steps, expected ${wanted}`);
  const bottomUp = methods.get(profileMethod(profile, method)?.row ?? method)?.bottomUp;
  const layer = settingOf(profile, method, "internalLayer");
  const rate = settingOf(profile, method, "learningRate"), warmup = at(training, "warmupSteps");
  const updates = at(training, "updatesPerStep");
  for (const [index, step] of steps.entries()) {
    const number = member(step, "step");
    if (number !== index + 1) return untrue(`${name}: line ${index + 1} is about step ${said(number)}`);
    if (bottomUp !== undefined && isNatural(internal)) {
      const expected = bottomUp && index < internal ? layer : "full";
      const policy = member(step, "policy");
      if (policy !== expected) {
        return untrue(
          `${name}: step ${index + 1} trained the policy ${said(policy)}, expected ${said(expected)}`,
        );
      }
    }
    const warm = isNatural(warmup) && isNatural(updates) && (index + 1) * updates >= warmup;
    if (warm && typeof rate === "number") {
      const found = member(step, "learningRate");
      if (typeof found !== "number" || Math.abs(found - rate) > 1e-6 * rate) {
        return untrue(`${name}: step ${index + 1} has the learning rate ${said(found)}, expected ${rate}`);
      }
    }
  }
  return proved;
}

/** Are there logs of the trained runs, all of them and no others? */
function logsClaim(record: JudgedRecord, { logs, knowledge }: Evidence): Claim {
  if ("absent" in logs) return notChecked(`metrics: ${logs.absent}`);
  const trained = record.runs.filter(({ seed }) => seed !== null);
  const names = new Set(trained.map(({ method, seed }) => `${method}-${seed}`));
  const other = [...logs.value.keys()].find((name) => !names.has(name));
  if (other !== undefined) return untrue(`metrics/${other}.jsonl: there is no such run`);
  const texts = new Map<string, string>();
  const runOf = (name: string): JudgedRun | undefined =>
    trained.find(({ method, seed }) => `${method}-${seed}` === name);
  for (const [name, steps] of logs.value) {
    const text = JSON.stringify(steps), same = texts.get(text);
    const run = runOf(name), other = same === undefined ? undefined : runOf(same);
    if (run && other && steps.length > 0 && !mayShareLog(other, run, record.profile)) {
      return untrue(`metrics/${name}.jsonl: it is the log of ${same} too`);
    }
    texts.set(text, name);
  }
  return together(
    trained.map((run) => logClaim(run, logs.value.get(`${run.method}-${run.seed}`), record, knowledge)),
  );
}

/** Does `artifacts.json` list the graphs of the record? */
function artifactsClaim({ artifacts }: JudgedRecord, found: Evidence["artifacts"]): Claim {
  if ("absent" in found) return notChecked(`artifacts.json: ${found.absent}`);
  const list = found.value;
  if (typeof list !== "object" || list === null || Array.isArray(list)) {
    return untrue("artifacts.json: it is no list of files by name");
  }
  for (const [name, digest] of Object.entries(artifacts)) {
    if (at(list, name, "sha256") !== digest) {
      return untrue(`artifacts.json: ${name} is ${said(at(list, name, "sha256"))}, expected ${digest}`);
    }
  }
  const more = Object.keys(list).find((name) => name !== "checkpoint" && !Object.hasOwn(artifacts, name));
  return more === undefined ? proved : untrue(`artifacts.json: ${said(more)} is not in results.json`);
}

/** The kinds of matches that an entry of `overlap.json` lists. */
const MATCHES = ["exact", "meaning", "ngram"] as const;

/** What is wrong with a part of `overlap.json`, if anything: an entry a suite, naming none but its problems. */
function overlapFault(
  part: string,
  list: unknown,
  { suites }: JudgedRecord,
  kinds: readonly string[],
): string | undefined {
  if (!Array.isArray(list) || list.length !== suites.length) {
    return `${part} is not about ${suites.length} suites`;
  }
  for (const [index, { name, problems }] of suites.entries()) {
    const entry: unknown = list[index], ids = new Set(problems), place = `${part}[${index}]`;
    if (member(entry, "suite") !== name || member(entry, "problems") !== problems.length) {
      return `${place} is not about ${name} with ${problems.length} problems`;
    }
    for (const kind of kinds) {
      const matches = member(entry, kind);
      if (!Array.isArray(matches)) return `${place}.${kind} is no list`;
      const stray = matches.find((match) => !ids.has(String(member(match, "problem"))));
      if (stray !== undefined) return `${place}.${kind} names ${said(stray)}, no problem of ${name}`;
    }
  }
  return undefined;
}

/** Does `overlap.json` speak of the record's suites and problems? */
function overlapClaim(record: JudgedRecord, found: Evidence["overlap"]): Claim {
  if ("absent" in found) return notChecked(`overlap.json: ${found.absent}`);
  const { value } = found, pretraining = member(value, "pretraining");
  // The first form was the part about training alone, without meanings.
  const faults = Array.isArray(value) ? [overlapFault("it", value, record, ["exact", "ngram"])] : [
    overlapFault("training", member(value, "training"), record, MATCHES),
    pretraining === null ? undefined : overlapFault("pretraining", pretraining, record, MATCHES),
  ];
  const fault = faults.find((one) => one !== undefined);
  if (fault !== undefined) return untrue(`overlap.json: ${fault}`);
  return Array.isArray(value)
    ? notChecked("overlap.json: it is of an older form, without pretraining")
    : proved;
}

/** Do training logs, probes, graphs and overlap fit the record? */
export function byproductsClaim(record: JudgedRecord, evidence: Evidence): Claim {
  return together([
    logsClaim(record, evidence),
    probesClaim(record, evidence),
    artifactsClaim(record, evidence.artifacts),
    overlapClaim(record, evidence.overlap),
  ]);
}
