/**
 * Sampling inside the rollout graph, by inverting the cumulative distribution: the next token is the number of tokens
 * whose cumulative probability is at most the noise. One uniform number a row decides, whatever the size of the vocabulary.
 *
 * A float32 sum that runs over 150,000 tokens loses up to one percent of the probability. So a large vocabulary is cut
 * into blocks: first the block is chosen by the blocks' sums, then the token within it.
 *
 * @module
 */

import {
  add,
  cast,
  concat,
  cumulativeSum,
  equal,
  exp,
  gatherLast,
  lessOrEqual,
  log,
  max,
  minimum,
  mul,
  range,
  reshape,
  slice,
  sub,
  sum,
  type Tensor,
  unsqueeze,
  where,
} from "../tensor/mod.ts";

/** The most tokens that one running sum goes over. */
const BLOCK = 2048;

/** What was sampled, `[batch]` each. */
export interface SampledTokens {
  /** The tokens, int64. */
  readonly next: Tensor;
  /** log π(token). */
  readonly logprobs: Tensor;
}

/** Tokens as float32 numbers `[batch]`, and the sum of the weights `[batch, 1]`. */
interface Choice {
  readonly token: Tensor;
  readonly total: Tensor;
}

/** Times a float32 number gives the number before it. */
const BEFORE = 1 - 2 ** -24;

/** How many entries of a running sum are at most a threshold, in each row. */
function countPassed(cumulative: Tensor, threshold: Tensor): Tensor {
  return sum(cast(lessOrEqual(cumulative, threshold), "float32"), [-1]);
}

function lastColumn(x: Tensor): Tensor {
  const width = x.shape[1] as number; // the vocabulary's size, or that of its blocks
  return slice(x, 1, width - 1, width);
}

function choose(weights: Tensor, noise: Tensor, vocabulary: number): Choice {
  const cumulative = cumulativeSum(weights), total = lastColumn(cumulative);
  // A noise next to 1 may pass all tokens.
  return { token: minimum(countPassed(cumulative, mul(noise, total)), vocabulary - 1), total };
}

function chooseInBlocks(weights: Tensor, noise: Tensor, vocabulary: number): Choice {
  const blocks = Math.ceil(vocabulary / BLOCK), width = Math.ceil(vocabulary / blocks);
  const padding = blocks * width - vocabulary;
  // Tokens that are none weigh nothing.
  const padded = padding > 0 ? concat([weights, mul(slice(weights, 1, 0, padding), 0)], 1) : weights;
  const grid = reshape(padded, ["batch", blocks, width]);
  const ends = cumulativeSum(sum(grid, [-1])), total = lastColumn(ends);
  // Rounding must not carry the threshold past the last entry, nor the rest past the last token of the block, which may
  // weigh nothing.
  const threshold = minimum(mul(noise, total), mul(total, BEFORE));
  const block = cast(countPassed(ends, threshold), "int64");
  const starts = concat([mul(slice(ends, 1, 0, 1), 0), slice(ends, 1, 0, blocks - 1)], 1);
  const start = gatherLast(starts, unsqueeze(block, [1]));
  const chosen = equal(unsqueeze(range(blocks), [0, 2]), unsqueeze(block, [1, 2]));
  const inner = cumulativeSum(sum(where(chosen, grid, 0), [1]));
  const rest = minimum(sub(threshold, start), mul(lastColumn(inner), BEFORE));
  const offset = countPassed(inner, rest);
  return { token: add(mul(cast(block, "float32"), width), offset), total };
}

/**
 * Samples one token a row.
 *
 * @param logits `[batch, vocabulary]`, already divided by the temperature.
 * @param noise `[batch]`, uniform in [0, 1).
 */
export function sampleTokens(logits: Tensor, noise: Tensor): SampledTokens {
  const vocabulary = logits.shape[1] as number; // a parameter's shape is fixed
  const shifted = sub(logits, max(logits, [-1], true));
  const weights = exp(shifted), column = unsqueeze(noise, [1]);
  const { token, total } = vocabulary <= BLOCK
    ? choose(weights, column, vocabulary)
    : chooseInBlocks(weights, column, vocabulary);
  const next = cast(token, "int64");
  const picked = reshape(gatherLast(shifted, unsqueeze(next, [1])), ["batch"]);
  return { next, logprobs: sub(picked, reshape(log(total), ["batch"])) };
}
