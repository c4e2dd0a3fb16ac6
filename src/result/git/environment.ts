/**
 * Facts about the machine and the source tree that a statement records.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { describeMachine } from "../../runtime/mod.ts";
import { ResultSourceError } from "./git.ts";
import { changedFiles, namesText } from "./work_tree.ts";
import type { Environment, ResourceDescriptor } from "../statement/mod.ts";
import { fileDigest } from "../statement/mod.ts";

/**
 * This machine, together with how the runtime was used. Needs `--allow-sys=cpus,osRelease`.
 *
 * @param runtime What the caller knows: provider, threads, the version of onnxruntime-node and the instructions.
 */
export function describeEnvironment(
  runtime: Pick<Environment, "provider" | "threads" | "onnxruntime" | "instructions">,
): Environment {
  return {
    ...runtime,
    deno: Deno.version.deno,
    ...describeMachine(),
  };
}

/** The text of a file, or `undefined` if there is none. */
async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

/**
 * The commit that is checked out, read from git's files: HEAD, the branch's file or `packed-refs`; in a linked work
 * tree `.git` is a file that names the folder. Undefined outside of git and before the first commit.
 */
export async function gitCommit(root: string): Promise<string | undefined> {
  let folder = join(root, ".git");
  let head = await readIfThere(join(folder, "HEAD"));
  if (head === undefined) {
    const link = /^gitdir: (.+)$/m.exec(await readIfThere(folder).catch(() => "") ?? "")?.[1];
    if (link === undefined) return undefined;
    folder = resolve(root, link);
    head = await readIfThere(join(folder, "HEAD"));
  }
  const branch = /^ref: (.+)$/m.exec(head ?? "")?.[1];
  if (branch === undefined) return head?.trim();
  const common = resolve(folder, (await readIfThere(join(folder, "commondir")))?.trim() ?? ".");
  const loose = await readIfThere(join(common, branch));
  if (loose !== undefined) return loose.trim();
  const packed = await readIfThere(join(common, "packed-refs")) ?? "";
  return packed.split("\n").find((line) => line.endsWith(` ${branch}`))?.split(" ")[0];
}

/** What is said of a work tree that may differ from its commit. Only git can tell. */
async function differences(root: string): Promise<Readonly<Record<string, string | boolean>>> {
  const { state } = await Deno.permissions.query({ name: "run", command: "git" });
  if (state !== "granted") return { dirty: "unknown" };
  try {
    const files = await changedFiles(root);
    return files.length === 0 ? { dirty: false } : { dirty: true, changed: namesText(files) };
  } catch (error) {
    if (error instanceof TypeError || error instanceof ResultSourceError) return { dirty: "unknown" };
    throw error;
  }
}

/**
 * What the result was made from as far as files on this machine go: the commit, and which files differ from it, deno.lock
 * and the base model's tokenizer.
 *
 * @param root The source tree.
 * @param model The folder of the base model, if it is known.
 */
export async function sourceDependencies(root: string, model?: string): Promise<ResourceDescriptor[]> {
  const commit = await gitCommit(root);
  const dependencies: ResourceDescriptor[] = [];
  if (commit !== undefined) {
    dependencies.push({
      name: "source",
      digest: { gitCommit: commit },
      annotations: await differences(root),
    });
  }
  const files = { "deno.lock": join(root, "deno.lock") };
  const all = model === undefined ? files : { ...files, "base-tokenizer": join(model, "tokenizer.json") };
  for (const [name, path] of Object.entries(all)) {
    if (await readIfThere(path) === undefined) continue;
    dependencies.push({ name, digest: { sha256: await fileDigest(path) } });
  }
  return dependencies;
}
