/**
 * What an inspection takes, before any weights are read: from the graphs that it runs.
 *
 * @module
 */

import { decoderLayerGraph, headStatisticsGraph, layerParameterNames } from "../artifact/mod.ts";
import { layerParameter, type ModelConfig, parameterShapes } from "../model/mod.ts";
import { type GraphCost, graphCost, type SymbolSizes } from "../tensor/mod.ts";
import { GROUP_POSITIONS } from "./inspect.ts";
import { POSITIONS } from "./layer_runner.ts";
import { stateNames } from "./quantity.ts";
import { BLOCK, CHUNK } from "./head/mod.ts";

/** What is inspected: completions of one length. */
export interface InspectionSize {
  /** Completions. */
  readonly completions: number;
  /** Tokens of a prompt. */
  readonly promptTokens: number;
  /** Tokens of a response. */
  readonly responseTokens: number;
}

/** What that takes: bytes, and operations of matrix products. */
export interface InspectionCost {
  /** One layer's weights. */
  readonly layer: number;
  /** The output embedding; of an untied model the input embedding too, of which some rows are kept. */
  readonly embeddings: number;
  /** States of the sequences that are in memory at a time. */
  readonly states: number;
  /** What a graph holds at a time: a layer's, or that of a chunk of the vocabulary, whichever is more. */
  readonly graphs: number;
  /** All of it. */
  readonly peak: number;
  /** 2·m·n·k for each product. */
  readonly operations: number;
}

/** Rows of states of a response token that are in memory: last, reference, before, five states and these normed. */
const ROWS = 3 + 2 * stateNames.length;

/** The cost of a layer's graph; plans ask for it many times, and tracing takes longer than all the rest. */
function layerCostOf(config: ModelConfig): (sizes: SymbolSizes) => GraphCost {
  const known = layerCosts.get(config) ?? graphCost(decoderLayerGraph(config));
  layerCosts.set(config, known);
  return known;
}

const layerCosts = new WeakMap<ModelConfig, (sizes: SymbolSizes) => GraphCost>();

/** States of a layer that a probe reads policies from, and those of them that it keeps as they are. */
const PROBED = 7, KEPT = 5;

/** The cost of an inspection without the control of random weights. */
export function inspectionCost(
  config: ModelConfig,
  { completions, promptTokens, responseTokens }: InspectionSize,
): InspectionCost {
  const { hiddenSize, vocabularySize, layers, tiedEmbeddings } = config, shapes = parameterShapes(config);
  const length = Math.max(1, promptTokens + responseTokens - 1);
  const together = Math.min(completions, Math.max(1, Math.floor(POSITIONS / length)));
  const group = Math.min(completions, Math.max(1, Math.floor(GROUP_POSITIONS / (length + 1))));
  const layerCost = layerCostOf(config)({ batch: together, sequence: length });
  const chunk = Math.min(CHUNK, vocabularySize),
    rows = Math.min(BLOCK, 4 * Math.ceil(group * responseTokens / 4));
  const headOf = (states: number) =>
    graphCost(headStatisticsGraph({ hiddenSize, chunk, states: 2 * states, scaled: states, targets: 2 }))({
      rows,
    });
  const head = headOf(stateNames.length), first = headOf(1);
  const layer = layerParameterNames(config).reduce(
    (sum, name) => sum + (shapes.get(layerParameter(1, name)) ?? []).reduce((a, b) => a * b, 4),
    0,
  );
  const embeddings = 4 * vocabularySize * hiddenSize * (tiedEmbeddings ? 1 : 2);
  const states = 4 * hiddenSize * group * (2 * length + ROWS * responseTokens);
  const graphs = Math.max(layerCost.peakBytes + layerCost.outputBytes, head.peakBytes + head.outputBytes);
  const blocks = completions * responseTokens / rows * vocabularySize / chunk;
  return {
    layer,
    embeddings,
    states,
    graphs,
    peak: layer + embeddings + states + graphs,
    operations: 2 * layers * layerCost.productOperations * completions / together +
      blocks * (layers * head.productOperations + first.productOperations),
  };
}

/**
 * The cost of a probe of some layers during training: one pass over all layers, and, of each chosen layer, the products of
 * its own states and of all later layers' with the unembedding.
 */
export function probeCost(
  config: ModelConfig,
  { completions, promptTokens, responseTokens }: InspectionSize,
  chosen: readonly number[],
): Pick<InspectionCost, "peak" | "operations"> {
  const { hiddenSize, vocabularySize, layers } = config, tokens = completions * responseTokens;
  const length = Math.max(1, promptTokens + responseTokens - 1);
  const batch = Math.min(completions, Math.max(1, Math.floor(POSITIONS / length)));
  const pass = layerCostOf(config)({ batch, sequence: length });
  const { layer, embeddings, graphs } = inspectionCost(config, { completions, promptTokens, responseTokens });
  // Final policy and reference; a layer's seven states and their reference; later layers and theirs.
  const products = 2 +
    chosen.reduce((sum, one) => sum + PROBED + 1 + (one < layers ? layers - one + 1 : 0), 0);
  // Those that are read keep five states, the others one; all sequences go through the layers together.
  const rows = chosen.length * KEPT + layers + 2,
    states = 4 * hiddenSize * (tokens * rows + 2 * completions * length);
  return {
    peak: layer + embeddings + graphs + states,
    operations: layers * pass.productOperations * completions / batch +
      2 * hiddenSize * vocabularySize * tokens * products,
  };
}
