/**
 * RFC 8785 canonical JSON and SHA-256 digests of it: the content ids of records, profiles and suites.
 *
 * @module
 */

import canonicalize from "canonicalize";

/**
 * The RFC 8785 form of a JSON value.
 *
 * @throws {TypeError} If the value has no JSON form.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { canonicalJson } from "./canonical_json.ts";
 *
 * assertEquals(canonicalJson({ b: 1, a: [2, "x"] }), '{"a":[2,"x"],"b":1}');
 * ```
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) {
    throw new TypeError(`Cannot write a value of type ${typeof value} as canonical JSON`);
  }
  return text;
}

/** The lower-case hexadecimal SHA-256 of bytes or of a text's UTF-8 bytes. */
export async function sha256(data: Uint8Array<ArrayBuffer> | string): Promise<string> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** The content id of a JSON value: SHA-256 over its canonical form. */
export function contentId(value: unknown): Promise<string> {
  return sha256(canonicalJson(value));
}
