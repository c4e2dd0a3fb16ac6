/**
 * How much of what is held out is trained on.
 *
 * @module
 */

import type { Problem } from "./problem.ts";

/** A held-out problem and a training problem that share text. */
export interface OverlapMatch {
  /** Id of the held-out problem. */
  readonly problem: string;
  /** Id of the first training problem that it shares text with. */
  readonly training: string;
}

/** The overlap of one held-out suite with the training problems. */
export interface SuiteOverlap {
  /** The held-out suite. */
  readonly suite: string;
  /** How many problems it has. */
  readonly problems: number;
  /** Problems with fewer words than an n-gram: only exact matches are found. */
  readonly short: number;
  /** Problems whose question is also trained on, up to case and white space. */
  readonly exact: readonly OverlapMatch[];
  /** Problems that share an n-gram of words with a training problem; exact matches that are long enough included. */
  readonly ngram: readonly OverlapMatch[];
}

/** What is compared of a problem. */
type Question = Pick<Problem, "id" | "question">;

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

/** Adds a value to the list of a key. */
function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/**
 * Finds held-out problems that are also trained on: by their whole question, and by a shared run of 13 words, the usual
 * check for contamination (Brown et al., "Language models are few-shot learners", 2020, appendix C: 13-grams of
 * lower-cased words without punctuation). Formulas count as the words and numbers in them, so that stock phrases such
 * as "relatively prime positive integers" in the usual sentence about m and n match too: a shared n-gram is a reason to
 * look, not a proof.
 *
 * The n-grams of the held-out side are kept, the training side is gone through once.
 *
 * @param training The training problems, in any number.
 * @param held The held-out suites.
 * @param words Words of an n-gram.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findOverlap } from "./overlap.ts";
 *
 * const training = [{ id: "t", question: "Find  2 + 3." }];
 * const held = [{ name: "held", problems: [{ id: "h", question: "Find 2 + 3." }, { id: "i", question: "Find 5." }] }];
 * assertEquals(findOverlap(training, held)[0]?.exact, [{ problem: "h", training: "t" }]);
 * ```
 */
export function findOverlap(
  training: Iterable<Question>,
  held: readonly { readonly name: string; readonly problems: readonly Question[] }[],
  words = WORDS,
): SuiteOverlap[] {
  const byForm = new Map<string, [number, string][]>(), byGram = new Map<string, [number, string][]>();
  const found = held.map(({ name, problems }, suite) => {
    let short = 0;
    for (const { id, question } of problems) {
      push(byForm, exactForm(question), [suite, id]);
      const grams = ngramsOf(question, words);
      if (grams.size === 0) short++;
      for (const gram of grams) push(byGram, gram, [suite, id]);
    }
    return { name, problems, short, exact: new Map<string, string>(), ngram: new Map<string, string>() };
  });
  for (const { id: trainingId, question } of training) {
    const note = (kind: "exact" | "ngram", hits: readonly [number, string][] | undefined): void => {
      for (const [suite, id] of hits ?? []) {
        const matches = found[suite]?.[kind];
        if (matches && !matches.has(id)) matches.set(id, trainingId);
      }
    };
    note("exact", byForm.get(exactForm(question)));
    for (const gram of ngramsOf(question, words)) note("ngram", byGram.get(gram));
  }
  return found.map(({ name, problems, short, exact, ngram }) => {
    const inOrder = (matches: ReadonlyMap<string, string>): OverlapMatch[] =>
      problems.flatMap(({ id }) => {
        const match = matches.get(id);
        return match === undefined ? [] : [{ problem: id, training: match }];
      });
    return { suite: name, problems: problems.length, short, exact: inOrder(exact), ngram: inOrder(ngram) };
  });
}
