/**
 * Other people's programs check the statements that are signed here. Each must accept a sound signature and refuse a
 * changed byte and another key; one that looks at the type of the predicate must refuse another type. Those that are not
 * on this machine, or that this process may not run, are skipped and counted.
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import {
  BENCHMARK_RESULT_TYPE,
  MODEL_SIGNATURE_FILE,
  PROVENANCE_TYPE,
  publicKeyPem,
  signModel,
  statementFiles,
} from "../../../src/result/mod.ts";
import { writeDocument } from "../../../src/result/record/schema.ts";
import { newKey, withSigned } from "../fixture.ts";
import { type Evidence, verifiers } from "./foreign_verifiers.ts";

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
        available ? "" : ` (ignored: no ${name})`
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
  name: `openssl accepts the signature of a model directory${
    openssl?.available ? "" : " (ignored: no openssl)"
  }`,
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
