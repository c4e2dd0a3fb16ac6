import { assert, assertEquals, assertLess } from "@std/assert";
import { gradientName, outputName, trainingGraph } from "../../src/artifact/mod.ts";
import { initializeWeights, parameterShapes } from "../../src/model/mod.ts";
import type { DeviceTensor } from "../../src/runtime/mod.ts";
import { toOnnx } from "../../src/tensor/mod.ts";
import { objective, place, relativeDifference, runtime, tinyConfig } from "../rl/tiny_model.ts";

const config = tinyConfig();
const shapes = parameterShapes(config);
const session = await runtime.load(toOnnx(trainingGraph({ config, policy: "full", objective })));
const weights = place(initializeWeights(config, 1));

/** A place of a layout: a token, its successor, its position and its sequence; 0 is padding. */
type Place = readonly [token: number, target: number, position: number, segment: number];

/** The gradient of a layout; every token that has a target counts. */
async function gradientOf(rows: readonly (readonly Place[])[], base = 0): Promise<Map<string, Float32Array>> {
  const shape = [rows.length, rows[0]?.length ?? 0], places = rows.flat();
  const column = (i: 0 | 1 | 2 | 3): DeviceTensor =>
    runtime.upload("int64", shape, BigInt64Array.from(places, (place) => BigInt(place[i])));
  const numbers = (of: (place: Place) => number): DeviceTensor =>
    runtime.upload("float32", shape, Float32Array.from(places, (place) => place[1] ? of(place) : 0));
  const accumulators = Object.fromEntries([...shapes].map(([name, shape]) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(base);
    return [gradientName(name), runtime.upload("float32", shape, data)];
  }));
  const outputs = await session.run({
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
  const layouts = {
    "more padding": [[...sequence(long, 1), ...padding(5)], [...sequence(short, 1), ...padding(9)]],
    "left padding": [sequence(long, 1), [...padding(4), ...sequence(short, 1)]],
    packed: [[...sequence(long, 1), ...sequence(short, 2)]],
    "packed with padding between": [[...sequence(short, 2), ...padding(3), ...sequence(long, 1)]],
    "an empty row": [sequence(long, 1), padding(7), [...sequence(short, 3), ...padding(4)]],
  };
  for (const [name, rows] of Object.entries(layouts)) {
    assertLess(relativeDifference(await gradientOf(rows), expected), 1e-6, name);
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
