/**
 * Grading cases with gold and answer exchanged: the verdict should stay.
 *
 * @module
 */

import { type Verdict, verify } from "../../grade/mod.ts";
import { caseOptions } from "./case_options.ts";
import { rules } from "./rules.ts";
import type { CaseResult } from "./score.ts";

/** A case graded again with gold and answer exchanged. */
export interface Swap {
  /** The case as it was scored. */
  readonly result: CaseResult;
  /** The verdict with gold and answer exchanged. */
  readonly swapped: Verdict;
  /** Is one of the two verdicts `correct`, and the other not? */
  readonly changed: boolean;
  /**
   * Do the verdicts differ only because of a rule that has a direction: the rounding policy, which asks for fewer places
   * of a gold decimal than of an answered one, or a base that the answer may leave out, not add?
   */
  readonly rounding: boolean;
}

/**
 * Grades a case again with gold and answer exchanged, the gold answer now in a box. Undefined where that means
 * nothing: the kind of case is not symmetric, the gold answer is empty, one side alone is an equation (as an answer it
 * states a value, as a gold answer it asks for more), or the answer was neither in a box nor the whole text, so that what
 * was picked out of prose may depend on the gold answer.
 */
export function swapCase(result: CaseResult): Swap | undefined {
  const { item, gold, verdict } = result;
  const bare = verdict.source === "box" || verdict.source === "whole text";
  const answer = verdict.extracted;
  if (!rules[item.kind].symmetric || !bare || answer === undefined || gold.trim() === "") return undefined;
  if ((verdict.goldType === "equation") !== (verdict.type === "equation")) return undefined;
  // The space keeps a backslash at the end of the gold answer from hiding the brace.
  const boxed = /\\(?:boxed|fbox)\b/.test(gold) ? gold : `\\boxed{${gold} }`;
  const options = caseOptions(item.cfg);
  const swapped = verify(answer, boxed, options);
  const changed = (verdict.verdict === "correct") !== (swapped.verdict === "correct");
  const exact = (gold: string, completion: string): boolean =>
    verify(gold, completion, { ...options, mode: "lenient", rounding: false }).verdict === "correct";
  const byBase = [verdict, swapped].some(({ method }) => method === "base");
  const rounding = changed && (byBase || exact(gold, item.pred) === exact(answer, boxed));
  return { result, swapped, changed, rounding };
}
