/**
 * Command lines of tasks, as words and as a shell reads them.
 *
 * @module
 */

import type { ProfileRun } from "../pipeline/mod.ts";
import type { TaskKind } from "./submission.ts";

/** What the command lines of all tasks share. */
export interface SharedWords {
  /** The real Deno, so that signals reach it and not a program that starts it. */
  readonly deno: string;
  /** The project's `deno.json`. */
  readonly config: string;
  /** The project's `main.ts`. */
  readonly main: string;
  /** Flags of every task. */
  readonly all: readonly string[];
  /** Flags of a kind of task. */
  readonly of: Readonly<Record<TaskKind, readonly string[]>>;
}

/** The words that every task of a kind begins with, and those of one run; the base model has none. */
export function taskWords(
  { deno, config, main, all, of }: SharedWords,
  kind: TaskKind,
): {
  readonly common: readonly string[];
  readonly ofRun: (run: ProfileRun | undefined) => readonly string[];
} {
  const flags = [...all, ...of[kind]];
  return {
    common: [deno, "run", "-q", `--config=${config}`, "-P=train", "--no-prompt", main, kind, ...flags],
    ofRun: (run) => run ? [`--method=${run.method}`, `--seed=${run.seed}`] : [],
  };
}

/** A word as a POSIX shell reads it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Lines of a shell that become one command: that of the task whose number a variable holds. */
export function chosenCommand(
  variable: string,
  common: readonly string[],
  tasks: readonly (readonly string[])[],
): string[] {
  const line = (words: readonly string[]): string => words.map(shellWord).join(" ");
  return [
    `case "$${variable}" in`,
    ...tasks.map((words, index) => `  ${index}) set -- ${line(words)} ;;`.replace(/ +;;$/, " ;;")),
    `  *) echo "There is no task $${variable}" >&2; exit 2 ;;`,
    "esac",
    `exec ${line(common)} "$@"`,
  ];
}
