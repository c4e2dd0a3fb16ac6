/**
 * PEM: DER in base64 between two lines that say what it is (RFC 7468).
 *
 * @module
 */

/** DER as PEM with lines of 64 characters. */
export function toPem(label: string, der: Uint8Array): string {
  const lines = der.toBase64().match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** A block of a PEM text. */
export interface PemBlock {
  /** What it is: `PUBLIC KEY`. */
  readonly label: string;
  /** Its content. */
  readonly der: Uint8Array<ArrayBuffer>;
}

const block = /-----BEGIN ([A-Z0-9 ]+)-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END \1-----\s*/y;

/**
 * The blocks of a PEM text, in order; none if the text is anything else than PEM blocks.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readPem, toPem } from "./pem.ts";
 *
 * assertEquals(readPem(toPem("A", new Uint8Array([1, 2]))), [{ label: "A", der: new Uint8Array([1, 2]) }]);
 * assertEquals(readPem("no key"), []);
 * ```
 */
export function readPem(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  block.lastIndex = text.length - text.trimStart().length;
  while (block.lastIndex < text.length) {
    const [, label, body] = block.exec(text) ?? [];
    if (label === undefined || body === undefined) return [];
    try {
      blocks.push({ label, der: Uint8Array.fromBase64(body.replace(/\s/g, "")) });
    } catch {
      return [];
    }
  }
  return blocks;
}
