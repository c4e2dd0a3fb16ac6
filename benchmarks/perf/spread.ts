/**
 * Ratios of interleaved measurements, and how far they spread.
 *
 * @module
 */

/** Median and quartiles. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** The number below which a share of sorted numbers lies, between neighbours in proportion. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1), below = sorted[Math.floor(at)] ?? NaN;
  return below + (at % 1) * ((sorted[Math.ceil(at)] ?? NaN) - below);
}

/** Median and quartiles of numbers. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) };
}

/** Median and quartiles of the ratios of pairs: each number over the one that was measured next to it. */
export function pairedRatio(values: readonly number[], others: readonly number[]): Spread {
  return spreadOf(values.map((value, i) => value / (others[i] ?? NaN)));
}

/** A spread in words: `0.82 (0.80–0.85)`; of a single number only that. */
export function spreadText({ median, low, high }: Spread): string {
  if (low === high) return median.toFixed(2);
  return `${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}

/** Seconds in the unit that suits them. */
export function secondsText(seconds: number): string {
  if (seconds >= 10) return `${seconds.toFixed(1)} s`;
  if (seconds >= 1) return `${seconds.toFixed(2)} s`;
  const milliseconds = 1000 * seconds;
  return `${milliseconds >= 100 ? milliseconds.toFixed(0) : milliseconds.toPrecision(3)} ms`;
}
