import { assert, assertEquals, assertThrows } from "@std/assert";
import { methods, partOf, type Phase, phaseAt, runPhases } from "../../../src/rl/mod.ts";

const context = { internalLayer: 3, internalSteps: 4, layers: 5, seed: 1 };

Deno.test("runPhases() leaves out what lasts no step, and counts from step 1", () => {
  const none = runPhases(methods.bupo.phases, { ...context, internalSteps: 0 });
  assertEquals(none.map(({ policy, after }) => [policy, after]), [["full", 0]]);
  const phases = runPhases(methods.bupo.phases, context);
  assertEquals([1, 4, 5, 99].map((step) => phaseAt(phases, step).policy), [3, 3, "full", "full"]);
  // An odd number of internal steps is divided as evenly as it can be, and none is lost.
  const three = runPhases(methods.bupo_schedule.phases, { ...context, internalSteps: 3 });
  assertEquals(three.map(({ policy, after }) => [policy, after]), [[3, 0], [4, 2], ["full", 3]]);
  assertThrows(() => phaseAt(phases, 0), RangeError, "step 0 is in no phase");
});

Deno.test("runPhases() draws a layer below the last by the seed alone", () => {
  const draw = (seed: number) => runPhases(methods.bupo_random_layer.phases, { ...context, seed })[0]?.policy;
  const layers = Array.from({ length: 60 }, (_, seed) => draw(seed));
  assertEquals(new Set(layers), new Set([1, 2, 3, 4]));
  assertEquals(layers, Array.from({ length: 60 }, (_, seed) => draw(seed)));
  assertEquals(
    runPhases(methods.bupo_random_layer.phases, { ...context, layers: 1 }).map(({ policy }) => policy),
    [1, "full"],
  );
});

Deno.test("runPhases() tells where moments are forgotten", () => {
  const phases = runPhases(methods.bupo_reset.phases, context);
  assertEquals(phases.map(({ resets, after }) => [resets, after]), [[false, 0], [true, 4]]);
  const long: readonly Phase[] = [{ policy: "internal", lasts: 2 }, { policy: "full", lasts: "rest" }];
  assertEquals(runPhases(long, context)[1]?.after, 8);
});

Deno.test("partOf() knows every parameter's part, blocks of rows too", () => {
  const parts = [
    "model.embed_tokens.weight",
    "model.embed_tokens.weight.rows_1",
    "model.layers.2.mlp.up_proj.weight",
    "model.layers.3.mlp.up_proj.weight",
    "model.layers.12.input_layernorm.weight",
    "model.norm.weight",
    "lm_head.weight",
  ].map((name) => partOf(name, 3));
  assertEquals(parts, ["embeddings", "embeddings", "lower", "upper", "upper", "finalNorm", "head"]);
  assertThrows(() => partOf("score.weight", 3), RangeError, "belongs to no part");
});

Deno.test("each row has a header that numbers its deviations, and no file of rows is long", async () => {
  const files = new Map<string, string>();
  for await (const { name } of Deno.readDir("src/rl/methods")) {
    files.set(name, await Deno.readTextFile(`src/rl/methods/${name}`));
  }
  const tables = ["group.ts", "token.ts", "bottom_up.ts", "controls.ts"].map((name) => files.get(name) ?? "");
  for (const text of tables) assert(text !== "" && text.split("\n").length <= 120);
  for (const name of Object.keys(methods)) {
    const own = tables.filter((text) => text.includes(`\n  ${name}: {`));
    assertEquals(own.length, 1, name);
    const [header = ""] = own[0]?.split("*/") ?? [];
    assert(
      header.includes(`\`${name}\``) || name === "bupo" && header.includes("BuPO"),
      `${name} has no header`,
    );
  }
});
