/**
 * What a problem of a suite is, and what a family that generates problems is.
 *
 * @module
 */

import type { RandomStream } from "../random.ts";

/** How hard a generated problem is, from 1: each suite says how many levels it has. */
export type Level = 1 | 2 | 3 | 4 | 5;

/** The part of a suite that may be trained on, and the part that is held out. */
export type Split = "train" | "evaluation";

/** In what form an answer must be to count as final, beyond having no work left in it. */
export interface RequiredForm {
  /** What the problem asks for. */
  readonly wanted?: "expanded" | "factored" | "lowest terms" | "decimal" | undefined;
  /** Must fractions be in lowest terms, and roots without square factors? `free` if absent. */
  readonly reduced?: "required" | "free" | undefined;
}

/** A problem of a suite with its reference answer and, where one is known, a worked solution. */
export interface Problem {
  /** The first 16 hexadecimal digits of the content id of suite and question. */
  readonly id: string;
  /** The suite it belongs to, such as `mini-aime`. */
  readonly suite: string;
  /** The kind of task, such as `residue`, or the subject, such as `Precalculus`; the suite's name where none is known. */
  readonly family: string;
  /** How hard it is, on the suite's own scale, where that is known. */
  readonly level?: number;
  /** The text that the model is asked. */
  readonly question: string;
  /** The reference answer, in LaTeX, without its box. */
  readonly answer: string;
  /** The form that its answer must have, where the suite says so. */
  readonly form?: RequiredForm;
  /** A worked solution, where one is known. */
  readonly solution?: string;
  /** The question in the one form that all questions have that ask the same, where the suite knows it. */
  readonly meaning?: string;
  /** What the data set calls the problem, where it gives it a name. */
  readonly sourceId?: string;
}

/** A problem of a generated suite. */
export interface GeneratedProblem extends Problem {
  /** How hard it is, from 1. */
  readonly level: number;
  /** The form that its answer must have. */
  readonly form: RequiredForm;
  /** A short derivation that ends in `\boxed{answer}`. */
  readonly solution: string;
  /** What {@linkcode Draft.meaning} says, or the question itself. */
  readonly meaning: string;
}

/** A generated problem that has no id yet; computing one is asynchronous. */
export type DraftProblem = Omit<GeneratedProblem, "id">;

/** What a family draws: a question, its answer, and the steps that lead from one to the other. */
export interface Draft {
  /** The text that the model is asked. */
  readonly question: string;
  /**
   * The one form of all questions that ask the same in other words: operands of a commutative operation in one order,
   * a quotient as a product, a product of polynomials multiplied out. Absent where no other question asks the same.
   */
  readonly meaning?: string;
  /** The steps of the solution, each an equation where possible. */
  readonly steps: readonly string[];
  /** The answer in LaTeX; a number stands for its decimal digits. */
  readonly answer: string | number;
}

/** A kind of task with its suite's levels. */
export interface Family {
  /** The name, in snake case. */
  readonly name: string;
  /** The form that its answers must have: every generated suite says it. */
  readonly form: RequiredForm;
  /** Draws a problem of a level, or nothing if the numbers drawn make no good problem. */
  draw(random: RandomStream, level: Level): Draft | undefined;
}
