/**
 * What looks after a run while it trains: probes, evaluations, completions that are kept, the log that can be followed, and
 * warnings. Nothing here changes a byte of what is trained.
 *
 * @module
 */

import { join } from "node:path";
import { contentId } from "../../canonical_json.ts";
import type { ProbeRow } from "../../policy/mod.ts";
import type { Batch, Learner, StepMetrics } from "../../rl/mod.ts";
import type { Runtime } from "../../runtime/mod.ts";
import { findRecord, madeBy, type StageContext } from "./context.ts";
import { trainingKey } from "./keys.ts";
import { openProbe, type Probe } from "./probe.ts";
import { silenceNotice } from "./signal.ts";
import {
  alarmNotices,
  completionsDue,
  type KeptCompletion,
  keptCompletions,
  RunLog,
  type StepLog,
} from "./steps/mod.ts";
import { openEvaluator, type TrainingEvaluator } from "./training_evaluation.ts";

/** The kind of the records that hold completions. */
const COMPLETIONS = "completions";

/** A run that is looked after. */
export interface ObservedRun {
  /** The method. */
  readonly method: string;
  /** The seed. */
  readonly seed: number;
  /** All its steps. */
  readonly steps: number;
}

/** Logs of runs lie here in a store, by profile. */
export const RUN_LOGS = "runs";

/**
 * Where the log of a run lies: `<store>/runs/<profile>/<method>-<seed>.<id>.jsonl`, the id that of its key, so that runs
 * with other settings have other logs.
 */
export async function runLogPath(
  { experiment, store }: Pick<StageContext, "experiment" | "store">,
  { method, seed }: Pick<ObservedRun, "method" | "seed">,
): Promise<string> {
  const id = await contentId(trainingKey(experiment, method, seed));
  return join(
    store.directory,
    RUN_LOGS,
    experiment.profile.name,
    `${method}-${seed}.${id.slice(0, 8)}.jsonl`,
  );
}

/** Where the log of a run's completions lies, beside that of its steps. */
function completionsPath(path: string): string {
  return path.replace(/\.jsonl$/, ".completions.jsonl");
}

/** The record of a step's completions. */
interface CompletionsRecord {
  readonly executed: unknown;
  readonly completions: readonly KeptCompletion[];
}

/** The completions that earlier steps kept, as far as they are in the store. */
async function earlierCompletions(
  context: StageContext,
  { method, seed }: ObservedRun,
  steps: number,
): Promise<KeptCompletion[]> {
  const { experiment } = context, { keepCompletions } = experiment.profile.training;
  const found: KeptCompletion[] = [];
  for (let step = 1; keepCompletions && step <= steps; step++) {
    if (!completionsDue(keepCompletions, step)) continue;
    const record = await findRecord<CompletionsRecord>(
      context,
      COMPLETIONS,
      (by) => ({ ...trainingKey(experiment, method, seed, by), step }),
    );
    found.push(...record?.value.completions ?? []);
  }
  return found;
}

/** What an observer is made of. */
interface Parts {
  readonly probe: Probe | undefined;
  readonly evaluator: TrainingEvaluator | undefined;
  readonly log: RunLog;
  readonly completions: RunLog | undefined;
}

/** Looks after a run. */
export class RunObserver implements AsyncDisposable {
  /** What was probed so far; nothing where the profile has no probe. */
  readonly probes: ProbeRow[] | undefined;
  readonly #context: StageContext;
  readonly #run: ObservedRun;
  readonly #parts: Parts;

  private constructor(context: StageContext, run: ObservedRun, parts: Parts, probes: readonly ProbeRow[]) {
    this.#context = context;
    this.#run = run;
    this.#parts = parts;
    this.probes = parts.probe && [...probes];
  }

  /**
   * Opens what a profile asks for, and the logs.
   *
   * @param metrics The steps so far.
   * @param probes What was probed so far.
   */
  static async open(
    context: StageContext,
    runtime: Runtime,
    run: ObservedRun,
    metrics: readonly StepLog[],
    probes: readonly ProbeRow[],
  ): Promise<RunObserver> {
    const probe = await openProbe(context, runtime), evaluator = openEvaluator(context, runtime);
    const log = await RunLog.open(await runLogPath(context, run), metrics);
    context.onNotice(`writes its metrics to ${log.path}`);
    let completions: RunLog | undefined;
    if (context.experiment.profile.training.keepCompletions) {
      const before = await earlierCompletions(context, run, metrics.length);
      completions = await RunLog.open(completionsPath(log.path), before);
      context.onNotice(`writes completions to ${completions.path}`);
    }
    context.onSteps?.(metrics);
    return new RunObserver(context, run, { probe, evaluator, log, completions }, probes);
  }

  /** Before the first step. */
  async start(learner: Learner): Promise<void> {
    await this.#probe(0, learner);
  }

  /**
   * After a step.
   *
   * @param before The steps before it.
   * @returns The step's line in the log.
   */
  async after(
    metrics: StepMetrics,
    before: readonly StepLog[],
    learner: Learner,
    batch: Readonly<Batch> | undefined,
  ): Promise<StepLog> {
    const { step } = metrics, { evaluator, log } = this.#parts, { onNotice, onSteps } = this.#context;
    await this.#probe(step, learner);
    if (batch) await this.#keep(step, batch);
    const line: StepLog = evaluator?.isDue(step)
      ? { ...metrics, evaluation: await evaluator.read(learner.parameters) }
      : metrics;
    await log.add(line);
    onSteps?.([line]);
    const all = [...before, line], silence = silenceNotice(all, this.#run.steps);
    for (const text of [...(silence === undefined ? [] : [silence]), ...alarmNotices(all)]) {
      onNotice(`warning: ${text}`);
    }
    return line;
  }

  async #probe(step: number, learner: Learner): Promise<void> {
    const { probe } = this.#parts;
    if (probe?.isDue(step)) this.probes?.push(await probe.read(step, learner.weights()));
  }

  async #keep(step: number, batch: Readonly<Batch>): Promise<void> {
    const { experiment, store } = this.#context, { keepCompletions } = experiment.profile.training;
    if (!keepCompletions || !completionsDue(keepCompletions, step)) return;
    const kept = keptCompletions(experiment, keepCompletions, step, batch), { method, seed } = this.#run;
    const key = { ...trainingKey(experiment, method, seed), step };
    await store.put(COMPLETIONS, key, { executed: madeBy(this.#context), completions: kept });
    for (const completion of kept) await this.#parts.completions?.add(completion);
  }

  /** Closes the logs and frees what evaluations took. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#parts.log[Symbol.dispose]();
    this.#parts.completions?.[Symbol.dispose]();
    await this.#parts.evaluator?.[Symbol.asyncDispose]();
  }
}

/** Writes the log of a run that was trained before, where it is missing and can be written. */
export async function restoreLog(
  context: StageContext,
  run: ObservedRun,
  metrics: readonly StepLog[],
): Promise<void> {
  context.onSteps?.(metrics);
  // A store may be read-only, and a log is no record.
  await runLogPath(context, run).then((path) => RunLog.open(path, metrics)).then(
    (log) => log[Symbol.dispose](),
    () => {},
  );
}
