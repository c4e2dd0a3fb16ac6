/**
 * Responses from an inference server: it is shown to serve the policy, asked for each response that is missing, and shown
 * again. What answers is journaled at once, so that an evaluation which was killed asks for the rest only.
 *
 * @module
 */

import { z } from "zod";
import { bytesSource, type ByteStream, streamOf } from "../../byte_source.ts";
import { canonicalJson } from "../../canonical_json.ts";
import { graderVersion } from "../../grade/mod.ts";
import type { Journal } from "../../journal.ts";
import type { TensorSource } from "../../model/mod.ts";
import { randomKey } from "../../random.ts";
import { recordedWord } from "../../http/mod.ts";
import type { ServedOutcome } from "../../result/mod.ts";
import { placeParameters, type RolloutRequest, scoreResponses } from "../../rl/mod.ts";
import {
  checkServer,
  concurrently,
  InferenceServer,
  OtherModelError,
  responseSeed,
  SEED_RULE,
  type ServerCheck,
  ServerError,
  type ServerIdentity,
  serverKey,
  type Vocabulary,
} from "../../server/mod.ts";
import type { Experiment, ExperimentSuite } from "../experiment.ts";
import { serverSettings } from "../profile/mod.ts";
import type { MadeKey } from "../made.ts";
import { ownKey } from "./keys.ts";
import { artifact, checkStopped, runtimeOf, type StageContext } from "./context.ts";

/** The most tokens of a response to a fixed prompt. */
const CHECK_TOKENS = 32;

/** Milliseconds between two looks whether a run is to stop. */
const STOP_LOOK = 200;

/** A response that has ended. */
interface ServedEntry {
  /** Its place among the suite's requests. */
  readonly index: number;
  readonly response: readonly number[];
  /** log π of each token; null where the engine left some out. */
  readonly logprobs: readonly number[] | null;
  readonly ended: boolean;
}

const entrySchema: z.ZodType<ServedEntry> = z.strictObject({
  index: z.int().nonnegative(),
  response: z.array(z.int().nonnegative()),
  logprobs: z.array(z.number()).nullable(),
  ended: z.boolean(),
});

/** Who answers from here on; null: nobody whose answers count, so that none before counts. */
const headSchema = z.strictObject({ server: z.string().nullable() });

/** A server that was shown to serve a policy. */
export interface Served {
  readonly server: InferenceServer;
  /** SHA-256 of the policy's weights, or the base model's content id. */
  readonly model: string;
  /** What the check before the run found. */
  readonly check: ServerCheck;
  /** Shows it again. */
  readonly again: () => Promise<ServerCheck>;
}

/**
 * The key of a served evaluation. It has nothing of the site: where and under which name the server answers proves nothing,
 * and whoever starts it again goes on. It is never the key of an evaluation by our own engine.
 *
 * @param checkpoint SHA-256 of the evaluated weights; none for the base model.
 * @param by What made it; default this checkout. What computes here samples nothing.
 */
export function servedKey(
  experiment: Experiment,
  suite: ExperimentSuite,
  checkpoint: string | undefined,
  { sources }: MadeKey = ownKey(experiment),
): Readonly<Record<string, unknown>> {
  const { profile, model } = experiment;
  const { engine, dtype, kvCacheDtype } = profile.evaluation.server ?? {};
  return {
    stage: "evaluate on a server",
    sources,
    model: model.digest,
    checkpoint: checkpoint ?? null,
    suite: suite.digest,
    grader: graderVersion,
    maxPromptTokens: profile.maxPromptTokens,
    server: { engine: engine ?? null, dtype: dtype ?? null, kvCacheDtype: kvCacheDtype ?? null },
  };
}

/** The first prompts of each suite, as many of one as of another. */
function fixedPrompts(suites: readonly ExperimentSuite[], count: number): (readonly number[])[] {
  const each = Math.ceil(count / Math.max(1, suites.length));
  return suites.flatMap(({ prompts }) => prompts.slice(0, each)).slice(0, count);
}

/** Log-probs of texts by our own evaluation graph. */
async function ownScores(
  context: StageContext,
  weights: TensorSource,
  texts: Parameters<typeof scoreResponses>[3],
  temperature: number,
): Promise<number[][]> {
  const { experiment } = context, runtime = runtimeOf(context);
  const parameters = await placeParameters(runtime, weights, experiment.layout);
  try {
    const { microBatchTokens } = experiment.profile.training, graph = artifact(experiment, "eval_model");
    return await scoreResponses(runtime, graph, parameters, texts, microBatchTokens, temperature);
  } finally {
    for (const tensor of Object.values(parameters)) tensor.dispose();
  }
}

/**
 * Opens the profile's server and shows that it serves a policy.
 *
 * @param run What it may call the policy: `base`, `grpo-1`.
 * @param model SHA-256 of the policy's weights, or the base model's content id.
 * @throws {ServerError} If it does not answer, or serves something else.
 */
export async function openServed(
  context: StageContext,
  run: string,
  model: string,
  weights: TensorSource,
): Promise<Served> {
  const { experiment: { profile, suites, model: { tokenizer, config } }, onNotice } = context;
  const settings = serverSettings(profile.evaluation.server);
  if (settings.url === undefined) {
    throw new ServerError(
      `Cannot evaluate ${run}: the profile says that a server answers and not where; say --server URL`,
    );
  }
  const vocabulary: Vocabulary = { size: config.vocabularySize, endIds: tokenizer.endIds };
  const server = await InferenceServer.open({
    url: settings.url,
    key: serverKey(),
    engine: settings.engine,
    model: settings.model?.replaceAll("{run}", run),
    timeout: settings.timeout * 1000,
    retries: settings.retries,
    onWait: (reason, milliseconds) =>
      onNotice(`waits for the server: ${reason}; again in ${(milliseconds / 1000).toFixed(1)} s`),
  });
  const again = async (): Promise<ServerCheck> =>
    await checkServer(server, {
      prompts: fixedPrompts(suites, settings.checkPrompts),
      maxTokens: Math.min(CHECK_TOKENS, profile.maxResponseTokens),
      temperature: profile.temperature,
      bound: settings.maxLogprobGap,
      concurrency: settings.concurrency,
      vocabulary,
      decode: (tokens) => tokenizer.decode(tokens, { skipSpecialTokens: true }),
      score: (texts, temperature) => ownScores(context, weights, texts, temperature),
    });
  const check = await again(), { engine, version } = server.identity;
  onNotice(
    `is answered by ${engine} ${
      recordedWord(version)
    }: log-probs of ${check.tokens} tokens of ${check.prompts} fixed prompts differ from ours by up to ${
      check.largest.toPrecision(2)
    } nats, allowed are ${check.bound}`,
  );
  return { server, model, check, again };
}

/** What counts of a journal, by place; nothing if somebody else answered last. */
function kept(journal: Journal, who: string, count: number): Map<number, ServedEntry> {
  const responses = new Map<number, ServedEntry>();
  let last: string | null | undefined;
  for (const line of journal.entries) {
    const head = headSchema.safeParse(line).data, entry = entrySchema.safeParse(line).data;
    if (head) {
      if (head.server !== last) responses.clear();
      last = head.server;
    } else if (entry && entry.index < count) responses.set(entry.index, entry);
  }
  if (last !== who) responses.clear();
  return responses;
}

/** Responses of a suite from a server. */
export interface ServedResponses {
  /** The responses, in the order of the requests. */
  readonly responses: readonly ServedEntry[];
  /** Who sampled them. */
  readonly served: ServedOutcome;
  /** Token ids and log-probs: `lengths` and `tokens` as int32, `logprobs` as float32, NaN where the engine left them out. */
  readonly attachments: Readonly<Record<string, ByteStream>>;
}

/** Asks for each response that a journal lacks, one request a response. */
export async function servedResponses(
  context: StageContext,
  { server, model, check, again }: Served,
  suite: string,
  requests: readonly RolloutRequest[],
  journal: Journal,
  onFinished: (responses: number) => void,
): Promise<ServedResponses> {
  const { profile, model: { tokenizer, config } } = context.experiment, { seed } = profile.evaluation;
  const { concurrency } = serverSettings(profile.evaluation.server);
  const who = canonicalJson(server.identity), responses = kept(journal, who, requests.length);
  if (responses.size > 0) {
    context.onNotice(`goes on from ${responses.size} of ${requests.length} responses`);
  } else await journal.add({ server: who });
  const key = randomKey("evaluate on a server", suite, seed);
  const vocabulary: Vocabulary = { size: config.vocabularySize, endIds: tokenizer.endIds };
  const missing = requests.map((_, index) => index).filter((index) => !responses.has(index));
  const stopping = new AbortController();
  const look = setInterval(() => context.stopped?.() && stopping.abort(), STOP_LOOK);
  try {
    await concurrently(missing, concurrency, async (index) => {
      const { prompt, problem, sample } = requests[index] as RolloutRequest; // an index of the list
      const { temperature, maxResponseTokens: maxTokens } = profile;
      const asked = { prompt, seed: responseSeed(key, problem, sample), temperature, maxTokens };
      const { tokens, logprobs = null, ended } = await server.complete(asked, vocabulary, stopping.signal);
      const entry: ServedEntry = { index, response: tokens, logprobs, ended };
      await journal.add(entry);
      responses.set(index, entry);
      onFinished(responses.size);
    });
  } catch (error) {
    if (stopping.signal.aborted) {
      checkStopped(context, `response ${responses.size} of ${requests.length} of ${suite}`);
    }
    throw error;
  } finally {
    clearInterval(look);
  }
  const after = await stillTheSame(server, who, again).catch(async (error) => {
    if (error instanceof OtherModelError) await journal.add({ server: null });
    throw error;
  });
  const ordered = requests.map((_, index) => responses.get(index) as ServedEntry); // every request was answered
  const largest = Math.max(check.largest, after.largest);
  return {
    responses: ordered,
    served: {
      claim: "statistical",
      ...recordedIdentity(server, profile.evaluation.server ?? {}),
      model,
      concurrency,
      seeds: SEED_RULE,
      logprobs: check.logprobs,
      withoutLogprobs: ordered.filter(({ logprobs }) => logprobs === null).length,
      check: {
        prompts: check.prompts,
        tokens: check.tokens,
        largest: shortened(largest),
        mean: shortened(check.mean),
        bound: check.bound,
      },
    },
    attachments: sampledBytes(ordered),
  };
}

/**
 * Shows a server again after a run.
 *
 * @throws {OtherModelError} If it became another: none of its answers counts.
 */
async function stillTheSame(
  server: InferenceServer,
  who: string,
  again: Served["again"],
): Promise<ServerCheck> {
  if (canonicalJson(await server.ask()) !== who) {
    throw new OtherModelError(
      "Cannot use what the server answered: it is another engine or version than at the beginning; run it again",
    );
  }
  return await again();
}

function recordedIdentity(
  { identity, fingerprint }: { readonly identity: ServerIdentity; readonly fingerprint: string | undefined },
  said: { readonly dtype?: string | undefined; readonly kvCacheDtype?: string | undefined },
): Pick<
  ServedOutcome,
  "engine" | "version" | "fingerprint" | "dtype" | "kvCacheDtype" | "deterministic" | "slots"
> {
  const word = (text: string | undefined): string | null => text === undefined ? null : recordedWord(text);
  return {
    engine: identity.engine,
    version: recordedWord(identity.version),
    fingerprint: word(fingerprint),
    dtype: word(identity.dtype ?? said.dtype),
    kvCacheDtype: word(identity.kvCacheDtype ?? said.kvCacheDtype),
    deterministic: identity.deterministic ?? null,
    slots: identity.slots ?? null,
  };
}

/** Three significant digits. */
function shortened(value: number): number {
  return Number(value.toPrecision(3));
}

/** Token ids and log-probs as they are stored. */
function sampledBytes(responses: readonly ServedEntry[]): Record<string, ByteStream> {
  const stream = (
    name: string,
    { buffer }: Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>,
  ): ByteStream => streamOf(bytesSource(new Uint8Array(buffer), name));
  return {
    lengths: stream("lengths", Int32Array.from(responses, ({ response }) => response.length)),
    tokens: stream("tokens", Int32Array.from(responses.flatMap(({ response }) => response))),
    logprobs: stream(
      "logprobs",
      Float32Array.from(
        responses.flatMap(({ response, logprobs }) => logprobs ?? response.map(() => NaN)),
      ),
    ),
  };
}
