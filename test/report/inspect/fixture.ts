/**
 * Inspections of small models with random weights, for tests of what is made of them.
 *
 * @module
 */

import { initializeWeights, tensorsInMemory } from "../../../src/model/mod.ts";
import { CONFIDENCE, inspectModel } from "../../../src/policy/mod.ts";
import {
  type InspectedDocumentModel,
  type Inspection,
  INSPECTION_SCHEMA,
  roundedInspection,
} from "../../../src/report/mod.ts";
import { RandomStream } from "../../../src/random.ts";
import { runtime, tinyConfig } from "../../rl/tiny_model.ts";

/** What a token of the fixture is called: some of the texts are awkward. */
const awkward = [
  "\n",
  " ",
  "",
  "<script>alert(1)</script>",
  "\u0000\ud800",
  "a very long token",
  "&amp;",
  '"',
];

/** A model's part of a document. */
export async function inspectedModel(
  name: string,
  { seed = 1, problems = 3, layers = 3, tokens = 9 } = {},
): Promise<InspectedDocumentModel> {
  const config = tinyConfig({ layers }), random = new RandomStream("fixture", seed);
  const list = (length: number): number[] => Array.from({ length }, () => random.integer(0, 39));
  const completions = Array.from({ length: 2 * problems }, (_, i) => {
    return { problem: `problem ${i % problems}`, prompt: list(3), response: list(tokens) };
  });
  const model = { name, config, weights: tensorsInMemory(initializeWeights(config, seed)) };
  const inspection = await inspectModel(runtime, model, completions, { top: 2 });
  const text = (id: number): string => awkward[id] ?? `t${id}`;
  return {
    ...inspection,
    name,
    digest: "0".repeat(64),
    run: null,
    shape: { layers, hiddenSize: 32, vocabularySize: 40, tiedEmbeddings: true },
    maximumEntropy: Math.log(40),
    source: {
      from: "sampled",
      digest: "1".repeat(64),
      suites: ["mini-math"],
      template: "bare",
      temperature: 1,
      seed: 1,
      maxResponseTokens: tokens,
      cut: 2,
    },
    shown: {
      problem: "problem 0",
      tokens: (completions[0]?.response ?? []).map((id) => ({ id, text: text(id) })),
      texts: Object.fromEntries(Array.from({ length: 40 }, (_, id) => [id, text(id)])),
    },
  };
}

/** A document of models. */
export function inspectionOf(...models: readonly InspectedDocumentModel[]): Inspection {
  return roundedInspection({
    schema: INSPECTION_SCHEMA,
    confidence: CONFIDENCE,
    layer: null,
    engine: { provider: "cpu", threads: 1, onnxruntime: "1.30.0" },
    models,
    training: null,
  });
}
