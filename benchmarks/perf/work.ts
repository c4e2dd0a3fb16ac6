/**
 * What is measured, and what the measuring process and those that work say to each other: a JSON object a line.
 *
 * @module
 */

/** The models that are measured. */
export type ShapeName = "embedded" | "vocabulary-32k" | "vocabulary-128k" | "96m" | "0.6b";

/** The training of one policy: forward and backward pass of one micro-batch, the optimizer's step, or both. */
export interface TrainingWork {
  readonly kind: "backward" | "optimizer" | "update";
  readonly shape: ShapeName;
  /** Sequences, and their positions. */
  readonly rows: number;
  readonly length: number;
  /** The layer whose policy can be trained, where that is measured. */
  readonly internal?: number;
  /** Which policy is trained: the model's own, or that layer's. */
  readonly policy?: "full" | "internal";
}

/** Decoding of prompts, greedily. */
export interface DecodingWork {
  readonly kind: "decode";
  readonly shape: ShapeName;
  readonly batch: number;
  /** Tokens of each prompt, and tokens that follow it. */
  readonly prompt: number;
  readonly response: number;
}

/** Products of 1024 × 1024 matrices into a place of their own. */
export interface ProductWork {
  readonly kind: "product";
}

/** A training step of the embedded profile, rollout and grading included. */
export interface StepWork {
  readonly kind: "step";
}

/** What a process is asked to do. */
export type Work = TrainingWork | DecodingWork | ProductWork | StepWork;

/** What a work computed, for comparison with what others compute. */
export interface Numbers {
  /** The loss of the micro-batch. */
  readonly loss?: number;
  /** The gradient's norm over all parameters. */
  readonly norm?: number;
  /** The loss after one AdamW step with {@linkcode CHECKED_RATE}. */
  readonly after?: number;
  /** The tokens of each row. */
  readonly tokens?: readonly (readonly number[])[];
}

/** The learning rate of the step that is checked; measured steps have one that changes nothing. */
export const CHECKED_RATE = 1e-3;

/** Products of a run of {@linkcode ProductWork}: about as long as a training step. */
export const PRODUCTS = 10;

/** What a working process is told. */
export type Request =
  | { readonly do: "about" }
  /** Loads what the work needs, does it once, and says what came of it; works are numbered from 0. */
  | { readonly do: "prepare"; readonly work: Work; readonly directory: string }
  | { readonly do: "run"; readonly id: number }
  | { readonly do: "memory" };

/** Its answers. */
export interface Answers {
  /** Its versions, and which kernels compute. */
  readonly about: { readonly version: string; readonly kernel: string };
  readonly prepare: { readonly numbers: Numbers };
  /** Seconds by the clock, of all processors, and by the clock outside of ONNX Runtime, where that is known. */
  readonly run: { readonly seconds: number; readonly cpu: number; readonly outside?: number };
  /** The most memory that was resident, in bytes. */
  readonly memory: { readonly peak: number };
}

/** Token `t` of row `row`: the same for everybody, spread over the vocabulary. */
export function tokenAt(row: number, t: number, vocabulary: number): number {
  return (row * 7919 + t * 104_729 + 1) % vocabulary;
}

/** The log-prob that every token is said to have had before: ratios lie on both sides of 1, so that both are clipped. */
export function oldLogprob(vocabulary: number): number {
  return vocabulary === 480 ? -12 : -Math.log(vocabulary);
}

/** The advantage of token `t` of a row: of both signs. */
export function advantageAt(row: number, t: number): number {
  return (row + t) % 3 === 0 ? -0.5 : 1;
}
