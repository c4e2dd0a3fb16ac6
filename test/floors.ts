/**
 * The order of the house. `floors_test.ts` holds the imports to it, `architecture_test.ts` the drawing.
 *
 * @module
 */

/** The rooms from top to bottom; a room imports only from lower floors, and never from its own. */
export const floors: readonly (readonly string[])[] = [
  ["main.ts"],
  ["tasks"],
  ["scale"],
  ["pipeline", "publish", "conformance"],
  ["report"],
  ["result"],
  ["policy", "reward"],
  ["rl", "suite", "grade", "stats", "judge", "server"],
  ["artifact"],
  ["model"],
  ["hub", "runtime", "collective"],
  ["tensor", "http", "module"],
  ["leaf modules"],
];

/** The floors within a room that has rooms of its own: these, single files, and `*` for its other files. */
export const inner: Readonly<Record<string, readonly (readonly string[])[]>> = {
  tasks: [["*"], ["shared"]],
  "src/pipeline": [
    ["plan", "*"],
    ["pool"],
    ["stage"],
    ["experiment.ts"],
    ["files.ts", "made.ts", "method_graphs.ts", "model_fit.ts"],
    ["profile"],
  ],
  "src/pipeline/stage": [["*"], ["steps"]],
  "src/conformance": [["*"], ["grading", "restatement"]],
  "src/report": [["inspect", "curves"], ["draw"], ["page", "export", "paper"], ["leaderboard"], ["compare"], [
    "table",
  ]],
  "src/result": [["git", "verify"], ["judge"], ["sign"], ["statement"], ["keys", "record"]],
  "src/policy": [["*"], ["head"]],
  "src/rl": [["training"], ["methods", "sampler.ts"], ["advantage", "loss"], ["*"]],
  "src/rl/training": [
    ["*"],
    ["shard"],
    ["settings.ts"],
    ["learner.ts"],
    ["apart.ts", "batch.ts", "loss_scale.ts", "slots.ts"],
    ["finite.ts"],
  ],
  "src/stats": [["*"], ["registered"]],
  "src/suite": [
    ["*"],
    ["own", "wording"],
    [
      "collect.ts",
      "loaded.ts",
      "definition.ts",
      "content.ts",
      "answer.ts",
      "asked_form.ts",
      "column.ts",
      "select.ts",
      "text.ts",
    ],
    ["rows"],
    ["generated", "parquet"],
    ["problem.ts"],
  ],
  "src/grade": [["pool"], ["*"], ["form"], ["extract", "compare"], ["read"], ["expression"]],
  "src/grade/read": [["*"], ["tex", "words"], ["characters.ts"]],
  "src/model": [["*"], ["gguf"], ["graph", "weights", "tokenizer"], ["config"]],
  "src/runtime": [["*"], ["program", "webgpu"], ["host_tensor.ts"], ["ort_library.ts"], [
    "library_place.ts",
    "runtime.ts",
  ]],
  "src/tensor": [["lower"], ["*"]],
  "src/report/page": [["*"], ["script", "style"], ["shared"]],
  "src/report/page/script": [
    ["main.ts"],
    ["page.ts"],
    ["sections"],
    ["controls.ts"],
    ["table"],
    ["chart", "check"],
    ["*"],
  ],
};
