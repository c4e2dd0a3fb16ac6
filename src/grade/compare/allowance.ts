/**
 * Allowances: the signs that an answer may leave out, or write where the gold answer does not. Each makes one box right
 * for two values, so a verdict may rest on one kind of them at most, and says on which.
 *
 * @module
 */

/** Every allowance, and what it lets pass. */
export const ALLOWANCES = {
  "rounded decimal": "a decimal is equal to an exact number that rounds to it",
  "within the tolerance": "two numbers differ by no more than the caller's tolerance",
  "percent sign": "35 % is also 35, where the bare number is 1 or more",
  "degree sign": "45° is also 45",
  "modulus": "2 (mod 5) is also 2, its smallest remainder",
  "base": "4210 is also the gold answer 4210 in base 5",
  "half of the day": "2:30 is also 2:30 p.m.",
  "year": "4 July is also 4 July 1776",
  "decimal comma": "1,22 is also 1.22",
} as const;

/** The name of an allowance. */
export type Allowance = keyof typeof ALLOWANCES;

/** The allowance on which the comparison of a pair rests so far. */
export interface Granted {
  /** Its name; nothing while none was needed. */
  name: Allowance | undefined;
}

/**
 * Tries a comparison that needs an allowance. It fails where the pair rests on another one already; where the attempt
 * fails, nothing was granted.
 *
 * @param attempt The comparison; it may grant nothing further.
 */
export function allow(name: Allowance, granted: Granted, attempt: () => boolean): boolean {
  const before = granted.name;
  if (before !== undefined && before !== name) return false;
  granted.name = name;
  if (attempt()) return true;
  granted.name = before;
  return false;
}
