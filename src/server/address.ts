/**
 * Where a server answers, and what opens it. Both are a site's private matter: neither is recorded, nor told in a message.
 *
 * @module
 */

import { ServerError } from "./error.ts";

/** The environment variable that holds a server's key. */
export const SERVER_KEY = "BUPO_SERVER_KEY";

/**
 * The base of a server's addresses, without a slash and without `/v1` at the end.
 *
 * @throws {ServerError} If it is no address over HTTP, or one that carries a secret.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { serverAddress } from "./address.ts";
 *
 * assertEquals(serverAddress("http://127.0.0.1:8000/v1/"), "http://127.0.0.1:8000");
 * assertThrows(() => serverAddress("http://me:word@127.0.0.1:8000"), Error, "BUPO_SERVER_KEY");
 * ```
 */
export function serverAddress(text: string): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.host === "") {
    // The text is not repeated: it may be a key in the wrong place.
    throw new ServerError(
      "Cannot use the server: its address is no URL, expected such as http://127.0.0.1:8000",
    );
  }
  if (url.username + url.password + url.search + url.hash !== "") {
    throw new ServerError(
      `Cannot use the server: its address holds a user name, a password, a query or a fragment; put a secret into the environment variable ${SERVER_KEY}, which is sent as a bearer token and never recorded`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "").replace(/\/v1$/, "")}`;
}

/**
 * The key of the environment, if there is one.
 *
 * @throws {ServerError} If it cannot stand in a header.
 */
export function serverKey(): string | undefined {
  const key = Deno.env.get(SERVER_KEY)?.trim();
  if (key === undefined || key === "") return undefined;
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new ServerError(
    `Cannot use ${SERVER_KEY}: it holds a space or a character that no header can, expected the bare key`,
  );
}
