/**
 * Other people's verifiers of statements.
 *
 * @module
 */

import { createPublicKey } from "node:crypto";
import { join } from "node:path";
import { bundleFromJSON } from "@sigstore/bundle";
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";
import type { KeyAlgorithm, PublicKey } from "../../../src/result/mod.ts";
import { PAYLOAD_TYPE, preAuthenticationEncoding } from "../../../src/result/sign/dsse.ts";
import { succeeds } from "../program.ts";

/** What a verifier is shown. */
export interface Evidence {
  /** A folder for its files. */
  readonly folder: string;
  /** The bundle and the envelope, as files. */
  readonly bundle: string;
  readonly envelope: string;
  /** A file that the statement names. */
  readonly subject: string;
  /** The predicate that is expected. */
  readonly type: string;
  /** The key that is trusted, and its PEM as a file. */
  readonly key: PublicKey;
  readonly pem: string;
  /** The key id of the signature. */
  readonly keyid: string;
}

/** A verifier of statements. */
export interface ForeignVerifier {
  readonly name: string;
  readonly algorithms: readonly KeyAlgorithm[];
  /** Does it compare the predicate's type? */
  readonly checksType: boolean;
  readonly available: boolean;
  accepts(evidence: Evidence): Promise<boolean>;
}

const both: readonly KeyAlgorithm[] = ["ed25519", "p256"];

/** Writes what openssl needs: the signed bytes and the signature. */
async function writeSigned({ folder, envelope }: Evidence): Promise<{ pae: string; sig: string }> {
  const { payload, signatures } = JSON.parse(await Deno.readTextFile(envelope));
  const pae = join(folder, "pae.bin"), sig = join(folder, "sig.bin");
  await Deno.writeFile(pae, preAuthenticationEncoding(PAYLOAD_TYPE, Uint8Array.fromBase64(payload)));
  await Deno.writeFile(sig, Uint8Array.fromBase64(signatures[0].sig));
  return { pae, sig };
}

/** A trusted root without a single authority: the key alone is trusted. */
const noRoot = {
  mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
  certificateAuthorities: [],
  timestampAuthorities: [],
  tlogs: [],
  ctlogs: [],
};

const sigstoreScript = `
const { readFileSync } = require("fs"), { createPublicKey } = require("crypto");
const { bundleFromJSON } = require("@sigstore/bundle");
const { toSignedEntity, toTrustMaterial, Verifier } = require("@sigstore/verify");
const [bundle, pem] = process.argv.slice(2);
const key = { publicKey: createPublicKey(readFileSync(pem)), validFor: () => true };
const trust = toTrustMaterial(${JSON.stringify(noRoot)}, () => key);
const none = { tlogThreshold: 0, ctlogThreshold: 0, tsaThreshold: 0 };
new Verifier(trust, none).verify(toSignedEntity(bundleFromJSON(JSON.parse(readFileSync(bundle)))));
`;

/** A folder with \`@sigstore/verify\` for Node.js, if it can be installed. */
async function installSigstore(): Promise<string | undefined> {
  if (!await succeeds("node", ["--version"]) || !await succeeds("npm", ["--version"])) return undefined;
  const folder = await Deno.makeTempDir();
  const packages = ["@sigstore/verify@3.1.1", "@sigstore/bundle@4.0.0"];
  const flags = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"];
  if (!await succeeds("npm", ["install", "--prefix", folder, ...flags, ...packages])) return undefined;
  await Deno.writeTextFile(join(folder, "verify.cjs"), sigstoreScript);
  return folder;
}

const sigstoreFolder = await installSigstore();
globalThis.addEventListener("unload", () => {
  if (sigstoreFolder !== undefined) Deno.removeSync(sigstoreFolder, { recursive: true });
});

const securesystemslib = `
import json, sys
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey
envelope, pem, keyid = sys.argv[1:]
key = SSlibKey.from_crypto(load_pem_public_key(open(pem, "rb").read()), keyid=keyid)
Envelope.from_dict(json.load(open(envelope))).verify([key], 1)
`;

const hasCosign = await succeeds("cosign", ["version"]);
const cosign = ["verify-blob-attestation", "--insecure-ignore-tlog=true"];

/** The verifiers. */
export const verifiers: readonly ForeignVerifier[] = [
  {
    name: "openssl",
    algorithms: both,
    checksType: false,
    available: await succeeds("openssl", ["version"]),
    accepts: async (evidence) => {
      const { pae, sig } = await writeSigned(evidence), { pem } = evidence;
      return evidence.key.algorithm === "ed25519"
        ? succeeds("openssl", [
          "pkeyutl",
          "-verify",
          "-pubin",
          "-inkey",
          pem,
          "-rawin",
          "-in",
          pae,
          "-sigfile",
          sig,
        ])
        : succeeds("openssl", ["dgst", "-sha256", "-verify", pem, "-signature", sig, pae]);
    },
  },
  {
    name: "@sigstore/verify under Deno",
    algorithms: ["ed25519"], // Deno's node:crypto does not verify P-256 as this library asks
    checksType: false,
    available: true,
    accepts: async ({ bundle, pem }) => {
      const key = { publicKey: createPublicKey(await Deno.readTextFile(pem)), validFor: () => true };
      const trust = toTrustMaterial(noRoot, () => key);
      const verifier = new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });
      const entity = toSignedEntity(bundleFromJSON(JSON.parse(await Deno.readTextFile(bundle))));
      try {
        verifier.verify(entity);
        return true;
      } catch {
        return false;
      }
    },
  },
  {
    name: "@sigstore/verify under Node.js",
    algorithms: both,
    checksType: false,
    available: sigstoreFolder !== undefined,
    accepts: ({ bundle, pem }) => succeeds("node", [join(sigstoreFolder ?? "", "verify.cjs"), bundle, pem]),
  },
  {
    name: "cosign with the Sigstore bundle",
    algorithms: both,
    checksType: false, // cosign 2.5 compares the type only without a bundle
    available: hasCosign,
    accepts: async ({ folder, bundle, subject, type, pem }) => {
      const root = join(folder, "root.json");
      await Deno.writeTextFile(
        root,
        '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}',
      );
      const with_ = ["--new-bundle-format", "--trusted-root", root, "--bundle", bundle];
      return await succeeds("cosign", [...cosign, ...with_, "--key", pem, "--type", type, subject]);
    },
  },
  {
    name: "cosign with the DSSE envelope",
    algorithms: both,
    checksType: true,
    available: hasCosign,
    accepts: ({ envelope, subject, type, pem }) =>
      succeeds("cosign", [...cosign, "--signature", envelope, "--key", pem, "--type", type, subject]),
  },
  {
    name: "securesystemslib",
    algorithms: both,
    checksType: false,
    available: await succeeds("python3", ["-c", "import securesystemslib.dsse, cryptography"]),
    accepts: ({ envelope, pem, keyid }) =>
      succeeds("python3", ["-c", securesystemslib, envelope, pem, keyid]),
  },
];
