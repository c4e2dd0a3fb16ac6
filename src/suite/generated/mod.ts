/**
 * The generated suites: problems, worked solutions and answers from a seed, with disjoint splits. No data set is needed
 * for them.
 *
 * @module
 */

export {
  type GeneratedSuite,
  type GeneratedSuiteInfo,
  generatedSuites,
  generateSuite,
  pretrainingExample,
  type PretrainingStream,
  splitOf,
} from "./generate.ts";
