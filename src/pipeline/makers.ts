/**
 * What made the records of a result, run by run: for the provenance.
 *
 * @module
 */

import { canonicalJson } from "../canonical_json.ts";
import type { RunMaker } from "../result/mod.ts";
import type { JobResults } from "./pool/mod.ts";
import type { Made } from "./made.ts";
import type { EvaluatedPolicy } from "./stage/mod.ts";

/** The records of one policy. */
export interface PolicyRecords {
  /** The policy; none for the base model. */
  readonly policy: EvaluatedPolicy;
  /** Of its training. */
  readonly training: JobResults["train"] | undefined;
  /** Of its evaluation, by suite. */
  readonly evaluation: JobResults["evaluate"];
}

/** One line a record: `train grpo-1`, `train grpo-1 to step 40`, `evaluate base on mini-aime`. */
function* recordsMade({ policy, training, evaluation }: PolicyRecords): Generator<readonly [string, Made]> {
  const run = policy ? `${policy.method}-${policy.seed}` : "base";
  for (const { step, ...made } of training?.executed ?? []) {
    const whole = training?.executed.length === 1;
    yield [`train ${run}${whole ? "" : ` to step ${step}`}`, made];
  }
  for (const [suite, { executed }] of Object.entries(evaluation)) {
    yield [`evaluate ${run} on ${suite}`, executed];
  }
}

/** What made the records, each once, with the records that it made. */
export function makersOf(lines: readonly PolicyRecords[]): RunMaker[] {
  const makers = new Map<string, { made: Made; records: string[] }>();
  for (const [record, made] of lines.flatMap((line) => [...recordsMade(line)])) {
    const key = canonicalJson(made), maker = makers.get(key);
    if (maker) maker.records.push(record);
    else makers.set(key, { made, records: [record] });
  }
  return [...makers.values()].map(({ made: { sources, engine, machine }, records }) => ({
    sources: sources.digest,
    commit: sources.commit,
    dirty: sources.dirty,
    ...engine,
    ...machine,
    records,
  }));
}
