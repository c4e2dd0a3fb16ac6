/**
 * The wire form of SSH (RFC 4251, section 5).
 *
 * @module
 */

/** Strings one after the other, each after its length in four bytes. */
export function sshString(...parts: readonly (string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const strings = parts.map((part) => typeof part === "string" ? encoder.encode(part) : part);
  const bytes = new Uint8Array(strings.reduce((sum, { length }) => sum + 4 + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const string of strings) {
    view.setUint32(at, string.length);
    bytes.set(string, at + 4);
    at += 4 + string.length;
  }
  return bytes;
}

/** The strings of a wire form, or `undefined` if a length does not fit. */
export function readSshStrings(bytes: Uint8Array): Uint8Array<ArrayBuffer>[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const strings: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + view.getUint32(at);
    if (end > bytes.length) return undefined;
    strings.push(bytes.slice(at + 4, end));
    at = end;
  }
  return strings;
}
