import { assert, assertEquals, assertRejects } from "@std/assert";
import { checkRl, type GraphEvaluator } from "../../src/conformance/rl.ts";
import { evaluateGraph } from "../rl/evaluate.ts";

/** The number of values that each file compares: a check that skipped some would show. */
const counts = {
  advantages: 2600,
  gae: 1152,
  policy_loss: 1728,
  gspo_loss: 116,
  value_loss: 296,
  kl: 294,
  aggregation: 650,
  overlong: 279,
};

async function read(name: string): Promise<unknown> {
  return JSON.parse(await Deno.readTextFile(new URL(`../golden/rl/${name}.json`, import.meta.url)));
}

for (const [name, count] of Object.entries(counts)) {
  Deno.test(`checkRl() agrees with the reference when given ${name}`, async () => {
    const groups = await checkRl(name, await read(name), evaluateGraph);
    for (const group of groups) assert(group.worst <= group.tolerance, `${group.name}: ${group.worst}`);
    assertEquals(groups.reduce((sum, group) => sum + group.count, 0), count);
  });
}

Deno.test("checkRl() reports a disagreement when a graph is computed wrongly", async () => {
  const wrong: GraphEvaluator = async (graph, feeds) => {
    const { loss, ...others } = await evaluateGraph(graph, feeds);
    return { ...others, loss: (loss ?? new Float64Array()).map((value) => value + 1e-3) };
  };
  const groups = await checkRl("value_loss", await read("value_loss"), wrong);
  const failed = groups.filter(({ worst, tolerance }) => worst > tolerance);
  assertEquals(failed.map(({ name }) => name), ["value_loss: loss"]);
});

Deno.test("checkRl() reports an infinite error when an output is missing", async () => {
  const missing: GraphEvaluator = async (graph, feeds) => {
    const { clipFraction: _, ...others } = await evaluateGraph(graph, feeds);
    return others;
  };
  const groups = await checkRl("value_loss", await read("value_loss"), missing);
  assertEquals(groups.filter(({ worst }) => worst === Infinity).map(({ name }) => name), [
    "value_loss: clipFraction",
  ]);
});

Deno.test("checkRl() rejects when no check belongs to the name", async () => {
  await assertRejects(
    () => checkRl("toString", {}, evaluateGraph),
    RangeError,
    'Cannot check the file "toString": expected one of advantages, gae, ',
  );
});
