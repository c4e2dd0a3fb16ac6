/**
 * The architecture of a profile's model, without its weights: from a folder, from the Hub's cache, or from the facts of
 * published models that are kept in `benchmarks/models`.
 *
 * @module
 */

import { type ModelConfig, parseConfig } from "../../model/mod.ts";
import { modelFolder } from "../files.ts";
import type { Profile } from "../profile/mod.ts";

/** An architecture and where it was read. */
export interface PlannedModel {
  /** The architecture. */
  readonly config: ModelConfig;
  /** The file. */
  readonly path: string;
  /** Whether it is the model's own file, or the published facts of a model that was not downloaded. */
  readonly downloaded: boolean;
}

/** The file of a published model's architecture: `benchmarks/models/qwen3-4b.json` of `Qwen/Qwen3-4B`. */
export function publishedModelFile(repository: string, root: string): string {
  return `${root}/benchmarks/models/${repository.replace(/^.*\//, "").toLowerCase()}.json`;
}

/**
 * Finds the architecture of a profile's model.
 *
 * @param cached The folder of the model in the Hub's cache, if it is there.
 * @throws {ReferenceError} If the model was not downloaded and its architecture is not known.
 * @throws {SyntaxError} If the file describes no supported architecture.
 */
export async function planModel(
  { model }: Pick<Profile, "model">,
  root: string,
  cached: (model: Exclude<Profile["model"], string>) => Promise<string | undefined>,
): Promise<PlannedModel> {
  const folder = typeof model === "string" ? await modelFolder(model, root) : await cached(model);
  if (folder !== undefined) {
    const path = `${folder}/config.json`;
    return { config: parseConfig(await Deno.readTextFile(path)), path, downloaded: true };
  }
  const repository = typeof model === "string" ? model : model.repository;
  const path = publishedModelFile(repository, root);
  try {
    return { config: parseConfig(await Deno.readTextFile(path)), path, downloaded: false };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new ReferenceError(
      `Cannot plan for ${repository}: it has not been downloaded and ${path} does not exist; ` +
        `run "deno task download --repository ${repository}", or name a config.json with --config`,
    );
  }
}
