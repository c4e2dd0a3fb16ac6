/**
 * What a comparison with reference values reports.
 *
 * @module
 */

/** The agreement of one group of values with their reference. */
export interface GoldenGroup {
  /** What was compared. */
  readonly name: string;
  /** The largest error. */
  readonly worst: number;
  /** The largest error allowed. */
  readonly tolerance: number;
  /** How many values were compared. */
  readonly count: number;
}
