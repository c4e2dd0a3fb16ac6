/**
 * Whether a peer computes what we compute: before that, its time says nothing.
 *
 * @module
 */

import type { Numbers } from "./work.ts";

/** The largest difference of losses and norms, as a share of ours. */
const TOLERANCE = 1e-3;

/** How far two lists of tokens agree: the share of tokens before the first difference of each row. */
export function agreedTokens(
  ours: readonly (readonly number[])[],
  theirs: readonly (readonly number[])[],
): number {
  const total = ours.reduce((sum, row) => sum + row.length, 0);
  const agreed = ours.reduce((sum, row, i) => {
    const other = theirs[i] ?? [], different = row.findIndex((token, t) => token !== other[t]);
    return sum + (different < 0 ? row.length : different);
  }, 0);
  return theirs.length === ours.length ? agreed / total : 0;
}

/** What was compared, and whether it agrees. */
export interface Agreement {
  /** Both sides, in words. */
  readonly text: string;
  readonly agrees: boolean;
}

const close = (ours: number, theirs: number): boolean =>
  Math.abs(ours - theirs) <= TOLERANCE * Math.abs(ours);

/**
 * Compares numbers. A quantity that we have and the other side has not is a disagreement.
 *
 * @param least The least share of greedy tokens that must agree.
 */
export function compareNumbers(ours: Numbers, theirs: Numbers, least: number): Agreement {
  const parts: string[] = [];
  let agrees = true;
  for (const name of ["loss", "norm", "after"] as const) {
    const own = ours[name], other = theirs[name] ?? NaN;
    if (own === undefined) continue;
    parts.push(`${name} ${own.toPrecision(7)} : ${other.toPrecision(7)}`);
    agrees &&= close(own, other);
  }
  if (ours.tokens) {
    const share = agreedTokens(ours.tokens, theirs.tokens ?? []);
    parts.push(`tokens ${(100 * share).toFixed(1)} % the same`);
    agrees &&= share >= least;
  }
  return { text: parts.join(", "), agrees: agrees && parts.length > 0 };
}
