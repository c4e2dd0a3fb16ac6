import { assert, assertEquals } from "@std/assert";
import { mutations } from "./mutations.ts";

Deno.test("every mutation applies to the sources as they are, and its test is there", async () => {
  assert(mutations.length >= 25);
  for (const { guarantee, file, from, to, test } of mutations) {
    assertEquals((await Deno.readTextFile(file)).split(from).length, 2, `${guarantee}: ${file}`);
    assert(from !== to && (await Deno.stat(test)).isFile, guarantee);
  }
  assertEquals(new Set(mutations.map(({ guarantee }) => guarantee)).size, mutations.length);
});
