/**
 * Says what is found in a profile's suites before anything runs, and refuses what would make a number without meaning.
 *
 * @module
 */

import { examineSuites, type SuiteFinding } from "../../src/pipeline/mod.ts";
import { type Flags, oneLine, UsageError } from "./command.ts";
import type { RunOptions } from "./run_flags.ts";

/** The flags, for `readFlags`. */
export const suiteCheckFlags = {
  boolean: ["allow-unreadable-golds"],
  string: ["unreadable-share"],
} as const;

/** They in words, for `--help`. */
export const suiteCheckFlagsHelp =
  `  --unreadable-share N the share of a suite's reference answers that may be unreadable, 0 to 1 (default: 0)
  --allow-unreadable-golds
                       start although more of them are, which counts every response to them as wrong`;

/** Places that are listed at most. */
const LISTED = 8;

/** The first of some places, and how many more there are. */
function list(places: readonly string[]): string {
  const more = places.length - LISTED;
  return places.slice(0, LISTED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** A text of a data set, short. */
function short(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/** The lines that tell of findings; those of suites without any are none. */
export function findingLines(findings: readonly SuiteFinding[], maxPromptTokens: number): string[] {
  return findings.flatMap(({ name, part, problems, layouts, unreadable, contradictions, cut }) => [
    ...layouts.map(([layout, rows]) => `${name}: ${layout}, in ${rows} rows`),
    ...unreadable.length === 0 ? [] : [
      `warning: ${name}: ${unreadable.length} of ${problems} reference answers cannot be read: ${
        list(unreadable.map(({ place, answer, reason }) => `${place} (${short(answer)}: ${reason})`))
      }`,
    ],
    ...contradictions.length === 0 ? [] : [
      `warning: ${name}: ${contradictions.length} repeated questions have another answer, the first counts: ${
        list(contradictions.map(({ first, second, answers }) =>
          `${first} ${short(answers[0])} and ${second} ${short(answers[1])}`
        ))
      }`,
    ],
    ...cut === 0 ? [] : [
      `warning: ${name}, ${part}: cut to ${maxPromptTokens} tokens: the beginning of ${cut} of ${problems} prompts`,
    ],
  ]).map(oneLine);
}

/** Why a run with these findings is refused, in a line; `undefined` if it is not. */
export function findingFault(
  findings: readonly SuiteFinding[],
  maxPromptTokens: number,
  share: number,
): string | undefined {
  for (const { name, problems, unreadable, lost } of findings) {
    if (unreadable.length > share * problems) {
      const told = list(
        unreadable.map(({ place, answer, reason }) => `${place} (${short(answer)}: ${reason})`),
      );
      return oneLine(
        `Cannot use the suite ${name}: ${unreadable.length} of ${problems} reference answers cannot be read, ` +
          `so no response to them would count: ${told}; correct them, name the answer's column ` +
          `("PATH?answer=COLUMN"), or start all the same with --allow-unreadable-golds`,
      );
    }
    if (lost.length > 0) {
      return oneLine(
        `Cannot use the suite ${name}: ${lost.length} prompts lose more than half of their question at ` +
          `${maxPromptTokens} tokens: ${list(lost)}; raise maxPromptTokens, or leave these problems out`,
      );
    }
  }
  return undefined;
}

/**
 * Reads every suite of a run and tells what is found.
 *
 * @throws {RangeError} If reference answers cannot be read, more than allowed, or a prompt loses its question.
 */
export async function checkSuites(
  flags: Flags,
  { context, progress }: Pick<RunOptions, "context" | "progress">,
): Promise<void> {
  const { maxPromptTokens } = context.profile, text = flags.text("unreadable-share") ?? "0";
  const share = flags.on("allow-unreadable-golds") ? 1 : Number(text);
  if (!(share >= 0 && share <= 1)) {
    throw new UsageError(`Cannot read "--unreadable-share ${text}": expected a number from 0 to 1`);
  }
  const findings = await examineSuites(context);
  const fault = findingFault(findings, maxPromptTokens, share);
  if (fault !== undefined) throw new RangeError(fault);
  for (const line of findingLines(findings, maxPromptTokens)) progress.line(line);
}
