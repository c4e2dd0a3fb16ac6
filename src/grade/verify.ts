/**
 * The verifier: is the answer of a completion equal to the gold answer?
 *
 * @module
 */

import { Budget, contains, identical, type Node, OutOfSteps, typeOf } from "./expression/mod.ts";
import { choiceGold, choiceInText, choiceOf, choiceWithContent, isUndecided, truthOf } from "./choice.ts";
import { DEFAULT_POLICY, openContext, type Policy } from "./compare/mod.ts";
import {
  type Candidate,
  type CandidateSource,
  extractCandidates,
  rankOf,
  THINKING_TAGS,
} from "./extract/mod.ts";
import { type FormRules, isOfQuestion, type WantedForm, workLeft } from "./form/mod.ts";
import { judge, type Reading } from "./judge.ts";
import { parseAnswer, plainText } from "./read/mod.ts";
import type { Comparison, Context } from "./compare/mod.ts";

/**
 * The version of the grader: part of the key of every record that holds verdicts. Raise it when a verdict changes, or a
 * problem or digest of a generated suite does: results of the present version must have the suites of this checkout.
 */
export const graderVersion = "3.0.0";

/** How to grade. */
export interface VerifyOptions extends Partial<Policy> {
  /**
   * `strict` (default; for training): only a complete `\boxed{}` counts, and only if no box behind it is empty, unclosed
   * or cut, and no thought that never ends stands around or behind it. `lenient`: also an unclosed box,
   * `####`, `<answer>`, "the answer is …", the whole text, what a program printed, a box before `</think>`, the last
   * formula or number, in this order.
   */
  readonly mode?: "strict" | "lenient";
  /** The names of the tags between which a model thinks before it answers; {@linkcode THINKING_TAGS} by default. */
  readonly thinkingTags?: readonly string[];
  /**
   * `any` (default): an answer of the right value is correct, as peers have it. `final` (of training and scoring): an
   * answer in which work is left is `unevaluated`.
   */
  readonly answerForm?: "any" | "final";
  /** Must the fractions and roots of a final answer be in lowest terms? Default `free`. */
  readonly reduced?: FormRules["reduced"] | undefined;
  /** The form of a final answer that the problem asks for; none by default. */
  readonly wanted?: WantedForm | undefined;
  /** The question, where it is known: a final answer is no formula that it gives. */
  readonly question?: string | undefined;
  /** The step budget for the pair; beyond it the verdict is `timeout`. Default 50,000: some 50 ms at most. */
  readonly maxSteps?: number;
}

/**
 * How rewards and scores are graded: the boxed answer alone counts, in final form, and a rounded number is not the exact
 * one.
 */
export const SCORING: VerifyOptions = { mode: "strict", rounding: false, answerForm: "final" };

/** What the verifier found. */
export interface Verdict {
  /**
   * `unevaluated`: the value is right, and work is left. `unparsed`: no answer was found, or it could not be read. Only
   * `correct` earns a reward.
   */
  readonly verdict: "correct" | "wrong" | "unevaluated" | "unparsed" | "timeout";
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
const MAX_STEPS = 50_000;

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
  const {
    mode = "strict",
    answerForm = "any",
    reduced = "free",
    wanted: form,
    question,
    maxSteps,
    thinkingTags = THINKING_TAGS,
    ...policy
  } = options;
  const rules: FormRules = { reduced: form === "lowest terms" ? "required" : reduced, wanted: form };
  const budget = new Budget(maxSteps ?? MAX_STEPS);
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
    const context = openContext(budget, { ...DEFAULT_POLICY, ...policy });
    const wanted = readGold(gold, budget);
    found.goldType = typeOf(wanted.parsed.node);
    if (mode === "lenient" && sameWords(gold, completion)) {
      found.candidate = { text: completion, span: [0, completion.length], source: "whole text" };
      found.type = found.goldType;
      return verdict("correct", "identical text", "the completion is the gold answer, word by word");
    }
    const several = ["list", "set", "bracket"].includes(wanted.parsed.node.kind);
    const candidates = extractCandidates(completion, { mode, several, thinkingTags }, budget);
    const choice = judgeChoice(wanted.text, completion, candidates, mode);
    if (choice) {
      found.candidate = choice.candidate;
      found.type = "choice";
      return choice.equal
        ? verdict("correct", "choice", "it is the letter of the gold answer")
        : verdict("wrong", "choice", "it is another letter than the gold answer's");
    }
    const [first] = candidates;
    if (!first) return verdict("unparsed", "extraction", "no answer was found in the completion");
    const { candidate, reading } = choose(candidates, wanted.parsed.node, budget) ?? read(first, budget);
    found.candidate = candidate;
    found.type = typeOf(reading.parsed.node);
    const result = judgeTruth(wanted.text, candidate.text) ?? judge(wanted, reading, context);
    if (result.equal) {
      const left = answerForm === "any" || result.method === "identical text"
        ? undefined
        : leftIn(wanted, reading, rules, question, budget);
      return left === undefined
        ? verdict("correct", result.method, `equal (${grounds(result, context)})`)
        : verdict(
          "unevaluated",
          result.method,
          `equal (${grounds(result, context)}), but work is left: ${left}`,
        );
    }
    if (reading.parsed.failure !== undefined) {
      return verdict("unparsed", "parsing", `the answer cannot be read: ${reading.parsed.failure}`);
    }
    if (wanted.parsed.failure !== undefined) {
      return verdict("unparsed", "parsing", `the gold answer cannot be read: ${wanted.parsed.failure}`);
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

/** What a verdict of equality rests on: the method, and the allowance if there was one. */
function grounds({ method }: Comparison, { granted: { name } }: Context): string {
  return name === undefined ? method : `${method === name ? "" : `${method}, `}by the allowance "${name}"`;
}

/** What is left to do in an answer of the right value, if anything is. */
function leftIn(
  { parsed: { node: gold } }: Reading,
  { parsed: { node: answer } }: Reading,
  rules: FormRules,
  question: string | undefined,
  budget: Budget,
): string | undefined {
  if (identical(gold, answer)) return undefined;
  const isGiven = question !== undefined && isOfQuestion(gold, answer, question, budget);
  return isGiven ? "it stands in the question" : workLeft(gold, answer, rules, budget);
}

/** A gold answer longer than this is looked through for a phrase that announces its answer. */
const LONG_GOLD = 60;

/** Reads the gold answer: its box if it has one, what it announces if it is a worked solution, else all of it. */
function readGold(gold: string, budget: Budget): Reading {
  const [box] = extractCandidates(gold, { mode: "strict", several: true }, budget);
  const whole = { text: box?.text ?? gold, parsed: parseAnswer(box?.text ?? gold, budget) };
  if (box || (whole.parsed.failure === undefined && !isProse(whole.parsed.node))) return whole;
  const candidates = extractCandidates(gold, { mode: "lenient", several: true }, budget).filter((
    { source, text },
  ) =>
    source === "unclosed box" || source === "bare box" ||
    (source === "answer phrase" && (gold.length > LONG_GOLD || choiceWithContent(text) !== undefined))
  );
  const lettered = candidates.find(({ text }) => choiceWithContent(text) !== undefined);
  return (lettered ? read(lettered, budget) : choose(candidates, undefined, budget))?.reading ?? whole;
}

function read(candidate: Candidate, budget: Budget): { candidate: Candidate; reading: Reading } {
  return { candidate, reading: { text: candidate.text, parsed: parseAnswer(candidate.text, budget) } };
}

/** Words of a sentence, in which the answer is only a part. */
const SENTENCE =
  /\b(?:thus|so|hence|therefore|then|we|get|gets|have|has|had|he|she|it|they|was|were|there|which|at|by|since|because|total|our|his|her|their|finally|now|point|result|obtain)\b/i;

/** The longest text that is tried as an answer as a whole. */
const MAX_WHOLE_TEXT = 400;

/** The first candidate that can be read as a formula, or as a few words. */
function choose(
  candidates: readonly Candidate[],
  gold: Node | undefined,
  budget: Budget,
): { candidate: Candidate; reading: Reading } | undefined {
  for (const candidate of candidates) {
    const { source, text } = candidate;
    if (source === "whole text" && text.length > MAX_WHOLE_TEXT) continue;
    const found = read(candidate, budget);
    const { node, failure } = found.reading.parsed;
    if (failure !== undefined) continue;
    const isLast = candidate === candidates.at(-1);
    if (source === "whole text" && !isLast && gold?.kind !== "text" && SENTENCE.test(text)) continue;
    const loose = source === "whole text" || source === "answer phrase";
    if (
      loose && candidates.length > 1 &&
      (isProse(node) || (node.kind === "text" && gold && gold.kind !== "text"))
    ) {
      continue;
    }
    return found;
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

/** The longest completion that is compared with the gold answer as a whole. */
const MAX_SAME = 2000;

/** Is a completion the gold answer itself, up to spaces and the dress of its words? */
function sameWords(gold: string, completion: string): boolean {
  if (gold.trim() === "" || completion.length > MAX_SAME + gold.length) return false;
  if (gold === completion) return true;
  if (gold.length > MAX_SAME) return false;
  const spaced = (text: string): string => text.trim().replace(/\s+/g, " ");
  if (spaced(gold) === spaced(completion)) return true;
  return completion.length <= MAX_SAME && /[A-Za-z]{3}/.test(gold) &&
    plainText(gold) === plainText(completion);
}

/** A text, in characters, in which several letters are several answers. */
const SHORT = 60;

/** Compares letters if the gold answer is one, or names one and the answer is no more than a letter. */
function judgeChoice(
  gold: string,
  completion: string,
  candidates: readonly Candidate[],
  mode: "strict" | "lenient",
): { equal: boolean; candidate: Candidate } | undefined {
  const letter = choiceGold(gold);
  const [first] = candidates;
  if (letter === undefined) {
    const given = first && choiceWithContent(gold) !== undefined ? choiceOf(first.text) : undefined;
    const isBare = first !== undefined && given !== undefined &&
      /^[^A-Za-z]*[A-J][^A-Za-z]*$/.test(plainText(first.text).toUpperCase());
    if (given === undefined || !isBare) return undefined;
    return { equal: given === choiceWithContent(gold), candidate: first };
  }
  for (const candidate of candidates) {
    const small = /^\s*([a-d])\s*$/.exec(candidate.text)?.[1];
    // In running text a small letter is rather a symbol or an article.
    if (small !== undefined && candidate.source === "answer phrase") return { equal: false, candidate };
    const loose = candidate.source === "answer phrase" || candidate.source === "whole text";
    const isNamed =
      /^\s*\(?[A-J][).:。](?!\s*(?:\(?(?:or|and|is|are|wrong|false|incorrect|not)\b|,|\(?[A-J]\)?(?![\w'’])))/
        .test(candidate.text);
    if (loose && !isNamed && candidate.text.length <= SHORT && isUndecided(candidate.text)) {
      return { equal: false, candidate };
    }
    const given = choiceOf(candidate.text) ?? small?.toUpperCase() ??
      (candidate.source === "answer phrase" ? choiceInText(candidate.text, true) : undefined);
    if (given === undefined || candidate.source === "number" || candidate.source === "formula") continue;
    return { equal: given === letter, candidate };
  }
  if (mode === "strict" || candidates.some(({ source }) => source === "box")) return undefined;
  const named = choiceInText(completion);
  if (named === undefined) return undefined;
  const whole: Candidate = { text: named, span: [0, completion.length], source: "whole text" };
  return { equal: named === letter, candidate: whole };
}

/** A longer text is more than yes or no. */
const LONGEST_WORDS = 100;

/** Compares yes and no, true and false, where the gold answer is one of them. */
function judgeTruth(gold: string, answer: string): Comparison | undefined {
  if (gold.length > LONGEST_WORDS && answer.length > LONGEST_WORDS) return undefined;
  const isTruth = (text: string): boolean =>
    text.length < LONGEST_WORDS && /^(?:yes|no|true|false)$/.test(plainText(text));
  const wanted = truthOf(gold), given = truthOf(answer);
  if (wanted === undefined || given === undefined || !(isTruth(gold) || isTruth(answer))) return undefined;
  return { equal: given === wanted, method: "words" };
}
