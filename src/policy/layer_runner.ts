/**
 * Runs a decoder layer by layer: the weights of one layer are in memory at a time, the states of all sequences stay.
 *
 * @module
 */

import { decoderLayerGraph, layerParameterNames } from "../artifact/mod.ts";
import { layerParameter, type ModelConfig, type TensorSource } from "../model/mod.ts";
import { cutMicroBatches, type MicroBatch, type Sequence, tokenFeeds } from "../rl/mod.ts";
import type { DeviceTensor, DeviceTensors, Runtime, Session } from "../runtime/mod.ts";
import { toOnnx } from "../tensor/mod.ts";
import type { Rows } from "./head/mod.ts";

/** Padded positions that run at a time; a longer sequence runs alone. */
export const POSITIONS = 2048;

/** A model as it is inspected. */
export interface InspectedModel {
  /** What it is called in errors. */
  readonly name: string;
  /** The architecture. */
  readonly config: ModelConfig;
  /** The parameters; read one at a time. */
  readonly weights: TensorSource;
}

/** The outputs of the layer's graph. */
export type LayerOutput = "residual" | "attn" | "ffn" | "attn_in" | "ffn_in";

/** A micro-batch at some depth. */
export interface BatchState {
  /** Which sequences. */
  readonly batch: MicroBatch;
  /** `[rows, length, hiddenSize]`. */
  readonly hidden: Rows;
  /** `position_ids` and `segment_ids`. */
  readonly feeds: DeviceTensors;
}

/** The first element that is no finite number; −1 if all are. */
function firstNonFinite(values: ArrayLike<number>): number {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}

/**
 * Reads a parameter that has only finite elements.
 *
 * @throws {RangeError} If it has others: one line that names the tensor and the element.
 */
export async function readFinite({ name, weights }: InspectedModel, parameter: string): Promise<Rows> {
  const { data } = await weights.read(parameter), values = data as Rows, at = firstNonFinite(values);
  if (at < 0) return values;
  throw new RangeError(
    `Cannot inspect ${name}: element ${at} of the tensor "${parameter}" is ${
      values[at]
    }, expected a finite number`,
  );
}

/** Runs the layers of a model. */
export class LayerRunner {
  readonly #runtime: Runtime;
  readonly #model: InspectedModel;
  readonly #session: Session;

  private constructor(runtime: Runtime, model: InspectedModel, session: Session) {
    this.#runtime = runtime;
    this.#model = model;
    this.#session = session;
  }

  /** Loads the graph that serves every layer. */
  static async open(runtime: Runtime, model: InspectedModel): Promise<LayerRunner> {
    return new LayerRunner(runtime, model, await runtime.load(toOnnx(decoderLayerGraph(model.config))));
  }

  /** The sequences before the first layer, in micro-batches. */
  begin(sequences: readonly Sequence[], embeddings: ReadonlyMap<number, Rows>): BatchState[] {
    const width = this.#model.config.hiddenSize;
    return cutMicroBatches(sequences, POSITIONS).map((batch) => {
      const { position_ids, segment_ids } = tokenFeeds(this.#runtime, sequences, batch);
      const hidden = new Float32Array(batch.rows.length * batch.length * width);
      batch.rows.forEach((row, i) => {
        const { prompt, response } = sequences[row] as Sequence; // indices come from cutMicroBatches
        [...prompt, ...response].slice(0, batch.length).forEach((token, t) => {
          hidden.set(embeddings.get(token) ?? [], (i * batch.length + t) * width);
        });
      });
      // Both are among the feeds.
      const feeds = { position_ids: position_ids as DeviceTensor, segment_ids: segment_ids as DeviceTensor };
      return { batch, hidden, feeds };
    });
  }

  /** The weights of a layer on the device, which the caller disposes of. */
  async load(layer: number): Promise<DeviceTensors> {
    const tensors: Record<string, DeviceTensor> = {};
    for (const name of layerParameterNames(this.#model.config)) {
      const parameter = layerParameter(layer, name);
      const { shape } = this.#model.weights.entries.get(parameter) ?? { shape: [] };
      tensors[name] = this.#runtime.upload("float32", shape, await readFinite(this.#model, parameter));
    }
    return tensors;
  }

  /**
   * Runs a layer on a micro-batch.
   *
   * @throws {RangeError} If a state of a token is no finite number.
   */
  async run<Name extends LayerOutput>(
    layer: number,
    weights: DeviceTensors,
    { batch, hidden, feeds }: BatchState,
    names: readonly Name[],
  ): Promise<Readonly<Record<Name, Rows>>> {
    const { config, name } = this.#model;
    const shape = [batch.rows.length, batch.length, config.hiddenSize];
    const outputs = await this.#session.run(
      { hidden: this.#runtime.stage("float32", shape, hidden), ...feeds, ...weights },
      {},
      names,
    );
    const states: Partial<Record<Name, Rows>> = {};
    for (const output of names) {
      const values = await outputs[output]?.download() as Rows;
      if (firstNonFinite(values) >= 0) {
        throw new RangeError(
          `Cannot inspect ${name}: a state of layer ${layer} (index ${layer - 1}) is not finite, ` +
            "though all weights are; they are too large for float32",
        );
      }
      states[output] = values;
    }
    return states as Record<Name, Rows>;
  }

  /** Frees the graph. */
  async dispose(): Promise<void> {
    await this.#session.dispose();
  }
}
