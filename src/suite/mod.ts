/**
 * The suites of problems: generated ones, data sets of the Hub, a user's own; how problems are put to a model; what of
 * them is trained on.
 *
 * @module
 */

export type { AnswerRule } from "./answer.ts";
export { askedForm } from "./asked_form.ts";
export type { Contradiction } from "./collect.ts";
export {
  type OwnColumns,
  type OwnDescription,
  parseSuiteDefinition,
  type RowCondition,
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
export { checkSuiteName, loadSuite, suiteName } from "./load.ts";
export type { LoadedSuite, LoadOptions, SuiteFiles, SuiteRepository } from "./loaded.ts";
export {
  type ComparedProblem,
  findOverlap,
  type OverlapMatch,
  type OverlapOptions,
  type SuiteOverlap,
} from "./overlap.ts";
export type { DraftProblem, GeneratedProblem, Level, Problem, RequiredForm, Split } from "./problem.ts";
export * from "./wording/mod.ts";
export { type DataHub, findData, type WantedData, wantedData } from "./own/mod.ts";
export type { RowFormat } from "./rows/mod.ts";
