/**
 * What training keeps of each parameter on the device, placed from stored tensors and read back as such.
 *
 * @module
 */

import { firstMomentName, outputName, secondMomentName, zeroedByHost } from "../../artifact/mod.ts";
import {
  noTensor,
  type ParameterBlock,
  parameterBlocks,
  type ParameterLayout,
  parameterType,
  type StoredTensor,
  type TensorSource,
} from "../../model/mod.ts";
import type { DeviceTensor, Runtime, Session } from "../../runtime/mod.ts";
import { blockElements, uploadRounded } from "../placement.ts";
import { checkElements } from "./finite.ts";

/** The state of a parameter, or of a block of its rows. */
export interface Slot {
  /** Which rows of which parameter. */
  readonly block: ParameterBlock;
  /** The value, where the optimizer runs. */
  readonly value: DeviceTensor<"float32">;
  /** What graphs compute with, where that is not the value: it has 16 bits, or the value lies with another runtime. */
  readonly copy: DeviceTensor | undefined;
  /** The gradient's accumulator; none before the first gradient, and where it was released. */
  gradient: DeviceTensor<"float32"> | undefined;
  /** Does this process set the accumulator to 0 before a new sum? */
  readonly zeroed: boolean;
  /** The first moment. */
  readonly first: DeviceTensor<"float32">;
  /** The second moment. */
  readonly second: DeviceTensor<"float32">;
  /** Optimizer steps taken. */
  steps: number;
}

/** Slots by the names that graphs have for them. */
export type Slots = ReadonlyMap<string, Slot>;

/** The name under which a state holds the loss's scale. */
export const LOSS_SCALE = "loss_scale";

/** The name under which a state holds a parameter's step counter. */
export function stepsName(parameter: string): string {
  return `${parameter}_steps`;
}

/** A tensor of a state; `undefined` where it is the weights of a model only. */
export async function savedTensor(state: TensorSource, name: string): Promise<StoredTensor | undefined> {
  return state.entries.has(name) ? await state.read(name) : undefined;
}

/**
 * Places weights, or a state that was saved, one tensor at a time.
 *
 * @param home Where values and moments lie and the optimizer runs.
 */
export async function openSlots(
  runtime: Runtime,
  state: TensorSource,
  layout: ParameterLayout,
  home: Runtime = runtime,
): Promise<Slots> {
  const slots = new Map<string, Slot>(), stored = [...state.entries.keys()];
  const besides = new Set([
    LOSS_SCALE,
    ...stored.flatMap((name) => [firstMomentName(name), secondMomentName(name), stepsName(name)]),
  ]);
  for (const parameter of stored.filter((name) => !besides.has(name))) {
    const value = await state.read(parameter), blocks = parameterBlocks(parameter, value.shape, layout);
    const first = await savedTensor(state, firstMomentName(parameter));
    const second = await savedTensor(state, secondMomentName(parameter));
    const steps = Number((await savedTensor(state, stepsName(parameter)))?.data[0] ?? 0);
    for (const block of blocks) {
      const precision = parameterType(block.name, block.shape, layout);
      const place = (tensor: StoredTensor | undefined): DeviceTensor<"float32"> => {
        const count = block.shape.reduce((a, b) => a * b, 1);
        const elements = tensor ? blockElements(block, tensor) : new Float32Array(count);
        return home.upload("float32", block.shape, elements);
      };
      slots.set(block.name, {
        block,
        value: place(value),
        // A tensor of this process's memory is the elements themselves, of which both need their own.
        copy: precision === "float32" && home === runtime
          ? undefined
          : uploadRounded(runtime, precision, block.shape, blockElements(block, value).slice()),
        gradient: undefined,
        zeroed: zeroedByHost(block.name, block.shape, layout),
        first: place(first),
        second: place(second),
        steps,
      });
    }
  }
  return slots;
}

/** The accumulator of a slot's gradient; what a new one holds is not used. */
export function accumulatorOf(slot: Slot, runtime: Runtime): DeviceTensor<"float32"> {
  const { shape } = slot.block;
  return slot.gradient ??= runtime.upload(
    "float32",
    shape,
    new Float32Array(shape.reduce((a, b) => a * b, 1)),
  );
}

/** Tensors in the shapes in which an optimizer's graph takes them, over the same memory: large ones as rows of blocks. */
export class Views {
  readonly #runtime: Runtime;
  readonly #shapes: Session["outputShapes"];
  readonly #made: DeviceTensor[] = [];

  /** @param runtime Where the graph runs. */
  constructor(runtime: Runtime, { outputShapes }: Session) {
    this.#runtime = runtime;
    this.#shapes = outputShapes;
  }

  /** A tensor as the graph takes a parameter, or what belongs to it, of a name. */
  async of(tensor: DeviceTensor, name: string): Promise<DeviceTensor> {
    const shape = this.#shapes[outputName(name)] as readonly number[]; // of fixed sizes
    if (shape.length === tensor.shape.length && shape.every((size, i) => size === tensor.shape[i])) {
      return tensor;
    }
    const view = this.#runtime.stage(tensor.dtype, shape, await tensor.download());
    this.#made.push(view);
    return view;
  }

  /** Lets go of the views; the memory stays. */
  dispose(): void {
    for (const view of this.#made) view.dispose();
  }
}

/** Frees accumulators until the next gradient is computed. */
export function discardAccumulators(slots: Iterable<Slot>): void {
  for (const slot of slots) {
    slot.gradient?.discard();
    slot.gradient = undefined;
  }
}

/**
 * Reads all values once, where they lie: copies of all would be as large as the model.
 *
 * @throws {NonFiniteError} If one holds a number that is not finite.
 */
export async function checkValues(slots: Iterable<Slot>): Promise<void> {
  for (const { block, value } of slots) {
    checkElements("parameters", block.parameter, await value.download());
  }
}

/** Sets accumulators to 0 that a graph only adds to; in this process's memory they are read where they lie. */
export async function zeroAccumulators(slots: Iterable<Slot>): Promise<void> {
  for (const { zeroed, gradient } of slots) if (zeroed) (await gradient?.download())?.fill(0);
}

/**
 * Tensors of slots, the blocks of each parameter joined, each copied as it is read.
 *
 * @param list What of a slot is wanted, named by its parameter.
 */
export function joinedTensors(
  slots: Iterable<Slot>,
  list: (slot: Slot, parameter: string) => [string, DeviceTensor<"float32">][],
): TensorSource {
  const parts = new Map<string, DeviceTensor<"float32">[]>();
  for (const slot of slots) {
    for (const [name, tensor] of list(slot, slot.block.parameter)) {
      parts.set(name, [...parts.get(name) ?? [], tensor]);
    }
  }
  const entries = new Map([...parts].map(([name, blocks]) => {
    const rows = blocks.reduce((sum, { shape: [count = 1] }) => sum + count, 0);
    const shape = [rows, ...blocks[0]?.shape.slice(1) ?? []];
    return [name, { dtype: "float32", shape }] as const;
  }));
  return {
    entries,
    read: async (name) => {
      const entry = entries.get(name) ?? noTensor(name);
      const data = new Float32Array(entry.shape.reduce((a, b) => a * b, 1));
      let at = 0;
      for (const block of parts.get(name) ?? []) {
        const elements = await block.download();
        data.set(elements, at);
        at += elements.length;
      }
      return { ...entry, data };
    },
  };
}

/**
 * All that training continues from: parameters, moments and step counters, each copied as it is read.
 *
 * @param scale The loss's scale, where there is one.
 */
export function stateTensors(slots: Slots, scale: StoredTensor | undefined): TensorSource {
  const steps = new Map([...slots.values()].map((slot) => [stepsName(slot.block.parameter), slot]));
  const { entries, read } = joinedTensors(slots.values(), ({ value, first, second }, name) => [
    [name, value],
    [firstMomentName(name), first],
    [secondMomentName(name), second],
  ]);
  const counter = { dtype: "int64", shape: [1] } as const;
  return {
    entries: new Map([
      ...entries,
      ...[...steps.keys()].map((name) => [name, counter] as const),
      ...(scale ? [[LOSS_SCALE, scale] as const] : []),
    ]),
    read: async (name) => {
      const slot = steps.get(name);
      if (scale && name === LOSS_SCALE) return scale;
      return slot ? { ...counter, data: BigInt64Array.of(BigInt(slot.steps)) } : await read(name);
    },
  };
}

/** Makes AdamW's moments and counters what they are at the start of training. */
export async function resetMoments(slots: Slots): Promise<void> {
  for (const slot of slots.values()) {
    for (const moment of [slot.first, slot.second]) {
      await moment.write(new Float32Array(moment.shape.reduce((a, b) => a * b, 1)));
    }
    slot.steps = 0;
  }
}
