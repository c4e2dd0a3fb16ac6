import { assert, assertEquals, assertGreater } from "@std/assert";
import { matrixProductSpeed, median, openRuntime } from "../../src/runtime/mod.ts";
import { watchedRuntime } from "./watched.ts";

const runtime = openRuntime({ provider: "cpu", threads: 1 });

Deno.test("median() is the middle number, or between the two middle ones", () => {
  assertEquals([median([3, 1, 2]), median([4, 1, 2, 3]), median([5])], [2, 2.5, 5]);
  assert(Number.isNaN(median([])));
});

Deno.test("matrixProductSpeed() multiplies into one place, after runs that are not counted", async () => {
  const places: unknown[] = [];
  const watched = watchedRuntime(runtime, (_, targets) => void places.push(targets?.c));
  assertGreater(await matrixProductSpeed(watched, 2), 1e8);
  assertGreater(places.length, 2);
  assert(places[0] !== undefined);
  assertEquals(new Set(places).size, 1);
});
