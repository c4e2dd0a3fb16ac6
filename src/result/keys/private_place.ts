/**
 * Where a private key may not lie.
 *
 * @module
 */

import { dirname, isAbsolute, join, relative, resolve } from "node:path";

/** The real path of a file, or of the nearest folder above it that is there. */
async function realPlace(path: string): Promise<string> {
  for (let place = resolve(path);; place = dirname(place)) {
    try {
      return await Deno.realPath(place);
    } catch (error) {
      const absent = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
      if (!absent || dirname(place) === place) throw error;
    }
  }
}

/**
 * Is a path inside this source tree, where a private key would soon be committed? Links are followed: what counts is where
 * the bytes lie.
 *
 * @param root The source tree; default the one of this program.
 */
export async function isInRepository(
  path: string,
  root: string | undefined = import.meta.dirname && join(import.meta.dirname, "../../.."),
): Promise<boolean> {
  if (root === undefined) return false; // this program was not started from a disk
  const way = relative(await Deno.realPath(root), await realPlace(path));
  return way === "" || !(/^\.\.(?:[\\/]|$)/.test(way) || isAbsolute(way));
}
