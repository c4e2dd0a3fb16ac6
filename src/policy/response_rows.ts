/**
 * The states of response tokens, picked out of the padded batches that layers run on; and what sequences need before the
 * first layer.
 *
 * @module
 */

import { EMBEDDING, outputEmbedding } from "../model/mod.ts";
import type { Sequence } from "../rl/mod.ts";
import type { Rows } from "./head/mod.ts";
import { type BatchState, type InspectedModel, readFinite } from "./layer_runner.ts";

/** The rows of sequences' response tokens, one sequence behind another. */
export class ResponseRows {
  readonly #sequences: readonly Sequence[];
  readonly #width: number;
  /** The first row of each sequence. */
  readonly #starts: readonly number[];
  readonly #count: number;

  /** Lays the rows of sequences out; `width` is the hidden size. */
  constructor(sequences: readonly Sequence[], width: number) {
    this.#sequences = sequences;
    this.#width = width;
    let count = 0;
    this.#starts = sequences.map(({ response }) => (count += response.length) - response.length);
    this.#count = count;
  }

  /** Empty rows, one a response token. */
  rows(): Rows {
    return new Float32Array(this.#count * this.#width);
  }

  /** Copies the states that predict response tokens; those of prompts are left out. */
  take({ batch }: BatchState, states: Rows, into: Rows): void {
    const width = this.#width;
    batch.rows.forEach((row, i) => {
      const { prompt, response } = this.#sequences[row] as Sequence; // indices come from cutMicroBatches
      const first = i * batch.length + prompt.length - 1;
      into.set(
        states.subarray(first * width, (first + response.length) * width),
        (this.#starts[row] as number) * width, // one a sequence
      );
    });
  }

  /** The response tokens. */
  tokens(): Int32Array {
    return Int32Array.from(this.#sequences.flatMap(({ response }) => response));
  }

  /** Where the part of a list that belongs to a sequence begins and ends. */
  part<T>(values: Float64Array<ArrayBuffer> | readonly T[], sequence: number): [number, number] {
    const start = this.#starts[sequence] ?? values.length;
    return [start, start + (this.#sequences[sequence]?.response.length ?? 0)];
  }
}

/** The embeddings of the sequences' tokens, and the output embedding: of an untied model only this one is kept. */
export async function readTables(
  model: InspectedModel,
  sequences: readonly Sequence[],
): Promise<{ embeddings: ReadonlyMap<number, Rows>; head: Rows }> {
  const { tiedEmbeddings, hiddenSize: width } = model.config;
  const table = await readFinite(model, EMBEDDING);
  const tokens = new Set(sequences.flatMap(({ prompt, response }) => [...prompt, ...response]));
  const embeddings = new Map(
    [...tokens].map((token) => [token, table.slice(token * width, (token + 1) * width)]),
  );
  return {
    embeddings,
    head: tiedEmbeddings ? table : await readFinite(model, outputEmbedding(model.config)),
  };
}

/**
 * Refuses sequences that a model cannot read.
 *
 * @throws {RangeError} If there is no response token, a prompt has none, or a token is none of the model's.
 */
export function checkSequences({ config, name }: InspectedModel, sequences: readonly Sequence[]): void {
  if (sequences.every(({ response }) => response.length === 0)) {
    throw new RangeError(`Cannot inspect ${name}: the completions have no tokens, expected at least one`);
  }
  for (const { prompt, response } of sequences) {
    const wrong = [...prompt, ...response].find((token) => !(token >= 0 && token < config.vocabularySize));
    if (wrong !== undefined || prompt.length === 0) {
      throw new RangeError(
        `Cannot inspect ${name}: ${
          wrong === undefined
            ? "a prompt has no tokens, expected at least one"
            : `there is a token ${wrong}, expected 0 to ${config.vocabularySize - 1}`
        }`,
      );
    }
  }
}
