/**
 * What this project knows of suites, graders and methods: what results are judged by, whoever made them.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import type { Knowledge, KnownSuite } from "../../judge/mod.ts";
import { generatedSuites, suiteDefinitions } from "../../suite/mod.ts";

/** The folder of this checkout, whose definitions count wherever a command is called. */
export const projectRoot: string = fileURLToPath(new URL("../../../", import.meta.url));

/** The versions of the grader that there were, the present one last; a test holds it to the grader's own. */
export const graderVersions = ["1.0.0", "2.0.0", "3.0.0"] as const;

const whole = { bottomUp: false }, first = { bottomUp: true };

/**
 * Which methods train the full policy alone, and which the policy of layer k for s_inter steps before it; of others no
 * training log can be foretold. A test holds it to the methods' own phases, which need a runtime.
 */
export const methodKinds: Readonly<Record<string, { readonly bottomUp: boolean }>> = {
  grpo: whole,
  dr_grpo: whole,
  dapo: whole,
  gspo: whole,
  cispo: whole,
  rloo: whole,
  reinforce_pp: whole,
  reinforce_pp_baseline: whole,
  ppo: whole,
  sft_on_correct: whole,
  bupo: first,
  bupo_reset: first,
  bupo_memory: first,
  grpo_memory: whole,
  grpo_lower_only: whole,
  grpo_layerwise_lr: whole,
  frozen_lower: whole,
};

async function readKnowledge(): Promise<Knowledge> {
  const suites = new Map<string, KnownSuite>();
  for (const name of Object.keys(generatedSuites)) {
    suites.set(name, { kind: "generated", problems: null, samples: null });
  }
  for (const [name, { rows, dedupe, selection, evaluation }] of await suiteDefinitions(projectRoot)) {
    // How many of the rows are repeats is known only where the data set is.
    const problems = selection?.count ?? (dedupe ? null : rows);
    suites.set(name, { kind: "hub", problems, samples: evaluation?.samples ?? null });
  }
  return {
    suites,
    graders: graderVersions,
    grader: graderVersions.at(-1) ?? "",
    methods: new Map(Object.entries(methodKinds)),
  };
}

let known: Promise<Knowledge> | undefined;

/** What this checkout knows; read once a process. */
export function knowledgeOf(): Promise<Knowledge> {
  known ??= readKnowledge();
  return known;
}
