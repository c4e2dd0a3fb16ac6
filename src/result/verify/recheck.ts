/**
 * Grades the stored completions of a result again and compares the counts with the recorded ones.
 *
 * @module
 */

import type { Judgement } from "../../judge/mod.ts";
import {
  folderFiles,
  type Judged,
  judgeFiles,
  type ProblemSource,
  type Recheck,
  type RegradeOptions,
} from "../judge/mod.ts";

/** How to grade again. */
export interface RecheckOptions extends RegradeOptions {
  /** Where the suites are found. */
  readonly suites?: ProblemSource | undefined;
}

/** What came out, and what else was found on the way. */
export interface RecheckedResult extends Recheck {
  /** Every claim but those about signatures, which are not looked at. */
  readonly judgement: Judgement;
}

/** Why not everything was graded, in a line. */
function reasonOf({ judgement: { claims } }: Judged): string {
  for (const name of ["schema", "problems", "samples"] as const) {
    const claim = claims[name];
    if (claim.state === "false") return claim.reason;
  }
  const { problems, samples } = claims;
  if (problems.state === "not checked") return `the answers are not known: ${problems.reason}`;
  return samples.state === "not checked" ? samples.reason : "nobody knows why";
}

/**
 * Grades every stored completion of a result directory with the present grader, as evaluation did, and compares the
 * counts of each problem. Completions are streamed: memory is bounded whatever their number.
 *
 * @throws {TypeError} If record and samples do not belong together, or the problems are not those of the suites that
 * the profile names, or not known.
 */
export async function recheck(
  directory: string,
  { suites, ...regrade }: RecheckOptions = {},
): Promise<RecheckedResult> {
  const judged = await judgeFiles(await folderFiles(directory), { ...suites, regrade });
  const { recheck, judgement } = judged;
  if (!recheck || judgement.claims.problems.state !== "proved") {
    throw new TypeError(`Cannot recheck: ${reasonOf(judged)}`);
  }
  return { ...recheck, judgement };
}
