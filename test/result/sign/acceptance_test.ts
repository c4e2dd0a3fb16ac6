/**
 * Other people's programs check what is signed here. Each must accept a sound signature and refuse a changed byte and
 * another key; one that looks at the type of the predicate must refuse another type. Those that are not on this machine,
 * or that this process may not run, are skipped and counted.
 */
import { assert, assertEquals } from "@std/assert";
import { createPublicKey } from "node:crypto";
import { join } from "node:path";
import { bundleFromJSON } from "@sigstore/bundle";
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";
import { PAYLOAD_TYPE, preAuthenticationEncoding } from "../../../src/result/sign/dsse.ts";
import {
  attest,
  BENCHMARK_RESULT_TYPE,
  generateKeyPem,
  type KeyAlgorithm,
  minisignPublicKey,
  MODEL_SIGNATURE_FILE,
  PROVENANCE_TYPE,
  type PublicKey,
  publicKeyPem,
  signModel,
  SSH_NAMESPACE,
  sshPublicKey,
  statementFiles,
} from "../../../src/result/mod.ts";
import { writeDocument } from "../../../src/result/record/schema.ts";
import { facts, newKey, withSigned } from "../fixture.ts";

/** Runs a program; `undefined` if it is not there or may not be run. */
async function run(
  command: string,
  args: readonly string[],
  input = "",
): Promise<Deno.CommandOutput | undefined> {
  if ((await Deno.permissions.query({ name: "run", command })).state !== "granted") return undefined;
  try {
    const child = new Deno.Command(command, {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input)).catch(() => {}); // it may not read all of it
    await writer.close().catch(() => {});
    return await child.output();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Does a program accept? */
async function succeeds(command: string, args: readonly string[], input?: string): Promise<boolean> {
  return (await run(command, args, input))?.success ?? false;
}

/** What a verifier is shown. */
interface Evidence {
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
interface ForeignVerifier {
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

const verifiers: readonly ForeignVerifier[] = [
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

/** Copies the files of a statement with a byte of the payload changed, so that it is still a statement. */
async function changeByte(evidence: Evidence): Promise<Evidence> {
  const bundle = JSON.parse(await Deno.readTextFile(evidence.bundle));
  const payload = Uint8Array.fromBase64(bundle.dsseEnvelope.payload);
  const at = new TextDecoder("latin1").decode(payload).indexOf('"sha256":"') + 10;
  payload[at] = payload[at] === 0x30 ? 0x31 : 0x30; // another hexadecimal digit
  bundle.dsseEnvelope.payload = payload.toBase64();
  const changed = {
    ...evidence,
    bundle: join(evidence.folder, "changed.sigstore.json"),
    envelope: join(evidence.folder, "changed.intoto.json"),
  };
  await Deno.writeTextFile(changed.bundle, writeDocument(bundle));
  await Deno.writeTextFile(changed.envelope, writeDocument(bundle.dsseEnvelope));
  return changed;
}

const types = { result: BENCHMARK_RESULT_TYPE, provenance: PROVENANCE_TYPE };

for (const { name, algorithms, checksType, available, accepts } of verifiers) {
  for (const algorithm of algorithms) {
    const seen = checksType
      ? "a changed byte, another key and another type"
      : "a changed byte and another key";
    Deno.test({
      name: `${name} accepts our ${algorithm} signatures and refuses ${seen}${
        available ? "" : ": not available"
      }`,
      ignore: !available,
      fn: () =>
        withSigned(async (directory, key) => {
          const folder = join(directory, ".."),
            pem = join(folder, "key.pem"),
            other = join(folder, "other.pem");
          const stranger = (await newKey(algorithm)).publicKey;
          await Deno.writeTextFile(pem, publicKeyPem(key.publicKey));
          await Deno.writeTextFile(other, publicKeyPem(stranger));
          for (const kind of ["result", "provenance"] as const) {
            const evidence: Evidence = {
              folder,
              bundle: join(directory, statementFiles[kind].bundle),
              envelope: join(directory, statementFiles[kind].envelope),
              subject: join(directory, "results.json"),
              type: types[kind],
              key: key.publicKey,
              pem,
              keyid: key.publicKey.keyid,
            };
            assertEquals(await accepts(evidence), true, kind);
            assertEquals(await accepts(await changeByte(evidence)), false, "a changed byte");
            assertEquals(await accepts({ ...evidence, pem: other, key: stranger }), false, "another key");
            if (!checksType) continue;
            assertEquals(
              await accepts({ ...evidence, type: "https://example.org/v1" }),
              false,
              "another type",
            );
            const unnamed = join(directory, statementFiles[kind].bundle);
            assertEquals(await accepts({ ...evidence, subject: unnamed }), false, "an unnamed file");
          }
        }, algorithm),
    });
  }
}

const [openssl] = verifiers;

Deno.test({
  name: "openssl accepts the signature of a model directory",
  ignore: !openssl?.available,
  fn: async () => {
    assert(openssl);
    const folder = await Deno.makeTempDir();
    const model = join(folder, "model"),
      pem = join(folder, "key.pem"),
      envelope = join(folder, "envelope.json");
    await Deno.mkdir(model);
    await Deno.writeTextFile(join(model, "config.json"), "{}");
    const key = await newKey("p256");
    await signModel(model, key);
    const bundle = join(model, MODEL_SIGNATURE_FILE);
    await Deno.writeTextFile(pem, publicKeyPem(key.publicKey));
    await Deno.writeTextFile(
      envelope,
      JSON.stringify(JSON.parse(await Deno.readTextFile(bundle)).dsseEnvelope),
    );
    const { keyid } = key.publicKey;
    const evidence = { folder, bundle, envelope, subject: "", type: "", key: key.publicKey, pem, keyid };
    assertEquals(await openssl.accepts(evidence), true);
    assertEquals(await openssl.accepts(await changeByte(evidence)), false);
    await Deno.remove(folder, { recursive: true });
  },
});

/** Runs a test on a directory with detached signatures, a changed copy of its record, and another key. */
async function withDetached(
  work: (
    signed: { record: string; changed: string; folder: string; key: PublicKey; other: PublicKey },
  ) => Promise<void>,
): Promise<void> {
  await withSigned(async (directory, key) => {
    await attest(directory, { ...facts, key, detached: true });
    const record = join(directory, "results.json"),
      folder = join(directory, ".."),
      changed = join(folder, "changed");
    await Deno.writeTextFile(changed, (await Deno.readTextFile(record)).replace("1234", "1235"));
    await work({ record, changed, folder, key: key.publicKey, other: (await newKey()).publicKey });
  });
}

const hasMinisign = await run("minisign", ["-v"]) !== undefined;

Deno.test({
  name: `minisign accepts our signature and refuses a changed byte and another key${
    hasMinisign ? "" : ": not available"
  }`,
  ignore: !hasMinisign,
  fn: () =>
    withDetached(async ({ record, changed, folder, key, other }) => {
      const accepts = async (file: string, publicKey: PublicKey): Promise<boolean> => {
        const pub = join(folder, "minisign.pub");
        await Deno.writeTextFile(pub, await minisignPublicKey(publicKey));
        return await succeeds("minisign", ["-V", "-q", "-p", pub, "-x", `${record}.minisig`, "-m", file]);
      };
      assertEquals(await accepts(record, key), true);
      assertEquals(await accepts(changed, key), false);
      assertEquals(await accepts(record, other), false);
    }),
});

const hasSsh = await run("ssh-keygen", ["-?"]) !== undefined;

Deno.test({
  name: `ssh-keygen accepts our signature and refuses a changed byte, another key and another namespace${
    hasSsh ? "" : ": not available"
  }`,
  ignore: !hasSsh,
  fn: () =>
    withDetached(async ({ record, changed, folder, key, other }) => {
      const accepts = async (
        file: string,
        publicKey: PublicKey,
        namespace = SSH_NAMESPACE,
      ): Promise<boolean> => {
        const allowed = join(folder, "allowed");
        await Deno.writeTextFile(allowed, `lab ${sshPublicKey(publicKey)}\n`);
        const args = ["-Y", "verify", "-f", allowed, "-I", "lab", "-n", namespace, "-s", `${record}.sshsig`];
        return await succeeds("ssh-keygen", args, await Deno.readTextFile(file));
      };
      assertEquals(await accepts(record, key), true);
      assertEquals(await accepts(changed, key), false);
      assertEquals(await accepts(record, other), false);
      assertEquals(await accepts(record, key, "git"), false);
    }),
});

for (const algorithm of both) {
  Deno.test({
    name: `ssh-keygen prints the key id of our ${algorithm} keys${hasSsh ? "" : ": not available"}`,
    ignore: !hasSsh,
    fn: async () => {
      const { publicKey } = await newKey(algorithm);
      const path = await Deno.makeTempFile();
      await Deno.writeTextFile(path, sshPublicKey(publicKey));
      const { stdout } = await run("ssh-keygen", ["-lf", path]) ?? {};
      assertEquals(new TextDecoder().decode(stdout).split(" ")[1], publicKey.keyid);
      await Deno.remove(path);
    },
  });
}

const hasOpenssl = openssl?.available ?? false;

for (const algorithm of both) {
  Deno.test({
    name: `openssl opens our encrypted ${algorithm} keys with their passphrase alone`,
    ignore: !hasOpenssl,
    fn: async () => {
      const pem = await generateKeyPem({ algorithm, passphrase: "correct horse" });
      const opens = (word: string) => succeeds("openssl", ["pkey", "-noout", "-passin", `pass:${word}`], pem);
      assertEquals([await opens("correct horse"), await opens("wrong")], [true, false]);
    },
  });
}
