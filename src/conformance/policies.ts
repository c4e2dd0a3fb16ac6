/**
 * Checks internal policies, as they are read layer by layer and chunk by chunk, against a folder of reference tensors.
 * Entropies, log-probs and cosines are there; divergences, ranks and entropies of rescaled states follow from the
 * reference's states by their definitions, in float64 and over the whole vocabulary at once.
 *
 * @module
 */

import type { GoldenGroup } from "./agreement.ts";
import { Comparison, type ModelCase, numbersOf } from "./model.ts";
import {
  EMBEDDING,
  FINAL_NORM,
  outputEmbedding,
  parseConfig,
  parseSafetensors,
  type StoredTensors,
  tensorsInMemory,
} from "../model/mod.ts";
import {
  type ChangeName,
  type FormName,
  inspectSequences,
  isInput,
  LayerRunner,
  type QuantityName,
  type StateName,
  stateNames,
  type TokenValues,
} from "../policy/mod.ts";
import type { Runtime } from "../runtime/mod.ts";

/** Rows of the output embedding that are read at a time: three chunks and a rest. */
const CHUNK = 30;

/** What each group is called in the reference, by state and form; a form that is not there is computed. */
const stored: Readonly<Partial<Record<`${StateName}.${FormName}`, string>>> = {
  "layer.raw": "layer",
  "layer.normed": "layer_normed",
  "attn.raw": "attn",
  "ffn.raw": "ffn",
  "attn_in.raw": "attn_in",
  "ffn_in.raw": "ffn_in",
};

/** The name of a state's tensor. */
const tensors: Readonly<Record<ChangeName, string>> = {
  layer: "hidden_states",
  attn: "attn_out",
  ffn: "ffn_out",
};

/** What the reference says of a row. */
class Reference {
  readonly #expected: StoredTensors;
  readonly #head: readonly number[];
  readonly #gain: readonly number[];
  readonly #epsilon: number;
  readonly #width: number;
  readonly #layers: number;

  constructor(
    files: { expected: StoredTensors; weights: StoredTensors },
    config: ReturnType<typeof parseConfig>,
  ) {
    this.#expected = files.expected;
    this.#head = numbersOf(files.weights, outputEmbedding(config));
    this.#gain = numbersOf(files.weights, FINAL_NORM);
    this.#epsilon = config.rmsNormEpsilon;
    this.#width = config.hiddenSize;
    this.#layers = config.layers;
  }

  /** A number of a tensor `[batch, sequence]`. */
  at(name: string, place: number): number {
    const values = this.#expected.get(name)?.data;
    if (!values) {
      throw new ReferenceError(`Cannot check the policies: the reference tensor "${name}" is missing`);
    }
    return Number(values[place]);
  }

  /** A state at a place, raw. */
  state(state: ChangeName, layer: number, place: number): number[] {
    const name = `${tensors[state]}.${layer}`, data = this.#expected.get(name)?.data;
    if (!data) {
      throw new ReferenceError(`Cannot check the policies: the reference tensor "${name}" is missing`);
    }
    return Array.from(data.slice(place * this.#width, (place + 1) * this.#width), Number);
  }

  /** A state as a form reads it. */
  formed(raw: readonly number[], form: FormName, place: number): number[] {
    const size = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
    const scaled = (factor: number): number[] => raw.map((x) => x * factor);
    const forms: Readonly<Record<FormName, () => number[]>> = {
      raw: () => [...raw],
      normed: () => {
        const inverse = 1 / Math.sqrt(size(raw) ** 2 / this.#width + this.#epsilon);
        return scaled(inverse).map((x, i) => x * (this.#gain[i] ?? NaN));
      },
      matched: () => scaled(size(this.state("layer", this.#layers, place)) / size(raw)),
    };
    return forms[form]();
  }

  /** All log-probabilities of a state. */
  policy(state: readonly number[]): number[] {
    const logits = Array.from({ length: this.#head.length / this.#width }, (_, token) => {
      return state.reduce((sum, x, i) => sum + x * (this.#head[token * this.#width + i] ?? NaN), 0);
    });
    const peak = Math.max(...logits);
    const normalizer = peak + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - peak), 0));
    return logits.map((z) => z - normalizer);
  }

  /** The full policy's log-probabilities. */
  full(place: number): number[] {
    return this.policy(this.formed(this.state("layer", this.#layers, place), "normed", place));
  }
}

const expectation = (of: readonly number[], p: readonly number[]): number =>
  p.reduce((sum, logp, i) => sum + Math.exp(logp) * (of[i] ?? NaN), 0);

/** What a policy's quantities should be at a place, from its state. */
function expectedOf(
  reference: Reference,
  state: ChangeName,
  form: FormName,
  layer: number,
  place: number,
  target: number,
): Readonly<Record<"entropy" | "kl_to_final" | "kl_from_final" | "logprob" | "rank", number>> {
  const p = reference.policy(reference.formed(reference.state(state, layer, place), form, place));
  const q = reference.full(place), chosen = p[target] ?? NaN;
  return {
    entropy: -expectation(p, p),
    kl_to_final: expectation(p.map((x, i) => x - (q[i] ?? NaN)), p),
    kl_from_final: expectation(q.map((x, i) => x - (p[i] ?? NaN)), q),
    logprob: chosen,
    rank: 1 + p.filter((x) => x > chosen).length,
  };
}

/** Checks the policies of one reference model and returns the worst relative error of each group. */
export async function checkPolicies(runtime: Runtime, files: ModelCase): Promise<GoldenGroup[]> {
  const config = parseConfig(files.config), comparison = new Comparison();
  const weights = await parseSafetensors(files.model, "model.safetensors");
  const expected = await parseSafetensors(files.expected, "expected.safetensors");
  const inputs = await parseSafetensors(files.inputs, "inputs.safetensors");
  const [batch = 0, length = 0] = inputs.get("input_ids")?.shape ?? [];
  const ids = numbersOf(inputs, "input_ids"), mask = numbersOf(inputs, "attention_mask");
  const reference = new Reference({ expected, weights }, config);
  // Without padding; all that follows the first token is a response.
  const places = Array.from({ length: batch }, (_, row) => {
    return Array.from({ length }, (_, t) => row * length + t).filter((place) => mask[place]);
  });
  const sequences = places.map((own) => {
    const [first = 0, ...others] = own.map((place) => ids[place] ?? 0);
    return { prompt: [first], response: others };
  });
  /** Where entry `at` of a tensor `[batch, sequence − 1]` of the same token lies. */
  const predicted = (place: number): number => place - Math.floor(place / length);
  const compare = (sequence: number, layer: number, values: TokenValues): void => {
    const own = places[sequence] ?? [];
    for (const [t, place] of own.slice(0, -1).entries()) {
      const value = (name: QuantityName): number => values.get(name)?.[t] ?? NaN;
      const check = (name: QuantityName, expected: number): void =>
        comparison.add(`policy.${name}`, [value(name)], [expected]);
      for (const state of stateNames) {
        if (layer === 0 && state !== "layer") continue;
        for (const form of ["raw", "normed", "matched"] as const) {
          const name = stored[`${state}.${form}`];
          if (name) check(`entropy.${state}.${form}`, reference.at(`entropy.${name}.${layer}`, place));
          if (isInput(state)) continue;
          const which = state as ChangeName;
          if (name) {
            check(`logprob.${state}.${form}`, reference.at(`logprobs.${name}.${layer}`, predicted(place)));
          }
          const target = ids[own[t + 1] ?? 0] ?? 0;
          const wanted = expectedOf(reference, which, form, layer, place, target);
          for (const measure of ["entropy", "kl_to_final", "kl_from_final", "logprob", "rank"] as const) {
            check(`${measure}.${state}.${form}`, wanted[measure]);
          }
        }
      }
      if (layer === config.layers) {
        // The last layer read through the final norm is the full policy; read raw it is not.
        comparison.add("policy.entropy.full", [value("entropy.layer.normed")], [
          reference.at("entropy.full", place),
        ]);
      }
      if (layer === 0) continue;
      for (const module of ["attn", "ffn"] as const) {
        check(`cosine.${module}`, reference.at(`cosine.${module}.${layer}`, place));
        const [before, after] = [`${module}_in`, module].map((name) =>
          reference.at(`entropy.${name}.${layer}`, place)
        );
        check(`change.${module}.raw`, (after ?? NaN) - (before ?? NaN));
      }
    }
  };
  const model = { name: "the reference model", config, weights: tensorsInMemory(weights) };
  await inspectSequences(runtime, model, sequences, { onLayer: compare }, { chunk: CHUNK });
  await checkLayers(runtime, model, sequences, (name, sequence, t, state) => {
    const place = places[sequence]?.[t] ?? 0, data = expected.get(name)?.data ?? [];
    const width = config.hiddenSize;
    comparison.add(
      `streamed.${name.replace(/\.\d+$/, "")}`,
      state,
      Array.from(data.slice(place * width, (place + 1) * width), Number),
    );
  });
  return comparison.results();
}

/** Tells every state of every token as the layers give them, one layer at a time. */
async function checkLayers(
  runtime: Runtime,
  model: Parameters<typeof LayerRunner.open>[1],
  sequences: readonly { readonly prompt: number[]; readonly response: number[] }[],
  tell: (name: string, sequence: number, t: number, state: Float32Array) => void,
): Promise<void> {
  const { config, weights } = model, width = config.hiddenSize;
  const table = (await weights.read(EMBEDDING)).data as Float32Array<ArrayBuffer>;
  const embeddings = new Map(
    Array.from({ length: config.vocabularySize }, (_, token) => {
      return [token, table.slice(token * width, (token + 1) * width)] as const;
    }),
  );
  const runner = await LayerRunner.open(runtime, model);
  let states = runner.begin(sequences, embeddings);
  const each = (name: string, { batch }: typeof states[number], rows: Float32Array): void =>
    batch.rows.forEach((sequence, i) => {
      const tokens = sequences[sequence]?.response.length ?? 0;
      for (let t = 0; t < tokens; t++) {
        const at = (i * batch.length + t) * width;
        tell(name, sequence, t, rows.subarray(at, at + width));
      }
    });
  for (const state of states) each("hidden_states.0", state, state.hidden);
  for (let layer = 1; layer <= config.layers; layer++) {
    const own = await runner.load(layer);
    states = await Promise.all(states.map(async (state) => {
      const { residual, attn, ffn } = await runner.run(layer, own, state, ["residual", "attn", "ffn"]);
      each(`hidden_states.${layer}`, state, residual);
      each(`attn_out.${layer}`, state, attn);
      each(`ffn_out.${layer}`, state, ffn);
      return { ...state, hidden: residual };
    }));
    for (const tensor of Object.values(own)) tensor.dispose();
  }
  await runner.dispose();
}
