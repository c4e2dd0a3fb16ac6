import { assertEquals } from "@std/assert";
import { treeSum } from "../../src/collective/mod.ts";
import { numbersOf } from "./exchange_worker.ts";
import { inThreads } from "./threads.ts";

/** Lengths that are no multiple of the number of processes, and one that goes in several pieces. */
const lengths = [1, 3, 1000, 700_001];

Deno.test("sums over processes are the tree's bits in each of them, and values come in the order of ranks", async () => {
  for (const size of [2, 4]) {
    const expected = lengths.map((length) =>
      treeSum(Array.from({ length: size }, (_, rank) => numbersOf(rank, length)))
    );
    const worker = new URL("./exchange_worker.ts", import.meta.url);
    const found = await inThreads<{ sums: Float32Array[]; values: unknown[] }>(worker, size, lengths);
    for (const { sums, values } of found) {
      assertEquals(sums, expected);
      assertEquals(
        values,
        Array.from(
          { length: size },
          (_, rank) => ({ rank, nothing: undefined, odd: [NaN, -0], text: "x".repeat(rank) }),
        ),
      );
    }
  }
});
