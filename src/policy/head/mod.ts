/**
 * Policies read from states through the output embedding, chunk by chunk of the vocabulary; and sizes, directions and
 * norms of states.
 *
 * @module
 */

export type { TopToken } from "./top_tokens.ts";
export { BLOCK, CHUNK, type PolicyReading, type Reading, Unembedding } from "./unembedding.ts";
export { addRows, normedRows, rowCosines, rowNorms, type Rows } from "./vectors.ts";
