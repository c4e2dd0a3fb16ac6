/**
 * Results as the Language Model Evaluation Harness writes them.
 *
 * Source: the keys of `results_*.json` (EleutherAI/lm-evaluation-harness).
 *
 * @module
 */

import {
  datasetOf,
  epochSeconds,
  type ExportedResult,
  type ExportedRun,
  modelName,
  numberSetting,
  resultFolder,
  runScores,
} from "./exported.ts";

/** Where a run's file lies. */
export function lmEvalPath(exported: ExportedResult, run: ExportedRun): string {
  const time = exported.result.date.replaceAll(":", "-");
  return `lm-eval/${resultFolder(exported)}/${modelName(exported, run)}/results_${time}.json`;
}

/** The base model and what was made of it, as the harness writes arguments. */
function modelArguments(
  { name, revision }: ExportedResult["result"]["model"],
  { method, seed }: ExportedRun,
): string {
  const base = revision === null ? `base=${name}` : `base=${name},revision=${revision}`;
  return `${base},method=${method},seed=${seed}`;
}

/**
 * The results of a run. Metrics are named `avg@8,none`, after the harness's `metric,filter`. How long the evaluation
 * took is not signed, only when the whole run began and ended, training of all methods included: so there are no times
 * besides the date.
 */
export function lmEvalResults(exported: ExportedResult, run: ExportedRun): Record<string, unknown> {
  const { result, record, settings } = exported, { suites } = record;
  const model = modelName(exported, run), scores = runScores(exported, run);
  const bySuite = <T>(value: (suite: typeof suites[number]) => T): Record<string, T> =>
    Object.fromEntries(suites.map((suite) => [suite.name, value(suite)]));
  const names = ({ samples }: typeof suites[number]): string[] => [`avg@${samples}`, `pass@${samples}`];
  const datasetPath = (suite: typeof suites[number]): { dataset_path?: string } => {
    const dataset = datasetOf(exported, suite);
    return dataset ? { dataset_path: dataset.id } : {};
  };
  const temperature = numberSetting(record, "temperature") ?? null;
  const maxTokens = numberSetting(record, "maxResponseTokens") ?? null;
  return {
    results: bySuite((suite) => ({
      alias: suite.name,
      ...Object.fromEntries(
        scores.filter((score) => score.suite === suite).flatMap(({ metric, value, standardError }) => [
          [`${metric}@${suite.samples},none`, value],
          [`${metric}@${suite.samples}_stderr,none`, standardError],
        ]),
      ),
    })),
    group_subtasks: bySuite(() => []),
    configs: bySuite((suite) => ({
      task: suite.name,
      ...datasetPath(suite),
      output_type: "generate_until",
      num_fewshot: 0,
      repeats: suite.samples,
      generation_kwargs: { do_sample: true, temperature, max_gen_toks: maxTokens },
      metric_list: names(suite).map((metric) => ({ metric, aggregation: "mean", higher_is_better: true })),
      metadata: { version: record.graderVersion },
    })),
    versions: bySuite(() => record.graderVersion),
    "n-shot": bySuite(() => 0),
    higher_is_better: bySuite((suite) => Object.fromEntries(names(suite).map((name) => [name, true]))),
    "n-samples": bySuite(({ problems }) => ({ original: problems.length, effective: problems.length })),
    config: {
      model: "bupo-bench",
      model_args: modelArguments(result.model, run),
      model_num_parameters: result.model.parameters,
      model_revision: result.model.revision,
      model_sha: run.checkpoint ?? result.model.digest,
      batch_size: null,
      device: result.environment.provider ?? null,
      limit: null,
      bootstrap_iters: settings.resamples,
      gen_kwargs: { temperature, max_gen_toks: maxTokens },
      random_seed: numberSetting(record, "evaluation.seed") ?? null,
    },
    git_hash: result.commit,
    date: epochSeconds(result.date),
    task_hashes: bySuite(({ digest }) => digest),
    model_source: "bupo-bench",
    model_name: model,
    model_name_sanitized: model,
  };
}
