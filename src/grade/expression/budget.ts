/**
 * The step budget: grading hostile text must end, so every piece of work pays from one purse.
 *
 * @module
 */

/** The purse is empty: the pair is graded `timeout`. */
export class OutOfSteps extends Error {
  /** The name of the error class. */
  override readonly name = "OutOfSteps";
}

/** A number or a form grew beyond its limit: the method gives up, and the next one may try. */
export class TooLarge extends RangeError {
  /** The name of the error class. */
  override readonly name = "TooLarge";
}

/** Counts work down; one step is about half a microsecond. */
export class Budget {
  #left: number;

  /** Opens a purse with a number of steps. */
  constructor(steps: number) {
    this.#left = steps;
  }

  /**
   * Pays for work before it is done.
   *
   * @throws {OutOfSteps} If less is left than the work costs.
   */
  spend(steps: number): void {
    this.#left -= steps;
    if (!(this.#left >= 0)) throw new OutOfSteps("Cannot grade the pair: its step budget is used up");
  }
}
