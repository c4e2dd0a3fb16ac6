/**
 * Sampling inside the rollout graph, by inverting the cumulative distribution: the next token is the number of tokens
 * whose cumulative probability is at most the noise. One uniform number a row decides, whatever the size of the vocabulary.
 *
 * A float32 sum that runs over 150,000 tokens loses up to one percent of the probability. So a large vocabulary is cut
 * into blocks: first the block is chosen by the blocks' sums, then the token within it. Two kernels read the whole
 * vocabulary, the softmax and the blocks' sums; all else works on the blocks, and on the one that was chosen.
 *
 * @module
 */

import {
  add,
  cast,
  concat,
  constant,
  cumulativeSum,
  type Dim,
  div,
  gather,
  gatherLast,
  lessOrEqual,
  log,
  maximum,
  minimum,
  mul,
  multiplyDims,
  reshape,
  scalar,
  slice,
  softmax,
  sub,
  sum,
  type Tensor,
  unsqueeze,
  where,
} from "../tensor/mod.ts";

/** The most numbers that one running sum goes over. */
const LONGEST = 2048;

/** What a block's size is a multiple of: a kernel sums elements otherwise where a block starts at another alignment. */
const ALIGNED = 16;

/** Elements that a logarithm is computed of at once; of fewer, a kernel computes it in another way. */
const PACKET = 4;

/** What was sampled, `[batch]` each. */
export interface SampledTokens {
  /** The tokens, int64. */
  readonly next: Tensor;
  /** log π(token). */
  readonly logprobs: Tensor;
}

/** Tokens as float32 numbers, and the sum of the weights; `[batch, 1]` each. */
interface Choice {
  readonly token: Tensor;
  readonly total: Tensor;
}

/** Times a float32 number gives the number before it. */
const BEFORE = 1 - 2 ** -24;

/** How many entries of a running sum are at most a threshold, in each row: `[batch, 1]`. */
function countPassed(cumulative: Tensor, threshold: Tensor): Tensor {
  return sum(cast(lessOrEqual(cumulative, threshold), "float32"), [-1], true);
}

function lastColumn(x: Tensor): Tensor {
  const width = x.shape[1] as number; // the vocabulary's size, that of its blocks, or of one block
  return slice(x, 1, width - 1, width);
}

/** A share of a total, below the total: rounding must not carry it past the last entry that weighs anything. */
function thresholdOf(noise: Tensor, total: Tensor): Tensor {
  return minimum(mul(noise, total), mul(total, BEFORE));
}

function choose(weights: Tensor, noise: Tensor): Choice {
  const cumulative = cumulativeSum(weights), total = lastColumn(cumulative);
  return { token: countPassed(cumulative, thresholdOf(noise, total)), total };
}

/** How a vocabulary is cut: blocks that need no padding where there are such, of about as many tokens as blocks. */
export function blocksOf(vocabulary: number): { readonly blocks: number; readonly width: number } {
  const even = Array.from({ length: LONGEST / ALIGNED }, (_, i) => ALIGNED * (i + 1))
    .filter((width) => vocabulary % width === 0 && vocabulary / width <= LONGEST);
  const fallback = ALIGNED * Math.ceil(Math.sqrt(vocabulary) / ALIGNED);
  const width = even.length > 0
    ? even.reduce((a, b) => b + vocabulary / b < a + vocabulary / a ? b : a)
    : fallback;
  return { blocks: Math.ceil(vocabulary / width), width };
}

function chooseInBlocks(weights: Tensor, noise: Tensor): Choice {
  const [batch = 1, vocabulary] = weights.shape as [Dim, number], { blocks, width } = blocksOf(vocabulary);
  const padding = blocks * width - vocabulary;
  // Tokens that are none weigh nothing.
  const padded = padding > 0 ? concat([weights, mul(slice(weights, 1, 0, padding), 0)], 1) : weights;
  const grid = reshape(padded, [batch, blocks, width]);
  const ends = cumulativeSum(sum(grid, [-1])), total = lastColumn(ends);
  const threshold = thresholdOf(noise, total), block = countPassed(ends, threshold);
  const before = gatherLast(ends, cast(maximum(sub(block, 1), 0), "int64"));
  const start = where(lessOrEqual(block, scalar("float32", 0)), 0, before);
  const rows = reshape(sub(cumulativeSum(add(mul(reshape(noise, [batch]), 0), 1)), 1), [batch, 1]); // 0, 1, …
  const chosen = reshape(cast(add(mul(rows, blocks), block), "int64"), [batch]);
  const tokens = gather(reshape(grid, [multiplyDims([batch, blocks]), width]), chosen);
  const inner = cumulativeSum(tokens);
  // The rest must not pass the last token of the block, which may weigh nothing.
  const rest = minimum(sub(threshold, start), mul(lastColumn(inner), BEFORE));
  return { token: add(mul(block, width), countPassed(inner, rest)), total };
}

/**
 * Samples one token a row.
 *
 * @param logits `[batch, vocabulary]`, already divided by the temperature.
 * @param noise `[batch]`, uniform in [0, 1).
 */
export function sampleTokens(logits: Tensor, noise: Tensor): SampledTokens {
  const [batch = 1, vocabulary] = logits.shape as [Dim, number]; // a parameter's shape is fixed
  const weights = softmax(logits), column = unsqueeze(noise, [1]);
  const { token, total } = vocabulary <= LONGEST ? choose(weights, column) : chooseInBlocks(weights, column);
  // The total is 1 but for rounding, which the blocks' sums have less of.
  const next = cast(token, "int64"), share = div(gatherLast(weights, next), total);
  const packets = mul(share, constant("float32", [1, PACKET], new Float32Array(PACKET).fill(1)));
  const logprob = slice(log(packets), 1, 0, 1);
  return { next: reshape(next, [batch]), logprobs: reshape(logprob, [batch]) };
}
