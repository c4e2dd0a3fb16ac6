import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { inspectionGraph, sequenceContext, sequenceInputs } from "../../../src/artifact/mod.ts";
import {
  decode,
  initializeWeights,
  layerParameter,
  type ModelConfig,
  parameterInputs,
  parameterShapes,
} from "../../../src/model/mod.ts";
import { toOnnx } from "../../../src/tensor/mod.ts";
import { bits, place, runtime, tinyConfig } from "../../rl/tiny_model.ts";

/** The outputs of the inspection graph for one row of tokens. */
async function inspect(
  config: ModelConfig,
  tokens: readonly number[],
  first = 0,
): Promise<Record<string, number[]>> {
  const session = await runtime.load(toOnnx(inspectionGraph(config)));
  const row = (values: readonly number[]) =>
    runtime.upload("int64", [1, values.length], BigInt64Array.from(values, BigInt));
  const outputs = await session.run({
    ...place(initializeWeights(config, 1)),
    input_ids: row(tokens),
    target_ids: row(tokens.map((_, i) => tokens[i + 1] ?? 0)),
    position_ids: row(tokens.map((_, i) => first + i)),
    segment_ids: row(tokens.map(() => 1)),
  });
  const entries = Object.entries(outputs).map(async ([name, tensor]) =>
    [name, Array.from(await tensor.download(), Number)] as const
  );
  const values = Object.fromEntries(await Promise.all(entries));
  await session.dispose();
  return values;
}

const tokens = [3, 17, 4, 4, 29, 8];
const families = (["qwen3", "qwen2", "llama"] as const).map((family) => tinyConfig({ family, layers: 2 }));

Deno.test("decode() adds attention and feed-forward layer to the residual stream", async () => {
  for (const config of families) {
    const states = await inspect(config, tokens);
    for (let layer = 1; layer <= 2; layer++) {
      const [before = [], after = [], attended = [], fed = []] = [
        `hidden_states.${layer - 1}`,
        `hidden_states.${layer}`,
        `attn_out.${layer}`,
        `ffn_out.${layer}`,
      ].map((name) => states[name] ?? []);
      assertEquals(after.length, 6 * 32);
      after.forEach((x, i) =>
        assertAlmostEquals(x, (before[i] ?? NaN) + (attended[i] ?? NaN) + (fed[i] ?? NaN), 1e-5)
      );
    }
    const embedding = initializeWeights(config, 1).get("model.embed_tokens.weight")?.data;
    assertEquals(
      states["hidden_states.0"],
      tokens.flatMap((token) => {
        return Array.from(embedding?.slice(32 * token, 32 * token + 32) ?? [], Number);
      }),
    );
  }
});

Deno.test("decode() lets no position see a later token", async () => {
  for (const config of families) {
    const before = await inspect(config, tokens), after = await inspect(config, tokens.with(4, 11));
    for (const name of ["hidden_states.2", "logits"]) {
      const width = (before[name]?.length ?? 0) / 6;
      const rows = (values: readonly number[] = [], from: number, to: number): Uint8Array =>
        bits(values.slice(from * width, to * width));
      assertEquals(rows(after[name], 0, 4), rows(before[name], 0, 4));
      for (const at of [4, 5]) {
        assert(rows(after[name], at, at + 1).join() !== rows(before[name], at, at + 1).join());
      }
    }
  }
});

Deno.test("decode() knows positions only by their distances", async () => {
  const [config] = families as [ModelConfig];
  const near = await inspect(config, tokens), far = await inspect(config, tokens, 100);
  near.logits?.forEach((value, i) => assertAlmostEquals(far.logits?.[i] ?? NaN, value, 1e-3));
  const swapped = await inspect(config, [17, 3, ...tokens.slice(2)]);
  assert(
    near.logits?.slice(-40).some((value, i) => Math.abs(value - (swapped.logits?.at(i - 40) ?? NaN)) > 1e-3),
  );
});

Deno.test("decode() stops after the layers that are asked for and needs no parameter beyond", () => {
  const config = tinyConfig({ layers: 3 }), inputs = sequenceInputs();
  const parameters = parameterInputs(parameterShapes(config, 2));
  const context = sequenceContext(config, inputs);
  const { residual, attention, feedForward } = decode(config, parameters, inputs.inputIds, context, 2);
  assertEquals([residual.length, attention.length, feedForward.length], [3, 2, 2]);
  assertThrows(
    () => decode(config, parameters, inputs.inputIds, context, 3),
    ReferenceError,
    `there is no parameter "${layerParameter(3, "input_layernorm.weight")}"`,
  );
});
