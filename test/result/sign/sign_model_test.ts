import { assertEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { MODEL_SIGNATURE_FILE, publicKeyPem, signModel } from "../../../src/result/mod.ts";
import { PAYLOAD_TYPE, preAuthenticationEncoding } from "../../../src/result/sign/dsse.ts";
import { newKey } from "../fixture.ts";

const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

/** A model directory named `tiny` with files whose names sort otherwise as paths than as texts. */
async function withModel(work: (directory: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  const directory = join(root, "tiny");
  await Deno.mkdir(join(directory, "a"), { recursive: true });
  for (const name of ["config.json", "a/b", "a.b", "model.safetensors"]) {
    await Deno.writeTextFile(join(directory, name), `content of ${name}`);
  }
  try {
    await work(directory);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("signModel() writes what OpenSSF Model Signing describes", async () => {
  await withModel(async (directory) => {
    const key = await newKey("p256");
    await Deno.writeTextFile(join(directory, ".model.safetensors.0123456789abcdef.tmp"), "half");
    await signModel(directory, key);
    const bundle = JSON.parse(await Deno.readTextFile(join(directory, MODEL_SIGNATURE_FILE)));
    assertEquals(bundle.mediaType, "application/vnd.dev.sigstore.bundle.v0.3+json");
    assertEquals(bundle.verificationMaterial, {
      publicKey: { hint: sha256(publicKeyPem(key.publicKey)) },
      tlogEntries: [],
    });
    const payload = Uint8Array.fromBase64(bundle.dsseEnvelope.payload);
    const signed = preAuthenticationEncoding(PAYLOAD_TYPE, payload);
    const signature = Uint8Array.fromBase64(bundle.dsseEnvelope.signatures[0].sig);
    assertEquals(await key.publicKey.verify(signature, signed), true);
    // The root digest is that over the files' digests in the order of their paths, segment by segment.
    const names = ["a/b", "a.b", "config.json", "model.safetensors"];
    const digests = names.map((name) => sha256(`content of ${name}`));
    assertEquals(JSON.parse(new TextDecoder().decode(payload)), {
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: "tiny", digest: { sha256: sha256(Uint8Array.fromHex(digests.join(""))) } }],
      predicateType: "https://model_signing/signature/v1.0",
      predicate: {
        serialization: {
          method: "files",
          hash_type: "sha256",
          allow_symlinks: false,
          ignore_paths: ["model.sig"],
        },
        resources: names.map((name, i) => ({ algorithm: "sha256", digest: digests[i], name })),
      },
    });
  });
});

Deno.test("signModel() signs again without its own signature, and depends on every file", async () => {
  await withModel(async (directory) => {
    const key = await newKey("p256");
    const root = async () => (await signModel(directory, key)).subject[0]?.digest.sha256;
    const first = await root();
    assertEquals(await root(), first);
    await Deno.writeTextFile(join(directory, "a", "b"), "content of a/B");
    const second = await root();
    assertEquals(first === second, false);
  });
});

Deno.test("signModel() refuses Ed25519 keys, links and empty directories", async () => {
  await withModel(async (directory) => {
    await assertRejects(async () => signModel(directory, await newKey()), TypeError, "takes P-256 keys");
    const key = await newKey("p256");
    await Deno.symlink("/etc", join(directory, "link"));
    await assertRejects(() => signModel(directory, key), TypeError, '"link" is no plain file');
    const empty = join(directory, "a", "empty");
    await Deno.mkdir(empty);
    await assertRejects(() => signModel(empty, key), TypeError, "there is no file in it");
  });
});
