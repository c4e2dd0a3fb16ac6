/**
 * Where the method's paper is.
 *
 * @module
 */

/** Bottom-up Policy Optimization, arXiv 2512.19673. */
export const PAPER = "https://arxiv.org/abs/2512.19673";
