import { assertEquals } from "@std/assert";
import { runBeside } from "./schedule.ts";

/** Runs works of some memory and returns which ran beside which when each began. */
async function begin(memory: readonly number[], cores: number, free: number): Promise<string[]> {
  const running = new Set<number>(), begun: string[] = [];
  const works = memory.map((size, index) => ({ size, index }));
  const results = await runBeside(works, { cores, memory: free }, ({ size }) => size, async ({ index }) => {
    running.add(index);
    begun.push([...running].join());
    // The first to begin is the first to end.
    for (let turn = 0; turn < 10 * (index + 1); turn++) await Promise.resolve();
    running.delete(index);
    return index;
  });
  assertEquals(results, works.map(({ index }) => index));
  return begun;
}

Deno.test("runBeside() runs as many as there are cores", async () => {
  assertEquals(await begin([1, 1, 1, 1], 1, 100), ["0", "1", "2", "3"]);
  assertEquals(await begin([1, 1, 1, 1], 2, 100), ["0", "0,1", "1,2", "2,3"]);
  assertEquals(await begin([1, 1, 1, 1], 9, 100), ["0", "0,1", "0,1,2", "0,1,2,3"]);
});

Deno.test("runBeside() runs what memory allows, and one at least", async () => {
  assertEquals(await begin([3, 3, 3], 3, 6), ["0", "0,1", "1,2"]);
  assertEquals(await begin([5, 4, 1], 3, 6), ["0", "0,2", "2,1"]);
  assertEquals(await begin([5, 5], 3, 1), ["0", "1"]);
  assertEquals(await begin([], 3, 1), []);
});
