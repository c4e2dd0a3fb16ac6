/**
 * Checks a folder of reference data: `models/*`, `rl/*.json`, `stats/*.json`, each part where it is present.
 *
 * @module
 */

import type { GoldenGroup } from "./agreement.ts";
import { checkAdamW } from "./adamw.ts";
import { checkModel } from "./model.ts";
import { checkPolicies } from "./policies.ts";
import { checkRl, type GraphEvaluator } from "./rl.ts";
import type { DeviceTensor, Runtime } from "../runtime/mod.ts";
import { checkStats } from "./stats.ts";
import { toOnnx } from "../tensor/mod.ts";

/** The groups of one reference file or model. */
export interface GoldenResult {
  /** Where the reference lies within the folder: `models/qwen3`, `rl/kl.json`. */
  readonly source: string;
  /** The agreement of each group. */
  readonly groups: readonly GoldenGroup[];
}

/** Computes float64 graphs on a runtime. */
function evaluator(runtime: Runtime): GraphEvaluator {
  return async (graph, feeds) => {
    const session = await runtime.load(toOnnx(graph));
    const tensors: Record<string, DeviceTensor> = {};
    for (const [name, { shape, data }] of Object.entries(feeds)) {
      tensors[name] = runtime.upload("float64", shape, data);
    }
    const outputs = await session.run(tensors);
    const values: Record<string, Float64Array> = {};
    for (const [name, tensor] of Object.entries(outputs)) {
      values[name] = Float64Array.from(await tensor.download() as Float64Array);
    }
    await session.dispose();
    return values;
  };
}

/** The names in a folder, sorted; none if there is no such folder. */
async function list(directory: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(directory))).map((entry) => entry.name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Checks everything in a folder, one result at a time. */
export async function* checkGolden(directory: string, runtime: Runtime): AsyncGenerator<GoldenResult> {
  for (const name of await list(`${directory}/models`)) {
    const file = (path: string): string => `${directory}/models/${name}/${path}`;
    const files = {
      config: await Deno.readTextFile(file("config.json")),
      meta: await Deno.readTextFile(file("meta.json")),
      model: await Deno.readFile(file("model.safetensors")),
      inputs: await Deno.readFile(file("inputs.safetensors")),
      expected: await Deno.readFile(file("expected.safetensors")),
    };
    const groups = await checkModel(runtime, files), policies = await checkPolicies(runtime, files);
    yield { source: `models/${name}`, groups: [...groups, ...policies] };
  }
  const evaluate = evaluator(runtime);
  const json = async (path: string): Promise<unknown> =>
    JSON.parse(await Deno.readTextFile(`${directory}/${path}`));
  for (const name of await list(`${directory}/rl`)) {
    const stem = name.replace(/\.json$/, ""), source = `rl/${name}`;
    const groups = stem === "adamw"
      ? await checkAdamW(runtime, await json(source))
      : await checkRl(stem, await json(source), evaluate);
    yield { source, groups };
  }
  for (const name of await list(`${directory}/stats`)) {
    yield {
      source: `stats/${name}`,
      groups: checkStats(name.replace(/\.json$/, ""), await json(`stats/${name}`)),
    };
  }
}
