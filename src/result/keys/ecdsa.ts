/**
 * ECDSA signatures on P-256 in their two spellings: r and s side by side, as Web Crypto has them (IEEE P1363), and the
 * DER of `SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279, section 2.2.3), as everyone else has them.
 *
 * @module
 */

/** Bytes of r and of s. */
const HALF = 32;

/** The order n of P-256's group (FIPS 186-5, SP 800-186). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** A signature's s as a number. */
function sOf(signature: Uint8Array): bigint {
  return BigInt(`0x${signature.slice(HALF).toHex()}`);
}

/**
 * Is s in the lower half? With (r, s) holds (r, n − s) too, which anyone can compute without a key; of the two only the
 * one with the lower s counts.
 */
export function hasLowS(signature: Uint8Array): boolean {
  return 2n * sOf(signature) < ORDER;
}

/**
 * The same signature with s in the lower half.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hasLowS, withLowS } from "./ecdsa.ts";
 *
 * const high = new Uint8Array(64).fill(0xf0), low = withLowS(high);
 * assertEquals([hasLowS(high), hasLowS(low), withLowS(low)], [false, true, low]);
 * ```
 */
export function withLowS(signature: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (hasLowS(signature)) return signature;
  const low = signature.slice();
  low.set(Uint8Array.fromHex((ORDER - sOf(signature)).toString(16).padStart(2 * HALF, "0")), HALF);
  return low;
}

/** A non-negative integer of at most 32 bytes as a DER INTEGER: no leading zeros but one before a set top bit. */
function derInteger(bytes: Uint8Array): number[] {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? [0] : [...bytes.subarray(first)];
  if ((digits[0] ?? 0) >= 0x80) digits.unshift(0);
  return [0x02, digits.length, ...digits];
}

/**
 * The DER form of a signature.
 *
 * @param signature r and s, 32 bytes each.
 */
export function signatureToDer(signature: Uint8Array): Uint8Array<ArrayBuffer> {
  const body = [...derInteger(signature.subarray(0, HALF)), ...derInteger(signature.subarray(HALF))];
  return new Uint8Array([0x30, body.length, ...body]);
}

/**
 * The signature in a DER form, or `undefined` if the bytes are not exactly what {@linkcode signatureToDer} writes.
 *
 * @example Only one spelling is read
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { signatureFromDer, signatureToDer } from "./ecdsa.ts";
 *
 * const signature = new Uint8Array(64).fill(0x80);
 * const der = signatureToDer(signature);
 * assertEquals(der.length, 72);
 * assertEquals(signatureFromDer(der), signature);
 * assertEquals(signatureFromDer(new Uint8Array([...der, 0])), undefined);
 * ```
 */
export function signatureFromDer(der: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const signature = new Uint8Array(2 * HALF);
  let at = 2;
  for (const end of [HALF, 2 * HALF]) {
    const digits = der.subarray(at + 2, at + 2 + (der[at + 1] ?? 0));
    const value = digits[0] === 0 ? digits.subarray(1) : digits;
    if (value.length > HALF) return undefined;
    signature.set(value, end - value.length);
    at += 2 + digits.length;
  }
  const expected = signatureToDer(signature);
  return expected.length === der.length && expected.every((byte, i) => byte === der[i])
    ? signature
    : undefined;
}
