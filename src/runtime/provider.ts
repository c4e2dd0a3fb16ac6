/**
 * What each execution provider needs: its entry in a session's options, its memory, and what to do where it is missing.
 *
 * @module
 */

import { join } from "node:path";
import { input, mul, toOnnx } from "../tensor/mod.ts";
import { limitAllocatorPools } from "./allocator.ts";
import { makeArena } from "./arena.ts";
import { DeviceMemory } from "./device_memory.ts";
import { buildName, type LibraryPlace, libraryPlace } from "./library_place.ts";
import { nvidiaCard } from "./nvidia.ts";
import { address, cString, OrtLibrary, text, toPointer } from "./ort_library.ts";
import { type Provider, ProviderError } from "./runtime.ts";
import { type AdaptedGraph, type Adapter, forWebGpu, vulkanAdapters } from "./webgpu/mod.ts";

/** Numbers of the C API's enumerations. */
const WARNING = 2,
  DEVICE_ALLOCATOR = 0,
  DEFAULT_MEMORY = 0;

/** ONNX Runtime, opened. */
export interface OrtContext {
  /** The library. */
  readonly library: OrtLibrary;
  /** Its environment. */
  readonly environment: Deno.PointerValue;
  /** Its description of this process's memory. */
  readonly host: Deno.PointerValue;
}

/** A provider with a memory of its own. */
export interface Device {
  /** A graph as the provider computes it rightly. */
  readonly adapt: (model: Uint8Array) => AdaptedGraph;
  /** Adds the provider to a session's options. */
  readonly append: (options: Deno.PointerValue, onHost: readonly string[]) => void;
  /** The device's memory. */
  readonly memory: DeviceMemory;
  /** The adapter, where its name is known. */
  readonly adapter?: string | undefined;
  /** Its driver's version, where that is known. */
  readonly driver?: string | undefined;
}

/** A provider before it has been tried. */
interface Candidate {
  readonly adapt: (model: Uint8Array) => AdaptedGraph;
  readonly append: Device["append"];
  /** ONNX Runtime's description of the device's memory. */
  readonly place: () => Deno.PointerValue;
  readonly adapter?: string | undefined;
  readonly driver?: string | undefined;
  /** The most bytes of one tensor. */
  readonly largestBuffer: number;
}

/** The library, where it lies, and its environment, which is the process's. */
export interface OpenLibrary {
  /** The library. */
  readonly library: OrtLibrary;
  /** Where it lies. */
  readonly place: LibraryPlace;
  /** Its environment. */
  readonly environment: Deno.PointerValue;
}

let opened: OpenLibrary | undefined;

/**
 * The library, opened once in this thread.
 *
 * @throws {ProviderError} If the user named a folder without one that can be used.
 */
export function openLibrary(): OpenLibrary {
  if (!opened) {
    limitAllocatorPools();
    const place = libraryPlace(), library = new OrtLibrary(place);
    const environment = toPointer(library.get("CreateEnv", WARNING, cString("bupo-bench")));
    library.call("DisableTelemetryEvents", environment);
    // Before there are other threads, whose sessions would look for it meanwhile: the main one opens the library first.
    makeArena(library, environment);
    opened = { library, place, environment };
  }
  return opened;
}

let version: string | undefined;

/** The version of ONNX Runtime that computes; of a user's own build with a digest of what it computes with. */
export function onnxRuntimeVersion(): string {
  const { library, place } = openLibrary();
  return version ??= `${library.version}${buildName(place, Object.values(cudaFiles))}`;
}

let adapters: { readonly found: readonly Adapter[] | undefined } | undefined;

/** The graphics adapters, asked for once; `undefined` where nothing can tell. */
export function listAdapters(): readonly Adapter[] | undefined {
  return (adapters ??= { found: vulkanAdapters() }).found;
}

function missing(provider: Provider, reason: string): never {
  throw new ProviderError(
    `Cannot compute with "${provider}": ${reason}, or use --provider cpu`,
  );
}

function openWebGpu({ library }: OrtContext): Candidate {
  const adapters = listAdapters();
  if (Deno.build.os === "linux" && Deno.build.arch === "aarch64") {
    missing("webgpu", "onnxruntime-node has no WebGPU for Linux on arm64; build ONNX Runtime with it");
  }
  if (Deno.build.os === "linux") {
    if (!adapters) {
      missing("webgpu", "libvulkan.so.1 was not found; install it (Debian: apt-get install libvulkan1)");
    }
    if (adapters.length === 0) {
      missing(
        "webgpu",
        "Vulkan has no adapter; install the graphics driver's Vulkan part (NVIDIA: libnvidia-gl)",
      );
    }
  }
  return {
    adapt: forWebGpu,
    append: (options, onHost) => {
      // Token ids and counters are int64: without it the nodes that touch them would leave the device.
      const settings = {
        enableInt64: "1",
        ...(onHost.length > 0 ? { forceCpuNodeNames: onHost.join("\n") } : {}),
      };
      const keys = Object.keys(settings).map(cString), values = Object.values(settings).map(cString);
      library.call(
        "SessionOptionsAppendExecutionProvider",
        options,
        cString("WebGPU"),
        BigUint64Array.from(keys, address),
        BigUint64Array.from(values, address),
        BigInt(keys.length),
      );
    },
    place: () =>
      toPointer(
        library.get("CreateMemoryInfo", cString("WebGPU_Buffer"), DEVICE_ALLOCATOR, 0, DEFAULT_MEMORY),
      ),
    adapter: adapters?.[0]?.name,
    driver: adapters?.[0]?.driver,
    largestBuffer: adapters?.[0]?.largestBuffer ?? Infinity,
  };
}

const cudaFiles: Readonly<Record<string, string>> = {
  linux: "libonnxruntime_providers_cuda.so",
  windows: "onnxruntime_providers_cuda.dll",
};

/** Why the CUDA provider's library does not load, and what to install: it names the first library that is not there. */
function cudaReason(message: string): string {
  const absent = /(lib(?:cublas|cublasLt|cudart|curand|cudnn|cuda|cufft)[\w.]*)/.exec(message)?.[1];
  if (absent?.startsWith("libcuda.so")) return `${absent} is not there); install NVIDIA's driver`;
  const release = /\.so\.(\d+)/.exec(absent ?? "")?.[1];
  const wanted = release === undefined || !/cublas|cudart/.test(absent ?? "") ? "CUDA" : `CUDA ${release}`;
  const found = absent === undefined ? message : `${absent} is not there`;
  return `${found}); install the ${wanted} (cuBLAS, cuRAND, cudart) and cuDNN 9 libraries`;
}

function openCuda({ library, environment }: OrtContext): Candidate {
  const file = cudaFiles[Deno.build.os], path = join(openLibrary().place.folder, file ?? "");
  if (file === undefined) missing("cuda", `there is none on ${Deno.build.os}; use --provider webgpu`);
  try {
    Deno.statSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    missing(
      "cuda",
      `${file} is not beside ONNX Runtime; "deno task devices --fetch-cuda" brings both`,
    );
  }
  try {
    library.call("RegisterExecutionProviderLibrary", environment, cString("bupo-cuda"), cString(path));
  } catch (error) {
    const { message } = error as Error;
    if (!/already (been )?registered/.test(message)) {
      missing("cuda", `its library does not load (${cudaReason(message)}`);
    }
  }
  const found = new BigUint64Array(1), count = new BigUint64Array(1);
  library.call("GetEpDevices", environment, found, count);
  const devices = Array.from({ length: Number(count[0]) }, (_, i) => {
    const list = new Deno.UnsafePointerView(toPointer(found[0] as bigint) as Deno.PointerObject); // not empty
    return list.getPointer(8 * i);
  }).filter((device) => text(library.ask("EpDevice_EpName", device)) === "CUDAExecutionProvider");
  const device = devices[0];
  if (!device) missing("cuda", "no CUDA device was found; install NVIDIA's driver");
  const card = nvidiaCard();
  return {
    adapt: (model) => ({ model: model.slice(), onHost: [] }),
    append: (options) =>
      library.call(
        "SessionOptionsAppendExecutionProvider_V2",
        options,
        environment,
        BigUint64Array.of(Deno.UnsafePointer.value(device)),
        1n,
        null,
        null,
        0n,
      ),
    place: () => library.ask("EpDevice_MemoryInfo", device, 0),
    adapter: card?.name,
    driver: card?.driver,
    largestBuffer: Infinity,
  };
}

const candidates: Readonly<Record<Exclude<Provider, "cpu">, (context: OrtContext) => Candidate>> = {
  webgpu: openWebGpu,
  cuda: openCuda,
};

const devices = new Map<string, Device>();

/**
 * A provider's device, opened once in this thread for each limit.
 *
 * @param options Makes session options as sessions of this runtime use them.
 * @param limit The most bytes of tensors.
 * @throws {ProviderError} If something is missing; one line that says what, and what to do.
 */
export function openDevice(
  context: OrtContext,
  provider: Exclude<Provider, "cpu">,
  options: () => Deno.PointerValue,
  limit: number,
): Device {
  const key = `${provider} ${limit}`, known = devices.get(key);
  if (known) return known;
  const { library, environment } = context;
  const { adapt, append, place, adapter, driver, largestBuffer } = candidates[provider](context);
  // An allocator belongs to a session: the smallest there is, which also shows that the device answers.
  const x = input("x", "float32", [1]);
  const model = toOnnx({ name: "device", inputs: [x], outputs: { y: mul(x, x) } });
  const made = options();
  try {
    append(made, []);
    const session = toPointer(
      library.get("CreateSessionFromArrayNow", environment, model, BigInt(model.length), made),
    );
    const allocator = toPointer(library.get("CreateAllocator", session, place()));
    const memory = new DeviceMemory({ ...context, allocator, limit, largestBuffer });
    const device = { adapt, append, memory, adapter, driver };
    devices.set(key, device);
    return device;
  } catch (error) {
    if (error instanceof ProviderError) throw error;
    const reason = (error as Error).message.replace(/^.*false\. /s, "").replace(/\s+/g, " ").trim();
    return missing(provider, `the device does not open (${reason}); check its driver`);
  } finally {
    library.release("ReleaseSessionOptions", made);
  }
}

/** The provider that `auto` takes, and why it is no GPU. */
export function chooseProvider(open: (provider: Exclude<Provider, "cpu">) => Device): {
  readonly device?: Device;
  readonly provider: Provider;
  readonly fallback?: string;
} {
  const reasons: string[] = [];
  for (const provider of ["cuda", "webgpu"] as const) {
    // An adapter that is a program on the CPU is slower than the CPU.
    if (provider === "webgpu" && listAdapters()?.every(({ kind }) => kind === "software")) {
      reasons.push(`webgpu: ${listAdapters()?.length ? "the only adapter is software" : "no adapter"}`);
      continue;
    }
    try {
      return { provider, device: open(provider) };
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      reasons.push(`${provider}: ${error.message.replace(/^[^:]*: |[;,(].*$/gs, "")}`);
    }
  }
  return { provider: "cpu", fallback: reasons.join("; ") };
}
