/**
 * How a vocabulary is cut into chunks, so that no tensor spans it.
 *
 * @module
 */

import { constant, reshape, scalar, slice, type Tensor } from "../../tensor/mod.ts";

/** The most logits of one row that exist at a time. */
export const VOCABULARY_CHUNK = 8192;

/** How many rows a kernel that walks a vocabulary takes at a time: their logits then stay in a processor's cache. */
const STEP = { least: 512, most: 2048, usual: 1024 } as const;

/** A chunk of the vocabulary. */
export interface Chunk {
  /** Its rows of the embedding. */
  readonly rows: Tensor;
  /** Its first token, int64 []. */
  readonly start: Tensor;
}

/** Rows of an embedding that follow each other. */
export interface VocabularyPiece {
  /** The number of the embedding's block that they are part of. */
  readonly block: number;
  /** Traces the chunks, one at a time. */
  readonly chunks: readonly (() => Chunk)[];
  /** The same rows as `[steps, rows, hiddenSize]`, and the first token of each step: for a kernel that walks them. */
  readonly walk: { readonly rows: Tensor; readonly starts: Tensor } | undefined;
}

/** The steps in which a kernel walks rows, and how many of them are left over. */
function stepsOf(size: number): { steps: number; width: number } {
  for (let steps = Math.ceil(size / STEP.most); steps <= size / STEP.least; steps++) {
    if (size % steps === 0) return { steps, width: size / steps };
  }
  return { steps: Math.floor(size / STEP.usual), width: STEP.usual };
}

/** The pieces of an embedding `[vocabulary, hiddenSize]` that lies in blocks of its rows. */
export function vocabularyPieces(embedding: readonly Tensor[]): VocabularyPiece[] {
  let first = 0; // token of the block
  return embedding.flatMap((table, block) => {
    const [size, hiddenSize] = table.shape as [number, number]; // a parameter's shape is fixed
    const base = first;
    first += size;
    const chunks = (from: number, to: number, most: number): VocabularyPiece["chunks"] =>
      Array.from({ length: Math.ceil((to - from) / most) }, (_, i) => () => {
        const start = from + i * most, end = Math.min(to, start + most);
        return { rows: slice(table, 0, start, end), start: scalar("int64", base + start) };
      });
    // At least two chunks, so that no tensor spans the vocabulary.
    const most = Math.min(VOCABULARY_CHUNK, embedding.length > 1 ? size : Math.ceil(size / 2));
    if (size < 2 * STEP.most) return [{ block, chunks: chunks(0, size, most), walk: undefined }];
    const { steps, width } = stepsOf(size), end = steps * width;
    const starts = BigInt64Array.from({ length: steps }, (_, i) => BigInt(base + i * width));
    const walk = {
      rows: reshape(slice(table, 0, 0, end), [steps, width, hiddenSize]),
      starts: constant("int64", [steps], starts),
    };
    const walked = { block, chunks: chunks(0, end, most), walk };
    return end === size ? [walked] : [walked, { block, chunks: chunks(end, size, most), walk: undefined }];
  });
}
