/**
 * ONNX Runtime's C API, called in a shared library: that of the onnxruntime-node package, or a user's own. The package's own binding
 * copies every output of a run, also one that was computed in place: for a model under training that is the whole
 * gradient at each micro-batch, and for decoding the whole KV cache at each token.
 *
 * @module
 */

import { createRequire } from "node:module";
import type { LibraryPlace } from "./library_place.ts";
import { ProviderError } from "./runtime.ts";

/** The version of the C API that is asked for; functions are only ever added to it. */
const API_VERSION = 24;

/** Where a function stands in the table `OrtApi`, and what it takes. A status comes back where no result is named. */
interface FunctionSpec {
  readonly at: number;
  readonly parameters: readonly Deno.NativeType[];
  readonly result?: "void" | "pointer" | "i32" | "u32";
  readonly nonblocking?: true;
}

/** The functions that are called, by name: see `onnxruntime_c_api.h`. */
export const functions = {
  GetErrorMessage: { at: 2, parameters: ["pointer"], result: "pointer" },
  CreateEnv: { at: 3, parameters: ["i32", "buffer", "buffer"] },
  DisableTelemetryEvents: { at: 6, parameters: ["pointer"] },
  CreateSessionFromArray: {
    at: 8,
    parameters: ["pointer", "buffer", "usize", "pointer", "buffer"],
    nonblocking: true,
  },
  /** The same, on this thread. */
  CreateSessionFromArrayNow: { at: 8, parameters: ["pointer", "buffer", "usize", "pointer", "buffer"] },
  Run: {
    at: 9,
    parameters: ["pointer", "pointer", "buffer", "buffer", "usize", "buffer", "usize", "buffer"],
  },
  CreateSessionOptions: { at: 10, parameters: ["buffer"] },
  EnableProfiling: { at: 14, parameters: ["pointer", "buffer"] },
  SetSessionExecutionMode: { at: 13, parameters: ["pointer", "i32"] },
  DisableMemPattern: { at: 17, parameters: ["pointer"] },
  SetSessionLogSeverityLevel: { at: 22, parameters: ["pointer", "i32"] },
  SetSessionGraphOptimizationLevel: { at: 23, parameters: ["pointer", "i32"] },
  SetIntraOpNumThreads: { at: 24, parameters: ["pointer", "i32"] },
  SetInterOpNumThreads: { at: 25, parameters: ["pointer", "i32"] },
  SessionGetInputCount: { at: 30, parameters: ["pointer", "buffer"] },
  SessionGetOutputCount: { at: 31, parameters: ["pointer", "buffer"] },
  SessionGetInputTypeInfo: { at: 33, parameters: ["pointer", "usize", "buffer"] },
  SessionGetOutputTypeInfo: { at: 34, parameters: ["pointer", "usize", "buffer"] },
  SessionGetInputName: { at: 36, parameters: ["pointer", "usize", "pointer", "buffer"] },
  SessionGetOutputName: { at: 37, parameters: ["pointer", "usize", "pointer", "buffer"] },
  CreateRunOptions: { at: 39, parameters: ["buffer"] },
  CreateTensorAsOrtValue: { at: 48, parameters: ["pointer", "buffer", "usize", "i32", "buffer"] },
  CreateTensorWithDataAsOrtValue: {
    at: 49,
    parameters: ["pointer", "pointer", "usize", "buffer", "usize", "i32", "buffer"],
  },
  GetTensorMutableData: { at: 51, parameters: ["pointer", "buffer"] },
  CastTypeInfoToTensorInfo: { at: 55, parameters: ["pointer", "buffer"] },
  GetTensorElementType: { at: 60, parameters: ["pointer", "buffer"] },
  GetDimensionsCount: { at: 61, parameters: ["pointer", "buffer"] },
  GetDimensions: { at: 62, parameters: ["pointer", "buffer", "usize"] },
  GetSymbolicDimensions: { at: 63, parameters: ["pointer", "buffer", "usize"] },
  GetTensorTypeAndShape: { at: 65, parameters: ["pointer", "buffer"] },
  CreateMemoryInfo: { at: 68, parameters: ["buffer", "i32", "i32", "i32", "buffer"] },
  CreateCpuMemoryInfo: { at: 69, parameters: ["i32", "i32", "buffer"] },
  AllocatorFree: { at: 76, parameters: ["pointer", "pointer"] },
  GetAllocatorWithDefaultOptions: { at: 78, parameters: ["buffer"] },
  ReleaseStatus: { at: 93, parameters: ["pointer"], result: "void" },
  ReleaseMemoryInfo: { at: 94, parameters: ["pointer"], result: "void" },
  ReleaseSession: { at: 95, parameters: ["pointer"], result: "void" },
  ReleaseValue: { at: 96, parameters: ["pointer"], result: "void" },
  ReleaseTypeInfo: { at: 98, parameters: ["pointer"], result: "void" },
  ReleaseTensorTypeAndShapeInfo: { at: 99, parameters: ["pointer"], result: "void" },
  ReleaseSessionOptions: { at: 100, parameters: ["pointer"], result: "void" },
  SessionEndProfiling: { at: 110, parameters: ["pointer", "pointer", "buffer"] },
  AddSessionConfigEntry: { at: 130, parameters: ["pointer", "buffer", "buffer"] },
  CreateAllocator: { at: 131, parameters: ["pointer", "pointer", "buffer"] },
  ReleaseAllocator: { at: 132, parameters: ["pointer"], result: "void" },
  CreateAndRegisterAllocator: { at: 144, parameters: ["pointer", "pointer", "pointer"] },
  CreateArenaCfg: { at: 156, parameters: ["usize", "i32", "i32", "i32", "buffer"] },
  ReleaseArenaCfg: { at: 157, parameters: ["pointer"], result: "void" },
  AddRunConfigEntry: { at: 165, parameters: ["pointer", "buffer", "buffer"] },
  AddExternalInitializers: { at: 210, parameters: ["pointer", "buffer", "buffer", "usize"] },
  SessionOptionsAppendExecutionProvider: {
    at: 216,
    parameters: ["pointer", "buffer", "buffer", "buffer", "usize"],
  },
  GetKeyValue: { at: 297, parameters: ["pointer", "buffer"], result: "pointer" },
  ReleaseKeyValuePairs: { at: 300, parameters: ["pointer"], result: "void" },
  RegisterExecutionProviderLibrary: { at: 301, parameters: ["pointer", "buffer", "buffer"] },
  GetEpDevices: { at: 303, parameters: ["pointer", "buffer", "buffer"] },
  SessionOptionsAppendExecutionProvider_V2: {
    at: 304,
    parameters: ["pointer", "pointer", "buffer", "usize", "buffer", "buffer", "usize"],
  },
  EpDevice_EpName: { at: 312, parameters: ["pointer"], result: "pointer" },
  AllocatorGetStats: { at: 319, parameters: ["pointer", "buffer"] },
  EpDevice_MemoryInfo: { at: 374, parameters: ["pointer", "i32"], result: "pointer" },
  CopyTensors: { at: 386, parameters: ["pointer", "buffer", "buffer", "pointer", "usize"] },
} as const satisfies Readonly<Record<string, FunctionSpec>>;

/** The functions by name. */
export type FunctionName = keyof typeof functions;

/** What crosses to a function. */
export type Argument = number | bigint | Deno.PointerValue | BufferSource;

/**
 * Never called: an import that Deno sees makes it install the package, and one that does not run does not load the
 * package's own binding, which commands that compute nothing have no permission for.
 */
export const installPackage = (): Promise<unknown> => import("onnxruntime-node");

/** glibc's and macOS's flags of dlopen: resolve all names now; stay when the last handle is closed. */
const RTLD_NOW = 2, RTLD_NODELETE: Readonly<Record<string, number>> = { linux: 0x1000, darwin: 0x80 };

/**
 * Keeps a library loaded until the process ends: Deno unloads it when the thread that opened it ends, and with it the code
 * that the device's threads run. What a package's binding has loaded stays.
 */
function keepLoaded({ file, own }: LibraryPlace): void {
  // Also beside a user's own: another package that needs the binding would else be given the user's, which has its name.
  createRequire(import.meta.url)("onnxruntime-node");
  if (!own) return;
  const flag = RTLD_NODELETE[Deno.build.os];
  if (flag === undefined) return; // Windows: one thread opens it first and last, the main one
  const system = Deno.dlopen(Deno.build.os === "linux" ? "libc.so.6" : "libSystem.dylib", {
    dlopen: { parameters: ["buffer", "i32"], result: "pointer" },
  });
  system.symbols.dlopen(cString(file), RTLD_NOW | flag);
  system.close();
}

/** What every ONNX Runtime has. */
const entry = { OrtGetApiBase: { parameters: [], result: "pointer" } } as const;

function openFile(place: LibraryPlace): Deno.StaticForeignLibraryInterface<typeof entry> {
  keepLoaded(place);
  if (!place.own) return Deno.dlopen(place.file, entry).symbols;
  try {
    return Deno.dlopen(place.file, entry).symbols;
  } catch (error) {
    if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) throw error;
    const reason = error.message.replace(/^Could not open library: /, "").trim();
    throw new ProviderError(`Cannot use the ONNX Runtime of ${place.folder}: it does not load (${reason})`);
  }
}

/** The library's functions. */
export class OrtLibrary {
  /** The version of ONNX Runtime. */
  readonly version: string;
  readonly #pointers = new Map<FunctionName, Deno.UnsafeFnPointer<Deno.ForeignFunction>>();

  /**
   * Opens a library.
   *
   * @throws {ProviderError} If it is no ONNX Runtime, or too old a one.
   */
  constructor(place: LibraryPlace) {
    const symbols = openFile(place);
    const base = view(symbols.OrtGetApiBase());
    const getApi = new Deno.UnsafeFnPointer(solid(base.getPointer<never>(0)), {
      parameters: ["u32"],
      result: "pointer",
    });
    const getVersion = new Deno.UnsafeFnPointer(solid(base.getPointer<never>(8)), {
      parameters: [],
      result: "pointer",
    });
    this.version = text(getVersion.call());
    const table = getApi.call(API_VERSION);
    if (table === null) {
      throw new ProviderError(
        `Cannot use the ONNX Runtime of ${place.folder}: it is ${this.version}; expected 1.${API_VERSION} or later`,
      );
    }
    const api = view(table);
    for (const [name, spec] of Object.entries(functions) as [FunctionName, FunctionSpec][]) {
      const { at, parameters, result = "pointer", nonblocking = false } = spec;
      this.#pointers.set(
        name,
        new Deno.UnsafeFnPointer(solid(api.getPointer<never>(8 * at)), { parameters, result, nonblocking }),
      );
    }
  }

  /**
   * Calls a function that answers at once.
   *
   * @throws {Error} If it returns a status: ONNX Runtime's own message.
   */
  call(name: FunctionName, ...args: readonly Argument[]): void {
    this.#check(this.#invoke(name, args) as Deno.PointerValue);
  }

  /** Calls a function on another thread. The arguments must live until it is done. */
  async callAside(name: "CreateSessionFromArray", ...args: readonly Argument[]): Promise<void> {
    this.#check(await (this.#invoke(name, args) as Promise<Deno.PointerValue>));
  }

  /** Calls a function that returns no status. */
  ask(
    name: "GetKeyValue" | "EpDevice_EpName" | "EpDevice_MemoryInfo",
    ...args: readonly Argument[]
  ): Deno.PointerValue {
    return this.#invoke(name, args) as Deno.PointerValue;
  }

  /** Frees something; the release functions return nothing. */
  release(name: FunctionName & `Release${string}`, pointer: Deno.PointerValue): void {
    this.#invoke(name, [pointer]);
  }

  /** Calls a function whose last argument receives a pointer, a size or a number of 8 bytes. */
  get(name: FunctionName, ...args: readonly Argument[]): bigint {
    const out = new BigUint64Array(1);
    this.call(name, ...args, out);
    return out[0] as bigint; // the array has one element
  }

  #invoke(name: FunctionName, args: readonly Argument[]): unknown {
    const pointer = this.#pointers.get(name) as Deno.UnsafeFnPointer<Deno.ForeignFunction>; // the table names all
    return (pointer.call as (...values: readonly Argument[]) => unknown)(...args);
  }

  #check(status: Deno.PointerValue): void {
    if (status === null) return;
    const message = text(this.#invoke("GetErrorMessage", [status]) as Deno.PointerValue);
    this.#invoke("ReleaseStatus", [status]);
    throw new Error(`ONNX Runtime: ${message}`);
  }
}

/** A pointer that is not null. */
export function solid<T>(pointer: Deno.PointerValue<T>): Deno.PointerObject<T> {
  if (pointer === null) throw new ReferenceError("ONNX Runtime: a null pointer where an object was expected");
  return pointer;
}

function view(pointer: Deno.PointerValue): Deno.UnsafePointerView {
  return new Deno.UnsafePointerView(solid(pointer));
}

/** A C string. */
export function text(pointer: Deno.PointerValue): string {
  return view(pointer).getCString();
}

/** A number of 8 bytes as a pointer. */
export function toPointer(address: bigint): Deno.PointerValue {
  return Deno.UnsafePointer.create(address);
}

/** A text as a C string. */
export function cString(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${value}\0`);
}

/** Where bytes lie. */
export function address(bytes: Uint8Array<ArrayBuffer>): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
}
