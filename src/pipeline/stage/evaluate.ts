/**
 * Evaluating one policy on every suite. Responses are journaled as they end, so that an evaluation which was killed
 * goes on with those that are missing.
 *
 * @module
 */

import { z } from "zod";
import { randomKey } from "../../random.ts";
import {
  type HeldPolicy,
  methodLabel,
  placeParameters,
  type RolloutRequest,
  type Sampler,
} from "../../rl/mod.ts";
import type { TensorSource } from "../../model/mod.ts";
import type { ServedOutcome } from "../../result/mod.ts";
import type { DeviceTensors } from "../../runtime/mod.ts";
import type { Problem } from "../../suite/mod.ts";
import { BASE, type Experiment, type ExperimentSuite } from "../experiment.ts";
import type { Made } from "../made.ts";
import {
  checkStopped,
  findRecord,
  grade,
  madeBy,
  openSampler,
  type RecordContext,
  runtimeOf,
  type StageContext,
  takenKeys,
  withBatch,
} from "./context.ts";
import { evaluationKey } from "./keys.ts";
import { openServed, type Served, servedKey, servedResponses } from "./served.ts";
import { BusyError } from "./stop.ts";
import { trainedPolicy } from "./train.ts";

/** What evaluation leaves, for one suite. */
export interface EvaluationRecord {
  /** What computed it, and where. */
  readonly executed: Made;
  /** The suite's name, for who lists the store. */
  readonly suite: string;
  /** Correct samples of each problem. */
  readonly correct: readonly number[];
  /** Responses cut at the length limit. */
  readonly truncated: number;
  /** Responses without a readable answer. */
  readonly unparsed: number;
  /** Tokens of all responses. */
  readonly tokens: number;
  /** The responses' texts, by problem. */
  readonly responses: readonly (readonly string[])[];
  /** The inference server that sampled them; absent: our own engine did. */
  readonly served?: ServedOutcome;
}

/** A policy to evaluate: a trained one, or the base model. */
export type EvaluatedPolicy = {
  readonly method: string;
  readonly seed: number;
  /** SHA-256 of its weights' file. */
  readonly checkpoint: string;
  /** After which step; absent: the last. */
  readonly step?: number | undefined;
} | undefined;

/** A response that has ended. */
interface Response {
  /** Its place among the suite's requests. */
  readonly index: number;
  readonly response: readonly number[];
  readonly ended: boolean;
}

/** A line of the journal. */
const responseSchema: z.ZodType<Response> = z.strictObject({
  index: z.int().nonnegative(),
  response: z.array(z.int().nonnegative()),
  ended: z.boolean(),
});

const KIND = "evaluation";

/** What decodes, opened when the first suite has no record. */
interface Decoding {
  readonly sampler: Sampler;
  readonly parameters: DeviceTensors;
  readonly policy: HeldPolicy;
}

async function weightsOf(context: StageContext, policy: EvaluatedPolicy): Promise<TensorSource> {
  return policy
    ? (await trainedPolicy(context, policy.method, policy.seed, policy.step)).weights
    : context.experiment.model.weights;
}

async function openDecoding(context: StageContext, policy: EvaluatedPolicy): Promise<Decoding> {
  const { experiment } = context, runtime = runtimeOf(context);
  const weights = await weightsOf(context, policy);
  const sampler = await openSampler(context, runtime);
  const parameters = await placeParameters(runtime, weights, experiment.layout);
  return { sampler, parameters, policy: await sampler.hold(parameters) };
}

/**
 * Evaluates a policy on every suite, or returns the records of having done so.
 *
 * @throws {StoppedError} If the run was asked to stop: the responses that had ended are kept.
 * @throws {BusyError} If another process evaluates it.
 */
export async function evaluate(
  context: StageContext,
  policy: EvaluatedPolicy,
): Promise<Record<string, EvaluationRecord>> {
  const { experiment, store } = context, { suites } = experiment;
  const total = suites.reduce((sum, { problems, samples }) => sum + problems.length * samples, 0);
  const records: Record<string, EvaluationRecord> = {};
  let done = 0, open: Decoding | undefined, server: Served | undefined, busy: string | undefined;
  const keyOf = keyFor(experiment);
  const find = async (suite: ExperimentSuite): Promise<EvaluationRecord | undefined> => {
    return (await findRecord<EvaluationRecord>(context, KIND, (by) => {
      return keyOf(experiment, suite, policy?.checkpoint, by);
    }))?.value;
  };
  try {
    for (const suite of suites) {
      const known = await find(suite);
      if (known) records[suite.name] = known;
      else {
        const key = keyOf(experiment, suite, policy?.checkpoint);
        using lock = await store.tryLock(KIND, key);
        if (!lock) {
          busy = suite.name;
          continue;
        }
        const onFinished = (finished: number): void => {
          context.onProgress(done + finished, total, suite.name);
        };
        const make = async (): Promise<EvaluationRecord> =>
          keyOf === servedKey
            ? await evaluateServed(
              context,
              server ??= await openServed(
                context,
                runName(policy),
                policy?.checkpoint ?? experiment.model.digest,
                await weightsOf(context, policy),
              ),
              suite,
              key,
              onFinished,
            )
            : await evaluateSuite(
              context,
              open ??= await openDecoding(context, policy),
              suite,
              key,
              onFinished,
            );
        // Another run may have ended between the look and the lock.
        records[suite.name] = await find(suite) ??
          await make().catch(async (error) => {
            const run = policy
              ? { method: methodLabel(policy.method), seed: policy.seed }
              : { method: "Base" };
            throw await withBatch(context, key, error, { ...run, suite: suite.name });
          });
      }
      done += suite.problems.length * suite.samples;
      if (known) context.onProgress(done, total, "already evaluated");
    }
  } finally {
    await open?.policy.dispose();
    for (const tensor of Object.values(open?.parameters ?? {})) tensor.dispose();
    await open?.sampler.dispose();
  }
  if (busy !== undefined) throw new BusyError(busy);
  return records;
}

/** A policy as a server may call it. */
function runName(policy: EvaluatedPolicy): string {
  if (!policy) return BASE;
  const { method, seed, step } = policy;
  return `${method}-${seed}${step === undefined ? "" : `-step-${step}`}`;
}

/** The requests of a suite: every problem's samples in a row. */
function requestsOf({ prompts, samples }: ExperimentSuite): RolloutRequest[] {
  return prompts.flatMap((prompt, problem) => {
    return Array.from({ length: samples }, (_, sample) => ({ prompt, problem, sample }));
  });
}

async function evaluateServed(
  context: StageContext,
  server: Served,
  suite: ExperimentSuite,
  key: Readonly<Record<string, unknown>>,
  onFinished: (responses: number) => void,
): Promise<EvaluationRecord> {
  const { experiment, store } = context, requests = requestsOf(suite);
  using journal = await store.journal(KIND, key);
  const { responses, served, attachments } = await servedResponses(
    context,
    server,
    suite.name,
    requests,
    journal,
    onFinished,
  );
  const record = {
    executed: madeBy(context),
    suite: suite.name,
    served,
    ...outcome(experiment, suite, requests, responses),
  };
  await store.put(KIND, key, record, attachments);
  await store.removeJournal(KIND, key);
  return record;
}

async function evaluateSuite(
  context: StageContext,
  { sampler, policy }: Decoding,
  suite: ExperimentSuite,
  key: Readonly<Record<string, unknown>>,
  onFinished: (responses: number) => void,
): Promise<EvaluationRecord> {
  const { experiment, store } = context, { seed } = experiment.profile.evaluation;
  const requests = requestsOf(suite);
  const responses = new Map<number, Response>();
  {
    using journal = await store.journal(KIND, key);
    for (const entry of journal.entries) {
      const { success, data } = responseSchema.safeParse(entry);
      if (success && data.index < requests.length) responses.set(data.index, data);
    }
    if (responses.size > 0) {
      context.onNotice(`goes on from ${responses.size} of ${requests.length} responses`);
    }
    const missing = requests.map((_, index) => index).filter((index) => !responses.has(index));
    await sampler.sample(
      policy,
      missing.map((index) => requests[index] as RolloutRequest), // an index of the list
      randomKey("evaluate", suite.name, seed),
      {
        onFinished: async ({ response, ended }, place) => {
          const finished: Response = { index: missing[place] ?? 0, response, ended };
          await journal.add(finished);
          responses.set(finished.index, finished);
          onFinished(responses.size);
        },
        onToken: () =>
          checkStopped(context, `response ${responses.size} of ${requests.length} of ${suite.name}`),
      },
    );
  }
  const ordered = requests.map((_, index) => responses.get(index) as Response); // every request has ended
  const record = {
    executed: madeBy(context),
    suite: suite.name,
    ...outcome(experiment, suite, requests, ordered),
  };
  await store.put(KIND, key, record);
  await store.removeJournal(KIND, key);
  return record;
}

/** What records of an evaluation are found by: one that is served is never found as our own engine's, nor the other way. */
function keyFor({ profile }: Experiment): typeof evaluationKey {
  return profile.evaluation.server ? servedKey : evaluationKey;
}

/** On how many suites a policy has been evaluated; the base model without a checkpoint. */
export async function evaluatedSuites(
  context: RecordContext,
  checkpoint: string | undefined,
): Promise<number> {
  const keys = takenKeys(context), { experiment, store } = context;
  const found = await Promise.all(experiment.suites.map(async (suite) => {
    return await Promise.all(
      keys.map((by) => store.has(KIND, keyFor(experiment)(experiment, suite, checkpoint, by))),
    );
  }));
  return found.filter((known) => known.includes(true)).length;
}

/** The counts and texts of all responses of a suite. */
function outcome(
  experiment: Experiment,
  { problems, samples }: ExperimentSuite,
  requests: readonly RolloutRequest[],
  responses: readonly Pick<Response, "response" | "ended">[],
): Omit<EvaluationRecord, "executed" | "suite"> {
  const verdicts = responses.map((response, i) => {
    return grade(experiment, problems[requests[i]?.problem ?? 0] as Problem, response).verdict;
  });
  const of = <T>(list: readonly T[]): T[][] =>
    problems.map((_, p) => list.slice(p * samples, (p + 1) * samples));
  const { tokenizer } = experiment.model;
  return {
    correct: of(verdicts).map((group) => group.filter((verdict) => verdict === "correct").length),
    truncated: responses.filter(({ ended }) => !ended).length,
    unparsed: verdicts.filter((verdict) => verdict === "unparsed" || verdict === "timeout").length,
    tokens: responses.reduce((sum, { response }) => sum + response.length, 0),
    responses: of(responses.map(({ response }) => tokenizer.decode(response, { skipSpecialTokens: true }))),
  };
}
