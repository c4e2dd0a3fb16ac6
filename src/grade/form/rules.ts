/**
 * How finished an answer must be: the switches and their defaults. docs/grading.md has the table of what they mean.
 *
 * @module
 */

/** A form that a problem asks for. */
export type WantedForm =
  /** A polynomial multiplied out. */
  | "expanded"
  /** A polynomial as a product, as far as the gold answer's. */
  | "factored"
  /** Fractions in lowest terms, no square factor under a root. */
  | "lowest terms"
  /** Digits: an integer, a decimal or a percentage. */
  | "decimal";

/** The switches. */
export interface FormRules {
  /** Must fractions be in lowest terms, and roots without square factors? */
  readonly reduced: "required" | "free";
  /** What the problem asks for, if it says so. */
  readonly wanted: WantedForm | undefined;
}
