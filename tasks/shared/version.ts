/**
 * What `main.ts --version` prints.
 *
 * @module
 */

import { join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { sourceDependencies, sourceOf } from "../../src/result/mod.ts";

/** Where this program lies. */
const HERE = join(import.meta.dirname ?? ".", "..", "..");

/**
 * Version and commit in one line, with `modified` where files differ from the commit. Where there is no commit, or its
 * files may not be read, the version alone; `perhaps modified` where git may not be asked.
 *
 * @param root The source tree.
 */
export async function versionLine(root: string = HERE): Promise<string> {
  const { state } = await Deno.permissions.query({ name: "read", path: root });
  const { commit, dirty } = sourceOf(state === "granted" ? await sourceDependencies(root) : []);
  const parts = [`BuPO Bench ${config.version}`];
  if (commit !== null) {
    parts.push(`commit ${commit}`);
    if (dirty !== false) parts.push(dirty === true ? "modified" : "perhaps modified");
  }
  return parts.join(", ");
}
