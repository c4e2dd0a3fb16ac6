/**
 * Numbers that must be finite: what stops a run where one is not, with what is needed to see why.
 *
 * @module
 */

import type { PolicyChoice } from "../artifact/mod.ts";

/** A number in a document: JSON has none that is not finite, so such a one is written by its name. */
export type JsonNumber = number | "NaN" | "Infinity" | "-Infinity";

/** A number as JSON takes it. */
export function jsonNumber(value: number): JsonNumber {
  return Number.isFinite(value) ? value : String(value) as JsonNumber;
}

/** A response of the batch at which a run stopped, ready for JSON; what was not known yet is absent. */
export interface ResponseRecord {
  /** The problem's number. */
  readonly problem: number;
  /** The sample's number within its group. */
  readonly sample?: number;
  /** The response's tokens, as far as it was sampled. */
  readonly response: readonly number[];
  /** The sampler's log-probs, one a token. */
  readonly logprobs?: readonly JsonNumber[];
  /** The trainer's log-probs before the step's updates, one a token. */
  readonly trainerLogprobs?: readonly JsonNumber[];
  /** The reward. */
  readonly reward?: JsonNumber;
  /** The advantage. */
  readonly advantage?: JsonNumber;
}

/** The batch at which a run stopped, ready for JSON. */
export interface BatchRecord {
  /** One entry a response, in the order of the batch. */
  readonly responses: readonly ResponseRecord[];
}

/** What to do about numbers that have grown out of range. */
const SLOWER = "lower training.learningRate or raise training.warmupSteps; in 16 bits, try float32";
/** What to do about parameters that layers cannot compute with. */
const RETRAIN = "the parameters cannot be computed with: train with a lower training.learningRate";

/** What must be finite. */
export type Quantity =
  | "rewards"
  | "advantages"
  | "token weights"
  | "sampler log-probs"
  | "trainer log-probs"
  | "entropy"
  | "layer log-probs"
  | "layer entropy"
  | "final log-probs"
  | "metrics"
  | "gradient norm"
  | "update norm"
  | "parameters";

/** What must be finite: how it is called, and what helps where it is not. */
const quantities: Readonly<Record<Quantity, readonly [name: string, advice: string]>> = {
  rewards: ["the reward", "correct the reward: each response needs a finite one"],
  advantages: ["the advantage", "give rewards of a smaller range"],
  "token weights": ["the token weight", "correct the loss's reduction and maxResponseTokens"],
  "sampler log-probs": ["the sampler's log-prob", RETRAIN],
  "trainer log-probs": ["the trainer's log-prob", RETRAIN],
  entropy: ["the entropy", RETRAIN],
  "layer log-probs": ["the internal policy's log-prob", RETRAIN],
  "layer entropy": ["the internal policy's entropy", RETRAIN],
  "final log-probs": ["the log-prob after the last update", RETRAIN],
  metrics: ["the metric", SLOWER],
  "gradient norm": ["the gradient norm", SLOWER],
  "update norm": ["the norm of the parameters' change", SLOWER],
  parameters: ["the parameter", SLOWER],
};

/** All that is known of a number that is not finite; plain data, so that it crosses threads and goes into files. */
export interface NonFiniteFacts {
  /** What was not finite. */
  readonly quantity: Quantity;
  /**
   * Which of it: for the norms and the parameters the first parameter concerned, or where only the sum over them left
   * float32's range the one that adds the most; for metrics the metric. Default the quantity.
   */
  readonly tensor?: string;
  /** The number. */
  readonly value: JsonNumber;
  /** The response's place in the batch. */
  readonly response?: number;
  /** The training step, from 1; absent outside of training. */
  readonly step?: number;
  /** The policy that the step trains. */
  readonly policy?: PolicyChoice;
  /** The method, as tables call it. */
  readonly method?: string;
  /** The run's seed. */
  readonly seed?: number;
  /** The suite that was evaluated. */
  readonly suite?: string;
  /** The batch. */
  readonly batch?: BatchRecord;
}

/** Where it happened: `Cannot finish step 3 of GRPO seed 1 (policy of layer 2)`. */
function describePlace({ step, policy, method, seed, suite }: NonFiniteFacts): string {
  const run = [method, seed === undefined ? undefined : `seed ${seed}`].filter((part) => part !== undefined);
  const named = run.length > 0 ? run.join(" ") : undefined;
  if (step === undefined) {
    return suite === undefined ? "Cannot go on" : `Cannot evaluate ${named ?? "the policy"} on ${suite}`;
  }
  const trained = policy === undefined
    ? ""
    : policy === "full"
    ? " (full policy)"
    : ` (policy of layer ${policy})`;
  return `Cannot finish step ${step}${named === undefined ? "" : ` of ${named}`}${trained}`;
}

function describe(facts: NonFiniteFacts): string {
  const { quantity, tensor, value, response, batch } = facts, [name, advice] = quantities[quantity];
  const problem = response === undefined ? undefined : batch?.responses[response]?.problem;
  const at = [
    tensor === undefined ? [] : [tensor],
    response === undefined ? [] : [`response ${response}`],
    problem === undefined ? [] : [`problem ${problem}`],
  ].flat().join(", ");
  return `${describePlace(facts)}: ${name}${
    at === "" ? "" : ` (${at})`
  } is ${value}, expected a finite number; ${advice}`;
}

/**
 * A number that must be finite is NaN or infinite. What was computed from it, the learner's parameters included, is of no
 * use any more.
 *
 * @example Another thread, or who knows more of the run, makes it again from the facts
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { NonFiniteError } from "./non_finite.ts";
 *
 * const error = new NonFiniteError({ quantity: "gradient norm", tensor: "model.norm.weight", value: "NaN", step: 3 });
 * const { facts } = error.with({ method: "GRPO", seed: 1 });
 * assertEquals(
 *   new NonFiniteError(structuredClone(facts)).message.split(";")[0],
 *   "Cannot finish step 3 of GRPO seed 1: the gradient norm (model.norm.weight) is NaN, expected a finite number",
 * );
 * ```
 */
export class NonFiniteError extends Error {
  /** The class's name. */
  override readonly name = "NonFiniteError";
  /** All that is known. */
  readonly facts: NonFiniteFacts;

  /** Makes the error, and its message, from what is known. */
  constructor(facts: NonFiniteFacts, options?: ErrorOptions) {
    super(describe(facts), options);
    this.facts = facts;
  }

  /** What was not finite, see {@linkcode NonFiniteFacts.tensor}. */
  get tensor(): string {
    return this.facts.tensor ?? this.facts.quantity;
  }

  /** The training step, from 1. */
  get step(): number | undefined {
    return this.facts.step;
  }

  /** The policy that the step trains. */
  get policy(): PolicyChoice | undefined {
    return this.facts.policy;
  }

  /** The batch, ready for JSON. */
  get batch(): BatchRecord | undefined {
    return this.facts.batch;
  }

  /** The error with more facts. */
  with(more: Partial<NonFiniteFacts>): NonFiniteError {
    return new NonFiniteError({ ...this.facts, ...more }, { cause: this });
  }
}

/**
 * Stops at the first number that is not finite.
 *
 * @param rows One row of numbers a response.
 * @param places The responses' places in the batch; default their order.
 * @throws {NonFiniteError} If there is one.
 */
export function checkFinite(
  quantity: Quantity,
  rows: readonly ArrayLike<number>[],
  places: readonly number[] = rows.map((_, i) => i),
): void {
  rows.forEach((row, i) => {
    const value = Array.prototype.find.call(row, (number: number) => !Number.isFinite(number));
    if (value === undefined) return;
    throw new NonFiniteError({ quantity, value: jsonNumber(value), response: places[i] ?? i });
  });
}
