import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "node:path";
import { canonicalJson } from "../../../src/canonical_json.ts";
import { claimNames } from "../../../src/judge/mod.ts";
import { openEnvelope, PAYLOAD_TYPE, signEnvelope } from "../../../src/result/sign/dsse.ts";
import {
  attest,
  loadPublishedKeys,
  readFacts,
  runMetadata,
  statementFiles,
  type StatementKind,
  verify,
  writeRecord,
} from "../../../src/result/mod.ts";
import { writeDocument } from "../../../src/result/record/schema.ts";
import { isSafeName } from "../../../src/result/statement/subjects.ts";
import {
  facts,
  forge,
  type Json,
  keysOf,
  newKey,
  readPayload,
  sampleRecord,
  withSigned,
} from "../fixture.ts";

Deno.test("verify() accepts what attest() signed", async () => {
  await withSigned(async (directory, key) => {
    const published = await loadPublishedKeys(join(directory, "..", "keys"));
    const outcome = await verify(directory, { published });
    assertEquals(outcome.problems, []);
    assertEquals([outcome.ok, outcome.keyid], [true, key.publicKey.keyid]);
    assertEquals(outcome.statements?.result.subject.map(({ name }) => name), [
      "artifacts/training_model.onnx",
      "checkpoints/grpo-1.safetensors",
      "checkpoints/grpo-2.safetensors",
      "metrics/grpo-1.jsonl",
      "results.json",
    ]);
    assertEquals(outcome.elsewhere, ["artifacts/training_model.onnx", "checkpoints/grpo-2.safetensors"]);
    assertEquals(outcome.files.length, 7);
    const { claims, holds, whole, partial } = outcome.judgement;
    // The record of these tests says too little of its profile for more.
    const proved = claimNames.filter((name) => claims[name].state === "proved");
    assertEquals(proved, ["signature", "files", "schema", "statement", "provenance", "scores"]);
    assertEquals([holds, whole, partial], [true, false, "its profile does not say with which suites"]);
  });
});

Deno.test("attest() gives the same bytes for the same files, facts and key, and sweeps unfinished files", async () => {
  await withSigned(async (directory, key) => {
    const read = () => Deno.readTextFile(join(directory, "manifest.intoto.json"));
    const before = await read();
    await Deno.writeTextFile(join(directory, ".results.json.0123456789abcdef.tmp"), "half");
    await attest(directory, { ...facts, key });
    assertEquals(await read(), before);
    assertEquals((await verify(directory, keysOf(key))).ok, true);
    assertEquals(await readFacts(directory), facts);
  });
});

Deno.test("verify() names the file in which any single byte was changed", async () => {
  await withSigned(async (directory, key) => {
    for (
      const file of [
        "results.json",
        "checkpoints/grpo-1.safetensors",
        ...Object.values(statementFiles).flatMap(({ envelope, bundle }) => [envelope, bundle]),
      ]
    ) {
      const path = join(directory, file);
      const bytes = await Deno.readFile(path);
      const step = Math.max(1, Math.floor(bytes.length / 80));
      for (let i = 0; i < bytes.length; i += step) {
        const flipped = bytes.slice();
        flipped[i] = (flipped[i] ?? 0) ^ (1 << i % 8);
        await Deno.writeFile(path, flipped);
        const outcome = await verify(directory, keysOf(key));
        assertEquals(outcome.ok, false, `${file}, byte ${i}`);
        assert(outcome.problems.some((problem) => problem.file === file), `${file}, byte ${i}`);
      }
      await Deno.writeFile(path, bytes);
    }
    assertEquals((await verify(directory, keysOf(key))).ok, true);
  });
});

/** Damages a signed directory and returns the problems. */
async function problemsAfter(damage: (directory: string) => Promise<void>): Promise<string[]> {
  const problems: string[] = [];
  await withSigned(async (directory, key) => {
    await damage(directory);
    const outcome = await verify(directory, keysOf(key));
    assertEquals(outcome.ok, outcome.problems.length === 0);
    problems.push(...outcome.problems.map(({ file, problem }) => `${file}: ${problem}`));
  });
  return problems;
}

Deno.test("verify() names files that are missing, surplus, links or cut short", async () => {
  assertEquals(await problemsAfter((d) => Deno.remove(join(d, "metrics/grpo-1.jsonl"))), [
    "metrics/grpo-1.jsonl: it is missing",
  ]);
  assertEquals(await problemsAfter((d) => Deno.remove(join(d, "results.json"))), [
    "results.json: it is missing",
  ]);
  for (const { envelope, bundle } of Object.values(statementFiles)) {
    for (const file of [envelope, bundle]) {
      assertEquals(await problemsAfter((d) => Deno.remove(join(d, file))), [`${file}: it is missing`]);
    }
  }
  assertEquals(await problemsAfter((d) => Deno.writeTextFile(join(d, "checkpoints", "new"), "")), [
    "checkpoints/new: no statement names it",
  ]);
  const linked = await problemsAfter(async (d) => {
    await Deno.rename(join(d, "metrics/grpo-1.jsonl"), join(d, "..", "outside"));
    await Deno.symlink(join(d, "..", "outside"), join(d, "metrics/grpo-1.jsonl"));
  });
  assertEquals(linked[0], "metrics/grpo-1.jsonl: it is no plain file with a plain name");
  const cut = await problemsAfter((d) => Deno.truncate(join(d, "manifest.intoto.json"), 100));
  assertEquals(cut.length, 1);
  assertStringIncludes(cut[0] ?? "", "manifest.intoto.json: Cannot read the envelope");
  const large = await problemsAfter((d) => Deno.truncate(join(d, "manifest.intoto.json"), 100e6));
  assertStringIncludes(large[0] ?? "", "manifest.intoto.json: it has 100000000 bytes");
});

Deno.test("verify() refuses a signature by a key that is not trusted", async () => {
  await withSigned(async (directory) => {
    const { ok, problems, statements } = await verify(directory, keysOf(await newKey()));
    assertEquals([ok, statements], [false, null]);
    assertStringIncludes(problems[0]?.problem ?? "", "none of 1 known public keys");
  });
});

Deno.test("verify() asks that a trusted key signed, if the reader has a list", async () => {
  await withSigned(async (directory, key) => {
    const other = await newKey("p256");
    const listed = (...keys: readonly (typeof key)[]) =>
      new Map(keys.map(({ publicKey }) => [publicKey.keyid, { key: publicKey, owner: "lab" }]));
    const none = { published: new Map() };
    const good = await verify(directory, { ...none, trusted: listed(other, key) });
    assertEquals([good.ok, good.trusted, good.owner, good.judgement.claims.trust.state], [
      true,
      true,
      "lab",
      "proved",
    ]);
    const bad = await verify(directory, { ...keysOf(key), trusted: listed(other) });
    assertEquals([bad.ok, bad.trusted, bad.owner, bad.judgement.claims.trust.state], [
      false,
      false,
      null,
      "false",
    ]);
    assertEquals(bad.problems.map(({ check }) => check), ["trust"]);
    const unknown = await verify(directory, { ...none, trusted: listed(other) });
    assertEquals([unknown.ok, unknown.judgement.claims.signature.state], [false, "false"]);
    const unlisted = await verify(directory, keysOf(key));
    assertEquals([unlisted.ok, unlisted.trusted, unlisted.keyid], [true, false, key.publicKey.keyid]);
  });
});

Deno.test("verify() finds a statement of either kind that says something else than results.json", async () => {
  const lies: readonly (readonly [StatementKind, string, (predicate: Json) => void])[] = [
    ["result", "graderVersion", (p) => p.graderVersion = "2"],
    ["result", 'results[1].scores["mini-aime"].correct', (p) => p.results[1].scores["mini-aime"].correct++],
    [
      "result",
      'results[2].scores["mini-math"].accuracy',
      (p) => p.results[2].scores["mini-math"].accuracy = 1,
    ],
    ["result", "environment's cpu is not", (p) => p.environment.cpu = "faster"],
    ["provenance", "its profile's learningRate is not", (p) => {
      p.buildDefinition.externalParameters.profile.learningRate = 1;
    }],
    [
      "provenance",
      "its suite/mini-math is not",
      (p) => p.buildDefinition.resolvedDependencies.pop(),
    ],
    ["provenance", "its base-model is not", (p) => {
      p.buildDefinition.resolvedDependencies[1].digest.sha256 = "0".repeat(64);
    }],
    ["provenance", "its byproducts are not", (p) => p.runDetails.byproducts = []],
  ];
  for (const [kind, path, lie] of lies) {
    await withSigned(async (directory, key) => {
      const statement = await readPayload(directory, kind);
      lie(statement.predicate);
      await forge(directory, key, writeDocument(statement), kind);
      const { problems, judgement: { claims } } = await verify(directory, keysOf(key));
      // An environment in the manifest alone differs from that of the provenance.
      const claim = kind === "result" && !path.startsWith("environment") ? "statement" : "provenance";
      assertEquals(claims[claim].state, "false", path);
      assert(problems.some(({ problem }) => problem.includes(path)), JSON.stringify(problems));
    });
  }
});

Deno.test("verify() finds statements that name other files, or are signed by two keys", async () => {
  await withSigned(async (directory, key) => {
    const statement = await readPayload(directory, "provenance");
    statement.subject.pop();
    await forge(directory, key, writeDocument(statement), "provenance");
    const outcome = await verify(directory, keysOf(key));
    assertEquals(outcome.judgement.claims.statement.state, "false");
    assertStringIncludes(
      outcome.problems[0]?.problem ?? "",
      "it names other files than manifest.intoto.json",
    );
    const other = await newKey();
    await forge(directory, other, writeDocument(statement), "provenance");
    const two = await verify(directory, keysOf(key, other));
    assertEquals([two.ok, two.keyid, two.judgement.claims.statement.state], [false, null, "not checked"]);
    assertStringIncludes(two.problems[0]?.problem ?? "", "it is signed by another key");
  });
});

Deno.test("verify() accepts a result that was signed with a P-256 key", async () => {
  await withSigned(async (directory, key) => {
    assertEquals((await verify(directory, keysOf(key))).problems, []);
  }, "p256");
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
    await Deno.writeFile(join(directory, "checkpoints", "grpo-1.safetensors"), new Uint8Array([1]));
    await assertRejects(() => attest(directory, { ...facts, key }), TypeError, "results.json says 039058c6");
    await Deno.writeFile(join(directory, "checkpoints", "grpo-1.safetensors"), new Uint8Array([1, 2, 3]));
    await attest(directory, { ...facts, key });
    assertEquals((await verify(directory, keysOf(key))).ok, true);
  });
});

Deno.test("attest() signs for minisign and OpenSSH on request, and leaves no such signature behind", async () => {
  await withSigned(async (directory, key) => {
    const names = async () =>
      (await verify(directory, keysOf(key))).files.filter((name) => /sig$/.test(name));
    await attest(directory, { ...facts, key, detached: true });
    assertEquals(await names(), ["results.json.minisig", "results.json.sshsig"]);
    assertEquals((await verify(directory, keysOf(key))).problems, []);
    const other = await newKey("p256");
    await assertRejects(
      () => attest(directory, { ...facts, key: other, detached: true }),
      TypeError,
      "P-256",
    );
    assertEquals((await verify(directory, keysOf(key))).problems, []);
    await attest(directory, { ...facts, key });
    assertEquals(await names(), []);
  });
});

Deno.test("openEnvelope() rejects another payload type under the same signature", async () => {
  const key = await newKey();
  const envelope = await signEnvelope(new TextEncoder().encode("{}"), key);
  assertEquals(new TextDecoder().decode((await openEnvelope(envelope, keysOf(key).published)).payload), "{}");
  const other = { ...envelope, payloadType: "text/plain" as typeof PAYLOAD_TYPE };
  await assertRejects(() => openEnvelope(other, keysOf(key).published), TypeError, "does not hold");
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
