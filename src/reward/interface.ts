/**
 * What modules of one's own are given, and what they give back. Both are plain data and pure functions: called in a realm
 * of its own each time, which has no clock, no random numbers, no files and no network, and keeps nothing.
 *
 * @module
 */

/** A response to a problem, graded. */
export interface GradedResponse {
  /** The problem. */
  readonly problem: {
    /** Its id. */
    readonly id: string;
    /** The suite it belongs to. */
    readonly suite: string;
    /** The kind of task, or the subject. */
    readonly family: string;
    /** How hard it is, where that is known. */
    readonly level?: number;
    /** What is asked. */
    readonly question: string;
    /** The reference answer. */
    readonly answer: string;
  };
  /** What the model wrote, without special tokens. */
  readonly completion: string;
  /** The response's tokens. */
  readonly tokens: readonly number[];
  /** Was it cut at the limit? */
  readonly truncated: boolean;
  /** The limit: the most tokens of a response. */
  readonly maxTokens: number;
  /** What the verifier says of it. */
  readonly grade: {
    /** Is the answer right? */
    readonly correct: boolean;
    /** The verdict; `unparsed`: there is no answer that could be read. */
    readonly verdict: "correct" | "wrong" | "unevaluated" | "unparsed" | "timeout";
    /** The answer that was found. */
    readonly answer?: string;
  };
}

/**
 * The default export of a reward's module: a finite number for a response.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { GradedResponse, Reward } from "./interface.ts";
 *
 * const reward: Reward = ({ grade, tokens }) => grade.correct && tokens.length < 20 ? 1 : 0;
 * assertEquals(reward({ grade: { correct: true }, tokens: [1, 2] } as unknown as GradedResponse), 1);
 * ```
 */
export type Reward = (response: GradedResponse) => number;

/** The responses to one prompt, in the order in which they were sampled. */
export interface RewardedGroup {
  /** The reward of each: the sum of all rewards, with what the method does to it. */
  readonly rewards: readonly number[];
  /** How many tokens each has. */
  readonly lengths: readonly number[];
  /** Which of them were cut at the limit. */
  readonly truncated: readonly boolean[];
}

/** The default export of an estimator's module: a finite advantage for each response of a group. */
export type Estimator = (group: RewardedGroup) => readonly number[];

/** The default export of a module with `export const scope = "batch"`: advantages of all groups of a step together. */
export type BatchEstimator = (groups: readonly RewardedGroup[]) => readonly (readonly number[])[];
