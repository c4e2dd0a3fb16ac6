/**
 * Checks signatures in the browser: the embedded manifest with Web Crypto, the embedded record's digest, and that the
 * numbers on the page are those of the record.
 */

import { fromBase64, plainBytes, resultIndex, unpack } from "./data.js";
import { board } from "./data.js";

/** The browser lacks something; this says nothing about the result. */
class Unsupported extends Error {}

const utf8 = new TextEncoder();

/** What stands before the raw key in the SubjectPublicKeyInfo, by kind of key. */
const kinds = [
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

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** Byte strings one after another, each after its length. */
function sshString(...parts) {
  return parts.flatMap((part) => {
    const bytes = typeof part === "string" ? utf8.encode(part) : part, { length } = bytes;
    return [length >>> 24, length >>> 16 & 255, length >>> 8 & 255, length & 255, ...bytes];
  });
}

/** The two numbers of an ECDSA signature in DER as 32 bytes each. */
function fromDer(der) {
  const number = (at) => {
    const bytes = der.slice(at + 2, at + 2 + der[at + 1]);
    const digits = [...bytes].slice(Math.max(0, bytes.length - 32));
    return [...Array(32 - digits.length).fill(0), ...digits];
  };
  return new Uint8Array([...number(2), ...number(4 + der[3])]);
}

/** The bytes that a DSSE signature covers. */
function signedBytes(type, payload) {
  const head = utf8.encode(`DSSEv1 ${utf8.encode(type).length} ${type} ${payload.length} `);
  const bytes = new Uint8Array(head.length + payload.length);
  bytes.set(head);
  bytes.set(payload, head.length);
  return bytes;
}

/** Imports a key and says what its fingerprint is. */
async function openKey(spki) {
  const kind = kinds.find(({ prefix }) => hex(spki).startsWith(prefix));
  if (!kind) throw new Error("the embedded key is of no known kind");
  const raw = spki.slice(kind.prefix.length / 2);
  const hash = await sha256(new Uint8Array(sshString(...kind.names, raw)));
  const fingerprint = `SHA256:${btoa(String.fromCharCode(...hash)).replace(/=+$/, "")}`;
  try {
    const key = await crypto.subtle.importKey("spki", spki, kind.key, false, ["verify"]);
    return { key, kind, fingerprint };
  } catch (error) {
    if (error.name === "NotSupportedError") throw new Unsupported(`it lacks ${kind.label} in Web Crypto`);
    throw new Error("the embedded key cannot be read");
  }
}

/** Do the numbers of a row follow from the record? */
function rowHolds(row, record) {
  const runs = record.runs.filter(({ method }) => method === row.method);
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const near = (a, b) => Math.abs(a - b) < 1e-9;
  const scores = record.suites.map(({ name, samples }) => {
    const counts = runs.flatMap(({ suites }) => suites[name].correct);
    const average = mean(counts.map((count) => count / samples)),
      pass = mean(counts.map((count) => count > 0));
    const shown = row.suites[name];
    return { average, pass, same: near(average, shown.average.value) && near(pass, shown.pass.value) };
  });
  return scores.every(({ same }) => same) &&
    near(mean(scores.map(({ average }) => average)), row.mean.average.value) &&
    near(mean(scores.map(({ pass }) => pass)), row.mean.pass.value);
}

/** Makes all checks of a result; `tell` is called with what holds. The first that does not is thrown. */
async function checkResult(result, tell) {
  if (!globalThis.crypto?.subtle) throw new Unsupported("Web Crypto needs https or a local file");
  if (!globalThis.DecompressionStream) throw new Unsupported("it lacks DecompressionStream");
  const index = resultIndex(result.name);
  const spki = plainBytes(`key-${index}`), bundle = await unpack(`bundle-${index}`);
  const bytes = await unpack(`record-${index}`);
  if (!spki || !bundle || !bytes) throw new Error("the page lacks its signed files");
  if (hex(await sha256(bundle)) !== result.manifest) {
    throw new Error("the manifest is another than the table names");
  }
  tell("The manifest is the one that the table names.");
  const { dsseEnvelope: envelope } = JSON.parse(new TextDecoder().decode(bundle));
  const [{ keyid, sig }] = envelope.signatures;
  const { key, kind, fingerprint } = await openKey(spki);
  if (fingerprint !== result.key || keyid !== fingerprint) throw new Error("the key has another fingerprint");
  tell(`The key has the fingerprint ${fingerprint}.`);
  const payload = fromBase64(envelope.payload), signature = fromBase64(sig);
  const plain = kind.label === "P-256" ? fromDer(signature) : signature;
  if (!await crypto.subtle.verify(kind.signing, key, plain, signedBytes(envelope.payloadType, payload))) {
    throw new Error("the signature does not hold");
  }
  tell(`Its ${kind.label} signature holds.`);
  const { subject } = JSON.parse(new TextDecoder().decode(payload));
  const digest = subject.find(({ name }) => name === "results.json")?.digest.sha256;
  if (digest !== hex(await sha256(bytes)) || digest !== result.record) {
    throw new Error("results.json has another SHA-256 than the manifest signs");
  }
  tell("results.json has the signed SHA-256.");
  const record = JSON.parse(new TextDecoder().decode(bytes));
  const rows = board.rows.filter((row) => row.result === result.name);
  if (!rows.every((row) => row.manifest === result.manifest && rowHolds(row, record))) {
    throw new Error("the table shows other numbers than the signed record");
  }
  tell("The scores in the table follow from it.");
}

/** The outcome for a result: `state` is `ok`, `failed` or `unknown`; `checks` is what holds, and `problem` what not. */
export async function verifyResult(result) {
  const checks = [];
  try {
    await checkResult(result, (text) => checks.push(text));
    return { state: "ok", text: "signature holds", checks, problem: null };
  } catch (error) {
    if (error instanceof Unsupported) {
      return {
        state: "unknown",
        text: "cannot check in this browser",
        checks,
        problem: `Cannot check in this browser: ${error.message}.`,
      };
    }
    const known = error instanceof Error && error.name === "Error";
    const reason = known ? error.message : "the embedded files cannot be read";
    return { state: "failed", text: "does not hold", checks, problem: `Does not hold: ${reason}.` };
  }
}
