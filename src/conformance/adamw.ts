/**
 * Checks the optimizer graph against a reference run of AdamW in which parameters lack gradients now and then.
 *
 * @module
 */

import { z } from "zod";
import {
  firstMomentName,
  gradientName,
  optimizerGraph,
  outputName,
  secondMomentName,
} from "../artifact/mod.ts";
import type { GoldenGroup } from "./agreement.ts";
import { plainLayout } from "../model/mod.ts";
import type { DeviceTensor, Runtime } from "../runtime/mod.ts";
import { toOnnx } from "../tensor/mod.ts";

const values = z.array(z.union([z.number(), z.array(z.number())]));

const schema = z.object({
  cases: z.array(z.object({
    lr: z.number(),
    betas: z.tuple([z.number(), z.number()]),
    eps: z.number(),
    weight_decay: z.number(),
    max_grad_norm: z.number(),
    inputs: z.object({ params: z.record(z.string(), values) }),
    expected: z.array(z.object({
      grads: z.record(z.string(), values.nullable()),
      grad_norm: z.number(),
      params: z.record(z.string(), values),
    })),
  })),
});

/** float32 on our side, float64 in the reference. */
const TOLERANCE = 1e-5;

/**
 * Takes the steps of `adamw.json` and compares parameters and gradient norms after each. A parameter without a gradient
 * is left out of that step's graph and must stay as it was, its moments and counter included.
 */
export async function checkAdamW(runtime: Runtime, json: unknown): Promise<GoldenGroup[]> {
  let worstParameter = 0, worstNorm = 0, count = 0;
  for (const { inputs, expected, ...settings } of schema.parse(json).cases) {
    const slots = new Map(
      Object.entries(inputs.params).map(([name, rows]) => {
        const data = Float32Array.from(rows.flat()), shape = [data.length];
        const tensor = (array: Float32Array): DeviceTensor<"float32"> =>
          runtime.upload("float32", shape, array);
        const zeros = (): DeviceTensor<"float32"> => tensor(new Float32Array(data.length));
        return [name, { shape, value: tensor(data), first: zeros(), second: zeros(), steps: 0n }];
      }),
    );
    for (const { grads, grad_norm, params } of expected) {
      const present = [...slots].filter(([name]) => grads[name]);
      const graph = optimizerGraph(
        new Map(present.map(([name, { shape }]) => [name, shape])),
        {
          betas: settings.betas,
          epsilon: settings.eps,
          weightDecay: settings.weight_decay,
          maxGradientNorm: settings.max_grad_norm,
        },
        "optimizer_model",
        { ...plainLayout, onHost: runtime.provider === "cpu" },
      );
      const feeds: Record<string, DeviceTensor> = {}, inPlace: Record<string, DeviceTensor> = {};
      for (const [name, slot] of present) {
        slot.steps++;
        feeds[gradientName(name)] = runtime.upload(
          "float32",
          slot.shape,
          Float32Array.from(grads[name]?.flat() ?? []),
        );
        const state = [[name, slot.value], [firstMomentName(name), slot.first], [
          secondMomentName(name),
          slot.second,
        ]] as const;
        for (const [key, tensor] of state) {
          feeds[key] = tensor;
          inPlace[outputName(key)] = tensor;
        }
      }
      const session = await runtime.load(toOnnx(graph));
      const outputs = await session.run({
        ...feeds,
        learning_rate: runtime.upload("float32", [], Float32Array.of(settings.lr)),
        step: runtime.upload(
          "int64",
          [present.length],
          BigInt64Array.from(present.map(([, { steps }]) => steps)),
        ),
      }, inPlace);
      const norm = Number((await outputs.gradient_norm?.download())?.[0]);
      worstNorm = Math.max(worstNorm, Math.abs(norm - grad_norm) / grad_norm);
      for (const [name, { value }] of slots) {
        const actual = await value.download(), reference = params[name]?.flat() ?? [];
        reference.forEach((x, i) =>
          worstParameter = Math.max(worstParameter, Math.abs((actual[i] ?? NaN) - x))
        );
        count += reference.length;
      }
      await session.dispose();
    }
  }
  return [
    { name: "parameters", worst: worstParameter, tolerance: TOLERANCE, count },
    { name: "gradient_norm", worst: worstNorm, tolerance: TOLERANCE, count: 1 },
  ];
}
