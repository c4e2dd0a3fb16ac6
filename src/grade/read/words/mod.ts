/**
 * What answers say beside or instead of formulas: conditions on letters, and sentences that mean a formula.
 *
 * @module
 */

export { formulaOfPhrase } from "./phrase.ts";
export { type Conditioned, isDeclaration, partConditions } from "./condition.ts";
export { comparableWords, plainText, squeezed, timeOrDate } from "./text.ts";
