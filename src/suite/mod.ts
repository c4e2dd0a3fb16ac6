/**
 * The suites of problems: generated ones, data sets of the Hub, a user's own; how problems are put to a model; what of
 * them is trained on.
 *
 * @module
 */

export type { AnswerRule } from "./answer.ts";
export { askedForm } from "./asked_form.ts";
export {
  parseSuiteDefinition,
  type RowCondition,
  type RowFormat,
  type SuiteColumns,
  type SuiteDefinition,
  suiteDefinitions,
  suiteJsonSchema,
} from "./definition.ts";
export * from "./digest.ts";
export {
  type GeneratedSuite,
  type GeneratedSuiteInfo,
  generatedSuites,
  generateSuite,
  pretrainingExample,
  splitOf,
} from "./generated/mod.ts";
export {
  checkSuiteName,
  type LoadedSuite,
  type LoadOptions,
  loadSuite,
  type SuiteFiles,
  suiteName,
  type SuiteRepository,
} from "./load.ts";
export {
  type ComparedProblem,
  findOverlap,
  type OverlapMatch,
  type OverlapOptions,
  type SuiteOverlap,
} from "./overlap.ts";
export type { DraftProblem, GeneratedProblem, Level, Problem, RequiredForm, Split } from "./problem.ts";
export * from "./prompt.ts";
