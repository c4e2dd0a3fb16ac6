/**
 * A probe of a model in training: what the policies of chosen layers say on a batch that stays the same, and how layer k
 * stands to each later one (paper, Figures 4, 5 and 7). One pass over the layers; it draws no random number and changes
 * nothing.
 *
 * @module
 */

import { FINAL_NORM } from "../model/mod.ts";
import type { Sequence } from "../rl/mod.ts";
import type { Runtime } from "../runtime/mod.ts";
import { normedRows, type PolicyReading, rowCosines, rowNorms, type Rows, Unembedding } from "./head/mod.ts";
import {
  type BatchState,
  type InspectedModel,
  type LayerOutput,
  LayerRunner,
  readFinite,
} from "./layer_runner.ts";
import type { Completion } from "./model_inspection.ts";
import { checkSequences, readTables, ResponseRows } from "./response_rows.ts";
import { type Mean, meansOf } from "./tally.ts";

/** How layer k stands to a later layer l, both read as they are. */
export interface LaterLayer {
  /** l. */
  readonly layer: number;
  /** cos(Hᵏ, Hˡ). */
  readonly cosine: Mean;
  /** KL(πᵏ ‖ πˡ) in nats. */
  readonly kl: Mean;
  /** KL(πˡ ‖ πᵏ) in nats. */
  readonly reverse: Mean;
}

/** What is measured of a layer k. */
export interface ProbedLayer {
  /** k, from 1. */
  readonly layer: number;
  /** Entropy of πᵏ in nats: Hᵏ as it is. */
  readonly entropy: Mean;
  /** The same through the final norm. */
  readonly normedEntropy: Mean;
  /** The same with Hᵏ rescaled to the norm of Hᴸ: a control, which takes away the state's size. */
  readonly matchedEntropy: Mean;
  /** ΔH_Layer: the entropy of πᵏ minus that of the layer before, in nats. */
  readonly change: Mean;
  /** ΔH_ATTN in nats. */
  readonly attentionChange: Mean;
  /** ΔH_FFN in nats. */
  readonly feedForwardChange: Mean;
  /** ‖Hᵏ‖. */
  readonly norm: Mean;
  /** ln πᵏ of the token. */
  readonly logprob: Mean;
  /** KL(πᵏ ‖ π_θ) in nats. */
  readonly klToFinal: Mean;
  /** KL(π_θ ‖ πᵏ) in nats. */
  readonly klFromFinal: Mean;
  /** The later layers. */
  readonly later: readonly LaterLayer[];
}

/** What a probe measures; means over response tokens, intervals clustered by problem. */
export interface ProbeReading {
  /** Response tokens. */
  readonly tokens: number;
  /** Completions. */
  readonly completions: number;
  /** Problems. */
  readonly problems: number;
  /** Entropy of π_θ in nats. */
  readonly entropy: Mean;
  /** ln π_θ of the token; the perplexity is exp of its negative. */
  readonly logprob: Mean;
  /** The chosen layers. */
  readonly layers: readonly ProbedLayer[];
}

/** A probe after a step of training. */
export interface ProbeRow extends ProbeReading {
  /** Training steps before it; 0 is the base model. */
  readonly step: number;
}

/** Digits that are kept: more than float32 has. */
const DIGITS = 9;

/** The states of a layer at the response tokens. */
type LayerRows = ReadonlyMap<LayerOutput, Rows>;

const all = ["residual", "attn", "ffn", "attn_in", "ffn_in"] as const;

/** Runs all layers and keeps the states that are read: from the layer before the first chosen one on. */
async function statesOf(
  runtime: Runtime,
  model: InspectedModel,
  sequences: readonly Sequence[],
  embeddings: ReadonlyMap<number, Rows>,
  chosen: ReadonlySet<number>,
): Promise<ReadonlyMap<number, LayerRows>> {
  const { layers, hiddenSize } = model.config, rows = new ResponseRows(sequences, hiddenSize);
  const kept = new Map<number, LayerRows>(), first = Math.min(...chosen) - 1;
  const runner = await LayerRunner.open(runtime, model);
  try {
    let batches = runner.begin(sequences, embeddings);
    const before = rows.rows();
    for (const state of batches) rows.take(state, state.hidden, before);
    if (first === 0) kept.set(0, new Map([["residual", before]]));
    for (let layer = 1; layer <= layers; layer++) {
      const names: readonly LayerOutput[] = chosen.has(layer) ? all : ["residual"], next: BatchState[] = [];
      const taken = new Map(names.map((name) => [name, rows.rows()]));
      const weights = await runner.load(layer);
      try {
        for (const state of batches) {
          const outputs = await runner.run(layer, weights, state, names);
          for (const [name, into] of taken) rows.take(state, outputs[name], into);
          next.push({ ...state, hidden: outputs.residual });
        }
      } finally {
        for (const tensor of Object.values(weights)) tensor.dispose();
      }
      batches = next;
      if (layer >= first) kept.set(layer, taken);
    }
  } finally {
    await runner.dispose();
  }
  return kept;
}

/** Means over tokens with intervals clustered by problem, in as many digits as they have. */
function meansBy(completions: readonly Completion[]): (values: ArrayLike<number>) => Mean {
  const problems = [...new Set(completions.map(({ problem }) => problem))];
  const owners = completions.flatMap(({ problem, response }) =>
    response.map(() => problems.indexOf(problem))
  );
  const counts = problems.map((_, own) => owners.filter((owner) => owner === own).length);
  const rounded = (value: number): number => Number(value.toPrecision(DIGITS));
  return (values) => {
    const sums = new Float64Array(problems.length);
    owners.forEach((owner, token) => sums[owner] = (sums[owner] ?? 0) + (values[token] ?? NaN));
    const { token: { mean, low, high } } = meansOf(sums, counts);
    return {
      mean: rounded(mean),
      low: low === null ? null : rounded(low),
      high: high === null ? null : rounded(high),
    };
  };
}

/**
 * Probes a model.
 *
 * @param layers The chosen layers, from 1.
 * @throws {RangeError} If there is no response token, a token is none of the model's, or a weight or state is no finite
 * number.
 */
export async function probeSequences(
  runtime: Runtime,
  model: InspectedModel,
  completions: readonly Completion[],
  layers: readonly number[],
): Promise<ProbeReading> {
  checkSequences(model, completions);
  const { config } = model, width = config.hiddenSize, last = config.layers;
  const { embeddings, head } = await readTables(model, completions);
  const gain = await readFinite(model, FINAL_NORM), epsilon = config.rmsNormEpsilon;
  const states = await statesOf(runtime, model, completions, embeddings, new Set(layers));
  const rowsOf = (layer: number, name: LayerOutput = "residual"): Rows => {
    const rows = states.get(layer)?.get(name);
    if (!rows) throw new ReferenceError(`internal: "${name}" of layer ${layer} was not kept`);
    return rows;
  };
  const final = rowsOf(last), finalNorms = rowNorms(final, width);
  const reference = normedRows(final, gain, epsilon), none = new Float32Array(finalNorms.length);
  const tokens = new ResponseRows(completions, width).tokens(), means = meansBy(completions);
  const unembedding = new Unembedding(runtime, head, width);
  /** The difference of two entropies, token by token. */
  const less = (from: PolicyReading, what: PolicyReading): Float64Array =>
    from.entropy.map((value, token) => value - (what.entropy[token] ?? NaN));
  const probed = async (layer: number): Promise<ProbedLayer> => {
    const residual = rowsOf(layer), norms = rowNorms(residual, width);
    const factors = Float32Array.from(norms, (norm, row) => norm > 0 ? (finalNorms[row] ?? NaN) / norm : 0);
    const [own, attention, fed, attentionIn, fedIn, earlier, normed, matched] = await unembedding.read({
      states: [
        ...all.map((name) => rowsOf(layer, name)),
        rowsOf(layer - 1),
        normedRows(residual, gain, epsilon),
      ],
      scales: [factors],
      reference,
      targets: [tokens],
    }) as [
      PolicyReading,
      PolicyReading,
      PolicyReading,
      PolicyReading,
      PolicyReading,
      PolicyReading,
      PolicyReading,
      PolicyReading,
    ]; // one a state, and the rescaled one
    const later = Array.from({ length: last - layer }, (_, i) => layer + 1 + i);
    const apart = later.length === 0 ? [] : await unembedding.read({
      states: later.map((each) => rowsOf(each)),
      scales: [none],
      reference: residual,
      targets: [],
    });
    return {
      layer,
      entropy: means(own.entropy),
      normedEntropy: means(normed.entropy),
      matchedEntropy: means(matched.entropy),
      change: means(less(own, earlier)),
      attentionChange: means(less(attention, attentionIn)),
      feedForwardChange: means(less(fed, fedIn)),
      norm: means(norms),
      logprob: means(own.logprobs[0] ?? []),
      klToFinal: means(own.divergence),
      klFromFinal: means(own.reverse),
      later: later.map((each, i) => ({
        layer: each,
        cosine: means(rowCosines(residual, rowsOf(each), width)),
        // Read against πᵏ: what Unembedding calls the reverse is KL(πᵏ ‖ πˡ).
        kl: means(apart[i]?.reverse ?? []),
        reverse: means(apart[i]?.divergence ?? []),
      })),
    };
  };
  try {
    const [full] = await unembedding.read({
      states: [reference],
      scales: [none],
      reference,
      targets: [tokens],
    });
    const read: ProbedLayer[] = [];
    for (const layer of layers) read.push(await probed(layer));
    return {
      tokens: tokens.length,
      completions: completions.length,
      problems: new Set(completions.map(({ problem }) => problem)).size,
      entropy: means(full?.entropy ?? []),
      logprob: means(full?.logprobs[0] ?? []),
      layers: read,
    };
  } finally {
    await unembedding.dispose();
  }
}
