/**
 * What counts as equal where mathematics leaves it open: the switches and their defaults.
 *
 * @module
 */

/** The switches. */
export interface Policy {
  /**
   * A decimal equals an exact number that rounds to it: gold decimals with at least two places (three where the exact
   * number contains π or e), answered decimals with at least three, and never for π and e themselves. Two decimals
   * must be equal exactly. Default on; the only switch that is not symmetric.
   */
  readonly rounding: boolean;
  /**
   * A percent sign, degree sign or modulus that only one side shows, or a base that the answer leaves out, may be
   * ignored: 35 = 35 %. Always 35 % = 0.35. Default on.
   */
  readonly bareNumbers: boolean;
  /** A tuple may be written without its brackets. Default on. */
  readonly bareTuples: boolean;
  /** A matrix with one row or column equals the tuple of its entries. Default on. */
  readonly vectorsAsTuples: boolean;
  /** 1:2 is the number 1/2. Default on; always 1:2 = 2:4. */
  readonly ratiosAsNumbers: boolean;
  /** `1,22` is read as 1.22 where the other side is a decimal and the comma cannot part thousands. Default on. */
  readonly decimalComma: boolean;
  /**
   * A logarithm without a base is natural where e, exp or ln stands in the pair, else to base 10. Default on; off, it is
   * always to base 10.
   */
  readonly openLogarithms: boolean;
  /** Elements that are repeated in a set or list count: 1,1,2 is not 1,2. Default off. */
  readonly countRepeats: boolean;
  /** Units of one dimension are converted: 1 m = 100 cm. Default off: different units make different answers. */
  readonly convertUnits: boolean;
  /** Numbers are equal if they differ by no more than this. Default 0. */
  readonly tolerance: number;
  /** Numbers are equal if they differ by no more than this share of the gold number. Default 0. */
  readonly relativeTolerance: number;
}

/** The defaults. */
export const DEFAULT_POLICY: Policy = {
  rounding: true,
  bareNumbers: true,
  bareTuples: true,
  vectorsAsTuples: true,
  ratiosAsNumbers: true,
  decimalComma: true,
  openLogarithms: true,
  countRepeats: false,
  convertUnits: false,
  tolerance: 0,
  relativeTolerance: 0,
};
