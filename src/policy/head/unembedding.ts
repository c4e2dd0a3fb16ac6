/**
 * The output embedding, chunk by chunk: reads policies from states without ever holding more than a chunk of logits.
 * Entropy, divergences and ranks are exact over the whole vocabulary: each chunk's sums and their merging are in float64.
 *
 * @module
 */

import { headStatisticsGraph, targetLogitsGraph } from "../../artifact/mod.ts";
import type { DeviceTensor, DeviceTensors, Runtime, Session } from "../../runtime/mod.ts";
import { toOnnx } from "../../tensor/mod.ts";
import { merge, type Merged, start } from "./running_sums.ts";
import { type TopToken, TopTokens } from "./top_tokens.ts";
import type { Rows } from "./vectors.ts";

/** The most rows of the output embedding that are read at a time. */
export const CHUNK = 4096;

/** The most tokens that are read at a time: with 15 policies a chunk of logits is 16 MB. */
export const BLOCK = 64;

/** What is read. */
export interface Reading {
  /** The states, `[rows, hiddenSize]` each; one policy each. */
  readonly states: readonly Rows[];
  /** Factors of the first so many states, one a row: one more policy each. */
  readonly scales: readonly Float32Array[];
  /** The states that the reference policy is read from. */
  readonly reference: Rows;
  /** Lists of tokens, one a row each, whose log-probs and ranks are wanted. */
  readonly targets: readonly Int32Array[];
  /** How many of the likeliest tokens are wanted; default none. */
  readonly top?: number;
}

/** What a policy says, one number a row. */
export interface PolicyReading {
  /** −Σ π ln π in nats. */
  readonly entropy: Float64Array<ArrayBuffer>;
  /** KL(π ‖ reference) in nats. */
  readonly divergence: Float64Array<ArrayBuffer>;
  /** KL(reference ‖ π) in nats. */
  readonly reverse: Float64Array<ArrayBuffer>;
  /** ln π(target), a list for each list of targets. */
  readonly logprobs: readonly Float64Array<ArrayBuffer>[];
  /** One more than the number of likelier tokens, a list for each list of targets. */
  readonly ranks: readonly Float64Array<ArrayBuffer>[];
  /** The likeliest tokens of each row, the likeliest first. */
  readonly top: readonly (readonly TopToken[])[];
}

interface Chunk {
  readonly start: number;
  readonly end: number;
  readonly rows: DeviceTensor;
}

/** Rows `[from, to)` of a list of rows, filled with zeros to a number of rows. */
function cut(rows: Rows, width: number, from: number, to: number, filled: number): Rows {
  const part = new Float32Array(filled * width);
  part.set(rows.subarray(from * width, to * width));
  return part;
}

/**
 * Rows are filled up to a multiple of four: a product with a single row takes another kernel, and the last elements of
 * others that are no multiple of four round differently. So a row's numbers do not depend on what is read with it.
 */
function filledRows(count: number): number {
  return 4 * Math.ceil(count / 4);
}

/** An output embedding that policies are read through. */
export class Unembedding {
  readonly #runtime: Runtime;
  readonly #width: number;
  readonly #chunks: readonly Chunk[];
  readonly #sessions = new Map<string, Promise<Session>>();

  /**
   * Cuts an output embedding into chunks; on the CPU they are views of it, not copies.
   *
   * @param table `[vocabulary, hiddenSize]`.
   * @param width The hidden size.
   */
  constructor(runtime: Runtime, table: Rows, width: number, chunk = CHUNK) {
    this.#runtime = runtime;
    this.#width = width;
    const size = table.length / width;
    this.#chunks = Array.from({ length: Math.ceil(size / chunk) }, (_, i) => {
      const start = i * chunk, end = Math.min(size, start + chunk);
      const rows = runtime.upload(
        "float32",
        [end - start, width],
        table.subarray(start * width, end * width),
      );
      return { start, end, rows };
    });
  }

  /** Reads policies. Rows do not influence each other. */
  async read({ states, scales, reference, targets, top = 0 }: Reading): Promise<PolicyReading[]> {
    const width = this.#width, rows = reference.length / width, policies = states.length + scales.length;
    const numbers = (): Float64Array<ArrayBuffer> => new Float64Array(rows);
    const readings = Array.from({ length: policies }, () => ({
      entropy: numbers(),
      divergence: numbers(),
      reverse: numbers(),
      logprobs: targets.map(numbers),
      ranks: targets.map(numbers),
      top: [] as TopToken[][],
    }));
    for (let from = 0; from < rows; from += BLOCK) {
      const to = Math.min(rows, from + BLOCK), filled = filledRows(to - from);
      const block: Reading = {
        states: states.map((state) => cut(state, width, from, to, filled)),
        scales: scales.map((scale) => cut(new Float32Array(scale), 1, from, to, filled)),
        reference: cut(reference, width, from, to, filled),
        targets: targets.map((tokens) => tokens.subarray(from, to)),
        top,
      };
      const logits = await this.#targetLogits(block, filled);
      const merged = await this.#statistics(block, logits, filled);
      readings.forEach((reading, policy) => {
        for (let row = 0; row < to - from; row++) {
          const at = policy * filled + row, sums = merged.sums;
          const spread = Math.log(sums.mass[at] as number), normalizer = (sums.peak[at] as number) + spread;
          const other = (sums.referencePeak[row] as number) + Math.log(sums.referenceMass[row] as number);
          reading.entropy[from + row] = spread - (sums.moment[at] as number) / (sums.mass[at] as number);
          reading.divergence[from + row] = (sums.cross[at] as number) / (sums.mass[at] as number) -
            normalizer + other;
          reading.reverse[from + row] = (sums.reverse[at] as number) / (sums.referenceMass[row] as number) -
            other + normalizer;
          targets.forEach((_, k) => {
            const chosen = logits[at * targets.length + k] as number;
            (reading.logprobs[k] as Float64Array)[from + row] = chosen - normalizer;
            (reading.ranks[k] as Float64Array)[from + row] = 1 + (sums.above[k]?.[at] as number);
          });
          if (top > 0) reading.top.push(merged.top.of(at, normalizer));
        }
      });
    }
    return readings;
  }

  /** Frees the sessions and the chunks. */
  async dispose(): Promise<void> {
    for (const { rows } of this.#chunks) rows.dispose();
    for (const session of this.#sessions.values()) await (await session).dispose();
  }

  /** The targets' logits, `[policies, rows, targets]`; 0 in rows that only fill. */
  async #targetLogits(
    { states, scales, targets }: Reading,
    filled: number,
  ): Promise<Float32Array<ArrayBuffer>> {
    const width = this.#width, count = targets.length;
    const logits = new Float32Array((states.length + scales.length) * filled * count);
    for (const { start, end, rows: embedding } of this.#chunks) {
      const wanted = states.flatMap((state, policy) =>
        targets.flatMap((tokens, k) =>
          Array.from(tokens).flatMap((token, row) => {
            return start <= token && token < end ? [{ state, policy, k, row, local: token - start }] : [];
          })
        )
      );
      if (wanted.length === 0) continue;
      const size = filledRows(wanted.length), rows = new Float32Array(size * width);
      const local = new BigInt64Array(size);
      wanted.forEach((one, i) => {
        rows.set(one.state.subarray(one.row * width, (one.row + 1) * width), i * width);
        local[i] = BigInt(one.local);
      });
      const chunk = end - start;
      const session = await this.#session(`targets ${chunk}`, () => toOnnx(targetLogitsGraph(width, chunk)));
      const outputs = await session.run({
        states: this.#runtime.stage("float32", [size, width], rows),
        local: this.#runtime.stage("int64", [size], local),
        embedding,
      });
      const values = await outputs.logits?.download() as Float32Array;
      wanted.forEach(({ policy, row, k }, i) => {
        const value = values[i] as number; // one for each that is wanted
        logits[(policy * filled + row) * count + k] = value;
        const scale = scales[policy]?.[row];
        if (scale === undefined) return;
        // Rounded once, to float32, as the graph's product is.
        logits[((states.length + policy) * filled + row) * count + k] = value * scale;
      });
      outputs.logits?.dispose();
    }
    return logits;
  }

  async #statistics(
    { states, scales, reference, targets, top = 0 }: Reading,
    logits: Float32Array<ArrayBuffer>,
    rows: number,
  ): Promise<{ sums: Merged; top: TopTokens }> {
    const width = this.#width, policies = states.length + scales.length;
    const stage = (shape: readonly number[], parts: readonly Float32Array[]): DeviceTensor => {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      parts.forEach((part, i) => data.set(part, i * part.length));
      return this.#runtime.stage("float32", shape, data);
    };
    const feeds: DeviceTensors = {
      states: stage([states.length, rows, width], states),
      scale: stage([scales.length, rows, 1], scales),
      reference: stage([rows, width], [reference]),
      target_logits: stage([policies, rows, targets.length], [logits]),
    };
    const sums = start(policies, rows, targets.length), best = new TopTokens(policies * rows, top);
    for (const { start, end, rows: embedding } of this.#chunks) {
      const shape = {
        hiddenSize: width,
        chunk: end - start,
        states: states.length,
        scaled: scales.length,
        targets: targets.length,
      };
      const session = await this.#session(JSON.stringify(shape), () => toOnnx(headStatisticsGraph(shape)));
      const names = session.outputNames.filter((name) => name !== "logits" || top > 0);
      const outputs = await session.run({ ...feeds, embedding }, {}, names);
      const values: Record<string, Float32Array | Float64Array> = {};
      for (const [name, tensor] of Object.entries(outputs)) {
        values[name] = await tensor.download() as Float32Array | Float64Array;
      }
      merge(sums, values);
      if (values.logits) best.add(values.logits as Float32Array, start);
      for (const tensor of Object.values(outputs)) tensor.dispose();
    }
    return { sums, top: best };
  }

  async #session(key: string, build: () => Uint8Array): Promise<Session> {
    const session = this.#sessions.get(key) ?? this.#runtime.load(build());
    this.#sessions.set(key, session);
    return await session;
  }
}
