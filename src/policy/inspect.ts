/**
 * Internal policies of a model on given completions: entropies, divergences, ranks, sizes and directions of every layer
 * at every response token, from two passes over the layers. The first finds the last state, which the policies are
 * compared with; the second reads the policies. Only one layer's weights, the output embedding and the states of some
 * sequences are in memory.
 *
 * @module
 */

import { FINAL_NORM } from "../model/mod.ts";
import { RandomStream } from "../random.ts";
import type { Sequence } from "../rl/mod.ts";
import type { DeviceTensors, Runtime } from "../runtime/mod.ts";
import { type BatchState, type InspectedModel, LayerRunner, readFinite } from "./layer_runner.ts";
import {
  type ChangeName,
  type FormName,
  formNames,
  isInput,
  type PolicyName,
  type QuantityName,
  type StateName,
  stateNames,
  type TokenValues,
} from "./quantity.ts";
import { checkSequences, readTables, ResponseRows } from "./response_rows.ts";
import {
  addRows,
  normedRows,
  type PolicyReading,
  rowCosines,
  rowNorms,
  type Rows,
  type TopToken,
  Unembedding,
} from "./head/mod.ts";

/** What is told while a model is inspected. */
export interface InspectionListener {
  /**
   * Takes what was measured at a layer for a sequence.
   *
   * @param layer From 1; 0 is the embedding.
   * @param top The likeliest tokens of `layer.raw`, one list a response token, where they were asked for.
   */
  onLayer(sequence: number, layer: number, values: TokenValues, top: readonly (readonly TopToken[])[]): void;
  /** Layers that are done, both passes. */
  onProgress?(done: number, total: number): void;
}

/** How a model is inspected. */
export interface InspectionOptions {
  /** How many of each layer's likeliest tokens are wanted; default none. */
  readonly top?: number;
  /** Seed of the permutation of the vocabulary in the control; default 1. */
  readonly shuffleSeed?: number;
  /** Positions of sequences that are in memory at a time, layer after layer; default 8192. */
  readonly positions?: number;
  /** Rows of the output embedding that are read at a time; for tests. */
  readonly chunk?: number;
}

/** Positions of sequences that are in memory at a time. */
export const GROUP_POSITIONS = 8192;

/** The residual stream before a layer and what the layer made of it, at the tokens that are read. */
interface LayerRows {
  readonly states: Readonly<Partial<Record<StateName, Rows>>>;
  /** Hˡ⁻¹; absent before the first layer. */
  readonly before?: Rows;
}

/** Cuts sequences into groups whose states are in memory together. */
function groupsOf(sequences: readonly Sequence[], positions: number): number[][] {
  const groups: number[][] = [];
  let filled = Infinity;
  sequences.forEach(({ prompt, response }, i) => {
    const size = prompt.length + response.length;
    if (filled + size > positions) {
      groups.push([]);
      filled = 0;
    }
    groups.at(-1)?.push(i);
    filled += size;
  });
  return groups;
}

/** What all layers are read with. */
interface Reader {
  readonly unembedding: Unembedding;
  readonly gain: Rows;
  readonly epsilon: number;
  readonly width: number;
  /** Hᴸ, raw, and through the final norm. */
  readonly last: Rows;
  readonly lastNorms: Float64Array;
  readonly reference: Rows;
  /** Response tokens, and the tokens that stand in their places when the vocabulary is shuffled. */
  readonly targets: readonly [Int32Array, Int32Array];
  readonly top: number;
}

/** A layer's quantities. */
async function readLayer(
  { unembedding, gain, epsilon, width, last, lastNorms, reference, targets, top }: Reader,
  { states, before }: LayerRows,
  previous: ReadonlyMap<QuantityName, Float64Array>,
): Promise<{ values: Map<QuantityName, Float64Array<ArrayBuffer>>; top: PolicyReading["top"] }> {
  const names = stateNames.filter((name) => states[name] !== undefined);
  const raw = names.map((name) => states[name] as Rows); // those that are there
  const norms = raw.map((rows) => rowNorms(rows, width));
  const readings = await unembedding.read({
    states: [...raw, ...raw.map((rows) => normedRows(rows, gain, epsilon))],
    scales: norms.map((sizes) =>
      Float32Array.from(sizes, (size, row) => size > 0 ? (lastNorms[row] as number) / size : 0)
    ),
    reference,
    targets,
  });
  const values = new Map<QuantityName, Float64Array<ArrayBuffer>>();
  const entropy = (policy: PolicyName): Float64Array => values.get(`entropy.${policy}`) ?? new Float64Array();
  formNames.forEach((form: FormName, f) => {
    names.forEach((state, s) => {
      const reading = readings[f * names.length + s] as PolicyReading,
        policy: PolicyName = `${state}.${form}`;
      values.set(`entropy.${policy}`, reading.entropy);
      if (isInput(state)) return;
      const [sampled, shuffled] = [0, 1].map((k) => ({
        logprob: reading.logprobs[k] as Float64Array<ArrayBuffer>,
        rank: reading.ranks[k] as Float64Array<ArrayBuffer>,
      })) as [
        Record<"logprob" | "rank", Float64Array<ArrayBuffer>>,
        Record<"logprob" | "rank", Float64Array<ArrayBuffer>>,
      ];
      values.set(`kl_to_final.${policy}`, reading.divergence);
      values.set(`kl_from_final.${policy}`, reading.reverse);
      values.set(`logprob.${policy}`, sampled.logprob);
      values.set(`rank.${policy}`, sampled.rank);
      values.set(`shuffled_logprob.${policy}`, shuffled.logprob);
      values.set(`shuffled_rank.${policy}`, shuffled.rank);
    });
    const change = (name: ChangeName, from: Float64Array): void => {
      const to = entropy(`${name}.${form}`);
      values.set(`change.${name}.${form}`, Float64Array.from(to, (value, i) => value - (from[i] as number)));
    };
    const earlier = previous.get(`entropy.layer.${form}`);
    if (!earlier) return;
    change("layer", earlier);
    change("attn", entropy(`attn_in.${form}`));
    change("ffn", entropy(`ffn_in.${form}`));
  });
  names.forEach((state, s) => {
    if (!isInput(state)) values.set(`norm.${state as ChangeName}`, norms[s] as Float64Array<ArrayBuffer>);
  });
  const { layer, attn, ffn } = states;
  if (layer) values.set("cosine.final", rowCosines(layer, last, width));
  if (before && attn && ffn) {
    values.set("cosine.attn", rowCosines(attn, before, width));
    values.set("cosine.ffn", rowCosines(ffn, addRows(before, attn), width));
  }
  const likeliest = top > 0 && layer
    ? (await unembedding.read({
      states: [layer, layer],
      scales: [new Float32Array(lastNorms.length)],
      reference,
      targets: [],
      top,
    }))[0]?.top
    : undefined;
  return { values, top: likeliest ?? [] };
}

/**
 * Inspects a model on sequences. The numbers of a response token are those of the state that predicts it: the policies
 * are the ones whose log-probs training uses. Prompts are never counted.
 *
 * @throws {RangeError} If there is no response token, a token is none of the model's, or weights are not finite.
 */
export async function inspectSequences(
  runtime: Runtime,
  model: InspectedModel,
  sequences: readonly Sequence[],
  listener: InspectionListener,
  { top = 0, shuffleSeed = 1, positions = GROUP_POSITIONS, chunk }: InspectionOptions = {},
): Promise<void> {
  const { config } = model, width = config.hiddenSize;
  checkSequences(model, sequences);
  const { embeddings, head } = await readTables(model, sequences);
  const gain = await readFinite(model, FINAL_NORM), epsilon = config.rmsNormEpsilon;
  const unembedding = new Unembedding(runtime, head, width, chunk);
  const layers = await LayerRunner.open(runtime, model);
  const shuffled = new RandomStream("shuffled unembedding", shuffleSeed).shuffle(
    Array.from({ length: config.vocabularySize }, (_, token) => token),
  );
  const groups = groupsOf(sequences, positions), total = groups.length * 2 * config.layers;
  let done = 0;
  const withLayer = async (layer: number, work: (weights: DeviceTensors) => Promise<void>): Promise<void> => {
    const weights = await layers.load(layer);
    try {
      await work(weights);
    } finally {
      for (const tensor of Object.values(weights)) tensor.dispose();
    }
    listener.onProgress?.(++done, total);
  };
  try {
    for (const members of groups) {
      const own = members.map((i) => sequences[i] as Sequence), group = new ResponseRows(own, width); // indices of the list
      let batches = layers.begin(own, embeddings);
      for (let layer = 1; layer <= config.layers; layer++) {
        await withLayer(layer, async (weights) => {
          const next: BatchState[] = [];
          for (const state of batches) {
            next.push({ ...state, hidden: (await layers.run(layer, weights, state, ["residual"])).residual });
          }
          batches = next;
        });
      }
      const last = group.rows(), tokens = group.tokens();
      for (const state of batches) group.take(state, state.hidden, last);
      const reader: Reader = {
        unembedding,
        gain,
        epsilon,
        width,
        last,
        lastNorms: rowNorms(last, width),
        reference: normedRows(last, gain, epsilon),
        targets: [tokens, tokens.map((token) => shuffled[token] as number)], // of the vocabulary
        top,
      };
      const tell = async (layer: number, rows: LayerRows, previous: TokenValues): Promise<TokenValues> => {
        const { values, top } = await readLayer(reader, rows, previous);
        members.forEach((sequence, i) => {
          const part = [...values].map(([quantity, numbers]) => {
            return [quantity, numbers.subarray(...group.part(numbers, i))] as const;
          });
          listener.onLayer(sequence, layer, new Map(part), top.slice(...group.part(top, i)));
        });
        return values;
      };
      batches = layers.begin(own, embeddings);
      let before = group.rows();
      for (const state of batches) group.take(state, state.hidden, before);
      let previous = await tell(0, { states: { layer: before } }, new Map());
      for (let layer = 1; layer <= config.layers; layer++) {
        await withLayer(layer, async (weights) => {
          const names = ["residual", "attn", "ffn", "attn_in", "ffn_in"] as const;
          const rows = { residual: group.rows(), attn: group.rows(), ffn: group.rows() };
          const inputs = { attn_in: group.rows(), ffn_in: group.rows() }, taken = { ...rows, ...inputs };
          const next: BatchState[] = [];
          for (const state of batches) {
            const outputs = await layers.run(layer, weights, state, names);
            for (const name of names) group.take(state, outputs[name], taken[name]);
            next.push({ ...state, hidden: outputs.residual });
          }
          batches = next;
          const { residual, ...others } = taken;
          previous = await tell(layer, { states: { layer: residual, ...others }, before }, previous);
          before = residual;
        });
      }
    }
  } finally {
    await unembedding.dispose();
    await layers.dispose();
  }
}
