/**
 * A model's folder for transformers.js.
 *
 * @module
 */

import { isThere, openShape, writeWhole } from "../shapes.ts";
import { decoderModel } from "./decoder_graph.ts";

/** Positions that rotary angles are made for. */
const POSITIONS = 512;

/** The folder with a model as transformers.js reads it, made if it is not there. */
export async function transformersFolder(directory: string): Promise<string> {
  const folder = directory.startsWith(".store/")
    ? `${directory}/transformers`
    : ".store/perf/embedded/transformers";
  const path = `${folder}/onnx/model.onnx`;
  if (await isThere(path)) return folder;
  await Deno.mkdir(`${folder}/onnx`, { recursive: true });
  const { config, weights } = await openShape(directory);
  const { eos_token_id: _, pad_token_id: __, ...fields } = JSON.parse(
    await Deno.readTextFile(`${directory}/config.json`),
  );
  await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify(fields));
  await Deno.writeTextFile(`${folder}/generation_config.json`, "{}");
  const bytes = await decoderModel(config, weights, POSITIONS);
  await writeWhole(path, ReadableStream.from([bytes]));
  return folder;
}
