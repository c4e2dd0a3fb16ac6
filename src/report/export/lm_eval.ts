/**
 * Results as the Language Model Evaluation Harness writes them.
 *
 * Source: the keys of `results_*.json` (EleutherAI/lm-evaluation-harness).
 *
 * @module
 */

import {
  epochSeconds,
  type ExportedResult,
  type ExportedRun,
  modelName,
  numberSetting,
  runScores,
} from "./exported.ts";

/** Where a run's file lies. */
export function lmEvalPath(exported: ExportedResult, run: ExportedRun): string {
  return `lm-eval/${modelName(exported, run)}/results_${exported.result.date.replaceAll(":", "-")}.json`;
}

/** The results of a run. Metrics are named `avg@8,none`, after the harness's `metric,filter`. */
export function lmEvalResults(exported: ExportedResult, run: ExportedRun): Record<string, unknown> {
  const { result, record, settings } = exported, { suites } = record;
  const model = modelName(exported, run), scores = runScores(exported, run);
  const bySuite = <T>(value: (suite: typeof suites[number]) => T): Record<string, T> =>
    Object.fromEntries(suites.map((suite) => [suite.name, value(suite)]));
  const names = ({ samples }: typeof suites[number]): string[] => [`avg@${samples}`, `pass@${samples}`];
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
      ...(exported.datasets.has(suite.name) ? { dataset_path: exported.datasets.get(suite.name)?.id } : {}),
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
      model_args: `base=${result.model.name},method=${run.method},seed=${run.seed}`,
      model_num_parameters: result.model.parameters,
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
    start_time: epochSeconds(exported.startedOn),
    end_time: epochSeconds(result.date),
    total_evaluation_time_seconds: String(epochSeconds(result.date) - epochSeconds(exported.startedOn)),
  };
}
