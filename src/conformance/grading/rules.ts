/**
 * How each kind of grading case is graded.
 *
 * @module
 */

import type { Verdict, VerifyOptions } from "../../grade/mod.ts";
import { caseOptions } from "./case_options.ts";
import type { CaseKind, GradingCase } from "./grading_case.ts";

/** Grades one gold answer against one completion; the clock runs inside. */
export type Grader = (gold: string, completion: string, options: VerifyOptions) => Verdict;

/** What the verifier said to a case. */
export interface Outcome {
  readonly gold: string;
  readonly verdict: Verdict;
  /** Are the two equal, or was something found? */
  readonly positive: boolean;
}

/** How a kind of case is graded. */
export interface Rule {
  /** Should the verdict stay the same when gold and answer are exchanged? */
  readonly symmetric?: true;
  /** Grades the case. */
  readonly grade: (item: GradingCase, grader: Grader) => Outcome;
}

/** The gold answer of a case where only the reading of the answer matters. */
const ANY_GOLD = "5";

/** The letters that a completion without a choice must not be taken for. */
const CHOICES = ["A", "B", "C", "D", "E"];

/** How each kind of case is graded. */
export const rules: Readonly<Record<CaseKind, Rule>> = {
  pair: { symmetric: true, grade: gradeLenient },
  completion: {
    grade: (item, grader) =>
      gradeAgainst(item.golds, item, item.cfg.mode === "strict" ? "strict" : "lenient", grader),
  },
  lenient: { grade: gradeLenient },
  choice: { grade: gradeLenient },
  parse: { symmetric: true, grade: gradeLenient },
  selfcheck: {
    symmetric: true,
    grade: (item, grader) => gradeAgainst(item.golds, item, "strict", grader),
  },
  adversarial: { symmetric: true, grade: gradeLenient },
  parse_error: {
    grade(item, grader) {
      const verdict = grader(ANY_GOLD, item.pred, { mode: "lenient" });
      // A number picked out of the text is what is left when the text itself is no formula.
      const fellBack = verdict.source === "formula" || verdict.source === "number";
      return {
        gold: ANY_GOLD,
        verdict,
        positive: verdict.verdict === "correct" || (!fellBack && isFormula(verdict)),
      };
    },
  },
  extract: {
    grade(item, grader) {
      const mode = boxesOnly(item.cfg) ? "strict" : "lenient";
      if (item.golds.length === 0) {
        const verdict = grader(ANY_GOLD, item.pred, { mode });
        return { gold: "", verdict, positive: isFormula(verdict) };
      }
      const outcome = gradeAgainst(item.golds, item, mode, grader);
      const { extracted } = outcome.verdict;
      const same = extracted !== undefined &&
        item.golds.some((gold) => unspaced(gold) === unspaced(extracted));
      return { ...outcome, positive: outcome.positive || same };
    },
  },
  normalize: { grade: gradeLenient },
  choice_extract: {
    grade: (item, grader) =>
      gradeAgainst(item.golds.length > 0 ? item.golds : CHOICES, item, "lenient", grader),
  },
};

/** Grades leniently against the gold answers. */
function gradeLenient(item: GradingCase, grader: Grader): Outcome {
  return gradeAgainst(item.golds, item, "lenient", grader);
}

/** Grades against one gold answer after the other until one is equal; if none is, the first verdict stands. */
function gradeAgainst(
  golds: readonly string[],
  { pred, cfg, note }: GradingCase,
  mode: "strict" | "lenient",
  grader: Grader,
): Outcome {
  // What a reward must not pay for is graded as rewards are; other cases ask for the value alone, as their tools do.
  const answerForm = /^F\d/.test(note) ? "final" : "any";
  const options = { ...caseOptions(cfg), mode, answerForm } as const;
  const grade = (gold: string): Outcome => {
    const verdict = grader(gold, pred, options);
    return { gold, verdict, positive: verdict.verdict === "correct" };
  };
  const [gold = "", ...others] = golds;
  const first = grade(gold);
  if (first.positive) return first;
  for (const other of others) {
    const outcome = grade(other);
    if (outcome.positive) return outcome;
  }
  return first;
}

/** Was the answer read as anything but words? */
function isFormula({ verdict, type }: Verdict): boolean {
  return verdict !== "unparsed" && type !== undefined && type !== "text";
}

/** A text without white space. */
function unspaced(text: string): string {
  return text.replace(/\s+/g, "");
}

/** Does the tool of a case look for boxes alone? */
function boxesOnly(cfg: GradingCase["cfg"]): boolean {
  return cfg.strict_parsing === true || (typeof cfg.fn === "string" && /boxed/.test(cfg.fn));
}
