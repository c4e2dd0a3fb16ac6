/**
 * How graphs hold the parameters: in which precision layers multiply, and in how many pieces an embedding lies, where one
 * tensor of it would be more than a device takes.
 *
 * @module
 */

import { input, type Tensor } from "../../tensor/mod.ts";
import { EMBEDDING, HEAD, type Parameters, type ParameterShapes } from "../config/mod.ts";
import { VOCABULARY_CHUNK } from "./vocabulary.ts";

/**
 * The element type in which the matrices of layers, attention and KV caches compute. Norms, softmax, the residual stream,
 * embeddings, the head and log-probabilities are float32 in each.
 */
export type Precision = "float32" | "float16" | "bfloat16";

/** How graphs hold the parameters. */
export interface ParameterLayout {
  /** What layers compute in. */
  readonly precision: Precision;
  /** The most bytes of a float32 tensor; embeddings of more are cut into blocks of rows. */
  readonly largestTensor: number;
  /** Whether graphs run on the CPU, which has kernels that walk a table and add to rows of it in order. Default false. */
  readonly onHost?: boolean;
}

/** float32, in one piece, on the CPU. */
export const plainLayout: ParameterLayout = { precision: "float32", largestTensor: Infinity, onHost: true };

/** A parameter, or a block of its rows, as graphs hold it. */
export interface ParameterBlock {
  /** The name in graphs: the parameter's, or with the block's number behind it. */
  readonly name: string;
  /** The parameter. */
  readonly parameter: string;
  /** The first row. */
  readonly start: number;
  /** One past the last row. */
  readonly end: number;
  /** The block's sizes. */
  readonly shape: readonly number[];
}

const blockName = (parameter: string, block: number): string => `${parameter}.rows_${block}`;

/** The blocks that a parameter is held in: one, but for embeddings that are larger than a tensor may be. */
export function parameterBlocks(
  parameter: string,
  shape: readonly number[],
  { largestTensor }: ParameterLayout,
): ParameterBlock[] {
  const [rows = 1, ...rest] = shape, rowBytes = rest.reduce((a, b) => a * b, 4);
  if (rows * rowBytes <= largestTensor || (parameter !== EMBEDDING && parameter !== HEAD)) {
    return [{ name: parameter, parameter, start: 0, end: rows, shape }];
  }
  const most = Math.max(1, Math.floor(largestTensor / rowBytes));
  // Blocks end where chunks of the vocabulary end, so that log-probabilities are summed in the same order.
  const size = most < VOCABULARY_CHUNK ? most : most - most % VOCABULARY_CHUNK;
  return Array.from({ length: Math.ceil(rows / size) }, (_, i) => {
    const start = i * size, end = Math.min(rows, start + size);
    return { name: blockName(parameter, i), parameter, start, end, shape: [end - start, ...rest] };
  });
}

/** The sizes of parameters as graphs hold them. */
export function blockShapes(shapes: ParameterShapes, layout: ParameterLayout): ParameterShapes {
  return new Map(
    [...shapes].flatMap(([name, shape]) =>
      parameterBlocks(name, shape, layout).map((block) => [block.name, block.shape] as const)
    ),
  );
}

/** The element type in which graphs read a parameter: that of the layout for the matrices of layers. */
export function parameterType(
  name: string,
  shape: readonly number[],
  { precision }: ParameterLayout,
): Precision {
  return shape.length === 2 && name.startsWith("model.layers.") ? precision : "float32";
}

/** Graph inputs for parameters, as a layout holds them. */
export function parameterInputs(shapes: ParameterShapes, layout: ParameterLayout = plainLayout): Parameters {
  return new Map(
    [...blockShapes(shapes, layout)].map(([name, shape]) => {
      return [name, input(name, parameterType(name, shape, layout), shape)];
    }),
  );
}

/** The blocks of an embedding, from the first row to the last. */
export function rowBlocks(parameters: Parameters, name: string): Tensor[] {
  const whole = parameters.get(name);
  if (whole) return [whole];
  const blocks: Tensor[] = [];
  for (let block; (block = parameters.get(blockName(name, blocks.length)));) blocks.push(block);
  if (blocks.length === 0) {
    throw new ReferenceError(`Cannot trace the decoder: there is no parameter "${name}"`);
  }
  return blocks;
}
