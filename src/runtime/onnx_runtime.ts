/**
 * The runtime on ONNX Runtime's Node binding. On the CPU a tensor is its typed array, and a run writes its outputs
 * straight into the targets' arrays.
 *
 * @module
 */

import * as ort from "onnxruntime-node";
import { type ArrayTypes, type DataType, formatShape } from "../tensor/mod.ts";
import { type DeviceTensor, type DeviceTensors, type Provider, ProviderError } from "./runtime.ts";
import type { Runtime, RuntimeOptions, Session } from "./runtime.ts";

/** Providers whose tensors this runtime keeps on the device today. */
const ready: readonly Provider[] = ["cpu"];

class HostTensor<T extends DataType> implements DeviceTensor<T> {
  constructor(
    readonly dtype: T,
    readonly shape: readonly number[],
    readonly value: ort.Tensor,
  ) {}

  download(): Promise<ArrayTypes[T]> {
    return Promise.resolve(this.value.data as ArrayTypes[T]);
  }

  write(data: ArrayTypes[T]): Promise<void> {
    const own = this.value.data as ArrayTypes[T];
    if (data.length !== own.length) {
      const reason = `Cannot write ${data.length} elements to a tensor of ${own.length}`;
      return Promise.reject(new RangeError(reason));
    }
    (own as { set(data: ArrayTypes[T]): void }).set(data);
    return Promise.resolve();
  }

  dispose(): void {
    this.value.dispose();
  }
}

function hostTensor(name: string, tensor: DeviceTensor): ort.Tensor {
  if (!(tensor instanceof HostTensor)) {
    throw new TypeError(`Cannot run with "${name}": it belongs to another runtime`);
  }
  return tensor.value;
}

type Metadata = ReadonlyMap<string, ort.InferenceSession.ValueMetadata>;

function byName(list: readonly ort.InferenceSession.ValueMetadata[]): Metadata {
  return new Map(list.map((meta) => [meta.name, meta]));
}

/**
 * Checks tensors before the kernels do, which would drop an unknown name, broadcast a wrong 1, and speak of nodes.
 *
 * @param sizes The symbols' sizes known so far; those of these tensors are added.
 */
function checkTensors(
  kind: "input" | "output",
  tensors: DeviceTensors,
  expected: Metadata,
  sizes: Map<string, number>,
): void {
  for (const [name, { dtype, shape }] of Object.entries(tensors)) {
    const meta = expected.get(name);
    if (!meta) throw new ReferenceError(`Cannot run with "${name}": the graph has no such ${kind}`);
    if (!meta.isTensor) continue;
    const fits = shape.length === meta.shape.length && meta.shape.every((dim, i) => {
      const size = shape[i] as number; // the ranks are equal
      if (typeof dim === "number") return dim === size;
      const known = sizes.get(dim) ?? size;
      if (dim) sizes.set(dim, known);
      return known === size;
    });
    if (fits && dtype === meta.type) continue;
    const wanted = meta.shape.map((dim) => sizes.has(String(dim)) ? `${dim}=${sizes.get(String(dim))}` : dim);
    throw new TypeError(
      `Cannot run with "${name}" of ${dtype}${formatShape(shape)}: expected ${meta.type}${
        formatShape(wanted)
      }`,
    );
  }
}

class OrtSession implements Session {
  readonly #inputs: Metadata;
  readonly #outputs: Metadata;

  constructor(readonly session: ort.InferenceSession) {
    this.#inputs = byName(session.inputMetadata);
    this.#outputs = byName(session.outputMetadata);
  }

  get inputNames(): readonly string[] {
    return this.session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.session.outputNames;
  }

  get outputShapes(): Readonly<Record<string, readonly (number | string)[]>> {
    return Object.fromEntries(
      this.session.outputMetadata.map((meta) => [meta.name, meta.isTensor ? meta.shape : []]),
    );
  }

  async run(
    feeds: DeviceTensors,
    targets: DeviceTensors = {},
    outputs: readonly string[] = this.outputNames,
  ): Promise<DeviceTensors> {
    const missing = this.inputNames.find((name) => !Object.hasOwn(feeds, name));
    if (missing !== undefined) throw new ReferenceError(`Cannot run without the input "${missing}"`);
    const sizes = new Map<string, number>();
    checkTensors("input", feeds, this.#inputs, sizes);
    checkTensors("output", targets, this.#outputs, sizes);
    const unknown = outputs.find((name) => !this.outputNames.includes(name));
    if (unknown !== undefined) {
      throw new ReferenceError(`Cannot compute "${unknown}": the graph has no such output`);
    }
    const ortFeeds = Object.fromEntries(
      Object.entries(feeds).map(([name, t]) => [name, hostTensor(name, t)]),
    );
    const fetches = Object.fromEntries(outputs.map((name) => {
      const target = targets[name];
      return [name, target ? hostTensor(name, target) : null];
    }));
    const results = await this.session.run(ortFeeds, fetches);
    return Object.fromEntries(outputs.map((name) => {
      const value = results[name];
      if (!value) {
        throw new ReferenceError(`Cannot read the output "${name}": the session did not compute it`);
      }
      return [name, targets[name] ?? new HostTensor(value.type as DataType, value.dims, value)];
    }));
  }

  async dispose(): Promise<void> {
    await this.session.release();
  }
}

class OrtRuntime implements Runtime {
  constructor(readonly provider: Provider, readonly threads: number) {}

  async load(model: Uint8Array): Promise<Session> {
    const session = await ort.InferenceSession.create(model, {
      executionProviders: [this.provider],
      intraOpNumThreads: this.threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
    });
    return new OrtSession(session);
  }

  upload<T extends DataType>(dtype: T, shape: readonly number[], data: ArrayTypes[T]): DeviceTensor<T> {
    return new HostTensor(dtype, shape, new ort.Tensor(dtype, data, shape));
  }
}

/** The version of ONNX Runtime that computes. */
export const onnxRuntimeVersion: string = ort.env.versions.node ?? ort.env.versions.common;

/**
 * Opens a runtime.
 *
 * @throws {ProviderError} If the provider is not in this build, or not supported yet; one line that says what to do.
 */
export function openRuntime({ provider, threads }: RuntimeOptions): Runtime {
  const wanted = provider === "auto" ? "cpu" : provider;
  if (!ready.includes(wanted)) {
    const present = ort.listSupportedBackends().map((backend) => backend.name);
    const state = present.includes(wanted)
      ? "it does not keep tensors on the device yet"
      : "this build lacks it";
    throw new ProviderError(`Cannot compute with "${wanted}": ${state}; use --provider cpu`);
  }
  return new OrtRuntime(wanted, threads);
}
