/**
 * The generated suites. Whether a question belongs to the training or to the evaluation
 * split is decided by a hash of its meaning alone, the one form of all questions that ask the same. So the splits are
 * disjoint for all seeds and counts, and no other writing of a held-out question is trained on.
 *
 * @module
 */

import { contentId } from "../../canonical_json.ts";
import { randomKey, RandomStream } from "../../random.ts";
import { gradedArithmetic } from "./graded_arithmetic.ts";
import { gradedTransfer } from "./graded_transfer.ts";
import { miniAime } from "./mini_aime.ts";
import { miniMath } from "./mini_math.ts";
import type { DraftProblem, Family, GeneratedProblem, Level, Split } from "../problem.ts";

/** The name of a generated suite. */
export type GeneratedSuite = "mini-aime" | "mini-math" | "graded-arithmetic" | "graded-transfer";

/** What a generated suite consists of. */
export interface GeneratedSuiteInfo {
  /** What the suite asks, in one line. */
  readonly description: string;
  /** The names of its families, in the order in which problems cycle through them. */
  readonly families: readonly string[];
  /** How many levels it has. */
  readonly levels: number;
}

const families: Readonly<Record<GeneratedSuite, readonly Family[]>> = {
  "mini-aime": miniAime,
  "mini-math": miniMath,
  "graded-arithmetic": gradedArithmetic,
  "graded-transfer": gradedTransfer,
};

/** The generated suites. */
export const generatedSuites: Readonly<Record<GeneratedSuite, GeneratedSuiteInfo>> = {
  "mini-aime": {
    description: "Integers from 0 to 999: arithmetic, modular, counting and sequence reasoning",
    families: miniAime.map(({ name }) => name),
    levels: 3,
  },
  "mini-math": {
    description: "Fractions, surds, percentages, tuples and polynomials in LaTeX",
    families: miniMath.map(({ name }) => name),
    levels: 3,
  },
  "graded-arithmetic": {
    description: "Values of one rule applied again and again: sums, residues, remainders, iteration",
    families: gradedArithmetic.map(({ name }) => name),
    levels: 5,
  },
  "graded-transfer": {
    description: "Values of other such rules: differences, signs, polynomials, bases, recurrences",
    families: gradedTransfer.map(({ name }) => name),
    levels: 5,
  },
};

/** More draws than this without a new question mean that a family has none left. */
const drawLimit = 5000;

/**
 * The split that the questions of one meaning belong to: one meaning in eight is held out for evaluation.
 *
 * @param meaning The one form of all questions that ask the same; a question where it has no other writing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { splitOf } from "./generate.ts";
 *
 * assertEquals(splitOf("Find 347 mod 8"), "train");
 * assertEquals(splitOf("Find 354 mod 8"), "evaluation");
 * ```
 */
export function splitOf(meaning: string): Split {
  return randomKey("split", meaning)[0] % 8 === 0 ? "evaluation" : "train";
}

/** Draws the problem at an index: families cycle fastest, then levels, so that both appear in fixed proportion. */
function drawProblem(
  suite: GeneratedSuite,
  split: Split,
  index: number,
  random: RandomStream,
  taken: ReadonlySet<string>,
): DraftProblem {
  const choices = families[suite];
  const family = choices[index % choices.length] as Family;
  const level = 1 + Math.floor(index / choices.length) % generatedSuites[suite].levels as Level;
  for (let draw = 0; draw < drawLimit; draw++) {
    const draft = family.draw(random, level);
    if (!draft) continue;
    const { question, meaning = question } = draft;
    if (splitOf(meaning) !== split || taken.has(meaning)) continue;
    const answer = `${draft.answer}`;
    const solution = `${draft.steps.join(", ")} \\boxed{${answer}}`;
    return { suite, family: family.name, level, question, meaning, answer, form: family.form, solution };
  }
  throw new RangeError(
    `Cannot draw problem ${index} of ${suite}: family ${family.name} has no new level ${level} question left in the ${split} split; ask for fewer problems`,
  );
}

/**
 * Generates problems of one split of a suite, no two of which ask the same. The first problems of a longer list are
 * those of a shorter one.
 *
 * @throws {RangeError} If a family has too few questions for the count.
 *
 * @example Every family takes its turn
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { generateSuite } from "./generate.ts";
 *
 * const problems = await generateSuite("mini-aime", "evaluation", 2, 0);
 * assertEquals(problems.map((problem) => problem.family), ["arithmetic", "residue"]);
 * ```
 */
export async function generateSuite(
  name: GeneratedSuite,
  split: Split,
  count: number,
  seed: number,
): Promise<GeneratedProblem[]> {
  const taken = new Set<string>();
  const problems: GeneratedProblem[] = [];
  for (let index = 0; index < count; index++) {
    const random = new RandomStream("suite", name, split, seed, index);
    const problem = drawProblem(name, split, index, random, taken);
    taken.add(problem.meaning);
    const id = (await contentId({ suite: name, question: problem.question })).slice(0, 16);
    problems.push({ id, ...problem });
  }
  return problems;
}

/** A text in which each digit is another one with a probability. */
function misprint(text: string, rate: number, random: RandomStream): string {
  return text.replace(
    /\d/g,
    (digit) => random.uniform() < rate ? `${(Number(digit) + random.integer(1, 9)) % 10}` : digit,
  );
}

/** The pretraining stream of worked examples. */
export interface PretrainingStream {
  /** The probability that a digit of the solution is misprinted; default 0. */
  readonly misprintRate?: number | undefined;
  /** The suites, which alternate; default `mini-aime` and `mini-math`. */
  readonly suites?: readonly GeneratedSuite[] | undefined;
}

/**
 * The worked example at an index of the endless pretraining stream: suites alternate, all questions are from the
 * training split, and easy questions come back now and then because there are few of them.
 *
 * A corpus with misprints teaches a model that can solve a problem but does not always: what reinforcement learning has
 * to work with.
 *
 * @example The stream can be entered anywhere
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pretrainingExample } from "./generate.ts";
 *
 * assertEquals(pretrainingExample(1, 500), pretrainingExample(1, 500));
 * ```
 */
export function pretrainingExample(
  seed: number,
  index: number,
  { misprintRate = 0, suites = ["mini-aime", "mini-math"] }: PretrainingStream = {},
): DraftProblem {
  const suite = suites[index % suites.length] as GeneratedSuite;
  const random = new RandomStream("pretraining", seed, index);
  const problem = drawProblem(suite, "train", Math.floor(index / suites.length), random, new Set());
  return { ...problem, solution: misprint(problem.solution, misprintRate, random) };
}
