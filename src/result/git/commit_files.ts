/**
 * The files of a result in a commit.
 *
 * @module
 */

import type { GitFile, GitRepository } from "./git.ts";
import type { ResultFiles } from "../judge/mod.ts";
import { isSafeName, isStray } from "../statement/mod.ts";

/** Files of a commit as the files of a result; `folder` is their path from the top of the repository. */
export function commitFiles(
  repository: GitRepository,
  listing: readonly GitFile[],
  folder: string,
): ResultFiles {
  const inside = new Map(
    listing.filter(({ path }) => path.startsWith(`${folder}/`))
      .map((file) => [file.path.slice(folder.length + 1), file] as const)
      .filter(([name]) => !isStray(name)),
  );
  const good = (name: string, { size }: GitFile): boolean => size !== null && isSafeName(name);
  const entries = [...inside];
  return {
    sizes: new Map(
      entries.flatMap(([name, file]) => good(name, file) ? [[name, file.size ?? 0] as const] : []),
    ),
    refused: entries.flatMap(([name, file]) => good(name, file) ? [] : [name]),
    stream: (name) => {
      const file = inside.get(name);
      if (!file) throw new RangeError(`Cannot read ${name}: it is not in the result`);
      return repository.content(file);
    },
  };
}
