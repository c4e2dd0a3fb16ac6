import { assert, assertEquals, assertLess } from "@std/assert";
import {
  evaluationGraph,
  gradientName,
  outputName,
  trainingGraph,
  type TrainingSettings,
} from "../../src/artifact/mod.ts";
import { initializeWeights, parameterShapes, plainLayout } from "../../src/model/mod.ts";
import type { DeviceTensor, Session } from "../../src/runtime/mod.ts";
import { toOnnx } from "../../src/tensor/mod.ts";
import { objective, place, relativeDifference, runtime, tinyConfig } from "../rl/tiny_model.ts";

const config = tinyConfig();
const shapes = parameterShapes(config);
const open = (settings: Partial<TrainingSettings> = {}): Promise<Session> =>
  runtime.load(toOnnx(trainingGraph({ config, policy: "full", objective, ...settings })));
const session = await open();
const weights = place(initializeWeights(config, 1));

/** A place of a layout: a token, its successor, its position and its sequence; 0 is padding. */
type Place = readonly [token: number, target: number, position: number, segment: number];

/** The gradient of a layout; every token that has a target counts. */
async function gradientOf(
  rows: readonly (readonly Place[])[],
  base = 0,
  by = session,
): Promise<Map<string, Float32Array>> {
  const shape = [rows.length, rows[0]?.length ?? 0], places = rows.flat();
  const column = (i: 0 | 1 | 2 | 3): DeviceTensor =>
    runtime.upload("int64", shape, BigInt64Array.from(places, (place) => BigInt(place[i])));
  const numbers = (of: (place: Place) => number): DeviceTensor =>
    runtime.upload("float32", shape, Float32Array.from(places, (place) => place[1] ? of(place) : 0));
  const accumulators = Object.fromEntries([...shapes].map(([name, shape]) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(base);
    return [gradientName(name), runtime.upload("float32", shape, data)];
  }));
  const outputs = await by.run({
    ...weights,
    ...accumulators,
    input_ids: column(0),
    target_ids: column(1),
    position_ids: column(2),
    segment_ids: column(3),
    old_logprobs: numbers(() => -3.5),
    advantages: numbers(([token]) => token % 3 - 0.8),
    weights: numbers(() => 0.1),
    metric_weights: numbers(() => 0.1),
    temperature: runtime.upload("float32", [], Float32Array.of(1)),
    reset_gradient: runtime.upload("bool", [], Uint8Array.of(base === 0 ? 0 : 1)),
  });
  const entries = [...shapes.keys()].map(async (name) => {
    const tensor = outputs[outputName(gradientName(name))];
    assert(tensor);
    return [name, (await tensor.download() as Float32Array).slice()] as const;
  });
  return new Map(await Promise.all(entries));
}

const sequence = (tokens: readonly number[], segment: number): Place[] =>
  tokens.map((token, t) => [token, tokens[t + 1] ?? 0, t, segment]);
const padding = (count: number): Place[] => Array.from({ length: count }, (_, t) => [39, 0, t, 0]);

const long = [5, 9, 13, 2, 21, 8, 30], short = [4, 4, 17];

Deno.test("trainingGraph() gives one gradient for padded rows, packed rows and padding on the left", async () => {
  const expected = await gradientOf([sequence(long, 1), [...sequence(short, 1), ...padding(4)]]);
  const blocks = await open({ attentionBlock: 4 });
  const layouts = {
    "more padding": [[...sequence(long, 1), ...padding(5)], [...sequence(short, 1), ...padding(9)]],
    "left padding": [sequence(long, 1), [...padding(4), ...sequence(short, 1)]],
    packed: [[...sequence(long, 1), ...sequence(short, 2)]],
    "packed with padding between": [[...sequence(short, 2), ...padding(3), ...sequence(long, 1)]],
    "an empty row": [sequence(long, 1), padding(7), [...sequence(short, 3), ...padding(4)]],
  };
  for (const [name, rows] of Object.entries(layouts)) {
    assertLess(relativeDifference(await gradientOf(rows), expected), 1e-6, name);
    assertLess(relativeDifference(await gradientOf(rows, 0, blocks), expected), 1e-6, `${name}, in blocks`);
  }
  // Sequences of one segment would see each other: the layouts agree because of the mask, not by chance.
  const merged = await gradientOf([[...sequence(long, 1), ...sequence(short, 1)]]);
  assert(relativeDifference(merged, expected) > 1e-3);
});

Deno.test("trainingGraph() forgets the accumulators when reset, whatever is in them", async () => {
  const rows = [sequence(long, 1)];
  const expected = await gradientOf(rows);
  for (const base of [7, NaN, Infinity]) assertEquals(await gradientOf(rows, base), expected);
});

Deno.test("trainingGraph() in blocks gives the same bytes with gradient checkpointing, and whatever rows stand beside", async () => {
  const rows = [sequence(long, 1), [...sequence(short, 1), ...padding(4)]];
  const plain = await open({ attentionBlock: 3 }),
    again = await open({ attentionBlock: 3, checkpointing: true });
  assertEquals(await gradientOf(rows, 0, again), await gradientOf(rows, 0, plain));
  const evaluation = await runtime.load(toOnnx(evaluationGraph(config, undefined, plainLayout, 3)));
  const logprobs = async (tokens: readonly (readonly Place[])[]): Promise<number[][]> => {
    const shape = [tokens.length, 7], places = tokens.flat();
    const column = (i: 0 | 1 | 2 | 3): DeviceTensor =>
      runtime.upload("int64", shape, BigInt64Array.from(places, (place) => BigInt(place[i])));
    const outputs = await evaluation.run({
      ...weights,
      input_ids: column(0),
      target_ids: column(1),
      position_ids: column(2),
      segment_ids: column(3),
      temperature: runtime.upload("float32", [], Float32Array.of(1)),
    });
    const values = Array.from(await outputs.logprobs?.download() ?? [], Number);
    return tokens.map((_, row) => values.slice(7 * row, 7 * row + 7));
  };
  const [first, second] = await logprobs(rows);
  assert(first && second && first.every((value) => value < 0));
  for (const others of [1, 2, 5]) {
    const many = await logprobs([...Array.from({ length: others }, () => rows[1] ?? []), rows[0] ?? []]);
    assertEquals([many[0], many.at(-1)], [second, first]);
  }
});
