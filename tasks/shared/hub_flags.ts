/**
 * How commands reach the Hub: the environment, the flags, and the bars of what is transferred.
 *
 * @module
 */

import {
  Hub,
  HUB_VARIABLES,
  HubError,
  hubOptionsFromEnvironment,
  type HubProgress,
} from "../../src/hub/mod.ts";
import { Progress } from "../../src/progress.ts";
import { findData, type SuiteFiles } from "../../src/suite/mod.ts";
import { oneLine } from "./command.ts";

/** Bytes in the unit that suits them. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** Files below this size come and go before a bar could be read. */
const LEAST_BAR = 1_000_000;

/** Shows a bar for each file that is transferred or read, in megabytes, since nobody reads bytes; and why one waits. */
function reporter(progress: Progress): (news: HubProgress) => void {
  const open = new Set<string>();
  const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10;
  return ({ path, state, done, total, bytesPerSecond, note }) => {
    const name = oneLine(path);
    if (state === "waiting") return progress.line(`${name || "list of files"} waits: ${note}`);
    if (total < LEAST_BAR) return;
    const bar = `${name} MB`, whole = megabytes(total);
    if (state === "cached" || state === "downloaded") {
      if (open.delete(bar)) progress.update(bar, whole, whole);
      return;
    }
    open.add(bar);
    // Rounding must not end a bar too early.
    const shown = Math.min(megabytes(done), whole - 0.1);
    progress.update(
      bar,
      shown,
      whole,
      state === "checking" ? "checking" : `${formatBytes(bytesPerSecond)}/s`,
    );
  };
}

/** How the Hub is opened. */
export interface HubFlags {
  /** Never the network; the environment may say so too. */
  readonly offline: boolean;
  /** Reads cached files again, even those that were checked before. */
  readonly recheck?: boolean;
  /** Told of every file. */
  readonly onProgress?: (news: HubProgress) => void;
}

/** The Hub as the environment describes it, with progress shown. */
export function openHub(progress: Progress, { offline, recheck = false, onProgress }: HubFlags): Hub {
  const variables = new Map(HUB_VARIABLES.map((name) => [name, Deno.env.get(name)]));
  const options = hubOptionsFromEnvironment((name) => variables.get(name));
  const show = reporter(progress);
  return new Hub({
    ...options,
    offline: offline || (options.offline ?? false),
    recheck,
    onProgress: (news) => {
      onProgress?.(news);
      show(news);
    },
  });
}

/** The files of data sets: the Hub's, downloaded where they are not cached. The Hub is opened when a file is wanted. */
export function hubSuiteFiles(progress: Progress, flags: HubFlags): SuiteFiles {
  let hub: Hub | undefined, cache: Hub | undefined;
  return {
    file: (repository, path) => (hub ??= openHub(progress, flags)).file(repository, path),
    data: (suite, purpose) => findData(suite, purpose, hub ??= openHub(progress, flags)),
    cached: async (repository, path) => {
      try {
        cache ??= openHub(new Progress({ quiet: true }), { offline: true });
        await cache.file(repository, path);
        return true;
      } catch (error) {
        if (error instanceof HubError) return false;
        throw error;
      }
    },
  };
}
