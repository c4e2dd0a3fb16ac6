/**
 * `deno task compare RESULT paper`.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import {
  type CompareOptions,
  compareRecords,
  type Comparison,
  type ComparisonFormat,
  type ComparisonInput,
  loadPaper,
  paperTables,
  publishedNumbers,
  renderTables,
  type TextStyle,
} from "../../src/report/mod.ts";
import { type FoundResult, ResultSourceError } from "../../src/result/mod.ts";
import { UsageError } from "./command.ts";

/** The tables of the paper. */
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A result that was named, and the method of it that is meant, if one is. */
export interface Named {
  /** The result. */
  readonly found: FoundResult;
  /** The method. */
  readonly method?: string;
}

/** Compares, and takes mistakes in names and options for what they are. */
export function compare(inputs: readonly ComparisonInput[], options: CompareOptions): Comparison {
  try {
    return compareRecords(inputs, options);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

/** Refuses results of which a suite that the paper has too is not the whole data set that the paper means. */
function checkWhole(named: readonly Named[], suites: ReadonlySet<string>): void {
  for (const { found: { name, judgement } } of named) {
    for (const suite of judgement.suites) {
      if (!suites.has(suite.name) || (suite.kind === "hub" && suite.whole === true)) continue;
      throw new ResultSourceError(
        "unusable",
        `Cannot compare "${name}" with the paper: its ${suite.name} is not shown to be the whole data set (${
          suite.note ?? "nobody knows how many problems it has"
        })`,
      );
    }
  }
}

/** One result beside the numbers of the paper. */
export async function besidePaper(
  named: readonly Named[],
  inputs: readonly ComparisonInput[],
  options: CompareOptions,
  format: ComparisonFormat,
  style: TextStyle,
): Promise<string> {
  const [input] = inputs;
  if (!input || inputs.length > 1) {
    throw new UsageError(`Cannot compare ${inputs.length} results with the paper: name one`);
  }
  const model = input.record.profile["model"];
  const repository = model !== null && typeof model === "object" && "repository" in model
    ? String(model.repository)
    : String(model);
  const published = publishedNumbers(await loadPaper(ROOT), repository);
  if (!published) {
    throw new ResultSourceError(
      "unusable",
      `Cannot compare "${input.name}" with the paper: it publishes no numbers of the model ${repository}`,
    );
  }
  checkWhole(named, new Set(published.scores.map(({ suite }) => suite)));
  const beside = paperTables(published, input, compare(inputs, options).settings);
  if (beside.sections.length === 0) {
    throw new ResultSourceError(
      "unusable",
      `Cannot compare "${input.name}" with the paper: they have no method and suite in common`,
    );
  }
  return renderTables(beside, format, style);
}
