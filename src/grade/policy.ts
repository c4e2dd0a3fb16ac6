/**
 * What counts as equal where mathematics leaves it open: the switches and their defaults.
 *
 * @module
 */

/** The switches; all are on by default. */
export interface Policy {
  /**
   * A decimal equals an exact number that rounds to it: gold decimals with at least two places, answered decimals with
   * at least three. Two decimals must be equal exactly.
   */
  readonly rounding: boolean;
  /** A percent sign, degree sign or base that only one side shows may be ignored: 35 = 35 %. Always 35 % = 0.35. */
  readonly bareNumbers: boolean;
  /** A tuple may be written without its brackets. */
  readonly bareTuples: boolean;
  /** A matrix with one row or column equals the tuple of its entries. */
  readonly vectorsAsTuples: boolean;
}

/** The defaults. */
export const DEFAULT_POLICY: Policy = {
  rounding: true,
  bareNumbers: true,
  bareTuples: true,
  vectorsAsTuples: true,
};
