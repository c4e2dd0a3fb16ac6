/**
 * NCCL's C interface, and what of CUDA's runtime it needs, in the libraries that the site has.
 *
 * Unverified: no card was at hand. The functions and numbers are those of NCCL's and CUDA's headers.
 *
 * @module
 */

import type { ReadVariable } from "./launcher.ts";

/** Bytes of an `ncclUniqueId`. */
export const ID_BYTES = 128;

/** ncclFloat32, ncclSum; cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost. */
const FLOAT32 = 7, SUM = 0, TO_DEVICE = 1, TO_HOST = 2;

const ncclFunctions = {
  ncclGetVersion: { parameters: ["buffer"], result: "i32" },
  ncclGetErrorString: { parameters: ["i32"], result: "pointer" },
  ncclGetUniqueId: { parameters: ["buffer"], result: "i32" },
  ncclCommInitRank: {
    // The id goes by value: a structure of 128 characters.
    parameters: ["buffer", "i32", { struct: new Array<"u8">(ID_BYTES).fill("u8") }, "i32"],
    result: "i32",
  },
  ncclAllReduce: {
    parameters: ["pointer", "pointer", "usize", "i32", "i32", "pointer", "pointer"],
    result: "i32",
  },
  ncclCommDestroy: { parameters: ["pointer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const cudaFunctions = {
  cudaSetDevice: { parameters: ["i32"], result: "i32" },
  cudaMalloc: { parameters: ["buffer", "usize"], result: "i32" },
  cudaMemcpy: { parameters: ["pointer", "buffer", "usize", "i32"], result: "i32" },
  cudaStreamSynchronize: { parameters: ["pointer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The same copy the other way round: what it writes to is this process's memory. */
const cudaBack = {
  cudaMemcpy: { parameters: ["buffer", "pointer", "usize", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Files by library, newest first: bare names are looked for where the system's loader looks. */
const files = {
  nccl: ["libnccl.so.2", "/usr/lib/x86_64-linux-gnu/libnccl.so.2", "/usr/lib64/libnccl.so.2"],
  cuda: [
    "libcudart.so.13",
    "libcudart.so.12",
    "/usr/local/cuda/lib64/libcudart.so.13",
    "/usr/local/cuda/lib64/libcudart.so.12",
  ],
} as const;

/** The functions, on the first card that this process sees. */
export interface NcclLibrary {
  /** NCCL's version, such as `2.29.3`. */
  readonly version: string;
  /** An id that all processes of a communicator must have. */
  uniqueId(): Uint8Array<ArrayBuffer>;
  /** Joins a communicator. */
  join(id: Uint8Array<ArrayBuffer>, size: number, rank: number): void;
  /** Replaces numbers by their sums, in an order that NCCL chooses. */
  allReduce(data: Float32Array<ArrayBuffer>): void;
  /** Leaves the communicator. */
  leave(): void;
}

/** The first of several files that has the symbols. */
function firstOf<S extends Deno.ForeignLibraryInterface>(
  tried: readonly string[],
  symbols: S,
): { readonly file: string; readonly symbols: Deno.StaticForeignLibraryInterface<S> } | undefined {
  for (const file of tried) {
    try {
      // Never closed: the library has threads of its own.
      return { file, symbols: Deno.dlopen(file, symbols).symbols };
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
    }
  }
  return undefined;
}

/** A version number as NCCL has it, 22903 or before 2.9 of the form 2804, in words. */
export function ncclVersionText(version: number): string {
  const [major, rest] = version < 10_000 ? [1000, version % 1000] : [10_000, version % 10_000];
  return `${Math.floor(version / major)}.${Math.floor(rest / 100)}.${rest % 100}`;
}

/**
 * Finds NCCL and CUDA's runtime.
 *
 * @throws {ReferenceError} If one of them is missing.
 */
export function openNcclLibrary(read: ReadVariable): NcclLibrary {
  const named = read("BUPO_NCCL"), tried = named ? [named] : files.nccl;
  const nccl = firstOf(tried, ncclFunctions);
  if (!nccl) {
    throw new ReferenceError(
      `Cannot use --engine nccl: there is no NCCL among ${
        tried.join(", ")
      }; install it, name the library in BUPO_NCCL, or use --engine mpi`,
    );
  }
  const cuda = firstOf(files.cuda, cudaFunctions), back = cuda && firstOf([cuda.file], cudaBack);
  if (!cuda || !back) {
    throw new ReferenceError(
      `Cannot use --engine nccl: there is no CUDA runtime among ${files.cuda.join(", ")}; use --engine mpi`,
    );
  }
  const check = (what: string, status: number): void => {
    if (status === 0) return;
    const said = what.startsWith("nccl") ? nccl.symbols.ncclGetErrorString(status) : null;
    throw new Error(
      `NCCL failed in ${what}: ${said ? new Deno.UnsafePointerView(said).getCString() : `error ${status}`}`,
    );
  };
  const pointer = (fill: (into: BigUint64Array<ArrayBuffer>) => void): Deno.PointerValue => {
    const into = new BigUint64Array(1);
    fill(into);
    return Deno.UnsafePointer.create(into[0] ?? 0n);
  };
  const number = new Int32Array(1);
  check("ncclGetVersion", nccl.symbols.ncclGetVersion(number));
  let communicator: Deno.PointerValue = null, room: Deno.PointerValue = null, roomBytes = 0;
  return {
    version: ncclVersionText(number[0] ?? 0),
    uniqueId: () => {
      const id = new Uint8Array(ID_BYTES);
      check("ncclGetUniqueId", nccl.symbols.ncclGetUniqueId(id));
      return id;
    },
    join: (id, size, rank) => {
      check("cudaSetDevice", cuda.symbols.cudaSetDevice(0));
      communicator = pointer((into) =>
        check("ncclCommInitRank", nccl.symbols.ncclCommInitRank(into, size, id, rank))
      );
    },
    allReduce: (data) => {
      if (roomBytes < data.byteLength) {
        const bytes = BigInt(roomBytes = data.byteLength);
        room = pointer((into) => check("cudaMalloc", cuda.symbols.cudaMalloc(into, bytes)));
      }
      const bytes = BigInt(data.byteLength), count = BigInt(data.length);
      check("cudaMemcpy", cuda.symbols.cudaMemcpy(room, data, bytes, TO_DEVICE));
      // The default stream.
      const status = nccl.symbols.ncclAllReduce(room, room, count, FLOAT32, SUM, communicator, null);
      check("ncclAllReduce", status);
      check("cudaStreamSynchronize", cuda.symbols.cudaStreamSynchronize(null));
      check("cudaMemcpy", back.symbols.cudaMemcpy(data, room, bytes, TO_HOST));
    },
    leave: () => check("ncclCommDestroy", nccl.symbols.ncclCommDestroy(communicator)),
  };
}
