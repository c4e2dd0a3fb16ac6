import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "node:path";
import { canonicalJson } from "../../src/canonical_json.ts";
import {
  openEnvelope,
  PAYLOAD_TYPE,
  preAuthenticationEncoding,
  signEnvelope,
} from "../../src/result/dsse.ts";
import {
  attest,
  loadTrustedKeys,
  type PublicKey,
  publicKeyPem,
  readStatement,
  runMetadata,
  verify,
  writeRecord,
} from "../../src/result/mod.ts";
import { writeDocument } from "../../src/result/schema.ts";
import { isSafeName } from "../../src/result/subjects.ts";
import { facts, newKey, sampleRecord, withSigned } from "./fixture.ts";

const trust = (key: { publicKey: PublicKey }) => new Map([[key.publicKey.keyid, key.publicKey]]);

Deno.test("verify() accepts what attest() signed", async () => {
  await withSigned(async (directory, key) => {
    const outcome = await verify(directory, await loadTrustedKeys(join(directory, "..", "keys")));
    assertEquals(outcome.problems, []);
    assertEquals([outcome.ok, outcome.keyid], [true, key.publicKey.keyid]);
    assertEquals(outcome.statement?.subject.map(({ name }) => name), [
      "checkpoints/grpo-1.safetensors",
      "metrics.jsonl",
      "results.json",
    ]);
    assertEquals(outcome.files.length, 5);
  });
});

Deno.test("attest() gives the same bytes for the same files, facts and key, and sweeps unfinished files", async () => {
  await withSigned(async (directory, key) => {
    const read = () => Deno.readTextFile(join(directory, "manifest.intoto.json"));
    const before = await read();
    await Deno.writeTextFile(join(directory, ".results.json.0123456789abcdef.tmp"), "half");
    await attest(directory, { ...facts, key });
    assertEquals(await read(), before);
    assertEquals((await verify(directory, trust(key))).ok, true);
    assertEquals((await readStatement(directory))?.predicate.environment, facts.environment);
  });
});

Deno.test("verify() names the file in which any single byte was changed", async () => {
  await withSigned(async (directory, key) => {
    for (
      const file of [
        "results.json",
        "checkpoints/grpo-1.safetensors",
        "manifest.intoto.json",
        "manifest.sigstore.json",
      ]
    ) {
      const path = join(directory, file);
      const bytes = await Deno.readFile(path);
      const step = Math.max(1, Math.floor(bytes.length / 150));
      for (let i = 0; i < bytes.length; i += step) {
        const flipped = bytes.slice();
        flipped[i] = (flipped[i] ?? 0) ^ (1 << i % 8);
        await Deno.writeFile(path, flipped);
        const outcome = await verify(directory, trust(key));
        assertEquals(outcome.ok, false, `${file}, byte ${i}`);
        assert(outcome.problems.some((problem) => problem.file === file), `${file}, byte ${i}`);
      }
      await Deno.writeFile(path, bytes);
    }
    assertEquals((await verify(directory, trust(key))).ok, true);
  });
});

/** Damages a signed directory and returns the problems. */
async function problemsAfter(damage: (directory: string) => Promise<void>): Promise<string[]> {
  const problems: string[] = [];
  await withSigned(async (directory, key) => {
    await damage(directory);
    const outcome = await verify(directory, trust(key));
    assertEquals(outcome.ok, outcome.problems.length === 0);
    problems.push(...outcome.problems.map(({ file, problem }) => `${file}: ${problem}`));
  });
  return problems;
}

Deno.test("verify() names files that are missing, surplus, links or cut short", async () => {
  assertEquals(await problemsAfter((d) => Deno.remove(join(d, "metrics.jsonl"))), [
    "metrics.jsonl: it is missing",
  ]);
  assertEquals(await problemsAfter((d) => Deno.remove(join(d, "results.json"))), [
    "results.json: it is missing",
  ]);
  for (const file of ["manifest.intoto.json", "manifest.sigstore.json"]) {
    assertEquals(await problemsAfter((d) => Deno.remove(join(d, file))), [`${file}: it is missing`]);
  }
  assertEquals(await problemsAfter((d) => Deno.writeTextFile(join(d, "checkpoints", "new"), "")), [
    "checkpoints/new: the statement does not name it",
  ]);
  const linked = await problemsAfter(async (d) => {
    await Deno.rename(join(d, "metrics.jsonl"), join(d, "..", "outside"));
    await Deno.symlink(join(d, "..", "outside"), join(d, "metrics.jsonl"));
  });
  assertEquals(linked[0], "metrics.jsonl: it is no plain file with a plain name");
  const cut = await problemsAfter((d) => Deno.truncate(join(d, "manifest.intoto.json"), 100));
  assertEquals(cut.length, 1);
  assertStringIncludes(cut[0] ?? "", "manifest.intoto.json: Cannot read the envelope");
  const large = await problemsAfter((d) => Deno.truncate(join(d, "manifest.intoto.json"), 100e6));
  assertStringIncludes(large[0] ?? "", "manifest.intoto.json: it has 100000000 bytes");
});

Deno.test("verify() refuses a signature by a key that is not trusted", async () => {
  await withSigned(async (directory) => {
    const { ok, problems, statement } = await verify(directory, trust(await newKey()));
    assertEquals([ok, statement], [false, null]);
    assertStringIncludes(problems[0]?.problem ?? "", "none of 1 trusted keys");
  });
});

Deno.test("verify() refuses a signed statement that names paths outside, or another predicate", async () => {
  await withSigned(async (directory, key) => {
    const statement = await readStatement(directory);
    const digest = { sha256: "0".repeat(64) };
    const forgeries: readonly (readonly [object, string])[] = [
      [{ subject: [{ name: "../../etc/passwd", digest }] }, "subject[0].name: expected a relative path"],
      [
        { subject: [{ name: "b", digest }, { name: "a", digest }] },
        "subject: expected names in ascending order",
      ],
      [{ predicateType: "https://slsa.dev/provenance/v1" }, "predicateType"],
    ];
    for (const [change, message] of forgeries) {
      const payload = new TextEncoder().encode(writeDocument({ ...statement, ...change }));
      await Deno.writeTextFile(
        join(directory, "manifest.intoto.json"),
        writeDocument(await signEnvelope(payload, key)),
      );
      const outcome = await verify(directory, trust(key));
      assertEquals(outcome.ok, false);
      assertStringIncludes(outcome.problems[0]?.problem ?? "", message);
    }
  });
});

Deno.test("verify() finds a statement that says something else than results.json", async () => {
  await withSigned(async (directory, key) => {
    const statement = await readStatement(directory);
    assert(statement);
    const predicate = { ...statement.predicate, run: { ...statement.predicate.run, graderVersion: "2" } };
    const payload = new TextEncoder().encode(writeDocument({ ...statement, predicate }));
    await Deno.writeTextFile(
      join(directory, "manifest.intoto.json"),
      writeDocument(await signEnvelope(payload, key)),
    );
    const { problems } = await verify(directory, trust(key));
    assert(
      problems.some(({ file, problem }) => file === "results.json" && problem.includes('"graderVersion"')),
    );
  });
});

Deno.test("attest() refuses a directory with a link or without a valid record", async () => {
  await withSigned(async (directory, key) => {
    await Deno.symlink("/etc/hostname", join(directory, "link"));
    await assertRejects(() => attest(directory, { ...facts, key }), TypeError, '"link"');
    await Deno.remove(join(directory, "link"));
    await Deno.writeTextFile(join(directory, "results.json"), "{}\n");
    await assertRejects(
      () => attest(directory, { ...facts, key }),
      TypeError,
      "Cannot read results.json: schema",
    );
    await writeRecord(directory, sampleRecord());
    await attest(directory, { ...facts, key });
  });
});

Deno.test("openEnvelope() rejects another payload type under the same signature", async () => {
  const key = await newKey();
  const envelope = await signEnvelope(new TextEncoder().encode("{}"), key);
  assertEquals(new TextDecoder().decode((await openEnvelope(envelope, trust(key))).payload), "{}");
  const other = { ...envelope, payloadType: "text/plain" as typeof PAYLOAD_TYPE };
  await assertRejects(() => openEnvelope(other, trust(key)), TypeError, "does not hold");
});

Deno.test("isSafeName() refuses paths that leave the directory on some system", () => {
  for (const name of ["a", "a/b.c", "…/π"]) assert(isSafeName(name));
  for (const name of ["", "/a", "a/", "a//b", ".", "a/../b", "..", "a\\b", "c:x", "a\0", "a\nb", "\ud800"]) {
    assert(!isSafeName(name), name);
  }
});

Deno.test("runMetadata() takes SOURCE_DATE_EPOCH for both times", () => {
  const [a, b] = [new Date("2026-05-01T10:00:00.5Z"), new Date("2026-05-01T11:00:00Z")];
  assertEquals(runMetadata(a, b), { startedOn: "2026-05-01T10:00:00Z", finishedOn: "2026-05-01T11:00:00Z" });
  assertEquals(runMetadata(a, b, "1700000000").startedOn, "2023-11-14T22:13:20Z");
  assertEquals(runMetadata(a, b, "1700000000").finishedOn, "2023-11-14T22:13:20Z");
  assertThrows(() => runMetadata(a, b, "soon"), RangeError, '"soon"');
});

/** May this process run openssl, and is it there? */
async function opensslRuns(): Promise<boolean> {
  if ((await Deno.permissions.query({ name: "run", command: "openssl" })).state !== "granted") return false;
  try {
    return (await new Deno.Command("openssl", { args: ["version"] }).output()).success;
  } catch {
    return false;
  }
}

Deno.test({
  name: "openssl accepts the signature and rejects a changed byte and another key",
  ignore: !await opensslRuns(),
  fn: async () => {
    await withSigned(async (directory, key) => {
      const folder = join(directory, "..");
      const [path, pem, pae, sig] = ["manifest", "key.pem", "pae.bin", "sig.bin"].map((name) =>
        join(folder, name)
      );
      assert(path && pem && pae && sig);
      const { payload, signatures } = JSON.parse(
        await Deno.readTextFile(join(directory, "manifest.intoto.json")),
      );
      const bytes = preAuthenticationEncoding(PAYLOAD_TYPE, Uint8Array.fromBase64(payload));
      await Deno.writeFile(sig, Uint8Array.fromBase64(signatures[0].sig));
      const accepted = async (publicKey: PublicKey, signed: Uint8Array): Promise<boolean> => {
        await Deno.writeTextFile(pem, publicKeyPem(publicKey));
        await Deno.writeFile(pae, signed);
        const args = ["pkeyutl", "-verify", "-pubin", "-inkey", pem, "-rawin", "-in", pae, "-sigfile", sig];
        return (await new Deno.Command("openssl", { args, stdout: "null", stderr: "null" }).output()).success;
      };
      assertEquals(await accepted(key.publicKey, bytes), true);
      assertEquals(await accepted((await newKey()).publicKey, bytes), false);
      bytes[bytes.length - 20]! ^= 1; // well inside the payload
      assertEquals(await accepted(key.publicKey, bytes), false);
    });
  },
});

Deno.test("attest() wraps the envelope in a Sigstore bundle 0.3 with the key's hint", async () => {
  await withSigned(async (directory, key) => {
    const bundle = JSON.parse(await Deno.readTextFile(join(directory, "manifest.sigstore.json")));
    const envelope = JSON.parse(await Deno.readTextFile(join(directory, "manifest.intoto.json")));
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", key.publicKey.spki));
    assertEquals(canonicalJson(bundle.dsseEnvelope), canonicalJson(envelope));
    assertEquals(bundle.verificationMaterial, { publicKey: { hint: hash.toBase64() }, tlogEntries: [] });
    assertEquals(bundle.mediaType, "application/vnd.dev.sigstore.bundle.v0.3+json");
  });
});
