/**
 * Results for the database of the EvalEval coalition.
 *
 * Source: Every Eval Ever 0.3.0 (evaleval/every_eval_ever), aggregate and instance-level schemas.
 *
 * @module
 */

import { sha256 } from "../../canonical_json.ts";
import { type IntervalMethod, intervalMethods } from "../../stats/mod.ts";
import {
  datasetOf,
  epochSeconds,
  type ExportedResult,
  type ExportedRun,
  modelName,
  numberSetting,
  runScores,
} from "./exported.ts";

/** The version of the schemas. */
export const EVERY_EVAL_EVER_VERSION = "0.3.0";

/** What the collection and the developer are called there. */
const COLLECTION = "bupo-bench";

/** Where the standard error comes from, by how the interval was made. */
const standardErrors: Readonly<Record<IntervalMethod, string>> = {
  bootstrap: "analytic, standard deviation over problems",
  wilson: "half of Wilson's score interval over the normal quantile",
  bound: "half of the interval over the normal quantile",
};

/** Where a run's two files lie, and what they are called. */
export interface EveryEvalEverNames {
  /** Joins the two files. */
  readonly evaluationId: string;
  /** The path of the aggregate. */
  readonly aggregate: string;
  /** The path of the samples. */
  readonly samples: string;
}

/** Who sampled a run's completions. */
function engineOf(
  { result: { environment } }: ExportedResult,
  { suites }: ExportedRun,
): { readonly name: string; readonly version: string } {
  const [served] = Object.values(suites).flatMap(({ served }) => served ?? []);
  return served
    ? { name: served.engine, version: served.version }
    : { name: "onnxruntime", version: String(environment.onnxruntime ?? "unknown") };
}

/** A version 4 UUID whose digits are a hash, so that the same run has the same. */
async function stableUuid(content: string): Promise<string> {
  const hex = await sha256(content);
  const variant = "89ab"[parseInt(hex.charAt(16), 16) % 4];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

/** The names of a run's files. */
export async function everyEvalEverNames(
  exported: ExportedResult,
  run: ExportedRun,
): Promise<EveryEvalEverNames> {
  const model = modelName(exported, run), { result } = exported;
  const stem = `data/${COLLECTION}/${COLLECTION}/${model}/${await stableUuid(`${result.manifest} ${model}`)}`;
  return {
    evaluationId: [COLLECTION, COLLECTION, model, result.manifest.slice(0, 12), epochSeconds(result.date)]
      .join("/"),
    aggregate: `${stem}.json`,
    samples: `${stem}_samples.jsonl`,
  };
}

/** Where a suite's problems are from. */
function sourceData(
  exported: ExportedResult,
  suite: ExportedResult["record"]["suites"][number],
): unknown {
  const { name, problems, digest } = suite, dataset = datasetOf(exported, suite);
  const additional_details = { suite_digest_sha256: digest };
  return dataset
    ? {
      dataset_name: name,
      source_type: "hf_dataset",
      hf_repo: dataset.id,
      hf_revision: dataset.revision,
      samples_number: problems.length,
      sample_ids: problems,
      additional_details,
    }
    : { dataset_name: name, source_type: "other", additional_details };
}

/**
 * The aggregate record of a run.
 *
 * @param samples SHA-256 and number of lines of the samples file.
 */
export async function everyEvalEverAggregate(
  exported: ExportedResult,
  run: ExportedRun,
  samples: { readonly sha256: string; readonly rows: number },
): Promise<Record<string, unknown>> {
  const { result, record, settings, version } = exported;
  const names = await everyEvalEverNames(exported, run), model = modelName(exported, run);
  const time = String(epochSeconds(result.date));
  const temperature = numberSetting(record, "temperature"),
    maxTokens = numberSetting(record, "maxResponseTokens");
  return {
    schema_version: EVERY_EVAL_EVER_VERSION,
    evaluation_id: names.evaluationId,
    evaluation_timestamp: time,
    retrieved_timestamp: time,
    source_metadata: {
      source_name: "BuPO Bench",
      source_type: "evaluation_run",
      source_organization_name: "BuPO Bench",
      evaluator_relationship: run.seed === null ? "other" : "first_party",
      additional_details: {
        manifest_sha256: result.manifest,
        record_sha256: result.record,
        key_fingerprint: result.key,
        commit: result.commit ?? "unknown",
      },
    },
    eval_library: {
      name: "bupo-bench",
      version,
      additional_details: { grader_version: record.graderVersion },
    },
    model_info: {
      name: model,
      id: `${COLLECTION}/${model}`,
      developer: COLLECTION,
      inference_engine: engineOf(exported, run),
      additional_details: {
        deployment_type: "local",
        model_availability: "weights_named_by_digest",
        base_model: result.model.name,
        base_model_revision: result.model.revision ?? "not stated",
        base_model_sha256: result.model.digest,
        parameters: String(result.model.parameters),
        training_method: run.method,
        training_seed: String(run.seed),
        checkpoint_sha256: String(run.checkpoint),
      },
    },
    evaluation_results: runScores(exported, run).map((score) => {
      const { metric, suite, value, low, high, standardError, method } = score;
      const k = suite.samples, name = `${metric}@${k}`;
      return {
        evaluation_result_id: `${suite.name}/${name}`,
        evaluation_name: suite.name,
        source_data: sourceData(exported, suite),
        evaluation_timestamp: time,
        metric_config: {
          evaluation_description: metric === "avg"
            ? "Mean accuracy over k samples of each problem"
            : "Share of problems that at least one of k samples solves",
          metric_id: metric === "avg" ? "accuracy" : "pass_at_k",
          metric_name: name,
          metric_kind: metric === "avg" ? "accuracy" : "pass_rate",
          metric_unit: "proportion",
          metric_parameters: { k },
          lower_is_better: false,
          score_type: "continuous",
          min_score: 0,
          max_score: 1,
        },
        score_details: {
          score: value,
          uncertainty: {
            standard_error: { value: standardError, method: standardErrors[method] },
            confidence_interval: {
              lower: low,
              upper: high,
              confidence_level: settings.confidence,
              method: `${intervalMethods[method]}, over problems`,
            },
            num_samples: suite.problems.length,
            ...(method === "bootstrap" ? { num_bootstrap_samples: settings.resamples } : {}),
          },
        },
        generation_config: {
          generation_args: {
            ...(temperature === undefined ? {} : { temperature }),
            ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
          },
          additional_details: { samples_a_problem: String(k) },
        },
      };
    }),
    detailed_evaluation_results: {
      format: "jsonl",
      file_path: names.samples,
      hash_algorithm: "sha256",
      checksum: samples.sha256,
      total_rows: samples.rows,
    },
  };
}

/** The completions of a run on a problem. */
export interface ExportedSample {
  /** The suite. */
  readonly suite: string;
  /** The problem's id. */
  readonly problem: string;
  /** The completions. */
  readonly responses: readonly string[];
  /** The gold answer, or null where it is not known. */
  readonly answer: string | null;
}

/** A line of the samples file: all completions of a problem, whose text the record does not hold. */
export function everyEvalEverSample(
  exported: ExportedResult,
  run: ExportedRun,
  { evaluationId }: EveryEvalEverNames,
  { suite, problem, responses, answer }: ExportedSample,
): Record<string, unknown> {
  const used = exported.record.suites.find(({ name }) => name === suite);
  const correct = run.suites[suite]?.correct[used?.problems.indexOf(problem) ?? -1] ?? 0;
  const samples = used?.samples ?? 1;
  return {
    schema_version: EVERY_EVAL_EVER_VERSION,
    evaluation_id: evaluationId,
    model_id: `${COLLECTION}/${modelName(exported, run)}`,
    evaluation_name: suite,
    evaluation_result_id: `${suite}/avg@${samples}`,
    sample_id: problem,
    interaction_type: "single_turn",
    input: { raw: "", reference: answer === null ? [] : [answer] },
    output: { raw: responses },
    answer_attribution: [],
    evaluation: { score: correct / samples, is_correct: 2 * correct > samples },
    metadata: { correct: String(correct), samples: String(samples), problem_text: "not part of the record" },
  };
}
