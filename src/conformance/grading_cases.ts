/**
 * Scoring of the verifier against published grading cases: what a case asks, whether the verdict is right, and what a
 * file of cases adds up to. The README.md beside the case files describes their format.
 *
 * @module
 */

import { type Verdict, verify, type VerifyOptions } from "../grade/mod.ts";

/** What a case asks. */
export type CaseKind =
  /** Two answers. */
  | "pair"
  /** A model's whole output against a gold answer. */
  | "completion"
  /** An answer to a multiple-choice question. */
  | "choice"
  /** A formula against its value as another parser printed it. */
  | "parse"
  /** A gold answer against itself in a box. */
  | "selfcheck"
  /** Hostile input. */
  | "adversarial"
  /** Text that is no formula. */
  | "parse_error"
  /** What should be found in a completion. */
  | "extract"
  /** What an answer should be equal to. */
  | "normalize"
  /** Which letter should be found. */
  | "choice_extract";

/** One line of a case file. */
export interface GradingCase {
  /** The name of the case. */
  readonly id: string;
  /** What the case asks. */
  readonly kind: CaseKind;
  /** The gold answers, or the extractions that are accepted; being equal to one is enough. */
  readonly golds: readonly string[];
  /** The answer or the completion. */
  readonly pred: string;
  /** Should they be equal, or something be found? Null: a policy question, not scored. */
  readonly expected: boolean | null;
  /** Does the suite that the case comes from expect another verdict? */
  readonly disputed: boolean;
  /** The options of the tool that the case comes from. */
  readonly cfg: Readonly<Record<string, unknown>>;
}

/** A line of a case file that is no case. */
export interface CaseFault {
  /** The number of the line, from 1. */
  readonly line: number;
  /** What is wrong with it. */
  readonly message: string;
}

/** A scored case. */
export interface CaseResult {
  /** The case. */
  readonly item: GradingCase;
  /** The gold answer that the verdict is about. */
  readonly gold: string;
  /** The verdict that decided. */
  readonly verdict: Verdict;
  /** Is it what the case expects? Undefined for a policy question. */
  readonly right: boolean | undefined;
  /** The milliseconds of each call of the verifier. */
  readonly times: readonly number[];
}

/** What scored cases add up to. */
export interface Score {
  /** How many cases were scored. */
  readonly scored: number;
  /** How many of them are right. */
  readonly right: number;
  /** How many were taken for equal, or found, and should not be. */
  readonly falsePositives: number;
  /** How many were not taken for equal, or not found, and should be. */
  readonly falseNegatives: number;
  /** How many of the scored have the verdict `unparsed` or `timeout`. */
  readonly unparsed: number;
  /** How many are policy questions. */
  readonly policy: number;
  /** How often the verifier was called. */
  readonly calls: number;
  /** The milliseconds of all calls. */
  readonly total: number;
  /** The median of the calls, in milliseconds. */
  readonly median: number;
  /** The 99th percentile of the calls, in milliseconds. */
  readonly p99: number;
  /** The slowest call, in milliseconds. */
  readonly max: number;
}

/** A case graded again with gold and answer exchanged. */
export interface Swap {
  /** The case as it was scored. */
  readonly result: CaseResult;
  /** The verdict with gold and answer exchanged. */
  readonly swapped: Verdict;
  /** Is one of the two verdicts `correct`, and the other not? */
  readonly changed: boolean;
  /**
   * Do the verdicts differ only because of the rounding policy, which asks for fewer places of a gold decimal than of
   * an answered one? Without the policy they agree.
   */
  readonly rounding: boolean;
}

/** The verifier's options that a case can set. */
export interface CaseOptions extends VerifyOptions {
  /** How far apart two equal numbers may be. */
  readonly tolerance?: number;
  /** How far apart two equal numbers may be, as a share of the gold number. */
  readonly relativeTolerance?: number;
}

/** Grades one gold answer against one completion; the clock runs inside. */
type Grader = (gold: string, completion: string, options: VerifyOptions) => Verdict;

/** What the verifier said to a case. */
interface Outcome {
  readonly gold: string;
  readonly verdict: Verdict;
  /** Are the two equal, or was something found? */
  readonly positive: boolean;
}

/** How a kind of case is read and graded. */
interface Rule {
  /** Has the case a gold answer and an expected verdict, or an expected extraction, or should it not parse? */
  readonly asks: "verdict" | "extraction" | "refusal";
  /** Should the verdict stay the same when gold and answer are exchanged? */
  readonly symmetric?: true;
  /** Grades the case. */
  readonly grade: (item: GradingCase, grader: Grader) => Outcome;
}

/** The gold answer of a case where only the reading of the answer matters. */
const ANY_GOLD = "5";

/** The number of decimals to which the tool of most cases rounds by default; its cases are right without a tolerance. */
const DEFAULT_PLACES = 6;

/** The letters that a completion without a choice must not be taken for. */
const CHOICES = ["A", "B", "C", "D", "E"];

/** The kinds of case. */
const rules: Readonly<Record<CaseKind, Rule>> = {
  pair: { asks: "verdict", symmetric: true, grade: gradeLenient },
  completion: { asks: "verdict", grade: gradeLenient },
  choice: { asks: "verdict", grade: gradeLenient },
  parse: { asks: "verdict", symmetric: true, grade: gradeLenient },
  selfcheck: {
    asks: "verdict",
    symmetric: true,
    grade: (item, grader) => gradeAgainst(item.golds, item, "strict", grader),
  },
  adversarial: { asks: "verdict", symmetric: true, grade: gradeLenient },
  parse_error: {
    asks: "refusal",
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
    asks: "extraction",
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
  normalize: { asks: "extraction", grade: gradeLenient },
  choice_extract: {
    asks: "extraction",
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
  { pred, cfg }: GradingCase,
  mode: "strict" | "lenient",
  grader: Grader,
): Outcome {
  const options = { ...caseOptions(cfg), mode };
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

/**
 * The options of the verifier that correspond to those of the tool that a case comes from. A whole number `precision`
 * is a number of decimals, and 6 that tool's default; a text or a list of one is a tolerance, as is `rel_tol`.
 * Other options have no counterpart.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { caseOptions } from "./grading_cases.ts";
 *
 * assertEquals(caseOptions({ precision: 2 }), { tolerance: 0.005 });
 * assertEquals(caseOptions({ precision: "1e-4" }), { tolerance: 1e-4 });
 * assertEquals(caseOptions({ lenient: "rel_tol 1e-3, percentages" }), { relativeTolerance: 1e-3 });
 * ```
 */
export function caseOptions(cfg: Readonly<Record<string, unknown>>): CaseOptions {
  const tolerance = absoluteTolerance(cfg.precision);
  const relative = typeof cfg.lenient === "string"
    ? /\brel_tol\s+([\d.e+-]+)/.exec(cfg.lenient)?.[1]
    : undefined;
  return {
    ...(tolerance === undefined ? {} : { tolerance }),
    ...(relative === undefined ? {} : { relativeTolerance: Number(relative) }),
  };
}

/** The tolerance that a `precision` means. */
function absoluteTolerance(precision: unknown): number | undefined {
  if (precision === DEFAULT_PLACES) return undefined;
  if (typeof precision === "number" && Number.isInteger(precision)) return 0.5 * 10 ** -precision;
  const [only, ...more]: readonly unknown[] = Array.isArray(precision) ? precision : [precision];
  const tolerance = more.length === 0 && (typeof only === "string" || typeof only === "number")
    ? Number(only)
    : NaN;
  return tolerance > 0 ? tolerance : undefined;
}

/**
 * Reads one line of a case file.
 *
 * @throws {SyntaxError} If the line is not JSON.
 * @throws {TypeError} If a field is missing or of the wrong type.
 */
export function readCase(line: string): GradingCase {
  const row: unknown = JSON.parse(line);
  if (typeof row !== "object" || row === null) throw new TypeError("expected an object");
  const fields = row as Readonly<Record<string, unknown>>;
  const text = (name: string): string => {
    const value = fields[name];
    if (typeof value === "string") return value;
    throw new TypeError(
      value === undefined ? `the field "${name}" is missing` : `"${name}" must be a string`,
    );
  };
  const kind = text("kind");
  if (!isKind(kind)) {
    throw new TypeError(`"kind" is "${kind}": expected ${Object.keys(rules).join(", ")}`);
  }
  const common = {
    id: text("id"),
    kind,
    pred: text("pred"),
    disputed: fields.disputed === true,
    cfg: typeof fields.cfg === "object" && fields.cfg !== null ? { ...fields.cfg } : {},
  };
  const { asks } = rules[kind];
  if (asks === "refusal") return { ...common, golds: [], expected: false };
  if (asks === "extraction") {
    const golds = acceptedTexts(fields.expect_parsed);
    // A text that is normalized is equal to something, be it nothing.
    return { ...common, golds, expected: kind === "normalize" || golds.length > 0 };
  }
  const { expected } = fields;
  if (typeof expected !== "boolean" && expected !== null) {
    throw new TypeError('"expected" must be true, false or null');
  }
  // The other parser's own printing is the second choice where the case has its value in words of LaTeX, too.
  const golds = fields.gold_sympy === undefined ? [text("gold")] : [text("gold"), text("gold_sympy")];
  return { ...common, golds, expected };
}

/** Is a text the name of a kind? */
function isKind(text: string): text is CaseKind {
  return Object.hasOwn(rules, text);
}

/** The extractions that are accepted: a text, a list of texts, or nothing. */
function acceptedTexts(value: unknown): readonly string[] {
  const texts = (Array.isArray(value) ? value : [value ?? ""]).map((entry: unknown) => {
    if (typeof entry !== "string") {
      throw new TypeError('"expect_parsed" must be a string, a list of strings or null');
    }
    return entry;
  });
  return texts.filter((entry) => entry !== "");
}

/** Reads a case file: its cases, and the lines that are none. Blank lines do not count. */
export function readCases(text: string): { cases: GradingCase[]; faults: CaseFault[] } {
  const cases: GradingCase[] = [], faults: CaseFault[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    try {
      cases.push(readCase(line));
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
      faults.push({ line: index + 1, message: error.message });
    }
  }
  return { cases, faults };
}

/**
 * Grades a case and says whether the verdict is right: `correct` where the two are equal, anything else where not.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readCase, scoreCase } from "./grading_cases.ts";
 *
 * const line = '{"id": "half", "kind": "pair", "gold": "0.5", "pred": "1/2", "expected": true}';
 * assertEquals(scoreCase(readCase(line)).right, true);
 * ```
 */
export function scoreCase(item: GradingCase): CaseResult {
  const times: number[] = [];
  let threw = false;
  const { gold, verdict, positive } = rules[item.kind].grade(item, (gold, completion, options) => {
    const started = performance.now();
    try {
      return verify(gold, completion, options);
    } catch (error) {
      // The verifier promises not to throw: where it does, this case is lost, but not the others.
      threw = true;
      return { ...verify("", ""), method: "exception", reason: String(error) };
    } finally {
      times.push(performance.now() - started);
    }
  });
  const right = item.expected === null ? undefined : !threw && positive === item.expected;
  return { item, gold, verdict, right, times };
}

/** Adds scored cases up. */
export function summarize(results: readonly CaseResult[]): Score {
  const times = results.flatMap((result) => result.times).sort((a, b) => a - b);
  const scored = results.filter(({ right }) => right !== undefined);
  const wrong = scored.filter(({ right }) => right === false);
  return {
    scored: scored.length,
    right: scored.length - wrong.length,
    falsePositives: wrong.filter(({ item }) => item.expected === false).length,
    falseNegatives: wrong.filter(({ item }) => item.expected === true).length,
    unparsed: scored.filter(({ verdict }) => ["unparsed", "timeout"].includes(verdict.verdict)).length,
    policy: results.length - scored.length,
    calls: times.length,
    total: times.reduce((sum, time) => sum + time, 0),
    median: nearestRank(times, 0.5),
    p99: nearestRank(times, 0.99),
    max: nearestRank(times, 1),
  };
}

/** The smallest of the sorted values that at least a share of them does not exceed; 0 of none. */
export function nearestRank(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/**
 * Grades a case again with gold and answer exchanged, the gold answer now in a box. Undefined where that means
 * nothing: the kind of case is not symmetric, the gold answer is empty, or the answer was neither in a box nor the whole
 * text, so that what was picked out of prose may depend on the gold answer.
 */
export function swapCase(result: CaseResult): Swap | undefined {
  const { item, gold, verdict } = result;
  const bare = verdict.source === "box" || verdict.source === "whole text";
  const answer = verdict.extracted;
  if (!rules[item.kind].symmetric || !bare || answer === undefined || gold.trim() === "") return undefined;
  // The space keeps a backslash at the end of the gold answer from hiding the brace.
  const boxed = /\\(?:boxed|fbox)\b/.test(gold) ? gold : `\\boxed{${gold} }`;
  const options = caseOptions(item.cfg);
  const swapped = verify(answer, boxed, options);
  const changed = (verdict.verdict === "correct") !== (swapped.verdict === "correct");
  const exact = (gold: string, completion: string): boolean =>
    verify(gold, completion, { ...options, mode: "lenient", rounding: false }).verdict === "correct";
  return { result, swapped, changed, rounding: changed && exact(gold, item.pred) === exact(answer, boxed) };
}
