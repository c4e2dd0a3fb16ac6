/**
 * The judge: every claim about a result, from everything that is known of it. All commands and the page call this one
 * function, so that none of them is easier to deceive than another.
 *
 * @module
 */

import { byproductsClaim } from "./byproducts.ts";
import { type Claim, type ClaimName, claimNames, notChecked, together, untrue } from "./claim.ts";
import { countsClaim, countsFault, scoresClaim } from "./counts.ts";
import type { Evidence, JudgedRecord } from "./evidence.ts";
import { partialRuns, samplesClaim, seedsClaim } from "./runs.ts";
import { provenanceClaim, statementClaim, subjectsFault } from "./statements.ts";
import { judgeSuites, partialSuites, type SuiteJudgement } from "./suites.ts";

/** What came out of judging a result. */
export interface Judgement {
  /** Each claim. */
  readonly claims: Readonly<Record<ClaimName, Claim>>;
  /** Is no claim false? */
  readonly holds: boolean;
  /** The first claim that is false, in words: `problems: mini-aime: …`; null where none is. */
  readonly fault: string | null;
  /** Why the result covers only a part of its profile, or null. */
  readonly partial: string | null;
  /** Does it hold, cover all of its profile, and is every claim but trust proved? */
  readonly whole: boolean;
  /**
   * May it stand first on a page? It holds, covers all of its profile, and its problems and its counts were compared,
   * the counts at least in part, with nothing against them.
   */
  readonly headline: boolean;
  /** Why it cannot enter a leaderboard, or null: it must hold, be complete, and have completions and known problems. */
  readonly refused: string | null;
  /** Where each suite's problems come from, and whether they are its own. */
  readonly suites: readonly SuiteJudgement[];
}

/** The claims that need a record, where there is none. */
function withoutRecord(reason: string): Omit<Judgement["claims"], keyof Evidence["made"]> {
  const claim = notChecked(`results.json: ${reason}`);
  return {
    statement: claim,
    provenance: claim,
    problems: claim,
    seeds: claim,
    byproducts: claim,
    samples: claim,
    counts: claim,
    scores: claim,
  };
}

/** The claims about a record. */
function aboutRecord(
  record: JudgedRecord,
  evidence: Evidence,
  judged: readonly SuiteJudgement[],
): ReturnType<typeof withoutRecord> {
  const { statements, samples, shown } = evidence;
  const subjects = "value" in statements ? subjectsFault(record, statements.value) : undefined;
  const statement = subjects === undefined ? statementClaim(record, evidence) : untrue(subjects);
  const impossible = countsFault(record);
  return {
    statement,
    provenance: provenanceClaim(record, evidence),
    problems: together(judged.map(({ problems }) => problems)),
    seeds: seedsClaim(record),
    byproducts: byproductsClaim(record, evidence),
    samples: "value" in samples ? samplesClaim(record, samples.value) : notChecked(samples.absent),
    counts: impossible === undefined ? countsClaim(record, evidence) : untrue(impossible),
    scores: scoresClaim(record, shown, statement),
  };
}

/** Why a record covers only a part of its profile, or `undefined` if it covers all. */
export function partialReason(record: JudgedRecord): string | undefined {
  return partialSuites(record) ?? partialRuns(record);
}

/**
 * Why a result cannot enter a leaderboard, or null. A data set that is not at hand, and a file of the signer's own, may be
 * unchecked, and say so; what this checkout generates itself may not.
 */
function refusal(
  { claims, partial, suites, fault }: Omit<Judgement, "refused" | "whole" | "headline" | "holds">,
): string | null {
  if (fault !== null) return fault;
  if (partial !== null) return `it is a partial run: ${partial}`;
  const { samples } = claims;
  if (samples.state === "not checked") return `samples: ${samples.reason}`;
  const unknown = suites.find(({ kind }) => kind === "unknown");
  if (unknown) return `problems: ${unknown.name}: no suite of that name is known here`;
  const generated = suites.find(({ kind, problems }) => kind === "generated" && problems.state !== "proved");
  return generated?.problems.state === "not checked" ? `problems: ${generated.problems.reason}` : null;
}

/** Judges a result. */
export function judge(evidence: Evidence): Judgement {
  const { made, record: found } = evidence, record = "value" in found ? found.value : undefined;
  const suites = record ? judgeSuites(record, evidence) : [];
  const about = "value" in found ? aboutRecord(found.value, evidence, suites) : withoutRecord(found.absent);
  const claims = { ...made, ...about };
  const wrong = claimNames.find((name) => claims[name].state === "false");
  const claim = wrong && claims[wrong];
  const fault = claim?.state === "false" ? `${wrong}: ${claim.reason}` : null;
  const partial = record ? partialReason(record) ?? null : null;
  const complete = fault === null && record !== undefined && partial === null;
  const { problems, counts } = claims;
  const counted = counts.state === "proved" || counts.state === "not checked" && counts.share !== undefined;
  return {
    claims,
    holds: fault === null,
    fault,
    partial,
    whole: complete && claimNames.every((name) => name === "trust" || claims[name].state === "proved"),
    headline: complete && problems.state === "proved" && counted,
    refused: refusal({ claims, partial, suites, fault }),
    suites,
  };
}
