/**
 * Refuses to start what the disk cannot hold, before the first step.
 *
 * @module
 */

import { statfs } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Plan } from "../../src/pipeline/mod.ts";
import type { Flags } from "./command.ts";
import { formatBytes } from "./hub_flags.ts";

/** The flag, for `readFlags`. */
export const diskFlag = "force-disk";

/** It in words, for `--help`. */
export const diskFlagHelp =
  "  --force-disk         start although the plan says that the disk does not suffice";

/** Bytes of all files below a folder; 0 if there is none. */
async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  try {
    for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isDirectory) bytes += await bytesBelow(path);
      // A file may be renamed while it is looked at: another run shares the store.
      else if (isFile) bytes += await Deno.stat(path).then(({ size }) => size, () => 0);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return bytes;
}

/** Free bytes of the disk that a folder lies on, or will. */
async function freeBytes(folder: string): Promise<number> {
  let place = resolve(folder);
  while (!await Deno.stat(place).then(() => true, () => false) && dirname(place) !== place) {
    place = dirname(place);
  }
  const { bavail, bsize } = await statfs(place);
  return bavail * bsize;
}

/**
 * Why a run does not fit onto the disk; `undefined` if it does. What its store holds is taken as a part of what it needs,
 * so that a run which goes on is not refused for what it has written.
 *
 * @param total Bytes that the plan expects.
 */
export function diskFault(total: number, held: number, free: number, store: string): string | undefined {
  const more = total - held;
  if (more <= free) return undefined;
  return `Cannot run with the store ${store}: it will take ${formatBytes(more)} more, the disk has ${
    formatBytes(free)
  }; name a store on another disk with --store, remove records with "deno task store prune", or try all the same with --${diskFlag}`;
}

/**
 * Compares what a plan says of the disk with what is free there.
 *
 * @throws {RangeError} If it cannot fit and is not forced.
 */
export async function checkDisk(flags: Flags, { storage }: Plan, store: string): Promise<void> {
  if (flags.on(diskFlag)) return;
  const fault = diskFault(storage.total, await bytesBelow(store), await freeBytes(store), store);
  if (fault !== undefined) throw new RangeError(fault);
}
