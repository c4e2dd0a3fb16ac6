/**
 * The check of a result: its signatures, and that everything the page shows of it follows from what they sign.
 *
 * @module
 */

import type { LeaderboardResult } from "../../../leaderboard/mod.ts";
import { differingPaths } from "../../shared/mod.ts";
import { board, figures, resultIndex } from "../data.ts";
import { type Computed, recompute } from "../recompute.ts";
import { Unsupported } from "./signature.ts";
import { openSigned } from "./signed.ts";

/** What came out of the check of a result. */
export interface Outcome {
  /** Whether it holds; unknown where the browser cannot check. */
  readonly state: "ok" | "failed" | "unknown";
  /** What holds. */
  readonly checks: readonly string[];
  /** What does not, or null. */
  readonly problem: string | null;
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

/** Makes all checks of a result; `tell` is called with what holds. The first that does not is thrown. */
async function checkResult(result: LeaderboardResult, tell: (text: string) => void): Promise<void> {
  if (!globalThis.crypto?.subtle) throw new Unsupported("Web Crypto needs https or a local file");
  if (!globalThis.DecompressionStream) throw new Unsupported("it lacks DecompressionStream");
  const { key, manifest, provenance, digest, record, made } = await openSigned(resultIndex(result.name), tell);
  const { name, owner, trusted, place } = result, { settings } = board;
  const computed = await recompute({
    ...{ name, owner, trusted, place, key, manifest, provenance, digest, record, settings },
    made: made.predicate,
  });
  const [first, ...others] = differences(result, computed);
  if (first !== undefined) {
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    throw new Error(`the page shows something else than what was signed: ${first}${more}`);
  }
  tell(
    "Everything shown of it was computed again here from the signed files: profile, model, seeds, settings, commit, dates, scores, intervals, differences, verdicts and pass@k.",
  );
}

/** Checks a result; what is wrong is said and never thrown. */
export async function verifyResult(result: LeaderboardResult): Promise<Outcome> {
  const checks: string[] = [];
  try {
    await checkResult(result, (text) => checks.push(text));
    return { state: "ok", checks, problem: null };
  } catch (error) {
    if (error instanceof Unsupported) {
      return { state: "unknown", checks, problem: `Cannot check in this browser: ${error.message}.` };
    }
    const known = error instanceof Error && error.name === "Error";
    const reason = known ? error.message : "the embedded files cannot be read";
    return { state: "failed", checks, problem: `Does not hold: ${reason}.` };
  }
}
