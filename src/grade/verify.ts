/**
 * The verifier: is the answer of a completion equal to the gold answer?
 *
 * @module
 */

import { Budget, OutOfSteps } from "./budget.ts";
import { compareAnswers } from "./compare.ts";
import { contains, type Node, typeOf } from "./expression.ts";
import { type Candidate, type CandidateSource, extractCandidates, rankOf } from "./extract.ts";
import { parseAnswer, type ParsedAnswer, plainText } from "./parse.ts";
import { DEFAULT_POLICY, type Policy } from "./policy.ts";
import type { Context } from "./scalar.ts";

/** The version of the grader: part of the key of every record that holds verdicts. Raise it when a verdict changes. */
export const graderVersion = "1.0.0";

/** How to grade. */
export interface VerifyOptions extends Partial<Policy> {
  /**
   * `strict` (default; for training): only the last complete `\boxed{}` counts. `lenient`: also an unclosed box,
   * `####`, `<answer>`, "the answer is …", the whole text, the last formula, the last number, in this order.
   */
  readonly mode?: "strict" | "lenient";
  /** The step budget for the pair; beyond it the verdict is `timeout`. Default 400,000, well under a second. */
  readonly maxSteps?: number;
}

/** What the verifier found. */
export interface Verdict {
  /** `unparsed`: no answer was found, or it could not be read. Only `correct` earns a reward. */
  readonly verdict: "correct" | "wrong" | "unparsed" | "timeout";
  /** The text of the answer in the completion. */
  readonly extracted: string | undefined;
  /** Where it stands, in UTF-16 units. */
  readonly span: readonly [number, number] | undefined;
  /** How the answer was found: in a box, after a phrase … */
  readonly source: CandidateSource | undefined;
  /** The place of the source in the order of confidence; 1 is a complete box. */
  readonly rank: number | undefined;
  /** What the gold answer is: `integer`, `fraction`, `tuple`, `text` … */
  readonly goldType: string | undefined;
  /** What the completion's answer is. */
  readonly type: string | undefined;
  /** The method that decided, or how far the grading came. */
  readonly method: string;
  /** The verdict in words. */
  readonly reason: string;
}

/** The default step budget. */
const MAX_STEPS = 400_000;

/**
 * Grades a completion against a gold answer. Never throws on any text, and its time is bounded by the step budget.
 *
 * @param gold The gold answer: LaTeX or plain text, or a worked solution with a box.
 * @param completion What the model wrote.
 *
 * @example The last box counts, and equal is equal whatever the form
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { verify } from "./verify.ts";
 *
 * assertEquals(verify("\\frac34", "So it is \\boxed{0.75}.").verdict, "correct");
 * assertEquals(verify("x^2-3x+2", "\\boxed{(x-1)(x-2)}").verdict, "correct");
 * assertEquals(verify("2", "\\boxed{1 or 2}").verdict, "wrong");
 * assertEquals(verify("2", "The answer is 2.").verdict, "unparsed");
 * assertEquals(verify("2", "The answer is 2.", { mode: "lenient" }).verdict, "correct");
 * ```
 */
export function verify(gold: string, completion: string, options: VerifyOptions = {}): Verdict {
  const { mode = "strict", maxSteps = MAX_STEPS, ...policy } = options;
  const budget = new Budget(maxSteps);
  const found: { candidate?: Candidate; goldType?: string; type?: string } = {};
  const verdict = (verdict: Verdict["verdict"], method: string, reason: string): Verdict => ({
    verdict,
    extracted: found.candidate?.text.trim(),
    span: found.candidate?.span,
    source: found.candidate?.source,
    rank: found.candidate && rankOf(found.candidate.source),
    goldType: found.goldType,
    type: found.type,
    method,
    reason,
  });
  try {
    const context: Context = { budget, policy: { ...DEFAULT_POLICY, ...policy } };
    const goldText = goldAnswer(gold, budget);
    const wanted = parseAnswer(goldText, budget);
    found.goldType = typeOf(wanted.node);
    const several = ["list", "set", "bracket"].includes(wanted.node.kind);
    const candidates = extractCandidates(completion, { mode, several }, budget);
    const [first] = candidates;
    if (!first) return verdict("unparsed", "extraction", "no answer was found in the completion");
    const { candidate, parsed } = choose(candidates, budget) ??
      { candidate: first, parsed: parseAnswer(first.text, budget) };
    found.candidate = candidate;
    found.type = typeOf(parsed.node);
    const result = judge(goldText, wanted, candidate.text, parsed, context);
    if (result.equal) return verdict("correct", result.method, `equal (${result.method})`);
    if (parsed.failure !== undefined) {
      return verdict("unparsed", "parsing", `the answer cannot be read: ${parsed.failure}`);
    }
    if (wanted.failure !== undefined) {
      return verdict("unparsed", "parsing", `the gold answer cannot be read: ${wanted.failure}`);
    }
    const reason = result.method === "undecided"
      ? "could not be shown to be equal"
      : `not equal (${result.method})`;
    return verdict("wrong", result.method, reason);
  } catch (error) {
    if (error instanceof OutOfSteps) return verdict("timeout", "step budget", "the step budget is used up");
    if (error instanceof RangeError) {
      return verdict("timeout", "size limit", "an intermediate result is too large");
    }
    throw error;
  }
}

/** The gold answer: its box if it has one. */
function goldAnswer(gold: string, budget: Budget): string {
  const [box] = extractCandidates(gold, { mode: "strict", several: true }, budget);
  return box?.text ?? gold;
}

/** The first candidate that can be read as a formula, or as a few words. */
function choose(
  candidates: readonly Candidate[],
  budget: Budget,
): { candidate: Candidate; parsed: ParsedAnswer } | undefined {
  for (const candidate of candidates) {
    if (candidate.source === "whole text" && candidate.text.length > 400) continue;
    const parsed = parseAnswer(candidate.text, budget);
    if (parsed.failure !== undefined) continue;
    const prose = candidate.source === "whole text" && candidates.length > 1 && isProse(parsed.node);
    if (!prose) return { candidate, parsed };
  }
  return undefined;
}

/** Does a parsed text contain a sentence rather than an answer? */
function isProse(node: Node): boolean {
  return contains(node, (part) => {
    const words = part.kind === "text" ? part.text : part.kind === "quantity" ? part.unit : "";
    return words.split(" ").length > 3;
  });
}

/** Compares what was parsed; where a comma can be read in two ways, also the other reading. */
function judge(
  goldText: string,
  wanted: ParsedAnswer,
  text: string,
  parsed: ParsedAnswer,
  context: Context,
): { equal: boolean; method: string } {
  if (plainKey(goldText) === plainKey(text) && plainKey(text) !== "") {
    return { equal: true, method: "identical text" };
  }
  const choice = compareChoices(goldText, text);
  if (choice) return choice;
  const result = compareAnswers(wanted.node, parsed.node, context);
  if (result.equal || (!wanted.grouped && !parsed.grouped)) return result;
  const isList = (node: Node): boolean =>
    node.kind === "list" || node.kind === "set" || node.kind === "bracket";
  const asList = (source: string): Node => parseAnswer(source, context.budget, { thousands: false }).node;
  if (wanted.grouped && isList(parsed.node)) return compareAnswers(asList(goldText), parsed.node, context);
  if (parsed.grouped && isList(wanted.node)) return compareAnswers(wanted.node, asList(text), context);
  return result;
}

/** A text with single spaces. */
function plainKey(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}

/** Is the gold one capital letter from A to J? Then "(B)", "B." and "\textbf{(B)} 12" are that choice. */
function compareChoices(gold: string, answer: string): { equal: boolean; method: string } | undefined {
  const letter = plainText(gold).replace(/[()]/g, "").trim();
  if (!/^[a-j]$/.test(letter) || !/[A-J]/.test(gold) || answer.length > 1000) return undefined;
  const given = /^\(?([a-j])(?:\)|[.:](?!\d)|$)/.exec(plainText(answer));
  return given ? { equal: given[1] === letter, method: "choice" } : undefined;
}
