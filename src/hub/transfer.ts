/**
 * The transfer of one file: goes on where an earlier one stopped, and is checked before it gets its name.
 *
 * @module
 */

import type { Hash } from "node:crypto";
import { dirname } from "node:path";
import { blobName, contentHash, type HubCache, ifFound, readChunks } from "./cache.ts";
import { HubError, MismatchError, TransientError } from "./error.ts";
import type { HubFile } from "./repository.ts";
import { type HubRequests, type RequestContext, Watchdog } from "./request.ts";

/** Bytes that make a try count as a success; of a small file, a hundredth is enough. */
const WORTHWHILE = 65_536;

/** What {@linkcode transfer} needs beside the file. */
export interface TransferContext extends RequestContext {
  /** Where the file is on the network. */
  readonly url: string;
  /** Told how many bytes are there, and how many of them this transfer brought. */
  readonly onProgress: (done: number, brought: number) => void;
}

/** Bytes whose digest is known so far. */
interface Arrived {
  readonly hash: Hash;
  readonly length: number;
}

/** What an earlier transfer left, or nothing. */
async function arrived(path: string, file: HubFile): Promise<Arrived> {
  const hash = contentHash(file);
  const size = (await ifFound(Deno.stat(path)))?.size ?? 0;
  if (size > file.size) return { hash, length: 0 };
  let length = 0;
  if (size > 0) {
    for await (const chunk of readChunks(path)) {
      hash.update(chunk);
      length += chunk.length;
    }
  }
  return { hash, length };
}

/** Does a partial answer begin where it should, in a file of the right size? */
function continues(response: Response, from: number, size: number): boolean {
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "");
  return range !== null && Number(range[1]) === from && (range[2] === "*" || Number(range[2]) === size);
}

/**
 * Brings a file into the cache under its final name; the caller holds its lock.
 *
 * @throws {HubError} If it cannot be had, or twice has another digest than it should.
 */
export async function transfer(
  requests: HubRequests,
  cache: HubCache,
  file: HubFile,
  context: TransferContext,
): Promise<void> {
  const path = cache.incomplete(file);
  await Deno.mkdir(dirname(path), { recursive: true });
  const state = { furthest: 0, brought: 0 };
  for (let clean = false;; clean = true) {
    try {
      await requests.persist(context, () => transferOnce(requests, path, file, context, state));
      break;
    } catch (error) {
      if (!(error instanceof MismatchError)) throw error;
      await ifFound(Deno.remove(path));
      state.furthest = 0;
      if (clean) {
        throw new HubError(
          `Cannot ${context.task}: ${error.message}, twice; the server or the way to it is broken, nothing was kept`,
        );
      }
      context.onWait?.(error.message, 0);
    }
  }
  await cache.accept(file);
}

/** One try: all that is missing, then the digest. */
async function transferOnce(
  requests: HubRequests,
  path: string,
  file: HubFile,
  context: TransferContext,
  state: { furthest: number; brought: number },
): Promise<void> {
  let { hash, length } = await arrived(path, file);
  const before = state.furthest = Math.max(state.furthest, length);
  using output = await Deno.open(path, { create: true, write: true });
  if (length < file.size || file.size === 0) {
    using watchdog = new Watchdog(requests.stall, context.signal);
    try {
      const headers: Record<string, string> = { "accept-encoding": "identity" };
      if (length > 0) headers["range"] = `bytes=${length}-`;
      const response = await requests.send(context.url, { headers }, context, watchdog);
      if (response.status !== 206 || !continues(response, length, file.size)) {
        if (response.status === 206) {
          await response.body?.cancel();
          throw new MismatchError("the server sent another part than it was asked for");
        }
        [hash, length] = [contentHash(file), 0]; // it ignores ranges
      }
      if (length < (await output.stat()).size) await output.truncate(length);
      await output.seek(length, Deno.SeekMode.Start);
      for await (const chunk of requests.body(response, watchdog)) {
        if (length + chunk.length > file.size) {
          throw new MismatchError(`the server sent more than the ${file.size} bytes it listed`);
        }
        for (let at = 0; at < chunk.length;) at += await output.write(chunk.subarray(at));
        hash.update(chunk);
        length += chunk.length;
        state.brought += chunk.length;
        state.furthest = Math.max(state.furthest, length);
        context.onProgress(length, state.brought);
        watchdog.touch();
      }
      if (length < file.size) throw new TransientError(`the server sent ${length} of ${file.size} bytes`);
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      const gained = state.furthest - before >= Math.min(WORTHWHILE, file.size / 100);
      throw new TransientError(error.message, { wait: error.wait, gained });
    }
  }
  const digest = hash.digest("hex");
  if (digest !== blobName(file)) {
    const kind = file.sha256 === undefined ? "Git's SHA-1" : "the SHA-256";
    throw new MismatchError(`${kind} of what the server sent is ${digest}, expected ${blobName(file)}`);
  }
  await output.sync();
}
