/**
 * Scores for a model's page on the Hugging Face Hub.
 *
 * Source: `.eval_results/*.yaml` (huggingface.co/docs/hub/eval-results).
 *
 * @module
 */

import { servedText } from "../table/mod.ts";
import { stringify } from "yaml";
import {
  datasetOf,
  type ExportedResult,
  type ExportedRun,
  modelName,
  resultFolder,
  runScores,
} from "./exported.ts";

/**
 * The files of a run, by path: one for each suite that is a whole data set on the Hub. The Hub knows results of
 * registered data sets only, so a generated suite has none, and neither has a part of a data set.
 */
export function hubResults(exported: ExportedResult, run: ExportedRun): Record<string, string> {
  const { result, settings } = exported;
  const server = servedText([run]), sampler = server === undefined ? "" : `; sampled by ${server}`;
  const folder = `hub/${resultFolder(exported)}/${modelName(exported, run)}/.eval_results`;
  const files = runScores(exported, run).flatMap(
    ({ metric, suite, value, low, high }): [string, string][] => {
      const dataset = datasetOf(exported, suite);
      if (metric !== "avg" || !dataset) return [];
      const percent = (share: number): string => (100 * share).toFixed(1);
      const entry = {
        dataset: { id: dataset.id, task_id: suite.name, revision: dataset.revision },
        value,
        date: result.date.slice(0, 10),
        notes: `avg@${suite.samples}, ${100 * settings.confidence} % interval ${percent(low)} to ${
          percent(high)
        } %; BuPO Bench, manifest SHA-256 ${result.manifest}, key ${result.key}${sampler}`,
      };
      return [[`${folder}/${suite.name}.yaml`, stringify([entry], { lineWidth: 0 })]];
    },
  );
  return Object.fromEntries(files);
}
