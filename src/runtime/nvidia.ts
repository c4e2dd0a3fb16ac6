/**
 * What NVIDIA's libraries say of the card that CUDA computes on. ONNX Runtime names neither it nor its driver, and other
 * cards have other kernels.
 *
 * @module
 */

/** A card and its driver. */
export interface NvidiaCard {
  /** Its name, such as `NVIDIA H200`. */
  readonly name: string;
  /** The driver's version; absent where nobody tells. */
  readonly driver?: string;
}

/** Files of the driver's libraries by operating system: CUDA's own, and the one that manages cards. */
const files: Readonly<Record<string, readonly [cuda: string, management: string]>> = {
  linux: ["libcuda.so.1", "libnvidia-ml.so.1"],
  windows: ["nvcuda.dll", "nvml.dll"],
};

/** The longest text that is asked for, in bytes. */
const LONGEST = 96;

/** The text that a C function writes into a buffer of {@linkcode LONGEST} bytes; `undefined` where it fails. */
function written(write: (buffer: Uint8Array<ArrayBuffer>) => number): string | undefined {
  const buffer = new Uint8Array(LONGEST);
  if (write(buffer) !== 0) return undefined;
  const text = new TextDecoder().decode(buffer.subarray(0, Math.max(0, buffer.indexOf(0))));
  return text === "" ? undefined : text;
}

// The libraries stay open: ONNX Runtime computes with them.

function cardName(path: string): string | undefined {
  const library = Deno.dlopen(path, {
    cuInit: { parameters: ["u32"], result: "i32" },
    cuDeviceGet: { parameters: ["buffer", "i32"], result: "i32" },
    cuDeviceGetName: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  });
  const { cuInit, cuDeviceGet, cuDeviceGetName } = library.symbols, device = new Int32Array(1);
  if (cuInit(0) !== 0 || cuDeviceGet(device, 0) !== 0) return undefined;
  return written((buffer) => cuDeviceGetName(buffer, LONGEST, device[0] ?? 0));
}

function driverVersion(path: string): string | undefined {
  const library = Deno.dlopen(path, {
    nvmlInit_v2: { parameters: [], result: "i32" },
    nvmlSystemGetDriverVersion: { parameters: ["buffer", "u32"], result: "i32" },
  });
  const { nvmlInit_v2, nvmlSystemGetDriverVersion } = library.symbols;
  if (nvmlInit_v2() !== 0) return undefined;
  return written((buffer) => nvmlSystemGetDriverVersion(buffer, LONGEST));
}

/** What a library says; `undefined` where it is not there, or may not be asked. */
function asked<T>(ask: () => T | undefined): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return undefined;
  }
}

/**
 * The first card that CUDA sees, which is the one that ONNX Runtime takes; `undefined` where there is none.
 *
 * Source: the references of the CUDA driver API (device management) and of NVML (system queries).
 *
 * @param libraries Where the driver's two libraries lie; default where the system finds them.
 */
export function nvidiaCard(libraries = files[Deno.build.os]): NvidiaCard | undefined {
  if (!libraries) return undefined;
  const [cuda, management] = libraries, name = asked(() => cardName(cuda));
  if (name === undefined) return undefined;
  const driver = asked(() => driverVersion(management));
  return { name, ...(driver === undefined ? {} : { driver }) };
}
