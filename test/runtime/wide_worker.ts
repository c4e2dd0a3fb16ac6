/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
/**
 * Runs the graph of `wide.ts` in a thread of its own, with as many rows as it is told.
 *
 * @module
 */

import { wide } from "./wide.ts";

self.onmessage = async ({ data }: MessageEvent<number>) => {
  await (await wide())(data);
  self.postMessage("done");
};
