import { assert, assertEquals, assertLess } from "@std/assert";
import { fileURLToPath } from "node:url";
import { evaluationGraph, trainingGraph } from "../../src/artifact/mod.ts";
import { attentionBlock, plainLayout } from "../../src/model/mod.ts";
import {
  blockDims,
  type Graph,
  loopBody,
  loopOf,
  orderedNodes,
  type Signature,
} from "../../src/tensor/mod.ts";
import { objective, tinyConfig } from "../rl/tiny_model.ts";
import { runDeno } from "../tasks/run_task.ts";
import type { RowMemory } from "./attention_probe.ts";

const linux = Deno.build.os === "linux";
const suffix = linux ? "" : " (ignored: /proc is Linux's)";
const probe = fileURLToPath(new URL("attention_probe.ts", import.meta.url));

/** What a process of its own measured. */
async function measured(...args: (string | number)[]): Promise<RowMemory> {
  const { code, stdout, stderr } = await runDeno([
    ...["run", "-A", "--quiet", "--no-check", probe],
    ...args.map(String),
  ]);
  assertEquals([code, stderr], [0, ""]);
  return JSON.parse(stdout);
}

Deno.test({
  name: `the memory of a row grows with its length, as its cost says, and not with its square${suffix}`,
  ignore: !linux,
  fn: async () => {
    const block = attentionBlock(8192) ?? "whole", lengths = [512, 2048, 8192] as const;
    for (const kind of ["training", "evaluation"]) {
      const rows = [];
      for (const length of lengths) rows.push({ length, ...await measured(kind, length, block) });
      const perToken = rows.map(({ length, measured }) => measured / length);
      assertLess(Math.max(...perToken.slice(1)), 1.1 * (perToken[0] ?? 0), `${kind}: ${perToken}`);
      for (const { length, measured, counted } of rows) {
        // Beside the values that the cost counts: what kernels pack, and gaps of the arena.
        assertLess(measured, 1.2 * counted + 2 ** 25 * (1 + length / 4096), `${kind}, ${length}`);
      }
    }
    // Scores of all positions at once would show: those of four heads alone take more than the whole row does.
    const blocks = await measured("training", 2048, block), whole = await measured("training", 2048, "whole");
    assertLess(2 * blocks.measured, whole.measured);
  },
});

/** The values of a graph and of the bodies of its loops. */
function valuesOf(graph: Graph): Signature[] {
  return orderedNodes(graph).flatMap((node) => {
    const loop = loopOf(graph, node);
    return [...node.signatures, ...loop ? valuesOf(loopBody(graph, "body", loop)) : []];
  });
}

/** Sizes that grow with the length of a row. */
const { block: _, ...long } = blockDims;
const lengths: ReadonlySet<string> = new Set(["sequence", ...Object.values(long)]);

/** The shapes of values that grow with the square of a row's length. */
function quadratic(graph: Graph): string[] {
  const grows = ({ shape }: Signature): number =>
    shape.join("*").split("*").filter((factor) => lengths.has(factor)).length;
  return valuesOf(graph).filter((value) => grows(value) > 1).map(({ shape }) => shape.join(" "));
}

Deno.test("training and evaluation graphs of long rows hold no value with two lengths", () => {
  const config = tinyConfig();
  const graphs = (attentionBlock: number | undefined): Graph[] => [
    ...[false, true].map((checkpointing) =>
      trainingGraph({ config, policy: "full", objective, attentionBlock, checkpointing })
    ),
    trainingGraph({ config, policy: 2, objective, attentionBlock }),
    evaluationGraph(config, 2, plainLayout, attentionBlock),
  ];
  for (const graph of graphs(64)) {
    assertEquals(quadratic(graph), [], graph.name);
    assert(valuesOf(graph).some(({ shape }) => shape.includes(blockDims.block)));
  }
  // The test sees them where they are.
  for (const graph of graphs(undefined)) assert(quadratic(graph).length > 0, graph.name);
});

Deno.test("attentionBlock() leaves short rows whole, and the graphs of short profiles as they were", () => {
  assertEquals([1, 64, 192, 193, 9216].map(attentionBlock), [undefined, undefined, undefined, 64, 64]);
});
