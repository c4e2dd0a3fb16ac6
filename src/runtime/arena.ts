/**
 * The memory that runs compute in: an arena of ONNX Runtime for all sessions of the process. What a run has freed stays for
 * the next one, so that the system does not take pages back and clear them again at every run. A block of the arena is as large
 * as what was asked for, and where many sizes have left more blocks behind than the largest run needs, those that are free
 * go back to the system.
 *
 * @module
 */

import { input, mul, toOnnx } from "../tensor/mod.ts";
import { cString, type OrtLibrary, text, toPointer } from "./ort_library.ts";

/** Numbers of the C API's enumerations. */
const ARENA_ALLOCATOR = 1, DEFAULT_MEMORY = 0, SAME_AS_REQUESTED = 1;

/** What may stay unused at the end of a block that is taken for a smaller value, in bytes. */
const DEAD_BYTES = 2 ** 20;

/** How large an arena may be between runs, by the most bytes that were ever in use at once. */
const SLACK = 1.1;

/** Below this size, in bytes, nothing is given back. */
const SMALL = 2 ** 26;

/** How often an arena is looked at, in milliseconds: a look takes as long as a small kernel. */
const INTERVAL = 20;

/** How large an arena is. */
export interface ArenaUse {
  /** Bytes of its blocks. */
  readonly total: number;
  /** The most bytes that were in use at once. */
  readonly peak: number;
  /** How large it may become. */
  readonly limit: number;
}

/** Does an arena hold more than its runs need? */
export function holdsTooMuch({ total, peak }: Pick<ArenaUse, "total" | "peak">): boolean {
  return total > SMALL && total > SLACK * peak;
}

/** The most bytes of an arena: more than any machine has, and a number by which another thread's arena is known. */
const LIMIT = 2 ** 62;

/** Options of runs that give free blocks back, by library. */
const givingBack = new WeakMap<OrtLibrary, Deno.PointerValue>();

/** Libraries whose next run was asked to give free blocks back. */
const asked = new WeakSet<OrtLibrary>();

/** Lets the next run of any session give free blocks back behind it. */
export function askBack(library: OrtLibrary): void {
  asked.add(library);
}

/** The smallest graph there is: y = x². */
export function smallestGraph(): Uint8Array<ArrayBuffer> {
  const x = input("x", "float32", [1]);
  return toOnnx({ name: "arena", inputs: [x], outputs: { y: mul(x, x) } });
}

function arenaPlace(library: OrtLibrary): Deno.PointerValue {
  return toPointer(library.get("CreateCpuMemoryInfo", ARENA_ALLOCATOR, DEFAULT_MEMORY));
}

/** Lets sessions that are made with these options compute in the environment's arena. */
export function joinArena(library: OrtLibrary, options: Deno.PointerValue): void {
  library.call("AddSessionConfigEntry", options, cString("session.use_env_allocators"), cString("1"));
}

/** Has another thread made the environment's arena? Only a session can tell: the smallest there is. */
function hasArena(library: OrtLibrary, environment: Deno.PointerValue): boolean {
  const model = smallestGraph();
  const options = toPointer(library.get("CreateSessionOptions")), size = BigInt(model.length);
  joinArena(library, options);
  const session = toPointer(library.get("CreateSessionFromArrayNow", environment, model, size, options));
  library.release("ReleaseSessionOptions", options);
  const arena = new SessionArena(library, session), { limit } = arena.use;
  arena.dispose();
  library.release("ReleaseSession", session);
  return limit === LIMIT;
}

/** Makes the arena of the process's environment, once for all threads. */
export function makeArena(library: OrtLibrary, environment: Deno.PointerValue): void {
  if (!hasArena(library, environment)) {
    const settings = toPointer(
      library.get("CreateArenaCfg", BigInt(LIMIT), SAME_AS_REQUESTED, -1, DEAD_BYTES),
    );
    const place = arenaPlace(library);
    library.call("CreateAndRegisterAllocator", environment, place, settings);
    library.release("ReleaseMemoryInfo", place);
    library.release("ReleaseArenaCfg", settings);
  }
  const options = toPointer(library.get("CreateRunOptions"));
  const key = cString("memory.enable_memory_arena_shrinkage");
  library.call("AddRunConfigEntry", options, key, cString("cpu:0"));
  givingBack.set(library, options);
}

/** The arena that a session computes in. */
export class SessionArena {
  readonly #library: OrtLibrary;
  readonly #allocator: Deno.PointerValue;
  #looked = 0;

  /** Finds it. */
  constructor(library: OrtLibrary, session: Deno.PointerValue) {
    this.#library = library;
    const place = arenaPlace(library);
    this.#allocator = toPointer(library.get("CreateAllocator", session, place));
    library.release("ReleaseMemoryInfo", place);
  }

  /** How large it is. */
  get use(): ArenaUse {
    const library = this.#library, pairs = toPointer(library.get("AllocatorGetStats", this.#allocator));
    const of = (key: string): number => Number(text(library.ask("GetKeyValue", pairs, cString(key))));
    const use = { total: of("TotalAllocated"), peak: of("MaxInUse"), limit: of("Limit") };
    library.release("ReleaseKeyValuePairs", pairs);
    return use;
  }

  /** Options of the next run: such that free blocks go back behind it, where the arena holds too much or that was asked. */
  runOptions(): Deno.PointerValue {
    if (asked.delete(this.#library)) return givingBack.get(this.#library) ?? null;
    const now = performance.now();
    if (now - this.#looked < INTERVAL) return null;
    this.#looked = now;
    return holdsTooMuch(this.use) ? givingBack.get(this.#library) ?? null : null;
  }

  /** Lets go of it. */
  dispose(): void {
    this.#library.release("ReleaseAllocator", this.#allocator);
  }
}
