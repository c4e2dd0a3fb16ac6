/**
 * What this project knows: suites, graders, methods.
 *
 * @module
 */

import { graderVersion } from "../grade/mod.ts";
import type { Knowledge, KnownSuite } from "../judge/mod.ts";
import { generatedSuites, suiteDefinitions } from "../suite/mod.ts";

/** What is known, from the definitions in the project's folder. */
export async function knowledgeOf(root: string): Promise<Knowledge> {
  const generated = Object.keys(generatedSuites).map((name): [string, KnownSuite] => [
    name,
    { kind: "generated", problems: null, samples: null },
  ]);
  const hub = [...await suiteDefinitions(root)].map(([name, { rows, evaluation }]): [string, KnownSuite] => [
    name,
    { kind: "hub", problems: rows, samples: evaluation?.samples ?? null },
  ]);
  return {
    suites: new Map([...generated, ...hub]),
    graders: ["1.0.0", graderVersion],
    grader: graderVersion,
    methods: new Map([["base", { bottomUp: false }], ["grpo", { bottomUp: false }], ["bupo", { bottomUp: true }]]),
  };
}
