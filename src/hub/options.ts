/**
 * Settings of the Hub client, and where it finds them in the environment.
 *
 * @module
 */

import { join } from "node:path";
import { printable } from "../http/mod.ts";
import { HubError } from "./error.ts";
import type { HubRepository } from "./repository.ts";

/** How far a file is. */
export interface HubProgress {
  /** The repository. */
  readonly repository: HubRepository;
  /** The file's path in it; empty while the list of files is asked for. */
  readonly path: string;
  /**
   * `checking`: a file that is there is read and its digest computed; `waiting`: for the server or another process, see
   * `note`; `cached` and `downloaded`: the file is there and its digest is right.
   */
  readonly state: "checking" | "downloading" | "waiting" | "cached" | "downloaded";
  /** Bytes that are there. */
  readonly done: number;
  /** Bytes of the file. */
  readonly total: number;
  /** Bytes a second since this run began to transfer the file; 0 if it does not. */
  readonly bytesPerSecond: number;
  /** Why nothing moves. */
  readonly note: string;
}

/** Settings of a {@linkcode Hub}. */
export interface HubOptions {
  /** Where the Hub is. Default: `https://huggingface.co`. */
  readonly endpoint?: string;
  /** The access token; sent to the endpoint's own origin only. */
  readonly token?: string;
  /** The folder of the cache, in Hugging Face's layout. */
  readonly cache?: string;
  /** Use what is cached and never the network. */
  readonly offline?: boolean;
  /** Read cached files again and compare their digests, even those that were checked before. */
  readonly recheck?: boolean;
  /** Files at a time. Default 4. */
  readonly concurrency?: number;
  /** Tries in a row that may bring nothing after the first one. Default 5. */
  readonly retries?: number;
  /** Milliseconds before the second try; doubled for each further one. Default 500. */
  readonly backoff?: number;
  /** Milliseconds without a byte after which a connection is given up. Default 30 000. */
  readonly stall?: number;
  /** Told how far each file is, at most ten times a second. */
  readonly onProgress?: (progress: HubProgress) => void;
}

/** The Hub itself. */
const ENDPOINT = "https://huggingface.co";

/** The environment variables that {@linkcode hubOptionsFromEnvironment} reads. */
export const HUB_VARIABLES: readonly string[] = [
  "HF_ENDPOINT",
  "HF_TOKEN",
  "HF_TOKEN_PATH",
  "HF_HOME",
  "HF_HUB_CACHE",
  "HF_HUB_OFFLINE",
  "XDG_CACHE_HOME",
  "HOME",
  "USERPROFILE",
];

/** A token, or why it is none. */
function checkToken(token: string, source: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new HubError(`Cannot use the token of ${source}: it holds a space or a character that no token has`);
}

function readToken(path: string): string {
  try {
    return Deno.readTextFileSync(path).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw new HubError(`Cannot read the token in ${path}: ${printable(String(error))}`, { cause: error });
  }
}

/**
 * The settings that Hugging Face's own tools find in the environment: `HF_ENDPOINT`, `HF_TOKEN` (else the file
 * `HF_TOKEN_PATH` or `$HF_HOME/token`), `HF_HUB_CACHE` (else `$HF_HOME/hub`), `HF_HUB_OFFLINE`. `HF_HOME` is
 * `$XDG_CACHE_HOME/huggingface` or `~/.cache/huggingface` if it is not set.
 *
 * @param get Reads a variable, such as `Deno.env.get`.
 * @throws {HubError} If the token or the endpoint cannot be used, or no home folder is known.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hubOptionsFromEnvironment } from "./options.ts";
 *
 * const variables: Record<string, string> = { HF_HOME: "/data/hf", HF_TOKEN: "hf_x", HF_HUB_OFFLINE: "1" };
 * assertEquals(hubOptionsFromEnvironment((name) => variables[name]), {
 *   endpoint: "https://huggingface.co",
 *   token: "hf_x",
 *   cache: "/data/hf/hub",
 *   offline: true,
 * });
 * ```
 */
export function hubOptionsFromEnvironment(get: (name: string) => string | undefined): HubOptions {
  const given = (name: string): string | undefined => get(name)?.trim() || undefined;
  const user = given("HOME") ?? given("USERPROFILE");
  const cacheHome = given("XDG_CACHE_HOME") ?? (user && join(user, ".cache"));
  const expand = (path: string | undefined): string | undefined =>
    path && user ? path.replace(/^~(?=$|[/\\])/, user) : path;
  const home = expand(given("HF_HOME")) ?? (cacheHome && join(cacheHome, "huggingface"));
  const cache = expand(given("HF_HUB_CACHE")) ?? (home && join(home, "hub"));
  if (cache === undefined) throw new HubError("Cannot find the cache of the Hub: set HF_HOME to a folder");
  const tokenFile = expand(given("HF_TOKEN_PATH")) ?? (home && join(home, "token"));
  const token = given("HF_TOKEN");
  const stored = token === undefined && tokenFile !== undefined ? readToken(tokenFile) : "";
  const checked = token !== undefined
    ? checkToken(token, "HF_TOKEN")
    : stored === ""
    ? undefined
    : checkToken(stored, tokenFile ?? "");
  return {
    endpoint: checkEndpoint(given("HF_ENDPOINT")),
    ...(checked === undefined ? {} : { token: checked }),
    cache,
    offline: /^(1|true|yes|on)$/i.test(given("HF_HUB_OFFLINE") ?? ""),
  };
}

/**
 * An endpoint without its last slash.
 *
 * @throws {HubError} If it is no address of a web server, or holds a password, a query or a fragment.
 */
export function checkEndpoint(endpoint: string = ENDPOINT): string {
  const url = URL.parse(endpoint);
  const expected = `expected one like "${ENDPOINT}" in HF_ENDPOINT`;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new HubError(`Cannot use the endpoint "${printable(endpoint)}": ${expected}`);
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new HubError(
      `Cannot use the endpoint at ${url.host}: ${expected}, with no user, query or fragment`,
    );
  }
  return url.href.replace(/\/+$/, "");
}
