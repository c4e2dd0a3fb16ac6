/**
 * `--model`: a folder, or a model on the Hub; and what a profile must know of it.
 *
 * @module
 */

import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type HubRepository } from "../../src/hub/mod.ts";
import { isModelFile, modelFilesFault, parseConfig, readTokenizerFiles } from "../../src/model/mod.ts";
import { type FileHub, type HubModel, modelFolder, type Profile } from "../../src/pipeline/mod.ts";
import type { PromptName } from "../../src/suite/mod.ts";
import { UsageError } from "./command.ts";
import { fromHome } from "./profile_paths.ts";
import { ROOT } from "./root.ts";

/** A repository, and behind `@` a commit, branch or tag. */
const ON_THE_HUB = /^([\w-][\w.-]*\/[\w.-]+)(?:@([\w./-]+))?$/;

/**
 * What `--model` names: a folder where there is one of that name, else a repository of the Hub.
 *
 * @throws {UsageError} If it is neither.
 */
export function namedModel(text: string): string | HubModel {
  const path = resolve(fromHome(text));
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (isFolder) return path;
  const [, repository, revision] = ON_THE_HUB.exec(text) ?? [];
  // A folder of the organisation's name says that a path was meant, unless a revision is named.
  const beside = statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (repository !== undefined && (revision !== undefined || !beside)) {
    return { repository, revision: revision ?? "main" };
  }
  throw new UsageError(
    `Cannot use the model "${text}": there is no such folder; a model of the Hub is written ORG/NAME or ORG/NAME@REVISION${
      repository === undefined ? "" : `, here ${repository}@main, as there is a folder ${dirname(text)}`
    }`,
  );
}

/** What a profile follows from where it says nothing itself. */
export interface ModelFacts {
  /** Its layers. */
  readonly layers: number;
  /** Tokens that it takes, where that is said. */
  readonly contextLength?: number | undefined;
  /** The wording that suits its chat template. */
  readonly template: PromptName;
}

/** The wording that suits a chat template: without thinking where it can be told so, plain text where there is none. */
function suitedWording(template: string | undefined): PromptName {
  if (template === undefined) return "plain-boxed";
  return template.includes("enable_thinking") ? "qwen3" : "boxed";
}

/** What a model's folder says of it; weights are not looked at. */
export async function readModelFacts(folder: string): Promise<ModelFacts> {
  const { layers, contextLength } = parseConfig(await Deno.readTextFile(`${folder}/config.json`));
  const { template } = await readTokenizerFiles(folder);
  return { layers, contextLength, template: suitedWording(template) };
}

/** The same of a profile's model; of one on the Hub, configuration and tokenizer are brought here. */
export async function modelFacts(model: Profile["model"], hub: FileHub): Promise<ModelFacts> {
  if (typeof model === "string") return await readModelFacts(await modelFolder(model, ROOT));
  const repository: HubRepository = { type: "model", id: model.repository, revision: model.revision };
  const small = (path: string, paths: readonly string[]): boolean =>
    isModelFile(path, paths) && !path.includes("safetensors");
  return await readModelFacts(await hub.snapshot(repository, small, modelFilesFault));
}
