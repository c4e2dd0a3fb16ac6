/**
 * What is wrong with a result, file by file, as it is found.
 *
 * @module
 */

import { type Claim, type ClaimName, notChecked, proved, untrue } from "../../judge/mod.ts";

/** The most that is said of a problem: a stranger's document may have names without end. */
const LONGEST = 1000;

/** Something that does not hold. */
export interface Problem {
  /** The claim that it contradicts. */
  readonly check: ClaimName;
  /** The file, relative to the result's folder. */
  readonly file: string;
  /** What is wrong with it. */
  readonly problem: string;
}

/** Notes what is wrong. */
export class Faults {
  /** Everything that was noted. */
  readonly problems: Problem[] = [];

  /** Notes a problem. */
  add(check: ClaimName, file: string, problem: string): void {
    const short = problem.length > LONGEST ? `${problem.slice(0, LONGEST)}…` : problem;
    this.problems.push({ check, file, problem: short });
  }

  /** Makes a part of a check; what it throws is a problem of the file. */
  async check<T>(check: ClaimName, file: string, work: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.add(check, file, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /** What was found out about a claim; where nothing is wrong and nobody looked, `otherwise` says why. */
  claim(name: ClaimName, looked: boolean, otherwise: string): Claim {
    const first = this.problems.find(({ check }) => check === name);
    if (first) return untrue(`${first.file}: ${first.problem}`);
    return looked ? proved : notChecked(otherwise);
  }
}
