/**
 * The runtime on ONNX Runtime's C API. On the CPU a tensor is its typed array; on a device it lies in the device's memory
 * until it is disposed of.
 *
 * @module
 */

import type { ArrayTypes, DataType } from "../tensor/mod.ts";
import { askBack, joinArena, smallestGraph } from "./arena.ts";
import { DeviceResidentTensor } from "./device_memory.ts";
import { HostTensor } from "./host_tensor.ts";
import { cString, type OrtLibrary, toPointer } from "./ort_library.ts";
import { OrtSession } from "./ort_session.ts";
import { addConstants, boundProgram, fedProgram } from "./program/mod.ts";
import { chooseProvider, type Device, openDevice, type OpenLibrary, openLibrary } from "./provider.ts";
import { type DeviceMemoryUse, type DeviceTensor, type Transfers } from "./runtime.ts";
import type { LoadOptions, Program, Provider, Runtime, RuntimeOptions, Session } from "./runtime.ts";

/** Numbers of the C API's enumerations. */
const ERROR = 3,
  FATAL = 4,
  SEQUENTIAL = 0,
  NO_OPTIMIZATION = 0,
  ALL_OPTIMIZATIONS = 99,
  DEVICE_ALLOCATOR = 0,
  DEFAULT_MEMORY = 0;

class OrtRuntime implements Runtime {
  readonly threads: number;
  readonly provider: Provider;
  readonly largestTensor: number;
  readonly adapter?: string;
  readonly driver?: string;
  readonly fallback?: string;
  readonly #library: OrtLibrary;
  readonly #environment: Deno.PointerValue;
  readonly #host: Deno.PointerValue;
  readonly #device: Device | undefined;
  /** A session of the smallest graph, whose runs give memory back. */
  #smallest: Promise<Session> | undefined;

  constructor(
    { library, environment }: OpenLibrary,
    { provider, threads, deviceMemory = Infinity }: RuntimeOptions,
  ) {
    this.#library = library;
    this.threads = threads;
    this.#environment = environment;
    this.#host = toPointer(library.get("CreateCpuMemoryInfo", DEVICE_ALLOCATOR, DEFAULT_MEMORY));
    const context = { library, environment: this.#environment, host: this.#host };
    const open = (name: Exclude<Provider, "cpu">): Device =>
      openDevice(context, name, () => this.#options(), deviceMemory);
    const chosen: ReturnType<typeof chooseProvider> = provider === "auto"
      ? chooseProvider(open)
      : provider === "cpu"
      ? { provider }
      : { provider, device: open(provider) };
    this.provider = chosen.provider;
    this.#device = chosen.device;
    this.largestTensor = chosen.device?.memory.largestTensor ?? Infinity;
    if (chosen.device?.adapter !== undefined) this.adapter = chosen.device.adapter;
    if (chosen.device?.driver !== undefined) this.driver = chosen.device.driver;
    if (chosen.fallback !== undefined) this.fallback = chosen.fallback;
  }

  get transfers(): Transfers {
    return this.#device?.memory.transfers ?? { up: 0, down: 0 };
  }

  get memory(): DeviceMemoryUse {
    return this.#device?.memory.use ?? { tensors: 0, bytes: 0 };
  }

  async load(model: Uint8Array, loading: LoadOptions = {}): Promise<Session> {
    const library = this.#library, options = this.#options();
    try {
      const { model: bytes, onHost } = this.#device?.adapt(model) ?? { model: model.slice(), onHost: [] };
      this.#device?.append(options, onHost);
      return await this.#create(bytes, options, this.#asked(options, loading));
    } finally {
      library.release("ReleaseSessionOptions", options);
    }
  }

  async prepare(model: Uint8Array, loading: LoadOptions = {}): Promise<Program> {
    if (this.#device) return fedProgram(await this.load(model, loading));
    return boundProgram(model, async (graph, constants) => {
      const library = this.#library, options = this.#options();
      try {
        library.call("SetSessionGraphOptimizationLevel", options, NO_OPTIMIZATION);
        addConstants(library, options, graph.names, constants);
        return await this.#create(graph.model, options, this.#asked(options, loading));
      } finally {
        library.release("ReleaseSessionOptions", options);
      }
    });
  }

  /** Sets what a caller asked for; says whether the session writes a profile. */
  #asked(options: Deno.PointerValue, { profile, quiet = false }: LoadOptions): boolean {
    if (quiet) this.#library.call("SetSessionLogSeverityLevel", options, FATAL);
    if (profile !== undefined) this.#library.call("EnableProfiling", options, cString(profile));
    return profile !== undefined;
  }

  async #create(
    bytes: Uint8Array<ArrayBuffer>,
    options: Deno.PointerValue,
    profiled = false,
  ): Promise<Session> {
    const library = this.#library, memory = this.#device?.memory, session = new BigUint64Array(1);
    const args = [this.#environment, bytes, BigInt(bytes.length), options, session];
    // A device's queue takes commands from one thread at a time.
    if (memory) library.call("CreateSessionFromArrayNow", ...args);
    else await library.callAside("CreateSessionFromArray", ...args);
    const home = { library, host: this.#host, memory };
    return new OrtSession(home, toPointer(session[0] as bigint), profiled); // the array has one element
  }

  upload<T extends DataType>(dtype: T, shape: readonly number[], data: ArrayTypes[T]): DeviceTensor<T> {
    const memory = this.#device?.memory;
    return memory ? new DeviceResidentTensor(memory, dtype, shape, data) : this.stage(dtype, shape, data);
  }

  stage<T extends DataType>(dtype: T, shape: readonly number[], data: ArrayTypes[T]): DeviceTensor<T> {
    return new HostTensor(this.#library, this.#host, dtype, shape, data);
  }

  async giveBack(): Promise<void> {
    if (this.#device) return;
    const session = await (this.#smallest ??= this.load(smallestGraph()));
    using x = this.stage("float32", [1], new Float32Array(1));
    askBack(this.#library);
    const { y } = await session.run({ x });
    y?.dispose();
  }

  /** Options of a session, without a provider. */
  #options(): Deno.PointerValue {
    const library = this.#library, options = toPointer(library.get("CreateSessionOptions"));
    library.call("SetIntraOpNumThreads", options, this.threads);
    library.call("SetInterOpNumThreads", options, 1);
    library.call("SetSessionExecutionMode", options, SEQUENTIAL);
    library.call("SetSessionGraphOptimizationLevel", options, ALL_OPTIMIZATIONS);
    library.call("SetSessionLogSeverityLevel", options, ERROR);
    joinArena(library, options);
    library.call("DisableMemPattern", options);
    return options;
  }
}

/**
 * Opens a runtime.
 *
 * @throws {ProviderError} If the provider is missing; one line that says what is, and what to do.
 */
export function openRuntime(options: RuntimeOptions): Runtime {
  return new OrtRuntime(openLibrary(), options);
}
