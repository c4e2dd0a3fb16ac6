/**
 * Passes of graphs over sequences: which feeds a graph reads, scalars and numbers a token of its outputs.
 *
 * @module
 */

import type { DeviceTensors, Runtime, Session } from "../runtime/mod.ts";
import { packMicroBatches, responseValues, type Sequence, tokenFeeds } from "./sequence.ts";

/** A scalar output. */
export async function scalarOf(outputs: DeviceTensors, name: string): Promise<number> {
  using tensor = outputs[name];
  if (!tensor) throw new ReferenceError(`Cannot read the output "${name}": the graph has none`);
  return Number((await tensor.download())[0]);
}

/** The feeds that a graph has inputs for. */
export function readBy({ inputNames }: Session, feeds: DeviceTensors): DeviceTensors {
  return Object.fromEntries(inputNames.flatMap((name) => {
    const tensor = feeds[name];
    return tensor ? [[name, tensor]] : [];
  }));
}

/** Frees what one run needed, not when the garbage collector comes by. */
export function disposeAll(tensors: DeviceTensors): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}

/**
 * A graph's outputs, a number a response token each: by name and place of the sequence.
 *
 * @param fixed What the graph reads besides tokens; what it does not read is left out.
 */
export async function evaluated(
  runtime: Runtime,
  session: Session,
  sequences: readonly Sequence[],
  microBatchTokens: number,
  fixed: DeviceTensors,
): Promise<(name: string, place: number) => number[]> {
  const lists = new Map(session.outputNames.map((name) => [name, sequences.map((): number[] => [])]));
  for (const batch of packMicroBatches(sequences, microBatchTokens)) {
    const tokens = tokenFeeds(runtime, sequences, batch);
    const outputs = await session.run(readBy(session, { ...tokens, ...fixed }));
    for (const [name, tensor] of Object.entries(outputs)) {
      const list = lists.get(name);
      if (list) responseValues(sequences, batch, await tensor.download() as Float32Array, list);
      tensor.dispose();
    }
    disposeAll(tokens);
  }
  return (name, place) => lists.get(name)?.[place] ?? [];
}

/**
 * log π of each response token under given parameters, by the evaluation graph.
 *
 * @param graph The graph, as ONNX bytes.
 * @param parameters The policy's parameters on the device.
 * @param microBatchTokens Padded positions of a pass at most.
 */
export async function scoreResponses(
  runtime: Runtime,
  graph: Uint8Array,
  parameters: DeviceTensors,
  sequences: readonly Sequence[],
  microBatchTokens: number,
  temperature: number,
): Promise<number[][]> {
  const session = await runtime.load(graph);
  const heat = runtime.stage("float32", [], Float32Array.of(temperature));
  try {
    const fixed = { ...parameters, temperature: heat };
    const of = await evaluated(runtime, session, sequences, microBatchTokens, fixed);
    return sequences.map((_, i) => of("logprobs", i));
  } finally {
    heat.dispose();
    await session.dispose();
  }
}
