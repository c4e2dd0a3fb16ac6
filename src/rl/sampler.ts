/**
 * Rollouts: batched decoding with a KV cache, one graph step for all rows, finished rows refilled at once.
 *
 * @module
 */

import { keyCacheName, outputName, valueCacheName } from "../artifact/mod.ts";
import type { ModelConfig, Precision } from "../model/mod.ts";
import { uniformAt } from "../random.ts";
import type { DeviceTensor, DeviceTensors, Runtime, Session } from "../runtime/mod.ts";
import { type BatchRecord, jsonNumber, NonFiniteError } from "./non_finite.ts";
import { uploadRounded } from "./placement.ts";
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
  /** The element type of the KV cache: what layers compute in. Default float32. */
  readonly precision?: Precision;
  /** Tokens that end a response. */
  readonly endIds: readonly number[];
  /** How many rows are decoded together; changes no result. */
  readonly batch: number;
}

/** What a caller hears while responses are sampled; what it throws ends the sampling. */
export interface SamplingListener {
  /** A response has ended: the response, and its place among the requests. */
  readonly onFinished?: (rollout: Rollout, place: number) => void | Promise<void>;
  /** All rows have moved on by a token. */
  readonly onToken?: () => void;
}

interface Row {
  request: number;
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

/** Decodes with given parameters; the cache is kept between calls. */
export class Sampler {
  readonly #session: Session;
  readonly #settings: SamplingSettings;
  readonly #endIds: ReadonlySet<number>;
  readonly #tokens: DeviceTensor<"int64">;
  readonly #positions: DeviceTensor<"int32">;
  readonly #noise: DeviceTensor<"float32">;
  readonly #fixed: DeviceTensors;
  readonly #inPlace: DeviceTensors;
  /**
   * Rows in the graph: a multiple of four. A product with a single row takes another kernel with other roundings, and so
   * do the last elements of a logarithm, sine or cosine whose number of elements is no multiple of four.
   */
  readonly #rows: number;

  private constructor(runtime: Runtime, session: Session, config: ModelConfig, settings: SamplingSettings) {
    this.#session = session;
    this.#settings = settings;
    this.#endIds = new Set(settings.endIds);
    const rows = this.#rows = 4 * Math.ceil(settings.batch / 4);
    const capacity = settings.maxPromptTokens + settings.maxResponseTokens;
    const cacheShape = [rows, config.keyValueHeads, capacity, config.headDimension];
    const caches: Record<string, DeviceTensor> = {}, inPlace: Record<string, DeviceTensor> = {};
    for (let layer = 1; layer <= config.layers; layer++) {
      for (const name of [keyCacheName(layer), valueCacheName(layer)]) {
        const count = cacheShape.reduce((a, b) => a * b, 1);
        const cache = uploadRounded(
          runtime,
          settings.precision ?? "float32",
          cacheShape,
          new Float32Array(count),
        );
        caches[name] = cache;
        inPlace[outputName(name)] = cache;
      }
    }
    // New at each step, and small: a run takes them along.
    this.#tokens = runtime.stage("int64", [rows], new BigInt64Array(rows));
    this.#positions = runtime.stage("int32", [rows], new Int32Array(rows));
    this.#noise = runtime.stage("float32", [rows], new Float32Array(rows));
    this.#inPlace = inPlace;
    this.#fixed = {
      ...caches,
      temperature: runtime.upload("float32", [], Float32Array.of(settings.temperature)),
      slots: runtime.upload("int32", [capacity], Int32Array.from({ length: capacity }, (_, i) => i)),
      // A size, which kernels want to know before they start.
      capacity_size: runtime.stage("int32", [], Int32Array.of(capacity)),
    };
  }

  /** Loads a rollout graph. */
  static async open(
    runtime: Runtime,
    artifact: Uint8Array,
    config: ModelConfig,
    settings: SamplingSettings,
  ): Promise<Sampler> {
    return new Sampler(runtime, await runtime.load(artifact), config, settings);
  }

  /**
   * Samples a response for every request.
   *
   * @param parameters The policy's parameters on the device.
   * @param key The key of the noise: the token at response position t of (problem, sample, place) is decided by the
   * uniform number at that address, whatever shares its batch.
   * @param listener Told of every response that has ended.
   * @throws {RangeError} If a prompt is empty or longer than the limit.
   * @throws {NonFiniteError} If a token's log-prob is not finite.
   */
  async sample(
    parameters: DeviceTensors,
    requests: readonly RolloutRequest[],
    key: readonly [number, number],
    { onFinished, onToken }: SamplingListener = {},
  ): Promise<Rollout[]> {
    const { maxPromptTokens, maxResponseTokens } = this.#settings;
    requests.forEach(({ prompt }, i) => {
      if (prompt.length >= 1 && prompt.length <= maxPromptTokens) return;
      throw new RangeError(
        `Cannot sample for prompt ${i}: it has ${prompt.length} tokens, the limit is ${maxPromptTokens}`,
      );
    });
    const results = new Array<Rollout>(requests.length);
    const tokens = new BigInt64Array(this.#rows), positions = new Int32Array(this.#rows);
    const noise = new Float32Array(this.#rows);
    let next = 0, finished = 0;
    const take = (): Row | undefined => {
      return next < requests.length ? { request: next++, fed: 0, response: [], logprobs: [] } : undefined;
    };
    const rows = Array.from({ length: this.#rows }, take);
    while (finished < requests.length) {
      rows.forEach((row, i) => {
        const request = row && requests[row.request];
        if (!row || !request) {
          // An idle row computes something that nobody reads.
          tokens[i] = 0n;
          positions[i] = 0;
          return;
        }
        const { prompt, problem, sample, place = 0 } = request;
        tokens[i] = BigInt(prompt[row.fed] ?? row.response.at(-1) ?? 0);
        positions[i] = row.fed;
        const samples = row.fed + 1 >= prompt.length;
        noise[i] = samples ? uniformAt(key, problem, sample, row.response.length, place) : 0;
      });
      await this.#tokens.write(tokens);
      await this.#positions.write(positions);
      await this.#noise.write(noise);
      const outputs = await this.#session.run(
        {
          tokens: this.#tokens,
          positions: this.#positions,
          noise: this.#noise,
          ...this.#fixed,
          ...parameters,
        },
        this.#inPlace,
      );
      const sampled = await outputs.next_tokens?.download() as BigInt64Array;
      const logprobs = await outputs.next_logprobs?.download() as Float32Array;
      outputs.next_tokens?.dispose();
      outputs.next_logprobs?.dispose();
      for (const [i, row] of rows.entries()) {
        const request = row && requests[row.request];
        if (!row || !request) continue;
        row.fed++;
        if (row.fed < request.prompt.length) continue;
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
        rows[i] = take();
        await onFinished?.(rollout, row.request);
      }
      onToken?.();
    }
    return results;
  }

  /** Frees the session and the cache. */
  async dispose(): Promise<void> {
    for (const tensor of [this.#tokens, this.#positions, this.#noise, ...Object.values(this.#fixed)]) {
      tensor.dispose();
    }
    await this.#session.dispose();
  }
}
