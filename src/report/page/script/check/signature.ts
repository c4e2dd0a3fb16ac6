/**
 * Public keys and signatures with Web Crypto.
 *
 * @module
 */

/** The browser lacks something; this says nothing about the result. */
export class Unsupported extends Error {}

/** Bytes as Web Crypto takes them. */
export type Bytes = Uint8Array<ArrayBuffer>;

const utf8 = new TextEncoder();

/** A kind of key. */
interface KeyKind {
  /** What stands before the raw key in the SubjectPublicKeyInfo, in hexadecimal. */
  readonly prefix: string;
  /** What OpenSSH writes before the raw key. */
  readonly names: readonly string[];
  /** How Web Crypto imports it. */
  readonly key: AlgorithmIdentifier | EcKeyImportParams;
  /** How Web Crypto verifies with it. */
  readonly signing: AlgorithmIdentifier | EcdsaParams;
  /** What people call it. */
  readonly label: "Ed25519" | "P-256";
}

const kinds: readonly KeyKind[] = [
  {
    prefix: "302a300506032b6570032100",
    names: ["ssh-ed25519"],
    key: { name: "Ed25519" },
    signing: { name: "Ed25519" },
    label: "Ed25519",
  },
  {
    prefix: "3059301306072a8648ce3d020106082a8648ce3d030107034200",
    names: ["ecdsa-sha2-nistp256", "nistp256"],
    key: { name: "ECDSA", namedCurve: "P-256" },
    signing: { name: "ECDSA", hash: "SHA-256" },
    label: "P-256",
  },
];

/** Bytes in hexadecimal. */
export function hex(bytes: Bytes): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** SHA-256. */
export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** Byte strings one after another, each after its length. */
function sshString(parts: readonly (string | Bytes)[]): Bytes {
  return Uint8Array.from(parts.flatMap((part) => {
    const bytes = typeof part === "string" ? utf8.encode(part) : part, { length } = bytes;
    return [length >>> 24, length >>> 16 & 255, length >>> 8 & 255, length & 255, ...bytes];
  }));
}

/** Half of the order of P-256's group: of (r, s) and (r, n − s), which hold together, only the lower s counts. */
const HALF_ORDER = "7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8";

/** The two numbers of an ECDSA signature in DER as 32 bytes each. */
function fromDer(der: Bytes): Bytes {
  const number = (at: number): number[] => {
    const digits = [...der.slice(at + 2, at + 2 + (der[at + 1] ?? 0))].slice(-32);
    return [...new Array<number>(32 - digits.length).fill(0), ...digits];
  };
  const s = number(4 + (der[3] ?? 0));
  if (hex(Uint8Array.from(s)) > HALF_ORDER) throw new Error("the signature has another form than was signed");
  return Uint8Array.from([...number(2), ...s]);
}

/** The bytes that a DSSE signature covers. */
function signedBytes(type: string, payload: Bytes): Bytes {
  const head = utf8.encode(`DSSEv1 ${utf8.encode(type).length} ${type} ${payload.length} `);
  const bytes = new Uint8Array(head.length + payload.length);
  bytes.set(head);
  bytes.set(payload, head.length);
  return bytes;
}

/** A public key. */
export interface OpenKey {
  /** Its fingerprint, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  /** What people call its kind. */
  readonly label: string;
  /** Whether a DSSE signature of a payload holds. */
  verify(signature: Bytes, payloadType: string, payload: Bytes): Promise<boolean>;
}

/** Imports a key. */
export async function openKey(spki: Bytes): Promise<OpenKey> {
  const kind = kinds.find(({ prefix }) => hex(spki).startsWith(prefix));
  if (!kind) throw new Error("the embedded key is of no known kind");
  const { prefix, names, label, signing } = kind;
  const hash = await sha256(sshString([...names, spki.slice(prefix.length / 2)]));
  let key: CryptoKey;
  try {
    key = await crypto.subtle.importKey("spki", spki, kind.key, false, ["verify"]);
  } catch (error) {
    if (error instanceof Error && error.name === "NotSupportedError") {
      throw new Unsupported(`it lacks ${label} in Web Crypto`);
    }
    throw new Error("the embedded key cannot be read");
  }
  return {
    fingerprint: `SHA256:${btoa(String.fromCharCode(...hash)).replace(/=+$/, "")}`,
    label,
    verify: (signature, payloadType, payload) =>
      crypto.subtle.verify(
        signing,
        key,
        label === "P-256" ? fromDer(signature) : signature,
        signedBytes(payloadType, payload),
      ),
  };
}
