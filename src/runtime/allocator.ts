/**
 * Settings of the C library's memory allocator, for all that does not lie in the arena of runs. By default glibc keeps most of what is freed, in a pool for each thread,
 * and memory grows to twice what is ever in use. One pool, and large blocks that go back to the system when they are
 * freed, hold the peak at what is in use.
 *
 * @module
 */

/** Numbers of glibc's malloc.h. */
const M_MMAP_THRESHOLD = -3, M_ARENA_MAX = -8;

/** Blocks from this size are freed to the system, in bytes; smaller ones are worth keeping for the next run. */
const LARGE_BLOCK = 2 ** 22;

/** Tells glibc; other C libraries have no such settings, and return large blocks anyway. */
export function limitAllocatorPools(): void {
  if (Deno.build.os !== "linux") return;
  try {
    const { symbols, close } = Deno.dlopen("libc.so.6", {
      mallopt: { parameters: ["i32", "i32"], result: "i32" },
    });
    symbols.mallopt(M_ARENA_MAX, 1);
    symbols.mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
    close();
  } catch (error) {
    // Not glibc: nothing to set. Missing permission is told where the library itself is opened.
    if (!(error instanceof Error)) throw error;
  }
}
