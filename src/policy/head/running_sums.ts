/**
 * Sums over a vocabulary, merged chunk by chunk in float64 (the running log-sum-exp of Milakov and Gimelshein, 2018).
 *
 * @module
 */

/** What is known after some chunks, `[policies, rows]` each, of the reference `[rows]`. */
export interface Merged {
  /** m: the largest logit. */
  readonly peak: Float64Array;
  /** Σ eᶻ⁻ᵐ. */
  readonly mass: Float64Array;
  /** Σ eᶻ⁻ᵐ (z − m). */
  readonly moment: Float64Array;
  /** Σ eᶻ⁻ᵐ (z − q), with q the reference's logits. */
  readonly cross: Float64Array;
  /** Σ e^(q − m′) (q − z), with m′ the reference's peak. */
  readonly reverse: Float64Array;
  /** m′. */
  readonly referencePeak: Float64Array;
  /** Σ e^(q − m′). */
  readonly referenceMass: Float64Array;
  /** How many logits are above each target's. */
  readonly above: readonly Float64Array[];
}

/** What a chunk's graph says, by output. */
export type ChunkSums = Readonly<Record<string, ArrayLike<number>>>;

/** Before any chunk. */
export function start(policies: number, rows: number, targets: number): Merged {
  const zeros = (): Float64Array => new Float64Array(policies * rows);
  return {
    peak: zeros().fill(-Infinity),
    mass: zeros(),
    moment: zeros(),
    cross: zeros(),
    reverse: zeros(),
    referencePeak: new Float64Array(rows).fill(-Infinity),
    referenceMass: new Float64Array(rows),
    above: Array.from({ length: targets }, zeros),
  };
}

/** A drop of the peak as a factor; nothing was summed about a peak of −∞. */
function fade(from: number, to: number): number {
  return from === -Infinity ? 0 : Math.exp(from - to);
}

/** Adds a chunk. */
export function merge(sums: Merged, chunk: ChunkSums): void {
  const of = (name: string, at: number): number => chunk[name]?.[at] ?? NaN;
  const rows = sums.referencePeak.length;
  // Both numbers are there at every index below: arrays of one length.
  const before = (values: Float64Array, at: number): number => values[at] as number;
  const referenceFades = sums.referencePeak.map((old, row) => {
    return fade(old, Math.max(old, of("reference_peak", row)));
  });
  for (let row = 0; row < rows; row++) {
    const old = before(sums.referencePeak, row),
      found = of("reference_peak", row),
      peak = Math.max(old, found);
    sums.referenceMass[row] = before(sums.referenceMass, row) * before(referenceFades, row) +
      of("reference_mass", row) * Math.exp(found - peak);
    sums.referencePeak[row] = peak;
  }
  for (let at = 0; at < sums.peak.length; at++) {
    const row = at % rows, old = before(sums.peak, at), found = of("peak", at), peak = Math.max(old, found);
    const mine = fade(old, peak), theirs = Math.exp(found - peak);
    // Moments move with the peak: Σ e^(z − m)(z − m) about a new m is the old sum plus mass times the drop.
    const moved = old === -Infinity ? 0 : before(sums.moment, at) + before(sums.mass, at) * (old - peak);
    sums.moment[at] = moved * mine + (of("moment", at) + of("mass", at) * (found - peak)) * theirs;
    sums.mass[at] = before(sums.mass, at) * mine + of("mass", at) * theirs;
    sums.cross[at] = before(sums.cross, at) * mine + of("cross", at) * theirs;
    sums.peak[at] = peak;
    sums.reverse[at] = before(sums.reverse, at) * before(referenceFades, row) +
      of("reverse", at) * Math.exp(of("reference_peak", row) - before(sums.referencePeak, row));
    sums.above.forEach((counts, k) => counts[at] = before(counts, at) + of(`above.${k}`, at));
  }
}
