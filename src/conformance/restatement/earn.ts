/**
 * How much a policy earns that only copies its questions.
 *
 * @module
 */

import { SCORING, verify, type VerifyOptions } from "../../grade/mod.ts";
import { type Attack, attacks, restatements } from "./restate.ts";

/** A problem, as far as it matters here. */
export interface AttackedProblem {
  /** The name of the problem. */
  readonly id: string;
  /** The text that the model is asked. */
  readonly question: string;
  /** The reference answer. */
  readonly answer: string;
  /** How its answers are graded, where it says so. */
  readonly form?: Pick<VerifyOptions, "wanted" | "reduced"> | undefined;
}

/** A restatement that was taken for an answer. */
export interface Earned {
  /** The problem. */
  readonly id: string;
  /** How it was restated. */
  readonly attack: Attack;
  /** What was boxed. */
  readonly text: string;
}

/** What a policy earns on some problems. */
export interface Earnings {
  /** How many problems there are. */
  readonly problems: number;
  /** On how many of them each attack is paid, and any of them. */
  readonly paid: Readonly<Record<Attack | "any attack", number>>;
  /** The restatements that were paid, one for each problem and attack. */
  readonly earned: readonly Earned[];
}

/** A text without spaces, the marks of mathematics mode, boxes and the dress of fractions and powers. */
function squeezed(text: string): string {
  return text.replace(/\\boxed|\\(?:left|right)(?![a-z])|\\[,;! ]|[\s${}]/g, "").replace(
    /\\[dtc]frac/g,
    "\\frac",
  )
    .replace(/\\[lc]dots/g, "\\dots");
}

/** Is a text the reference answer itself, letter by letter, or a side of it? Then copying it is answering. */
function isLiteral(text: string, answer: string): boolean {
  const own = squeezed(text), gold = squeezed(answer);
  return own === gold || gold.split("=").includes(own);
}

/** A text that is boxed in the place of an answer. */
export interface RestatementPair {
  /** The problem. */
  readonly problem: AttackedProblem;
  /** How it was restated. */
  readonly attack: Attack;
  /** What was boxed. */
  readonly text: string;
}

/** Every restatement of a problem that is not its answer, letter by letter. */
export function restatementPairs(problem: AttackedProblem): RestatementPair[] {
  return [...restatements(problem.question)].flatMap(([attack, texts]) =>
    texts.filter((text) => !isLiteral(text, problem.answer)).map((text) => ({ problem, attack, text }))
  );
}

/** Is a boxed text right, as rewards are graded but for the options given? */
function isRight(problem: AttackedProblem, text: string, options: VerifyOptions): boolean {
  const { answer, question, form } = problem;
  return verify(answer, `\\boxed{${text}}`, { ...SCORING, ...form, question, ...options }).verdict ===
    "correct";
}

/**
 * Grades every restatement of every problem, as rewards are graded but for the options given.
 *
 * @param isPaid Another verifier in the place of this project's: is a boxed text right?
 */
export function earnings(
  problems: readonly AttackedProblem[],
  options: VerifyOptions = {},
  isPaid: (problem: AttackedProblem, text: string) => boolean = (problem, text) =>
    isRight(problem, text, options),
): Earnings {
  const earned = new Map<string, Earned>();
  for (const pair of problems.flatMap(restatementPairs)) {
    const { problem: { id }, attack, text } = pair, key = `${id}\n${attack}`;
    if (!earned.has(key) && isPaid(pair.problem, text)) earned.set(key, { id, attack, text });
  }
  const all = [...earned.values()];
  const count = (condition: (one: Earned) => boolean): number =>
    new Set(all.filter(condition).map(({ id }) => id)).size;
  const paid = Object.fromEntries([
    ...attacks.map((attack) => [attack, count((one) => one.attack === attack)]),
    ["any attack", count(() => true)],
  ]) as Record<Attack | "any attack", number>;
  return { problems: problems.length, paid, earned: all };
}
