/**
 * What an architecture is, as all rooms that compute know it.
 *
 * @module
 */

/** Llama 3's stretching of rotary wavelengths. */
export interface RopeScaling {
  /** How much longer the longest wavelengths become. */
  readonly factor: number;
  /** Wavelengths longer than context / lowFrequencyFactor are stretched fully. */
  readonly lowFrequencyFactor: number;
  /** Wavelengths shorter than context / highFrequencyFactor are kept. */
  readonly highFrequencyFactor: number;
  /** The context length before stretching, in tokens. */
  readonly originalContext: number;
}

/** One decoder of the Qwen3 family; Qwen2 and Llama 3 are settings of it. */
export interface ModelConfig {
  /** The number of tokens in the vocabulary. */
  readonly vocabularySize: number;
  /** The width of the residual stream. */
  readonly hiddenSize: number;
  /** The number of layers. */
  readonly layers: number;
  /** The number of query heads. */
  readonly heads: number;
  /** The number of key and value heads. */
  readonly keyValueHeads: number;
  /** The width of a head. */
  readonly headDimension: number;
  /** The width of the feed-forward layer. */
  readonly intermediateSize: number;
  /** The longest sequence the model is made for, in tokens; undefined if the file does not say. */
  readonly contextLength: number | undefined;
  /** The ε of RMSNorm. */
  readonly rmsNormEpsilon: number;
  /** The base of the rotary wavelengths. */
  readonly ropeTheta: number;
  /** Stretching of rotary wavelengths, if any. */
  readonly ropeScaling: RopeScaling | undefined;
  /** Whether the output embedding is the input embedding. */
  readonly tiedEmbeddings: boolean;
  /** Whether queries and keys are normalised per head (Qwen3). */
  readonly queryKeyNorm: boolean;
  /** Whether query, key and value projections have a bias (Qwen2). */
  readonly queryKeyValueBias: boolean;
}
