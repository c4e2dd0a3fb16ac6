/**
 * DSSE envelopes, and the Sigstore bundle around them.
 *
 * Sources: Dead Simple Signing Envelope 1.0 (secure-systems-lab/dsse); Sigstore bundle 0.3 (sigstore/protobuf-specs).
 *
 * @module
 */

import { z } from "zod";
import type { PublicKey, SigningKey } from "../keys/mod.ts";
import { parseAs } from "../record/mod.ts";

/** The media type of in-toto statements. */
export const PAYLOAD_TYPE = "application/vnd.in-toto+json";

/** A signed payload. */
export interface Envelope {
  /** {@linkcode PAYLOAD_TYPE}. */
  readonly payloadType: typeof PAYLOAD_TYPE;
  /** The payload in base64. */
  readonly payload: string;
  /** The one signature. */
  readonly signatures: readonly {
    /** See {@linkcode PublicKey}. */
    readonly keyid: string;
    /** The signature in base64. */
    readonly sig: string;
  }[];
}

/** Base64 of which only the canonical spelling is accepted. */
const base64 = z.string().refine((text) => {
  try {
    return Uint8Array.fromBase64(text).toBase64() === text;
  } catch {
    return false;
  }
}, "expected base64");

const envelopeSchema: z.ZodType<Envelope> = z.strictObject({
  payloadType: z.literal(PAYLOAD_TYPE),
  payload: base64,
  signatures: z.array(z.strictObject({ keyid: z.string(), sig: base64 })).length(1),
});

/**
 * The bytes that are signed (pre-authentication encoding): `DSSEv1`, then length and text of the payload's type and of
 * the payload, separated by single spaces.
 *
 * @example The example of the DSSE protocol description
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { preAuthenticationEncoding } from "./dsse.ts";
 *
 * const payload = new TextEncoder().encode("hello world");
 * const bytes = preAuthenticationEncoding("http://example.com/HelloWorld", payload);
 * assertEquals(new TextDecoder().decode(bytes), "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
 * ```
 */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const head = encoder.encode(
    `DSSEv1 ${encoder.encode(payloadType).length} ${payloadType} ${payload.length} `,
  );
  const bytes = new Uint8Array(head.length + payload.length);
  bytes.set(head);
  bytes.set(payload, head.length);
  return bytes;
}

/** Signs a payload. */
export async function signEnvelope(payload: Uint8Array, key: SigningKey): Promise<Envelope> {
  const signature = await key.sign(preAuthenticationEncoding(PAYLOAD_TYPE, payload));
  return {
    payloadType: PAYLOAD_TYPE,
    payload: payload.toBase64(),
    signatures: [{ keyid: key.publicKey.keyid, sig: signature.toBase64() }],
  };
}

/**
 * Checks that a value is an envelope; says nothing about its signature.
 *
 * @throws {TypeError} If it is none.
 */
export function parseEnvelope(value: unknown, action: string): Envelope {
  return parseAs(envelopeSchema, value, action);
}

/**
 * The payload of an envelope whose signature holds, and the key that made it.
 *
 * @param known Public keys by key id.
 * @throws {TypeError} If the key is not known or the signature does not hold.
 */
export async function openEnvelope(
  envelope: Envelope,
  known: ReadonlyMap<string, PublicKey>,
): Promise<{ payload: Uint8Array<ArrayBuffer>; key: PublicKey }> {
  const { keyid, sig } = envelope.signatures[0] ?? { keyid: "", sig: "" };
  const key = known.get(keyid);
  if (!key) {
    throw new TypeError(
      `it is signed by ${
        JSON.stringify(keyid.slice(0, 100))
      }, which is none of ${known.size} known public keys`,
    );
  }
  const payload = Uint8Array.fromBase64(envelope.payload);
  const signed = preAuthenticationEncoding(envelope.payloadType, payload);
  if (!await key.verify(Uint8Array.fromBase64(sig), signed)) {
    throw new TypeError(`its signature by ${keyid} does not hold`);
  }
  return { payload, key };
}

/**
 * The envelope as a Sigstore bundle with a public-key hint and no transparency log.
 *
 * @param hint Which key it is; default base64 SHA-256 of the SubjectPublicKeyInfo.
 */
export async function sigstoreBundle(
  envelope: Envelope,
  key: PublicKey,
  hint?: string,
): Promise<Record<string, unknown>> {
  hint ??= new Uint8Array(await crypto.subtle.digest("SHA-256", key.spki)).toBase64();
  return {
    mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
    verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
    dsseEnvelope: envelope,
  };
}
