/**
 * What computes: a runtime makes sessions from ONNX bytes and tensors that live where it computes. Callers never ask
 * which provider they have; data crosses only in {@linkcode Runtime.upload} and {@linkcode DeviceTensor.download}.
 *
 * @module
 */

import type { ArrayTypes, DataType } from "../tensor/mod.ts";

/** Execution providers. */
export type Provider = "cpu" | "webgpu" | "cuda";

/** A tensor where the provider computes. */
export interface DeviceTensor<T extends DataType = DataType> {
  /** The element type. */
  readonly dtype: T;
  /** The sizes, outermost first. */
  readonly shape: readonly number[];
  /** A copy of the elements on the host; on the CPU, the elements themselves, valid until the next write. */
  download(): Promise<ArrayTypes[T]>;
  /** Overwrites the elements, where they lie. */
  write(data: ArrayTypes[T]): Promise<void>;
  /** Frees the memory; in this process's memory, that of the elements once nobody holds what was downloaded. */
  dispose(): void;
  /** Frees the memory at once: elements that were downloaded before are gone with it. */
  discard(): void;
  /** The same, for `using`. */
  [Symbol.dispose](): void;
}

/** Bytes that crossed between this process's memory and the device; none on the CPU, where both are one. */
export interface Transfers {
  /** Bytes to the device. */
  readonly up: number;
  /** Bytes from the device. */
  readonly down: number;
}

/** Memory of tensors on the device, without what runs take for a moment; none on the CPU. */
export interface DeviceMemoryUse {
  /** Tensors that were not disposed of. */
  readonly tensors: number;
  /** Their bytes. */
  readonly bytes: number;
}

/** Tensors by input or output name. */
export type DeviceTensors = Readonly<Record<string, DeviceTensor>>;

/** A loaded graph. */
export interface Session {
  /** The graph's inputs. */
  readonly inputNames: readonly string[];
  /** The graph's outputs. */
  readonly outputNames: readonly string[];
  /** The output shapes that the provider reports, symbols as texts. */
  readonly outputShapes: Readonly<Record<string, readonly (number | string)[]>>;
  /**
   * Computes outputs from inputs.
   *
   * @param feeds Every input; entries that the graph does not have are an error.
   * @param targets Tensors that receive outputs in place; one may also be a feed, so state is updated where it lies,
   *   if the operation that makes the output is the last that reads the feed: later ones would read the new value.
   * @param outputs The outputs to compute; default all.
   * @returns The outputs: the targets, and new tensors in this process's memory for outputs without a target.
   * @throws {ReferenceError} If a name is missing or not the graph's.
   * @throws {TypeError} If an element type or shape does not fit, or one symbol has two sizes.
   */
  run(feeds: DeviceTensors, targets?: DeviceTensors, outputs?: readonly string[]): Promise<DeviceTensors>;
  /** Frees the session. */
  dispose(): Promise<void>;
}

/** A graph for inputs that stay the same over many runs, as a policy's weights do between two updates. */
export interface Program {
  /**
   * Makes a session in which tensors are constants: no feeds of its runs. On the CPU kernels have arranged the factors of
   * products for themselves, in memory of their own; on a device the tensors are fed where they lie. They must live as
   * long as the session, and must not be written meanwhile; names that the graph does not have are left out.
   */
  bind(constants: DeviceTensors): Promise<Session>;
  /** Frees the graph; its sessions must be freed before. */
  dispose(): Promise<void>;
}

/** An execution provider at work. */
export interface Runtime {
  /** The provider. */
  readonly provider: Provider;
  /** The number of threads within an operation; part of every record's key, because it can change the last bits. */
  readonly threads: number;
  /** The adapter that computes, as its driver names it; absent where that is the CPU, or nobody tells. */
  readonly adapter?: string;
  /** The version of its driver; absent where that is the CPU, or nobody tells. */
  readonly driver?: string;
  /** The most bytes of one tensor; Infinity where only memory limits it. */
  readonly largestTensor: number;
  /** Why `auto` did not take a GPU. */
  readonly fallback?: string;
  /** Bytes that crossed so far. */
  readonly transfers: Transfers;
  /** What lies on the device now. */
  readonly memory: DeviceMemoryUse;
  /** Loads a graph. */
  load(model: Uint8Array, options?: LoadOptions): Promise<Session>;
  /** Prepares a graph for inputs that stay the same over many runs. */
  prepare(model: Uint8Array, options?: LoadOptions): Promise<Program>;
  /**
   * Takes elements to the device, where they stay until the tensor is disposed of; on the CPU the tensor is the array
   * itself.
   *
   * @throws {DeviceMemoryError} If the device, or what this run may take of it, is full.
   */
  upload<T extends DataType>(dtype: T, shape: readonly number[], data: ArrayTypes[T]): DeviceTensor<T>;
  /**
   * A tensor over elements in this process's memory, wherever the provider computes: for small inputs that are new at
   * each run. A run takes the elements to where it needs them.
   */
  stage<T extends DataType>(dtype: T, shape: readonly number[], data: ArrayTypes[T]): DeviceTensor<T>;
  /** Gives memory that runs have freed back to the system; where nothing is kept for the next run, that is nothing. */
  giveBack(): Promise<void>;
}

/** How a graph is loaded. */
export interface LoadOptions {
  /** Keeps ONNX Runtime's own words about failures to itself. */
  readonly quiet?: boolean;
  /** Where a profile of the runs is written when the session is disposed of: the beginning of the file's path. */
  readonly profile?: string;
}

/** How a runtime is opened. */
export interface RuntimeOptions {
  /** The provider; `auto` takes the fastest that is present. */
  readonly provider: Provider | "auto";
  /** The number of threads within an operation. */
  readonly threads: number;
  /** The most bytes that tensors may take on the device; default all that it has. */
  readonly deviceMemory?: number;
}

/** The provider that was asked for is not there. */
export class ProviderError extends Error {
  /** Tells it from other errors. */
  override readonly name = "ProviderError";
}

/** The device's memory does not hold what it should. */
export class DeviceMemoryError extends RangeError {
  /** Tells it from other errors. */
  override readonly name = "DeviceMemoryError";
}
