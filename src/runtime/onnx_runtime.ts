/**
 * The runtime on ONNX Runtime's C API. On the CPU a tensor is its typed array, and a run writes its outputs straight
 * into the targets' arrays.
 *
 * @module
 */

import { type ArrayTypes, type DataType, formatShape } from "../tensor/mod.ts";
import { limitAllocatorPools } from "./allocator.ts";
import { OrtLibrary, text, toPointer } from "./ort_library.ts";
import { copyElements, HostTensor, readShape } from "./ort_tensor.ts";
import { type DeviceTensor, type DeviceTensors, type Provider, ProviderError } from "./runtime.ts";
import type { Runtime, RuntimeOptions, Session } from "./runtime.ts";

/** Providers whose tensors this runtime keeps on the device today. */
const ready: readonly Provider[] = ["cpu"];

/** Numbers of the C API's enumerations. */
const WARNING = 2,
  ERROR = 3,
  SEQUENTIAL = 0,
  ALL_OPTIMIZATIONS = 99,
  DEVICE_ALLOCATOR = 0,
  DEFAULT_MEMORY = 0;

/** An input or output of a graph. */
interface Metadata {
  readonly dtype: DataType;
  /** Sizes, and texts for symbols. */
  readonly shape: readonly (number | string)[];
  /** The name as a C string. */
  readonly text: Uint8Array<ArrayBuffer>;
}

/** A text as a C string. */
function cString(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${value}\0`);
}

function address(bytes: Uint8Array<ArrayBuffer>): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
}

function hostTensor(name: string, tensor: DeviceTensor): HostTensor {
  if (!(tensor instanceof HostTensor)) {
    throw new TypeError(`Cannot run with "${name}": it belongs to another runtime`);
  }
  return tensor;
}

/**
 * Checks tensors before the kernels do, which would drop an unknown name, broadcast a wrong 1, and speak of nodes.
 *
 * @param sizes The symbols' sizes known so far; those of these tensors are added.
 */
function checkTensors(
  kind: "input" | "output",
  tensors: DeviceTensors,
  expected: ReadonlyMap<string, Metadata>,
  sizes: Map<string, number>,
): void {
  for (const [name, { dtype, shape }] of Object.entries(tensors)) {
    const meta = expected.get(name);
    if (!meta) throw new ReferenceError(`Cannot run with "${name}": the graph has no such ${kind}`);
    const fits = shape.length === meta.shape.length && meta.shape.every((dim, i) => {
      const size = shape[i] as number; // the ranks are equal
      if (typeof dim === "number") return dim === size;
      const known = sizes.get(dim) ?? size;
      if (dim) sizes.set(dim, known);
      return known === size;
    });
    if (fits && dtype === meta.dtype) continue;
    const wanted = meta.shape.map((dim) => sizes.has(String(dim)) ? `${dim}=${sizes.get(String(dim))}` : dim);
    throw new TypeError(
      `Cannot run with "${name}" of ${dtype}${formatShape(shape)}: expected ${meta.dtype}${
        formatShape(wanted)
      }`,
    );
  }
}

class OrtSession implements Session {
  readonly #runtime: OrtRuntime;
  readonly #inputs: ReadonlyMap<string, Metadata>;
  readonly #outputs: ReadonlyMap<string, Metadata>;
  #session: Deno.PointerValue;

  constructor(runtime: OrtRuntime, session: Deno.PointerValue) {
    this.#runtime = runtime;
    this.#session = session;
    this.#inputs = this.#metadata("Input");
    this.#outputs = this.#metadata("Output");
  }

  get inputNames(): readonly string[] {
    return [...this.#inputs.keys()];
  }

  get outputNames(): readonly string[] {
    return [...this.#outputs.keys()];
  }

  get outputShapes(): Readonly<Record<string, readonly (number | string)[]>> {
    return Object.fromEntries([...this.#outputs].map(([name, { shape }]) => [name, shape]));
  }

  // deno-lint-ignore require-await -- a rejected promise, not a throw, as with providers that compute elsewhere
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
    const unknown = outputs.find((name) => !this.#outputs.has(name));
    if (unknown !== undefined) {
      throw new ReferenceError(`Cannot compute "${unknown}": the graph has no such output`);
    }
    const { library } = this.#runtime;
    const inputNames = BigUint64Array.from([...this.#inputs.values()], ({ text }) => address(text));
    const values = BigUint64Array.from(
      [...this.#inputs.keys()],
      (name) => hostTensor(name, feeds[name] as DeviceTensor).address, // none is missing
    );
    const outputNames = BigUint64Array.from(outputs, (name) => {
      return address((this.#outputs.get(name) as Metadata).text); // none is unknown
    });
    const results = BigUint64Array.from(outputs, (name) => {
      const target = targets[name];
      return target ? hostTensor(name, target).address : 0n;
    });
    // On this thread: the allocator keeps what is freed by thread, and other threads would each keep a share.
    library.call(
      "Run",
      this.#session,
      null,
      inputNames,
      values,
      BigInt(values.length),
      outputNames,
      BigInt(results.length),
      results,
    );
    return Object.fromEntries(outputs.map((name, i) => {
      const target = targets[name];
      if (target) return [name, target];
      const value = toPointer(results[i] as bigint); // one for each output
      const { dtype, shape, data } = copyElements(library, value);
      library.release("ReleaseValue", value);
      return [name, this.#runtime.upload(dtype, shape, data)];
    }));
  }

  dispose(): Promise<void> {
    if (this.#session) this.#runtime.library.release("ReleaseSession", this.#session);
    this.#session = null;
    return Promise.resolve();
  }

  /** Names, types and shapes of the inputs or outputs. */
  #metadata(kind: "Input" | "Output"): Map<string, Metadata> {
    const { library } = this.#runtime, allocator = toPointer(library.get("GetAllocatorWithDefaultOptions"));
    const count = Number(library.get(`SessionGet${kind}Count`, this.#session));
    return new Map(Array.from({ length: count }, (_, i): [string, Metadata] => {
      const name = toPointer(library.get(`SessionGet${kind}Name`, this.#session, BigInt(i), allocator));
      const value = text(name);
      library.call("AllocatorFree", allocator, name);
      const type = toPointer(library.get(`SessionGet${kind}TypeInfo`, this.#session, BigInt(i)));
      const tensor = toPointer(library.get("CastTypeInfoToTensorInfo", type));
      const meta = { ...readShape(library, tensor), text: cString(value) };
      library.release("ReleaseTypeInfo", type);
      return [value, meta];
    }));
  }
}

class OrtRuntime implements Runtime {
  readonly #environment: Deno.PointerValue;
  readonly #memory: Deno.PointerValue;

  constructor(readonly library: OrtLibrary, readonly provider: Provider, readonly threads: number) {
    this.#environment = toPointer(library.get("CreateEnv", WARNING, cString("bupo-bench")));
    library.call("DisableTelemetryEvents", this.#environment);
    this.#memory = toPointer(library.get("CreateCpuMemoryInfo", DEVICE_ALLOCATOR, DEFAULT_MEMORY));
  }

  async load(model: Uint8Array): Promise<Session> {
    const { library } = this;
    const options = toPointer(library.get("CreateSessionOptions"));
    try {
      library.call("SetIntraOpNumThreads", options, this.threads);
      library.call("SetInterOpNumThreads", options, 1);
      library.call("SetSessionExecutionMode", options, SEQUENTIAL);
      library.call("SetSessionGraphOptimizationLevel", options, ALL_OPTIMIZATIONS);
      library.call("SetSessionLogSeverityLevel", options, ERROR);
      // An arena keeps the most that a run ever took and grows by doubling: several times what is in use at once.
      library.call("DisableCpuMemArena", options);
      library.call("DisableMemPattern", options);
      const session = new BigUint64Array(1), bytes = model.slice();
      const args = [this.#environment, bytes, BigInt(bytes.length), options, session];
      await library.callAside("CreateSessionFromArray", ...args);
      return new OrtSession(this, toPointer(session[0] as bigint)); // the array has one element
    } finally {
      library.release("ReleaseSessionOptions", options);
    }
  }

  upload<T extends DataType>(dtype: T, shape: readonly number[], data: ArrayTypes[T]): DeviceTensor<T> {
    return new HostTensor(this.library, this.#memory, dtype, shape, data);
  }
}

let library: OrtLibrary | undefined;

/** The library, opened once. */
function openLibrary(): OrtLibrary {
  if (!library) {
    limitAllocatorPools();
    library = new OrtLibrary();
  }
  return library;
}

/** The version of ONNX Runtime that computes. */
export function onnxRuntimeVersion(): string {
  return openLibrary().version;
}

/**
 * Opens a runtime.
 *
 * @throws {ProviderError} If the provider is not supported yet; one line that says what to do.
 */
export function openRuntime({ provider, threads }: RuntimeOptions): Runtime {
  const wanted = provider === "auto" ? "cpu" : provider;
  if (!ready.includes(wanted)) {
    throw new ProviderError(
      `Cannot compute with "${wanted}": it does not keep tensors on the device yet; use --provider cpu`,
    );
  }
  return new OrtRuntime(openLibrary(), wanted, threads);
}
