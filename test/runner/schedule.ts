/**
 * Which processes run beside each other.
 *
 * @module
 */

/** What a machine has for tests. */
export interface Capacity {
  readonly cores: number;
  /** GB. */
  readonly memory: number;
}

/**
 * Runs works in order, several at a time: as many as there are cores, and as memory allows, but always one.
 *
 * @returns What each gave, in order.
 */
export async function runBeside<T, R>(
  works: readonly T[],
  { cores, memory }: Capacity,
  memoryOf: (work: T) => number,
  run: (work: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [], waiting = works.map((work, index) => ({ work, index }));
  const running = new Map<T, Promise<void>>();
  const free = (): number => memory - [...running.keys()].reduce((sum, work) => sum + memoryOf(work), 0);
  while (waiting.length > 0 || running.size > 0) {
    const at = running.size === 0 ? 0 : waiting.findIndex(({ work }) => memoryOf(work) <= free());
    const [next] = running.size < cores && at >= 0 ? waiting.splice(at, 1) : [];
    if (next) {
      const { work, index } = next;
      running.set(
        work,
        run(work).then((result) => void (results[index] = result)).finally(() => running.delete(work)),
      );
    } else await Promise.race(running.values());
  }
  return results;
}
