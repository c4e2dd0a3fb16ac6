/**
 * Says whether work is left in an answer whose value is right: value and form are two judgements.
 *
 * @module
 */

export { isOfQuestion } from "./question.ts";
export type { FormRules, WantedForm } from "./rules.ts";
export { workLeft } from "./work.ts";
