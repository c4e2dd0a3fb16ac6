/**
 * The rows of the performance table: what is measured, on how many threads, against whom.
 *
 * @module
 */

import type { DecodingWork, ShapeName, TrainingWork, Work } from "./work.ts";

/**
 * How much a row asks for: `small` ones take seconds and little memory, `medium` ones minutes, `large` ones up to 24 GiB
 * where a peer stands beside us.
 */
export type Size = "small" | "medium" | "large";

interface RowBase {
  readonly name: string;
  /** What is done, as the table says it. */
  readonly title: string;
  readonly size: Size;
  readonly threads: number;
  /** What times are divided by before they are shown: steps of a run. */
  readonly steps?: number;
}

/** A work, ours against every peer that can do it. */
export interface PeerRow extends RowBase {
  readonly against: "peers";
  readonly work: Work;
}

/** Two works of ours against each other: the time of the one over that of the other. */
export interface OwnRow extends RowBase {
  readonly against: "own";
  readonly work: Work;
  readonly other: Work;
  readonly otherTitle: string;
}

/** A work of ours as a share of the speed of the matrix product. */
export interface ShareRow extends RowBase {
  readonly against: "product";
  readonly work: TrainingWork | DecodingWork;
}

/** The share of a training step of the embedded profile that is spent outside of ONNX Runtime. */
export interface OutsideRow extends RowBase {
  readonly against: "outside";
}

/** A whole command, and a second one that it is compared with, if any. */
export interface CommandRow extends RowBase {
  readonly against: "command";
  readonly args: readonly string[];
  readonly other?: readonly string[];
  readonly otherTitle?: string;
}

/** A row of the table. */
export type Row = PeerRow | OwnRow | ShareRow | OutsideRow | CommandRow;

function backward(shape: ShapeName, rows: number, length: number): TrainingWork {
  return { kind: "backward", shape, rows, length };
}

function decode(shape: ShapeName, batch: number, prompt: number, response: number): DecodingWork {
  return { kind: "decode", shape, batch, prompt, response };
}

function training(name: string, title: string, work: TrainingWork, size: Size, threads = 1): PeerRow {
  return { name, title, against: "peers", work, size, threads };
}

function updates(shape: ShapeName, rows: number, length: number, internal: number): [Work, Work] {
  const work = { kind: "update", shape, rows, length, internal } as const;
  return [{ ...work, policy: "internal" }, { ...work, policy: "full" }];
}

function phase1(name: string, title: string, size: Size, threads: number, works: [Work, Work]): OwnRow {
  const [work, other] = works;
  return { name, title, against: "own", work, other, otherTitle: "full update", size, threads };
}

function share(name: string, title: string, work: ShareRow["work"]): ShareRow {
  return { name, title, against: "product", work, size: "small", threads: 1 };
}

function command(name: string, args: readonly string[]): CommandRow {
  return {
    name,
    title: `whole command \`${args.join(" ")}\``,
    against: "command",
    args,
    size: "small",
    threads: 1,
  };
}

/** The file that the row "grade" grades, and its pairs. */
export const GRADED = { path: ".store/perf/pairs.jsonl", pairs: 134_400 };

const grading = ["grade", "--input", GRADED.path, "--output", ".store/perf/verdicts.jsonl", "--quiet"];

/** All rows, in the order of the table. */
export const rows: readonly Row[] = [
  training("train-64", "forward + backward, embedded, 32 × 64 tokens", backward("embedded", 32, 64), "small"),
  training(
    "train-512",
    "forward + backward, embedded, 8 × 512 tokens",
    backward("embedded", 8, 512),
    "small",
  ),
  training(
    "train-2048",
    "forward + backward, embedded, 2 × 2,048 tokens",
    backward("embedded", 2, 2048),
    "small",
  ),
  training(
    "vocabulary-32k",
    "forward + backward, vocabulary of 32,000, 32 × 64 tokens",
    backward("vocabulary-32k", 32, 64),
    "medium",
  ),
  training(
    "vocabulary-128k",
    "forward + backward, vocabulary of 128,000, 32 × 64 tokens",
    backward("vocabulary-128k", 32, 64),
    "medium",
  ),
  training(
    "train-96m",
    "forward + backward, 96 M parameters, 4 × 106 tokens, 2 threads",
    backward("96m", 4, 106),
    "large",
    2,
  ),
  training(
    "train-0.6b",
    "forward + backward, Qwen3-0.6B's shape, 4 × 106 tokens, 2 threads",
    backward("0.6b", 4, 106),
    "large",
    2,
  ),
  training(
    "adamw",
    "gradient norm and AdamW, embedded",
    { kind: "optimizer", shape: "embedded", rows: 8, length: 64 },
    "small",
  ),
  training(
    "adamw-96m",
    "gradient norm and AdamW, 96 M parameters",
    { kind: "optimizer", shape: "96m", rows: 1, length: 64 },
    "large",
  ),
  phase1(
    "phase1",
    "update of phase 1 (layer 3) against a full one, embedded, 32 × 64 tokens",
    "small",
    1,
    updates("embedded", 32, 64, 3),
  ),
  phase1(
    "phase1-0.6b",
    "update of phase 1 (layer 6) against a full one, Qwen3-0.6B's shape, 4 × 106 tokens, 2 threads",
    "large",
    2,
    updates("0.6b", 4, 106, 6),
  ),
  ...[1, 8, 64, 256].map((batch): PeerRow => ({
    name: `decode-${batch}`,
    title: `decoding, embedded, 28 + 40 tokens, batch ${batch}`,
    against: "peers",
    work: decode("embedded", batch, 28, 40),
    size: batch === 256 ? "medium" : "small",
    threads: 1,
  })),
  ...[1, 8, 64].map((batch): PeerRow => ({
    name: `step-${batch}`,
    title: `decoding step, Qwen3-0.6B's shape, batch ${batch}, 2 threads`,
    against: "peers",
    work: decode("0.6b", batch, 1, 9),
    size: "large",
    threads: 2,
    steps: 9,
  })),
  {
    name: "first-token",
    title: "first token after a prompt of 256, Qwen3-0.6B's shape, 2 threads",
    against: "peers",
    work: decode("0.6b", 1, 256, 1),
    size: "large",
    threads: 2,
  },
  share(
    "share-train-64",
    "share of the product's speed: training, 32 × 64 tokens",
    backward("embedded", 32, 64),
  ),
  share(
    "share-train-2048",
    "share of the product's speed: training, 2 × 2,048 tokens",
    backward("embedded", 2, 2048),
  ),
  share(
    "share-decode-64",
    "share of the product's speed: decoding 1 + 63 tokens, batch 64",
    decode("embedded", 64, 1, 63),
  ),
  {
    name: "outside",
    title: "share of a training step of the embedded profile outside of ONNX Runtime",
    against: "outside",
    size: "small",
    threads: 1,
  },
  command("help", ["--help"]),
  command("verify", ["verify", "results/embedded"]),
  {
    name: "grade",
    title: `\`grade\`, ${GRADED.pairs.toLocaleString("en")} short pairs, two workers against one`,
    against: "command",
    args: [...grading, "--workers", "2"],
    other: [...grading, "--workers", "1"],
    otherTitle: "one worker",
    size: "small",
    threads: 2,
  },
];
