/**
 * A verdict in words, for a person.
 *
 * @module
 */

import {
  CANDIDATE_SOURCES,
  type CandidateSource,
  type Verdict,
  verify,
  type VerifyOptions,
} from "../../src/grade/mod.ts";
import { oneLine } from "./command.ts";

/** Where an answer stands, by how it was found. */
const places: Readonly<Record<CandidateSource, string>> = {
  "box": "in a complete \\boxed{}",
  "unclosed box": "in a \\boxed{} that is never closed",
  "bare box": "in a \\boxed without braces",
  "####": "after ####",
  "answer tag": "in <answer>",
  "answer phrase": 'after a phrase like "the answer is"',
  "whole text": "as the whole text",
  "program output": "in the output of a program",
  "formula": "as the last formula",
  "number": "as the last number",
  "thought": "in a \\boxed{} of the thoughts that come before the answer",
};

/** UTF-16 units of a text that are shown. */
const LONGEST = 200;

/** UTF-16 units before and after an answer that are shown with it. */
const AROUND = 40;

/** A verdict in sentences: how the answer was found, how both sides were read, which method decided, and how. */
export function explain(gold: string, completion: string, options: VerifyOptions, found: Verdict): string {
  const sentences = [
    `The gold answer ${shown(gold)} ${readAs(found.goldType)}.`,
    ...answer(completion, options, found),
    `The verdict is ${found.verdict}: ${oneLine(found.reason)}. The method that decided: ${found.method}.`,
  ];
  const hint = lenientHint(gold, completion, options, found);
  return [...sentences, ...(hint === undefined ? [] : [hint])].join("\n");
}

/** What was found in the completion and where. */
function answer(completion: string, options: VerifyOptions, found: Verdict): string[] {
  const { extracted, span, source, rank } = found;
  if (extracted === undefined || span === undefined || source === undefined) {
    if (found.verdict === "timeout") return ["Grading was ended before an answer was chosen."];
    const searched = options.mode === "lenient"
      ? `none of the ${CANDIDATE_SOURCES.length} ways to find an answer found one`
      : "without a complete \\boxed{} there is none in strict mode";
    return [`The completion has no answer: ${searched}.`];
  }
  const [from, to] = span;
  const before = completion.slice(Math.max(0, from - AROUND), from),
    after = completion.slice(to, to + AROUND);
  return [
    `The completion's answer ${shown(extracted)} ${readAs(found.type)}.`,
    `It was found ${
      places[source]
    }, characters ${from} to ${to}; of ${CANDIDATE_SOURCES.length} ways to find ` +
    `an answer this is number ${rank} in the order of trust:`,
    `    ${from > AROUND ? "…" : ""}${oneLine(before)}→${shown(completion.slice(from, to))}←${
      oneLine(after)
    }` +
    (to + AROUND < completion.length ? "…" : ""),
  ];
}

/** Would the lenient mode have found what the strict one did not? */
function lenientHint(
  gold: string,
  completion: string,
  options: VerifyOptions,
  found: Verdict,
): string | undefined {
  if (options.mode === "lenient" || found.extracted !== undefined || found.verdict === "timeout") {
    return undefined;
  }
  const other = verify(gold, completion, { ...options, mode: "lenient" });
  if (other.extracted === undefined || other.source === undefined || other.verdict === "unparsed") {
    return "With --mode lenient there would be no answer that can be read either.";
  }
  return `With --mode lenient it would be ${shown(other.extracted)}, found ${
    places[other.source]
  }: ${other.verdict}.`;
}

/** How a side was read. */
function readAs(type: string | undefined): string {
  if (type === undefined) return "was not read";
  return `was read as ${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
}

/** A text on one line, cut where it is long. */
function shown(text: string): string {
  return text.length <= LONGEST ? oneLine(text) : `${oneLine(text.slice(0, LONGEST))}…`;
}
