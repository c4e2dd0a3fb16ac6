/** What the tests of the Hub client share: a mirror, a cache to throw away, and small repositories. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { Hub } from "../../src/hub/hub.ts";
import { HubError } from "../../src/hub/error.ts";
import { type HubOptions, type HubProgress } from "../../src/hub/options.ts";
import { type HubRepository } from "../../src/hub/repository.ts";
import { type HubMirror, type MirrorContent, startHubMirror } from "../hub_mirror/hub_mirror.ts";

/** Bytes that look random and are the same each time. */
export function bytesOf(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  let state = seed;
  return Uint8Array.from({ length }, () => (state = (state * 48271) % 2147483647) >> 8);
}

export const WEIGHTS = "model.safetensors";

/** The SHA-256 of bytes. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The SHA-256 of a file: two of them are compared at once, where two long arrays would take minutes to differ. */
export async function digestOf(path: string): Promise<string> {
  return sha256(await Deno.readFile(path));
}

/** The size of the weights. */
export const SIZE = 50_000;

export const tinyModel = {
  "config.json": '{"model_type":"qwen3"}',
  "tokenizer.json": "{}",
  [WEIGHTS]: bytesOf(SIZE),
  "original/consolidated.bin": bytesOf(100),
  "README.md": "# Tiny",
};

/** The SHA-256 of the weights. */
export const DIGEST = sha256(tinyModel[WEIGHTS]);

/** The model of the mirror at a revision. */
export function tiny(revision = "main"): HubRepository {
  return { type: "model", id: "org/tiny", revision };
}

/** A mirror with a cache. */
export interface Fixture extends AsyncDisposable {
  readonly mirror: HubMirror;
  readonly cache: string;
  /** All reports of progress. */
  readonly news: HubProgress[];
  /** A client of the mirror that does not wait long. */
  hub(options?: HubOptions): Hub;
}

/** Starts a mirror that holds the tiny model, or what is given. */
export async function startFixture(content: MirrorContent = {}): Promise<Fixture> {
  const mirror = await startHubMirror({ models: { "org/tiny": { files: tinyModel } }, ...content });
  const cache = await Deno.makeTempDir();
  const news: HubProgress[] = [];
  const usual = { endpoint: mirror.url, cache, backoff: 1, retries: 2, stall: 5_000 };
  return {
    mirror,
    cache,
    news,
    hub: (options = {}) => new Hub({ ...usual, onProgress: (one) => void news.push(one), ...options }),
    [Symbol.asyncDispose]: async () => {
      await mirror[Symbol.asyncDispose]();
      await Deno.remove(cache, { recursive: true });
    },
  };
}

/** The files below a folder, by path. */
export async function filesBelow(folder: string, path = ""): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(join(folder, path)));
  const nested = entries.map(async ({ name, isDirectory }) =>
    isDirectory ? await filesBelow(folder, join(path, name)) : [join(path, name)]
  );
  return (await Promise.all(nested)).flat().sort();
}

/** The names of the blobs of the tiny model, finished or not. */
export async function blobs(cache: string): Promise<string[]> {
  return await filesBelow(join(cache, "models--org--tiny", "blobs")).catch(() => []);
}

/** Bytes of files that were sent. */
export function bytesSent({ requests }: HubMirror): number {
  return requests.reduce((sum, { sent }) => sum + sent, 0);
}

/** The message of the HubError that the work ends with, which must be one line without the address' secrets. */
export async function refusal(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    if (/[\n\r]|signature=/.test(error.message)) throw new Error(`not fit to be shown: ${error.message}`);
    return error.message;
  }
  throw new Error("it succeeded");
}
