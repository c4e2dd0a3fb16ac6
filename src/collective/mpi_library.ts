/**
 * MPI's C interface in the library that the site has: Open MPI, where a communicator is the address of a structure, or
 * MPICH and those with its binary interface, where it is a number.
 *
 * @module
 */

import type { Mover } from "./exchange.ts";
import { type ReadVariable, speaksPmix } from "./launcher.ts";

/** Kinds of libraries. */
export type MpiKind = "Open MPI" | "MPICH";

/** A communicator or a type, as a kind of library has it. */
type Handle = Deno.PointerValue | number;

/** The functions, called with the handles of the library. */
export interface MpiLibrary extends Omit<Mover, "size"> {
  /** The kind. */
  readonly kind: MpiKind;
  /** What the library calls itself. */
  readonly version: string;
  /** Starts MPI on this thread, which alone may call it from then on. */
  init(): void;
  /** This process's number. */
  rank(): number;
  /** The number of processes. */
  size(): number;
  /** Ends all processes. */
  abort(code: number): void;
  /** Ends MPI. */
  finalize(): void;
}

/** Files by kind, as systems name them: bare names are looked for where the system's loader looks. */
const files: Readonly<Record<MpiKind, readonly string[]>> = {
  "Open MPI": [
    "libmpi.so.40",
    "/usr/lib64/openmpi/lib/libmpi.so.40",
    "/usr/lib/x86_64-linux-gnu/libmpi.so.40",
    "/usr/lib/aarch64-linux-gnu/libmpi.so.40",
    "libmpi.40.dylib",
    "/opt/homebrew/lib/libmpi.40.dylib",
  ],
  "MPICH": [
    "libmpich.so.12",
    "libmpi.so.12",
    "/usr/lib64/mpich/lib/libmpi.so.12",
    "/usr/lib/x86_64-linux-gnu/libmpich.so.12",
    "/usr/lib/aarch64-linux-gnu/libmpich.so.12",
    "libmpi.12.dylib",
    "/opt/homebrew/lib/libmpi.12.dylib",
  ],
};

/** The files to try, those that suit the launcher first; or the one that the user names. */
export function mpiFiles(read: ReadVariable): string[] {
  const named = read("BUPO_MPI");
  if (named) return [named];
  const order: readonly MpiKind[] = speaksPmix(read) ? ["Open MPI", "MPICH"] : ["MPICH", "Open MPI"];
  return order.flatMap((kind) => files[kind]);
}

/** MPICH's numbers: MPI_COMM_WORLD and MPI_BYTE. */
const MPICH = { world: 0x44000000, byte: 0x4c00010d } as const;

/** MPI_THREAD_FUNNELED: one thread calls. */
const FUNNELED = 1;

/** The most characters of a library's version, which no kind exceeds. */
const VERSION_LENGTH = 8192;

/** Room for an MPI_Status or an MPI_Request of either kind, in bytes. */
const STRUCTURE = 64;

/** How long others are waited for without a pause, and how long a pause is, in milliseconds. */
const EAGER = 2, PAUSE = 1;

/** The functions' types, with handles of a type. */
function functionsOf<H extends "pointer" | "i32">(handle: H) {
  return {
    MPI_Init_thread: { parameters: ["pointer", "pointer", "i32", "buffer"], result: "i32" },
    MPI_Get_library_version: { parameters: ["buffer", "buffer"], result: "i32" },
    MPI_Comm_rank: { parameters: [handle, "buffer"], result: "i32" },
    MPI_Comm_size: { parameters: [handle, "buffer"], result: "i32" },
    MPI_Alltoall: {
      parameters: ["buffer", "i32", handle, "buffer", "i32", handle, handle],
      result: "i32",
    },
    MPI_Allgather: {
      parameters: ["buffer", "i32", handle, "buffer", "i32", handle, handle],
      result: "i32",
    },
    MPI_Allgatherv: {
      parameters: ["buffer", "i32", handle, "buffer", "buffer", "buffer", handle, handle],
      result: "i32",
    },
    MPI_Ibarrier: { parameters: [handle, "buffer"], result: "i32" },
    MPI_Test: { parameters: ["buffer", "buffer", "buffer"], result: "i32" },
    MPI_Abort: { parameters: [handle, "i32"], result: "i32" },
    MPI_Finalize: { parameters: [], result: "i32" },
  } as const;
}

/** Opens a library with the symbols; `undefined` if it has not all of them, or is not there. */
function opened<S extends Deno.ForeignLibraryInterface>(
  file: string,
  symbols: S,
): Deno.StaticForeignLibraryInterface<S> | undefined {
  try {
    // Never closed: the library has threads of its own.
    return Deno.dlopen(file, symbols).symbols;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return undefined;
  }
}

/** A C text in a buffer. */
function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(bytes.subarray(0, end < 0 ? bytes.length : end)).trim();
}

/** The library in a file; `undefined` if it holds none. */
export function openMpiFile(file: string): MpiLibrary | undefined {
  // Of a structure the symbol's address is the handle.
  const handles = opened(file, {
    ompi_mpi_comm_world: { type: "pointer" },
    ompi_mpi_byte: { type: "pointer" },
  });
  if (handles) {
    const calls = opened(file, functionsOf("pointer"));
    return calls && library("Open MPI", calls, handles.ompi_mpi_comm_world, handles.ompi_mpi_byte);
  }
  const calls = opened(file, functionsOf("i32"));
  return calls && library("MPICH", calls, MPICH.world, MPICH.byte);
}

/** The functions as both kinds have them, apart from the handles' type. */
type Calls<H extends Handle> = {
  readonly [Name in keyof ReturnType<typeof functionsOf>]: (
    ...given: (H | BufferSource | number | null)[]
  ) => number;
};

function library<H extends Handle>(
  kind: MpiKind,
  symbols: unknown,
  world: H,
  byte: H,
): MpiLibrary {
  const calls = symbols as Calls<H>; // both tables have these functions, with the handle's type
  const call = (name: keyof Calls<H>, ...given: (H | BufferSource | number | null)[]): void => {
    const status = calls[name](...given);
    if (status !== 0) throw new Error(`${kind} failed in ${name} with the error ${status}`);
  };
  const asked = (name: "MPI_Comm_rank" | "MPI_Comm_size"): number => {
    const into = new Int32Array(1);
    call(name, world, into);
    return into[0] ?? 0;
  };
  const version = new Uint8Array(VERSION_LENGTH);
  call("MPI_Get_library_version", version, new Int32Array(1));
  return {
    kind,
    // "Open MPI v4.1.4, package: …"; "MPICH Version:	4.0.2" and more lines.
    version: (text(version).split(/[\n,]/)[0] ?? kind).replace(/\s*Version:\s*/, " "),
    init: () => call("MPI_Init_thread", null, null, FUNNELED, new Int32Array(1)),
    rank: () => asked("MPI_Comm_rank"),
    size: () => asked("MPI_Comm_size"),
    alltoall: (send, receive, count) => call("MPI_Alltoall", send, count, byte, receive, count, byte, world),
    allgather: (send, receive, count) =>
      call("MPI_Allgather", send, count, byte, receive, count, byte, world),
    allgatherv: (send, receive, counts, places) =>
      call("MPI_Allgatherv", send, send.length, byte, receive, counts, places, byte, world),
    meet: () => {
      const request = new Uint8Array(STRUCTURE), status = new Uint8Array(STRUCTURE), done = new Int32Array(1);
      const began = performance.now(), nobody = new Int32Array(new SharedArrayBuffer(4));
      call("MPI_Ibarrier", world, request);
      for (;;) {
        call("MPI_Test", request, done, status);
        if (done[0] !== 0) return;
        // The library's own waiting is a loop that takes a whole core.
        if (performance.now() - began > EAGER) Atomics.wait(nobody, 0, 0, PAUSE);
      }
    },
    abort: (code) => call("MPI_Abort", world, code),
    finalize: () => call("MPI_Finalize"),
  };
}

/**
 * Finds the library.
 *
 * @throws {ReferenceError} If there is none.
 */
export function openMpiLibrary(read: ReadVariable): MpiLibrary {
  const tried = mpiFiles(read);
  for (const file of tried) {
    const found = openMpiFile(file);
    if (found) return found;
  }
  throw new ReferenceError(
    `Cannot use --engine mpi: there is no MPI library among ${
      tried.join(", ")
    }; install Open MPI or MPICH, or name the library in BUPO_MPI`,
  );
}
