/**
 * How much of what is held out is trained on.
 *
 * @module
 */

import type { Problem } from "./problem.ts";

/** A held-out problem and the training problem that it shares most text with. */
export interface OverlapMatch {
  /** Id of the held-out problem. */
  readonly problem: string;
  /** Id of the training problem; the first of several that share as much. */
  readonly training: string;
  /** The share of the held-out problem's n-grams that the training problem has too; 1 for the same question. */
  readonly share: number;
}

/** The overlap of one held-out suite with the training problems. */
export interface SuiteOverlap {
  /** The held-out suite. */
  readonly suite: string;
  /** How many problems it has. */
  readonly problems: number;
  /** Problems with fewer words than an n-gram: compared as a whole, under `exact` and `meaning`. */
  readonly short: number;
  /** Problems whose question is also trained on, up to case and white space. */
  readonly exact: readonly OverlapMatch[];
  /**
   * Problems that ask what a training problem asks, exact matches included: generated problems with the same `meaning`,
   * short ones with the same words, numbers and signs, or with formulas that the reader of formulas finds the same.
   */
  readonly meaning: readonly OverlapMatch[];
  /** Problems that share an n-gram with a training problem; exact matches that are long enough included. */
  readonly ngram: readonly OverlapMatch[];
}

/** Words of an n-gram. */
const WORDS = 13;

/** The words of a text: runs of letters and digits in lower case. */
function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** All n-grams of a text, as their words with spaces between. */
function ngramsOf(text: string, length: number): Set<string> {
  const words = wordsOf(text), grams = new Set<string>();
  for (let i = 0; i + length <= words.length; i++) grams.add(words.slice(i, i + length).join(" "));
  return grams;
}

/** A text without what two copies of it may differ in. */
function exactForm(text: string): string {
  return text.normalize("NFC").toLowerCase().replace(/\s+/g, "");
}

/** What is compared of a problem. */
export type ComparedProblem = Pick<Problem, "id" | "question" | "meaning">;

/** How to compare. */
export interface OverlapOptions {
  /** Words of an n-gram; default 13. */
  readonly words?: number;
  /** The one text of all writings of a formula; nothing where it cannot be read. Absent: formulas count as written. */
  readonly formulaKey?: (formula: string) => string | undefined;
}

/** A formula in a text: between dollars, or in the brackets of LaTeX. */
const FORMULA = /\$\$([^$]+)\$\$|\$([^$]+)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]/gs;

/** The numbers, words and signs of a text in lower case: all but white space and the punctuation of sentences. */
function marksOf(text: string): string[] {
  const plain = text.normalize("NFC").toLowerCase().replace(/\\[[\]()]|\$/g, " ");
  return plain.match(/\p{N}+(?:\.\p{N}+)*|\p{L}+|[^\p{L}\p{N}\s.,;:?'"]/gu) ?? [];
}

/** The forms of a short question by which it is compared as a whole. */
function wholeForms(question: string, { formulaKey }: OverlapOptions): string[] {
  const forms = [marksOf(question).join(" ")], keys: string[] = [];
  if (!formulaKey) return forms;
  const text = question.replace(FORMULA, (formula, ...groups: (string | undefined)[]) => {
    const key = formulaKey(groups.slice(0, 4).find((group) => group !== undefined) ?? "");
    if (key === undefined) return formula;
    keys.push(key);
    return ` ${keys.length} `;
  });
  return keys.length === 0 ? forms : [...forms, JSON.stringify([marksOf(text), keys])];
}

/** All forms of a problem's question: two problems that share one ask the same. */
function meaningsOf(
  { question, meaning }: ComparedProblem,
  short: boolean,
  options: OverlapOptions,
): string[] {
  return [
    ...(meaning === undefined ? [] : [`meaning ${meaning}`]),
    ...(short ? wholeForms(question, options).map((form) => `whole ${form}`) : []),
  ];
}

/** A held-out problem while the training side is gone through. */
interface Held {
  readonly id: string;
  /** How many n-grams it has. */
  readonly grams: number;
  exact?: OverlapMatch;
  meaning?: OverlapMatch;
  ngram?: OverlapMatch;
}

/** Adds a value to the list of a key. */
function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/**
 * Finds held-out problems that are also trained on: by their whole question, by what it asks, and by a shared run of 13
 * words, the usual check for contamination (Brown et al., "Language models are few-shot learners", 2020, appendix C:
 * 13-grams of lower-cased words without punctuation). Formulas count as the words and numbers in them, so that stock
 * phrases such as "relatively prime positive integers" in the usual sentence about m and n match too: a shared n-gram
 * is a reason to look, not a proof, and the share of a problem's n-grams that one training problem has tells the two
 * apart.
 *
 * The n-grams of the held-out side are kept, the training side is gone through once.
 *
 * @param training The training problems, in any number.
 * @param held The held-out suites.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findOverlap } from "./overlap.ts";
 *
 * const training = [{ id: "t", question: "Find  2 + 3." }];
 * const held = [{ name: "held", problems: [{ id: "h", question: "Find $2 + 3$" }, { id: "i", question: "Find 5." }] }];
 * const [overlap] = findOverlap(training, held);
 * assertEquals(overlap?.exact, []);
 * assertEquals(overlap?.meaning, [{ problem: "h", training: "t", share: 1 }]);
 * ```
 */
export function findOverlap(
  training: Iterable<ComparedProblem>,
  held: readonly { readonly name: string; readonly problems: readonly ComparedProblem[] }[],
  options: OverlapOptions = {},
): SuiteOverlap[] {
  const { words = WORDS } = options;
  const byForm = new Map<string, Held[]>(),
    byMeaning = new Map<string, Held[]>(),
    byGram = new Map<string, Held[]>();
  const suites = held.map(({ name, problems }) => ({
    name,
    problems: problems.map((compared) => {
      const { id, question } = compared, grams = ngramsOf(question, words);
      const problem: Held = { id, grams: grams.size };
      push(byForm, exactForm(question), problem);
      for (const meaning of meaningsOf(compared, grams.size === 0, options)) {
        push(byMeaning, meaning, problem);
      }
      for (const gram of grams) push(byGram, gram, problem);
      return problem;
    }),
  }));
  for (const compared of training) {
    const { id, question } = compared, grams = ngramsOf(question, words);
    for (const problem of byForm.get(exactForm(question)) ?? []) {
      problem.exact ??= { problem: problem.id, training: id, share: 1 };
      problem.meaning ??= problem.exact;
    }
    for (const meaning of meaningsOf(compared, grams.size === 0, options)) {
      for (const problem of byMeaning.get(meaning) ?? []) {
        problem.meaning ??= { problem: problem.id, training: id, share: 1 };
      }
    }
    const shared = new Map<Held, number>();
    for (const gram of grams) {
      for (const problem of byGram.get(gram) ?? []) shared.set(problem, (shared.get(problem) ?? 0) + 1);
    }
    for (const [problem, grams] of shared) {
      const share = grams / problem.grams;
      if (share > (problem.ngram?.share ?? 0)) problem.ngram = { problem: problem.id, training: id, share };
    }
  }
  return suites.map(({ name, problems }) => ({
    suite: name,
    problems: problems.length,
    short: problems.filter(({ grams }) => grams === 0).length,
    exact: problems.flatMap(({ exact }) => exact ?? []),
    meaning: problems.flatMap(({ meaning }) => meaning ?? []),
    ngram: problems.flatMap(({ ngram }) => ngram ?? []),
  }));
}
