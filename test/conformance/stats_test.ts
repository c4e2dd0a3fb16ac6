import { assert, assertEquals, assertThrows } from "@std/assert";
import { checkStats } from "../../src/conformance/stats.ts";

const directory = new URL("../golden/stats/", import.meta.url);
const names = ["avg_at_k", "clustered_se", "mcnemar", "pass_at_k", "wilson"];

for (const name of names) {
  Deno.test(`checkStats() finds ${name} within tolerance of its reference`, async () => {
    const groups = checkStats(name, JSON.parse(await Deno.readTextFile(new URL(`${name}.json`, directory))));
    assert(groups.length > 0);
    for (const { name, worst, tolerance } of groups) {
      assert(worst <= tolerance, `${name}: error ${worst} exceeds ${tolerance}`);
    }
  });
}

Deno.test("checkStats() covers every reference file", async () => {
  const files = (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name).sort();
  assertEquals(files, names.map((name) => `${name}.json`));
});

Deno.test("checkStats() reports the error of a wrong reference", () => {
  const [group] = checkStats("mcnemar", { cases: [{ b: 0, c: 5, p_exact: 0.05 }] });
  assertEquals(group?.count, 1);
  assert(Math.abs((group?.worst ?? 0) - 0.25) < 1e-12);
});

Deno.test("checkStats() rejects an unknown file", () => {
  assertThrows(() => checkStats("mean", {}), RangeError, '"mean"');
});
