/**
 * Work on a list, so many at a time.
 *
 * @module
 */

/**
 * Does the work for every item, at most `limit` at a time, in the order of the list. The first failure ends it: what has
 * begun is waited for, and nothing more begins.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { concurrently } from "./concurrent.ts";
 *
 * assertEquals(await concurrently([1, 2, 3], 2, (n) => Promise.resolve(10 * n)), [10, 20, 30]);
 * ```
 */
export async function concurrently<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0, failed = false;
  const line = async (): Promise<void> => {
    while (!failed && next < items.length) {
      const index = next++;
      try {
        results[index] = await work(items[index] as T, index); // an index of the list
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, line));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return results;
}
