/**
 * Rollouts: batched decoding with a KV cache, one graph step for all rows. A prompt is computed once, in one pass, and
 * copied to the rows that sample after it; finished rows are refilled at once.
 *
 * @module
 */

import { keyCacheName, valueCacheName } from "../artifact/mod.ts";
import type { ModelConfig, Precision } from "../model/mod.ts";
import { uniformAt } from "../random.ts";
import type { DeviceTensor, DeviceTensors, Program, Runtime, Session } from "../runtime/mod.ts";
import { type BatchRecord, jsonNumber, NonFiniteError } from "./non_finite.ts";
import { cacheTensors, rotaryTables } from "./placement.ts";
import { inPlace, Prefill, prefillSizes } from "./prefill.ts";
import type { Rollout } from "./sequence.ts";

/** One response to sample. */
export interface RolloutRequest {
  /** The prompt's tokens. */
  readonly prompt: readonly number[];
  /** The problem's number: with the sample and the place it is the noise's address. */
  readonly problem: number;
  /** The sample's number within the problem. */
  readonly sample: number;
  /** The prompt's place in its batch, where a batch may hold a problem more than once; default 0. */
  readonly place?: number;
}

/** How responses are sampled. */
export interface SamplingSettings {
  /** The softmax temperature. */
  readonly temperature: number;
  /** The most response tokens. */
  readonly maxResponseTokens: number;
  /** The most prompt tokens; with the response it is the KV cache's capacity, and so part of every key. */
  readonly maxPromptTokens: number;
  /** What layers compute in. Default float32. */
  readonly precision?: Precision;
  /** The element type of the KV caches, as the graphs have it. Default what layers compute in. */
  readonly cachePrecision?: Precision;
  /** Tokens that end a response. */
  readonly endIds: readonly number[];
  /** How many rows are decoded together; changes no result. */
  readonly batch: number;
  /**
   * The most tokens of a prompt that one pass takes, a multiple of four; changes no result. Default, and always with several
   * threads: what fills a pass.
   */
  readonly piece?: number;
}

/** The graphs of sampling, as ONNX bytes. */
export interface SamplerArtifacts {
  /** One decoding step. */
  readonly rollout: Uint8Array;
  /** A pass over prompts. */
  readonly prefill: Uint8Array;
  /** The copying of prompts to rows. */
  readonly copy: Uint8Array;
}

/** What a caller hears while responses are sampled; what it throws ends the sampling. */
export interface SamplingListener {
  /** A response has ended: the response, and its place among the requests. */
  readonly onFinished?: (rollout: Rollout, place: number) => void | Promise<void>;
  /** All rows have moved on by a token. */
  readonly onToken?: () => void;
}

interface Row {
  readonly request: number;
  /** How many positions the row's cache holds. */
  fed: number;
  response: number[];
  logprobs: number[];
}

/** What was sampled when it had to stop: the finished responses and those that were on their way. */
function stoppedBatch(
  requests: readonly RolloutRequest[],
  results: readonly (Rollout | undefined)[],
  rows: readonly (Row | undefined)[],
): BatchRecord {
  return {
    responses: requests.map(({ problem, sample }, i) => {
      const sampled = results[i] ?? rows.find((row) => row?.request === i);
      const { response = [], logprobs = [] } = sampled ?? {};
      return { problem, sample, response, logprobs: logprobs.map(jsonNumber) };
    }),
  };
}

/** The graphs of sampling, from a set of artifacts. */
export function samplerArtifacts(graph: (model: string) => Uint8Array): SamplerArtifacts {
  return { rollout: graph("rollout_model"), prefill: graph("prefill_model"), copy: graph("copy_model") };
}

/**
 * The rows of the decoding step for a number of rows that are wanted. Layers that compute in 16 bits do so with float32
 * products on the CPU, where one row has other roundings than several.
 */
export function decodedRows(batch: number, precision: Precision = "float32"): number {
  return precision === "float32" ? batch : 4 * Math.ceil(batch / 4);
}

/** Parameters that several calls sample with, ready for decoding. */
export class HeldPolicy {
  /** The parameters. */
  readonly parameters: DeviceTensors;
  /** The decoding step with them. */
  readonly session: Session;

  /** Takes the session over. */
  constructor(parameters: DeviceTensors, session: Session) {
    this.parameters = parameters;
    this.session = session;
  }

  /** Frees what was made ready; the parameters stay. */
  async dispose(): Promise<void> {
    await this.session.dispose();
  }

  /** The same, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }
}

/** The slots of a row's cache: prompt and response, and at least those that a prompt is copied with. */
export function cacheSlots(
  settings: Pick<SamplingSettings, "maxPromptTokens" | "maxResponseTokens" | "batch">,
): number {
  return Math.max(settings.maxPromptTokens + settings.maxResponseTokens, prefillSizes(settings, 1).slots);
}

/** Decodes with given parameters; the cache is kept between calls. */
export class Sampler {
  readonly #decoding: Program;
  readonly #settings: SamplingSettings;
  readonly #endIds: ReadonlySet<number>;
  readonly #tokens: DeviceTensor<"int64">;
  readonly #positions: DeviceTensor<"int32">;
  readonly #noise: DeviceTensor<"float32">;
  readonly #fixed: DeviceTensors;
  readonly #makeCaches: () => DeviceTensors;
  readonly #prefill: Prefill;
  /** The rows' KV caches; none before the first sampling, and where they were released. */
  #caches: DeviceTensors | undefined;
  /** Rows in the graph. */
  readonly #rows: number;

  private constructor(
    runtime: Runtime,
    decoding: Program,
    [prefill, copy]: readonly [Session, Session],
    config: ModelConfig,
    settings: SamplingSettings,
  ) {
    this.#decoding = decoding;
    this.#settings = settings;
    this.#endIds = new Set(settings.endIds);
    const { precision = "float32", cachePrecision = precision } = settings;
    const rows = this.#rows = decodedRows(settings.batch, precision), capacity = cacheSlots(settings);
    const names = [keyCacheName, valueCacheName];
    this.#makeCaches = () => cacheTensors(runtime, config, cachePrecision, names, rows, capacity);
    // New at each step, and small: a run takes them along.
    this.#tokens = runtime.stage("int64", [rows], new BigInt64Array(rows));
    this.#positions = runtime.stage("int32", [rows], new Int32Array(rows));
    this.#noise = runtime.stage("float32", [rows], new Float32Array(rows));
    this.#fixed = {
      temperature: runtime.upload("float32", [], Float32Array.of(settings.temperature)),
      ...rotaryTables(runtime, config, capacity),
      slots: runtime.upload("int32", [capacity], Int32Array.from({ length: capacity }, (_, i) => i)),
      // A size, which kernels want to know before they start.
      capacity_size: runtime.stage("int32", [], Int32Array.of(capacity)),
    };
    this.#prefill = new Prefill(runtime, prefill, copy, config, settings);
  }

  /** Loads the graphs of sampling. */
  static async open(
    runtime: Runtime,
    { rollout, prefill, copy }: SamplerArtifacts,
    config: ModelConfig,
    settings: SamplingSettings,
  ): Promise<Sampler> {
    const decoding = await runtime.prepare(rollout);
    const prompts = [await runtime.load(prefill), await runtime.load(copy)] as const;
    return new Sampler(runtime, decoding, prompts, config, settings);
  }

  /**
   * Makes parameters ready for several calls. On the CPU that is a copy of the weights as the kernel of products reads
   * them: the parameters must not be written while it is in use.
   */
  async hold(parameters: DeviceTensors): Promise<HeldPolicy> {
    return new HeldPolicy(parameters, await this.#decoding.bind(parameters));
  }

  /**
   * Samples a response for every request.
   *
   * @param policy The policy's parameters on the device, made ready for this call, or those that are held.
   * @param key The key of the noise: the token at response position t of (problem, sample, place) is decided by the
   * uniform number at that address, whatever shares its batch.
   * @param listener Told of every response that has ended.
   * @throws {RangeError} If a prompt is empty or longer than the limit.
   * @throws {NonFiniteError} If a token's log-prob is not finite.
   */
  async sample(
    policy: DeviceTensors | HeldPolicy,
    requests: readonly RolloutRequest[],
    key: readonly [number, number],
    listener: SamplingListener = {},
  ): Promise<Rollout[]> {
    const { maxPromptTokens } = this.#settings;
    requests.forEach(({ prompt }, i) => {
      if (prompt.length >= 1 && prompt.length <= maxPromptTokens) return;
      throw new RangeError(
        `Cannot sample for prompt ${i}: it has ${prompt.length} tokens, the limit is ${maxPromptTokens}`,
      );
    });
    if (policy instanceof HeldPolicy) return await this.#sample(policy, requests, key, listener);
    await using held = await this.hold(policy);
    return await this.#sample(held, requests, key, listener);
  }

  async #sample(
    { parameters, session }: HeldPolicy,
    requests: readonly RolloutRequest[],
    key: readonly [number, number],
    { onFinished, onToken }: SamplingListener,
  ): Promise<Rollout[]> {
    const { maxResponseTokens } = this.#settings;
    const results = new Array<Rollout>(requests.length);
    const tokens = new BigInt64Array(this.#rows), positions = new Int32Array(this.#rows);
    const noise = new Float32Array(this.#rows);
    const caches = this.#caches ??= this.#makeCaches(), places = inPlace(caches);
    const prompts = this.#prefill.start(parameters, requests.map(({ prompt }) => prompt), caches);
    const rows = new Array<Row | undefined>(this.#rows);
    let next = 0, finished = 0;
    while (finished < requests.length) {
      for (let i = 0; i < rows.length && next < requests.length; i++) {
        if (rows[i]) continue;
        rows[i] = { request: next, fed: await prompts.place(next, i), response: [], logprobs: [] };
        next++;
      }
      await prompts.copy();
      rows.forEach((row, i) => {
        const request = row && requests[row.request];
        if (!row || !request) {
          // An idle row computes something that nobody reads.
          tokens[i] = 0n;
          positions[i] = 0;
          return;
        }
        const { prompt, problem, sample, place = 0 } = request;
        tokens[i] = BigInt(row.response.at(-1) ?? prompt.at(-1) ?? 0);
        positions[i] = row.fed;
        noise[i] = uniformAt(key, problem, sample, row.response.length, place);
      });
      await this.#tokens.write(tokens);
      await this.#positions.write(positions);
      await this.#noise.write(noise);
      const step = { tokens: this.#tokens, positions: this.#positions, noise: this.#noise };
      const outputs = await session.run({ ...step, ...caches, ...this.#fixed }, places);
      const sampled = await outputs.next_tokens?.download() as BigInt64Array;
      const logprobs = await outputs.next_logprobs?.download() as Float32Array;
      outputs.next_tokens?.dispose();
      outputs.next_logprobs?.dispose();
      for (const [i, row] of rows.entries()) {
        const request = row && requests[row.request];
        if (!row || !request) continue;
        row.fed++;
        const token = Number(sampled[i]), logprob = logprobs[i] as number; // one a row
        row.response.push(token);
        row.logprobs.push(logprob);
        if (!Number.isFinite(logprob)) {
          throw new NonFiniteError({
            quantity: "sampler log-probs",
            value: jsonNumber(logprob),
            response: row.request,
            batch: stoppedBatch(requests, results, rows),
          });
        }
        const ended = this.#endIds.has(token);
        if (!ended && row.response.length < maxResponseTokens) continue;
        const rollout = { prompt: request.prompt, response: row.response, logprobs: row.logprobs, ended };
        results[row.request] = rollout;
        finished++;
        rows[i] = undefined;
        await onFinished?.(rollout, row.request);
      }
      onToken?.();
    }
    return results;
  }

  /** Frees the KV caches until the next sampling. */
  release(): void {
    for (const cache of Object.values(this.#caches ?? {})) cache.discard();
    this.#caches = undefined;
    this.#prefill.release();
  }

  /** Frees sessions and caches. */
  async dispose(): Promise<void> {
    this.release();
    await this.#prefill.dispose();
    for (const tensor of [this.#tokens, this.#positions, this.#noise, ...Object.values(this.#fixed)]) {
      tensor.dispose();
    }
    await this.#decoding.dispose();
  }
}
