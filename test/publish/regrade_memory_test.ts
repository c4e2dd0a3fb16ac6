import { assertEquals } from "@std/assert";
import { regradeMemory } from "../../src/publish/mod.ts";
import type { Recheck } from "../../src/result/mod.ts";

Deno.test("what grading gave is kept by its key, and anything else under that key is not taken", async () => {
  const folder = await Deno.makeTempDir();
  try {
    let made = 0;
    const recheck: Recheck = {
      recordedGrader: "1",
      presentGrader: "1",
      completions: 3,
      unevaluated: 0,
      counts: 2,
      differences: [],
    };
    const make = (): Promise<Recheck> => {
      made++;
      return Promise.resolve(recheck);
    };
    assertEquals(await regradeMemory(folder)("a".repeat(64), make), recheck);
    assertEquals(await regradeMemory(folder)("a".repeat(64), make), recheck);
    assertEquals(made, 1);
    await regradeMemory(folder)("b".repeat(64), make);
    assertEquals(made, 2);
    // A record of another shape, or a damaged one, is made again.
    for await (const { name } of Deno.readDir(`${folder}/regraded`)) {
      const path = `${folder}/regraded/${name}`;
      await Deno.writeTextFile(path, (await Deno.readTextFile(path)).replace('"counts":2', '"counts":9'));
    }
    assertEquals(await regradeMemory(folder)("a".repeat(64), make), recheck);
    assertEquals(made, 3);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
