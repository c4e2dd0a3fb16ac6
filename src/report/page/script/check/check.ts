/**
 * The check of a result: its signatures, and that everything the page shows of it follows from what they sign.
 *
 * @module
 */

import { judge, type Judgement, notChecked, proved } from "../../../../judge/mod.ts";
import type { LeaderboardResult } from "../../../leaderboard/mod.ts";
import { differingPaths } from "../../shared/mod.ts";
import { board, figures, resultIndex } from "../data.ts";
import { type Computed, recompute } from "../recompute.ts";
import { Unsupported } from "./signature.ts";
import { openSigned, type SignedFiles } from "./signed.ts";

/** What came out of the check of a result. */
export interface Outcome {
  /** Whether it holds; unknown where the browser cannot check. */
  readonly state: "ok" | "failed" | "unknown";
  /** What holds. */
  readonly checks: readonly string[];
  /** What does not, or null. */
  readonly problem: string | null;
  /** Every claim, as far as this browser could judge; null where the files could not be opened. */
  readonly claims: Judgement["claims"] | null;
}

/** Where the page shows something else than what was computed from the signed files. */
function differences(result: LeaderboardResult, computed: Computed): string[] {
  const { name } = result, { first: _, ...shown } = result;
  const of = <T extends { readonly result: string }>(all: readonly T[]): T[] =>
    all.filter((one) => one.result === name);
  return [
    ...differingPaths(shown, computed.result),
    ...differingPaths({ rows: of(board.rows) }, { rows: computed.rows }),
    ...differingPaths({ pairs: of(board.pairs) }, { pairs: computed.pairs }),
    ...differingPaths({ curves: of(figures.passCurves) }, { curves: computed.curves }),
  ];
}

/** Judges a result by what is embedded of it: the same function as `deno task verify`, with less evidence. */
function judged(result: LeaderboardResult, files: SignedFiles, profileDigest: string): Judgement {
  const elsewhere = {
    absent: "only results.json and the statements are in the page; deno task verify looks",
  };
  const rows = board.rows.filter((row) => row.result === result.name);
  return judge({
    made: {
      signature: proved,
      trust: notChecked("whom to trust is for you to say: compare the fingerprint"),
      files: notChecked("of the files only results.json is in the page; its SHA-256 is the signed one"),
      schema: notChecked("deno task verify looks"),
    },
    record: { value: files.record },
    profileDigest: { value: profileDigest },
    statements: { value: { result: files.statement, provenance: files.made } },
    knowledge: {
      suites: new Map(figures.knowledge.suites),
      graders: figures.knowledge.graders,
      grader: figures.knowledge.grader,
      methods: new Map(figures.knowledge.methods),
    },
    problems: new Map(files.record.suites.map(({ name }) => [name, elsewhere])),
    logs: elsewhere,
    probes: elsewhere,
    artifacts: elsewhere,
    overlap: elsewhere,
    samples: elsewhere,
    regraded: { absent: "the completions are not in the page; deno task recheck grades them again" },
    shown: rows.flatMap(({ method, mean, suites }) => [
      { method, suite: null, average: mean.average.value, pass: mean.pass.value },
      ...Object.entries(suites).map(([suite, { average, pass }]) => {
        return { method, suite, average: average.value, pass: pass.value };
      }),
    ]),
  });
}

/**
 * Makes all checks of a result; `tell` is called with what holds and with what the judge says. The first check that does
 * not hold is thrown.
 */
async function checkResult(
  result: LeaderboardResult,
  tell: { readonly holds: (text: string) => void; readonly claims: (claims: Judgement["claims"]) => void },
): Promise<void> {
  if (!globalThis.crypto?.subtle) throw new Unsupported("Web Crypto needs https or a local file");
  if (!globalThis.DecompressionStream) throw new Unsupported("it lacks DecompressionStream");
  const files = await openSigned(resultIndex(result.name), tell.holds);
  const { key, manifest, provenance, digest, record, made } = files;
  const { name, owner, trusted, place, judged: published } = result, { settings } = board;
  const computed = await recompute({
    ...{
      name,
      owner,
      trusted,
      place,
      judged: published,
      key,
      manifest,
      provenance,
      digest,
      record,
      settings,
    },
    made: made.predicate,
  });
  const judgement = judged(result, files, computed.result.profile.digest);
  tell.claims(judgement.claims);
  if (judgement.fault !== null) throw new Error(`the judge says of ${judgement.fault}`);
  if (judgement.partial !== published.partial) throw new Error("the page is silent about what the run lacks");
  const [first, ...others] = differences(result, computed);
  if (first !== undefined) {
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    throw new Error(`the page shows something else than what was signed: ${first}${more}`);
  }
  tell.holds(
    "All that is shown of it was computed again here from the signed files: profile, model, seeds, settings, commit, dates, scores, intervals, differences, verdicts and pass@k.",
  );
}

/** Checks a result; what is wrong is said and never thrown. */
export async function verifyResult(result: LeaderboardResult): Promise<Outcome> {
  const checks: string[] = [];
  let claims: Judgement["claims"] | null = null;
  try {
    await checkResult(result, { holds: (text) => checks.push(text), claims: (found) => claims = found });
    return { state: "ok", checks, problem: null, claims };
  } catch (error) {
    if (error instanceof Unsupported) {
      return { state: "unknown", checks, problem: `Cannot check in this browser: ${error.message}.`, claims };
    }
    const known = error instanceof Error && error.name === "Error";
    const reason = known ? error.message : "the embedded files cannot be read";
    return { state: "failed", checks, problem: `Does not hold: ${reason}.`, claims };
  }
}
