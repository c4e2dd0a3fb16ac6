/**
 * Guarantees, and for each a way to break it: a change of the sources that a test must notice.
 *
 * @module
 */

/** One way to break a guarantee. */
export interface Mutation {
  /** What the README or the documentation promises. */
  readonly guarantee: string;
  /** The file that is changed. */
  readonly file: string;
  /** What stands in it, exactly once. */
  readonly from: string;
  /** What takes its place. */
  readonly to: string;
  /** The test that must fail. */
  readonly test: string;
  /** Part of the test's name, where the file has others that take long. */
  readonly filter?: string;
}

/** At least one a guarantee. */
export const mutations: readonly Mutation[] = [
  {
    guarantee: "records of other code are not taken: training",
    file: "src/pipeline/stage/keys.ts",
    from: 'stage: "train",\n    sources,',
    to: 'stage: "train",',
    test: "test/pipeline/stale_records_test.ts",
  },
  {
    guarantee: "records of other code are not taken: evaluation",
    file: "src/pipeline/stage/keys.ts",
    from: 'stage: "evaluate",\n    sources,',
    to: 'stage: "evaluate",',
    test: "test/pipeline/stale_records_test.ts",
  },
  {
    guarantee: "the digest of the sources covers the estimators and losses",
    file: "src/pipeline/sources.ts",
    from: '  "rl",\n',
    to: "",
    test: "test/pipeline/sources_test.ts",
  },
  {
    guarantee: "records of other kernels or versions are not taken",
    file: "src/pipeline/stage/keys.ts",
    from: "sources,\n    engine,\n    method,",
    to: "sources,\n    method,",
    test: "test/pipeline/stage/keys_test.ts",
  },
  {
    guarantee: "the provenance says what made each record",
    file: "src/pipeline/makers.ts",
    from: "commit: sources.commit,",
    to: "commit: null,",
    test: "test/pipeline/stale_records_test.ts",
  },
  {
    guarantee: "reproduce --from computes and does not read the records that it checks",
    file: "tasks/shared/reproduce_from.ts",
    from: "storeDirectory: again }",
    to: "storeDirectory: options.context.storeDirectory }",
    test: "test/pipeline/reproduce_test.ts",
  },
  {
    guarantee: "on the same kernels any difference is one",
    file: "tasks/shared/reproduce_from.ts",
    from: "exact || across.length === 0",
    to: "across.length === 0",
    test: "test/tasks/reproduce_from_test.ts",
  },
  {
    guarantee: "what could not be told is not shown to be equal",
    file: "tasks/shared/reproduce_from.ts",
    from: 'return verdict === "byte-equal" ||',
    to: 'return verdict === "different" ||',
    test: "test/pipeline/reproduce_test.ts",
  },
  {
    guarantee: "SIGINT, SIGTERM and SIGHUP save and leave",
    file: "main.ts",
    from: "  hearSignals();\n",
    to: "",
    test: "test/pipeline/signals_test.ts",
    filter: "SIGINT",
  },
  {
    guarantee: "a signal reaches the workers",
    file: "tasks/shared/signals.ts",
    from: "  running.flag.raise();\n",
    to: "",
    test: "test/pipeline/signals_test.ts",
    filter: "SIGINT",
  },
  {
    guarantee: "the step that a signal interrupts is saved",
    file: "src/pipeline/stage/train.ts",
    from: "if (stopped || step % checkpointEvery === 0)",
    to: "if (step % checkpointEvery === 0)",
    test: "test/pipeline/signals_test.ts",
    filter: "SIGINT",
  },
  {
    guarantee: "a second signal leaves at once",
    file: "tasks/shared/signals.ts",
    from: "if (!running || (asked && now - asked.at > SAME_SIGNAL))",
    to: "if (!running)",
    test: "test/pipeline/signals_test.ts",
    filter: "second signal",
  },
  {
    guarantee: "the run ends with the program that started it",
    file: "tasks/shared/signals.ts",
    from: "if (!asked && gone())",
    to: "if (asked && gone())",
    test: "test/pipeline/signals_test.ts",
    filter: "npm",
  },
  {
    guarantee: "a killed training goes on from its state",
    file: "src/pipeline/stage/train.ts",
    from: "const state = await latestState(context, method, seed);",
    to: "const state = (await latestState(context, method, seed)) && undefined;",
    test: "test/pipeline/kill_test.ts",
  },
  {
    guarantee: "training goes on from the moments too",
    file: "src/pipeline/stage/train.ts",
    from: "method, state?.tensors ?? experiment.model.weights",
    to: "method, state ? savedParameters(state.tensors) : experiment.model.weights",
    test: "test/pipeline/kill_test.ts",
  },
  {
    guarantee: "a stopped evaluation goes on by response",
    file: "src/pipeline/stage/evaluate.ts",
    from: "          await journal.add(finished);\n",
    to: "",
    test: "test/pipeline/signals_test.ts",
    filter: "evaluation",
  },
  {
    guarantee: "a journal that was cut ends where it was cut",
    file: "src/journal.ts",
    from: "await file.truncate(sound);",
    to: "await file.truncate(bytes.length);",
    test: "test/journal_test.ts",
  },
  {
    guarantee: "two runs in one store do not do the same work",
    file: "src/pipeline/stage/train.ts",
    from: "  if (!lock) throw new BusyError(`${methods[method].label} seed ${seed}`);\n",
    to: "",
    test: "test/pipeline/records_test.ts",
    filter: "two runs",
  },
  {
    guarantee: "a lock is taken by one",
    file: "src/lock.ts",
    from: "if (!await file.tryLock(true)) {",
    to: "if (!await file.tryLock(false)) {",
    test: "test/store_files_test.ts",
  },
  {
    guarantee: "a damaged record is never trusted",
    file: "src/store.ts",
    from: "if (checked && digest !==",
    to: "if (!checked && digest !==",
    test: "test/store_test.ts",
  },
  {
    guarantee: "a file that cannot be written keeps its old content and leaves no other",
    file: "src/store.ts",
    from: "    await Deno.remove(temporary).catch(() => {}); // the first error is the one to tell\n",
    to: "",
    test: "test/store_test.ts",
  },
  {
    guarantee: "what killed runs left is swept by age alone",
    file: "src/store_files.ts",
    from: "if (written.getTime() > before) continue;",
    to: "",
    test: "test/store_files_test.ts",
  },
  {
    guarantee: "a longer run goes on from a shorter one",
    file: "src/pipeline/stage/keys.ts",
    from: "checkpointEvery: _, steps: __, checkpointing: ___, ...settings",
    to: "checkpointEvery: _, checkpointing: ___, ...settings",
    test: "test/pipeline/records_test.ts",
    filter: "longer run",
  },
  {
    guarantee: "gradient checkpointing is no part of a key",
    file: "src/pipeline/stage/keys.ts",
    from: "artifacts: plainDigests,",
    to: "artifacts: digests,",
    test: "test/pipeline/stage/keys_test.ts",
  },
  {
    guarantee: "the last step of a shorter run is kept",
    file: "src/pipeline/stage/train.ts",
    from: "if (!record?.value.final) await store.remove",
    to: "await store.remove",
    test: "test/pipeline/records_test.ts",
    filter: "longer run",
  },
  {
    guarantee: "the state before a damaged one is there",
    file: "src/pipeline/stage/train.ts",
    from: "export const STATES_KEPT = 2;",
    to: "export const STATES_KEPT = 1;",
    test: "test/pipeline/reproduce_test.ts",
  },
  {
    guarantee: "what cannot be written is refused before the first step",
    file: "tasks/reproduce.ts",
    from: "await checkWritable(directory);",
    to: "",
    test: "test/pipeline/records_test.ts",
    filter: "signed or written",
  },
  {
    guarantee: "a saved state without its counters is not gone on from",
    file: "src/rl/training/saved_state.ts",
    from: "    expected.set(stepsName(name), [1]);\n",
    to: "",
    test: "test/rl/training/saved_state_test.ts",
  },
  {
    guarantee: "a failed run does not end the others",
    file: "src/pipeline/pool.ts",
    from: '} else if (waiting && message.type === "failed") {\n',
    to:
      '} else if (waiting && message.type === "failed") {\n      this.#failure = new JobError(message.message);\n      for (const { reject } of this.#queue.splice(0)) reject(this.#failure);\n',
    test: "test/pipeline/pool_test.ts",
  },
  {
    guarantee: "a metric that is not finite stops the run",
    file: "src/rl/training/finite.ts",
    from: "if (Number.isFinite(norm)) return;",
    to: "return;",
    test: "test/rl/training/finite_test.ts",
  },
  {
    guarantee: "parameters that are not finite are not evaluated or signed",
    file: "src/rl/training/trainer.ts",
    from: "  await learner.checkParameters();\n",
    to: "",
    test: "test/rl/training/finite_test.ts",
  },
  {
    guarantee: "a problem that a step draws twice gets noise of its own each time",
    file: "src/rl/training/trainer.ts",
    from: "({ prompt, problem, sample, place })",
    to: "({ prompt, problem, sample })",
    test: "test/rl/training/trainer_test.ts",
  },
  {
    guarantee: "a token depends on its address, not on the order of sampling",
    file: "src/rl/sampler.ts",
    from: "uniformAt(key, problem, sample, row.response.length, place)",
    to: "uniformAt(key, problem, sample, row.response.length + next, place)",
    test: "test/rl/sampler_test.ts",
  },
  {
    guarantee: "a prompt's positions see none that come after them, so that how it is cut changes nothing",
    file: "src/artifact/prefill.ts",
    from: "unsqueeze(positions, [0, 1, 3])",
    to: "unsqueeze(slots, [0, 1, 2])",
    test: "test/rl/prefill_test.ts",
  },
  {
    guarantee: "with several threads every pass over prompts has one size",
    file: "src/rl/prefill.ts",
    from: "rows: threads > 1 ? rows : Math.min(batch, rows),",
    to: "rows: Math.min(batch, rows),",
    test: "test/rl/prefill_test.ts",
    filter: "two threads",
  },
  {
    guarantee: "approxKl is a mean over the tokens that it sums",
    file: "src/rl/training/trainer.ts",
    from: "    computed,\n    microBatchTokens,",
    to: "    tokens,\n    microBatchTokens,",
    test: "test/rl/training/step_metrics_test.ts",
  },
  {
    guarantee: "the sign of the advantage",
    file: "src/rl/advantage/advantage.ts",
    from: "/ (deviation + epsilon)",
    to: "/ -(deviation + epsilon)",
    test: "test/rl/advantage/advantage_test.ts",
  },
  {
    guarantee: "a run that ends before it begins is neither signed nor verified",
    file: "src/result/statement/provenance.ts",
    from: "({ startedOn, finishedOn }) => startedOn <= finishedOn,",
    to: "() => true,",
    test: "test/result/statement/dates_test.ts",
  },
  {
    guarantee: "seeds and methods named twice are refused before the first step",
    file: "src/pipeline/profile.ts",
    from: "const [twice] = namedTwice(input as T[], (each) => each);",
    to: "const [twice] = namedTwice([] as T[], (each) => each);",
    test: "test/pipeline/profile_test.ts",
  },
  {
    guarantee: "no held-out question is trained on in another writing",
    file: "src/suite/generated/generate.ts",
    from: "if (splitOf(meaning) !== split",
    to: "if (splitOf(question) !== split",
    test: "test/suite/generated/twins_test.ts",
  },
  {
    guarantee: "overlap is found by meaning, not by text alone",
    file: "src/suite/overlap.ts",
    from: "...(meaning === undefined ? [] : [`meaning ${meaning}`]),",
    to: "",
    test: "test/suite/overlap_test.ts",
  },
];
