/**
 * What other tools' formats demand, as far as it is known here: written down from their documentation, not copied.
 */

const text = { type: "string" }, number = { type: "number" }, whole = { type: "integer" };
const details = { type: "object", additionalProperties: text };

/** An object with required and optional members; others are allowed unless `closed`. */
function object(
  required: Record<string, unknown>,
  optional: Record<string, unknown> = {},
  closed = false,
): Record<string, unknown> {
  const properties = { ...required, ...optional };
  return { type: "object", required: Object.keys(required), properties, additionalProperties: !closed };
}

/** The aggregate record of Every Eval Ever. */
export const aggregateSchema: Record<string, unknown> = object({
  schema_version: { const: "0.3.0" },
  evaluation_id: { type: "string", pattern: "^[^/]+/.+/\\d+$" },
  retrieved_timestamp: { type: "string", pattern: "^\\d+$" },
  source_metadata: object({
    source_type: { enum: ["documentation", "evaluation_run"] },
    source_organization_name: text,
    evaluator_relationship: { enum: ["first_party", "third_party", "collaborative", "other"] },
  }, { source_name: text, additional_details: details }),
  model_info: object({
    name: text,
    id: { type: "string", pattern: "^[^/]+/[^/]+$" },
    additional_details: {
      ...details,
      required: ["deployment_type", "model_availability"],
    },
  }, { developer: text, inference_engine: object({}, { name: text, version: text }) }),
  eval_library: object({ name: text, version: text }, { additional_details: details }),
  evaluation_results: {
    type: "array",
    minItems: 1,
    items: object({
      evaluation_name: text,
      source_data: {
        oneOf: [
          object({ dataset_name: text, source_type: { const: "url" }, url: { type: "array", items: text } }),
          object({ dataset_name: text, source_type: { const: "hf_dataset" }, hf_repo: text }, {
            hf_revision: text,
            samples_number: whole,
            sample_ids: { type: "array", items: text },
            additional_details: details,
          }),
          object({ dataset_name: text, source_type: { const: "other" } }, { additional_details: details }),
        ],
      },
      metric_config: {
        ...object({ lower_is_better: { type: "boolean" } }, {
          metric_id: text,
          metric_name: text,
          metric_kind: text,
          metric_unit: text,
          metric_parameters: {
            type: "object",
            additionalProperties: { type: ["string", "number", "boolean", "null"] },
          },
          score_type: { enum: ["binary", "continuous", "levels"] },
        }),
        if: { properties: { score_type: { const: "continuous" } } },
        then: { required: ["min_score", "max_score"] },
      },
      score_details: object({ score: number }, {
        details,
        uncertainty: object({}, {
          standard_error: object({ value: number }, { method: text }),
          confidence_interval: object({ lower: number, upper: number }, {
            confidence_level: { type: "number", minimum: 0, maximum: 1 },
            method: text,
          }),
          num_samples: whole,
          num_bootstrap_samples: whole,
        }),
      }),
    }, {
      evaluation_result_id: text,
      generation_config: object({}, {
        generation_args: object({}, {
          temperature: { type: ["null", "number"] },
          top_p: { type: ["null", "number"] },
          max_tokens: { type: "integer", minimum: 1 },
        }, true),
        additional_details: details,
      }),
    }),
  },
}, {
  evaluation_timestamp: text,
  detailed_evaluation_results: object({ format: { const: "jsonl" }, file_path: text }, {
    hash_algorithm: { enum: ["sha256", "md5"] },
    checksum: { type: "string", pattern: "^[0-9a-f]{64}$" },
    total_rows: whole,
  }),
}, true);

/** A line of its samples file. */
export const sampleSchema: Record<string, unknown> = object(
  {
    schema_version: { const: "0.3.0" },
    evaluation_id: text,
    model_id: text,
    evaluation_name: text,
    sample_id: text,
    interaction_type: { const: "single_turn" },
    input: object({ raw: text, reference: { type: "array", items: text } }),
    output: object({ raw: { type: "array", items: text } }),
    answer_attribution: { type: "array" },
    evaluation: object({ score: number, is_correct: { type: "boolean" } }),
  },
  { evaluation_result_id: text, metadata: details },
  true,
);

/** An entry of a file in `.eval_results`. */
export const hubEntrySchema: Record<string, unknown> = object({
  dataset: object(
    { id: { type: "string", pattern: "^[^/]+/[^/]+$" }, task_id: text },
    { revision: text },
    true,
  ),
  value: number,
}, {
  date: { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\d$" },
  source: object({ url: text }, { name: text, user: text }, true),
  notes: text,
  verifyToken: text,
}, true);

/** The keys of lm-eval's results that have one entry a task. */
export const lmEvalTaskKeys: readonly string[] = [
  "results",
  "group_subtasks",
  "configs",
  "versions",
  "n-shot",
  "higher_is_better",
  "n-samples",
  "task_hashes",
];

/** The other keys of lm-eval's results that its readers use. */
export const lmEvalKeys: readonly string[] = ["config", "git_hash", "date", "model_source", "model_name"];
