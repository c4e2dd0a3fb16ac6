/**
 * The suites of a profile, looked at before anything runs: reference answers that no response can equal, contradictions,
 * layouts that were recognised, and prompts that the limit cuts.
 *
 * @module
 */

import { SCORING, verify } from "../grade/mod.ts";
import { loadTokenizer, type Tokenizer } from "../model/mod.ts";
import {
  checkWording,
  type Contradiction,
  type LoadedSuite,
  type Problem,
  type PromptFit,
  promptFit,
  promptTemplateOf,
} from "../suite/mod.ts";
import { loadSuites, type SuiteContext } from "./experiment.ts";

/** A reference answer that no response can equal. */
export interface UnreadableGold {
  /** Where it stands, such as `line 7`. */
  readonly place: string;
  /** The answer. */
  readonly answer: string;
  /** Why it is none. */
  readonly reason: string;
}

/** What is told of a suite before it is used. */
export interface SuiteFinding {
  /** Its name. */
  readonly name: string;
  /** Is it trained on or evaluated? */
  readonly part: "training" | "evaluation";
  /** Problems that are used. */
  readonly problems: number;
  /** How questions and answers were found, and in how many rows. */
  readonly layouts: readonly (readonly [layout: string, rows: number])[];
  /** Reference answers that no response can equal. */
  readonly unreadable: readonly UnreadableGold[];
  /** Rows that ask the same and answer otherwise. */
  readonly contradictions: readonly Contradiction[];
  /** How many prompts are cut to the limit, and where those stand that lose their question. */
  readonly cut: number;
  /** Places of problems whose question is gone by more than half. */
  readonly lost: readonly string[];
}

/** Words in a row that make a sentence: no reference answer of the known suites has as many but one. */
const SENTENCE = 5;

/** Why a reference answer is none; `undefined` if a response can equal it. */
function unreadable({ answer, form, question }: Problem, own: boolean): string | undefined {
  const graded = verify(answer, `\\boxed{${answer}}`, { ...SCORING, ...form, question });
  if (graded.verdict !== "correct") {
    return graded.verdict === "unparsed" ? "it cannot be read" : "a response that repeats it would not count";
  }
  if (!own) return undefined;
  if (/####|<<[^<>]*>>/.test(answer)) return "it is a whole solution";
  const words = answer.replace(/\\[a-zA-Z]+/g, " ").match(/\p{L}{2,}/gu)?.length ?? 0;
  return words >= SENTENCE ? "it is a sentence" : undefined;
}

function findingOf(
  { name, definition, source, problems, places, layouts, contradictions }: LoadedSuite,
  part: SuiteFinding["part"],
  used: readonly Problem[],
  fits: readonly PromptFit[],
): SuiteFinding {
  const generated = source === "generated", own = definition === undefined && !generated;
  const placeOf = ({ id }: Problem): string => places.get(id) ?? `problem ${id}`;
  const golds = generated ? [] : used.flatMap((problem) => {
    const reason = unreadable(problem, own);
    return reason === undefined ? [] : [{ place: placeOf(problem), answer: problem.answer, reason }];
  });
  return {
    name,
    part,
    problems: problems.length,
    layouts: [...layouts],
    unreadable: golds,
    contradictions: contradictions.filter(({ answers: [one, other] }) =>
      verify(one, `\\boxed{${other}}`).verdict !== "correct"
    ),
    cut: fits.filter((fit) => fit !== "whole").length,
    lost: used.filter((_, i) => fits[i] === "lost").map(placeOf),
  };
}

/**
 * Reads all suites of a profile, in the order of the profile.
 *
 * @param tokenizer The model's; read from its folder if absent.
 * @throws {SyntaxError} If one cannot be read.
 * @throws {RangeError} If one is not what it should be, or prompts lose their questions.
 */
export async function examineSuites(
  context: Omit<SuiteContext, "model">,
  tokenizer?: Tokenizer,
): Promise<SuiteFinding[]> {
  const { profile } = context, { maxPromptTokens, evaluation: { limit } } = profile;
  const known = tokenizer ?? await loadTokenizer(context.files.model);
  const template = promptTemplateOf(profile), fitOf = promptFit(template, known, maxPromptTokens);
  checkWording(template, known);
  const findings: SuiteFinding[] = [];
  for (const part of ["training", "evaluation"] as const) {
    for (const suite of await loadSuites(context, part)) {
      const used = part === "evaluation" ? suite.problems.slice(0, limit) : suite.problems;
      findings.push(findingOf(suite, part, used, used.map(fitOf)));
    }
  }
  return findings;
}
