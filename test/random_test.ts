import { assert, assertEquals } from "@std/assert";
import { philox, RandomStream, uniformAt } from "../src/random.ts";

Deno.test("philox() reproduces the published Random123 vectors", () => {
  const all = 0xFFFFFFFF;
  assertEquals(philox([all, all, all, all], [all, all]), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
  assertEquals(
    philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  );
});

Deno.test("uniformAt() is uniform over 20 bins", () => {
  const bins = new Array<number>(20).fill(0);
  for (let i = 0; i < 20000; i++) bins[Math.floor(uniformAt([1, 2], i) * 20)]! += 1; // index below 20 by construction
  const chiSquare = bins.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
  assert(chiSquare < 43.8, `chi-square ${chiSquare} exceeds the 99.9 % quantile for 19 degrees of freedom`);
});

Deno.test("RandomStream.integer() covers its range and no more", () => {
  const stream = new RandomStream("test", 3);
  const seen = new Set(Array.from({ length: 500 }, () => stream.integer(-2, 3)));
  assertEquals([...seen].sort((a, b) => a - b), [-2, -1, 0, 1, 2, 3]);
});
