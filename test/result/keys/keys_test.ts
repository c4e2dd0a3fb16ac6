import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { join } from "node:path";
import { signatureFromDer, signatureToDer } from "../../../src/result/keys/ecdsa.ts";
import {
  createKeyFile,
  generateKeyPem,
  type KeyAlgorithm,
  keyAlgorithms,
  loadPublishedKeys,
  loadSigningKey,
  minisignPublicKey,
  parsePublicKey,
  parseSigningKey,
  parseTrustedKeys,
  PassphraseError,
  publicKeyFile,
  publicKeyPem,
  signingKeyPath,
  sshPublicKey,
} from "../../../src/result/mod.ts";

// The key pair of RFC 8410, sections 10.1 and 10.3; the fingerprint is what `ssh-keygen -lf` prints for its SSH form.
const privatePem = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
`;
const publicPem = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
`;
const fingerprint = "SHA256:ebCT4wkJOqO5AIlHG03cHvn3Cr3ZZEEh8m81duHhR3Q";

Deno.test("parseSigningKey() derives the public key of the RFC 8410 example", async () => {
  const key = await parseSigningKey(privatePem, "rfc8410");
  assertEquals(publicKeyPem(key.publicKey), publicPem);
  assertEquals(key.publicKey.keyid, fingerprint);
  assertEquals((await parsePublicKey(publicPem, "rfc8410")).keyid, fingerprint);
});

Deno.test("SigningKey.sign() is deterministic and PublicKey.verify() rejects other bytes", async () => {
  const key = await parseSigningKey(await generateKeyPem(), "fresh");
  const signature = await key.sign(new Uint8Array([1, 2]));
  assertEquals(await key.sign(new Uint8Array([1, 2])), signature);
  assertEquals(await key.publicKey.verify(signature, new Uint8Array([1, 2])), true);
  assertEquals(await key.publicKey.verify(signature, new Uint8Array([1, 3])), false);
});

Deno.test("parsePublicKey() and parseSigningKey() reject what is no such key, without showing it", async () => {
  await assertRejects(
    () => parsePublicKey(privatePem, "x.pem"),
    SyntaxError,
    'x.pem: expected a PEM block "PUBLIC KEY"',
  );
  await assertRejects(() => parseSigningKey(publicPem, "x.pem"), SyntaxError, 'found "PUBLIC KEY"');
  await assertRejects(() => parsePublicKey("nothing", "x.pem"), SyntaxError, "no PEM block");
  const broken = privatePem.replace("MC4CAQAw", "MC4CAQAx");
  const error = await assertRejects(() => parseSigningKey(broken, "x.pem"), SyntaxError);
  assert(!error.message.includes("INTu"));
});

Deno.test("loadSigningKey() makes a key that only its owner may read, once", async () => {
  const directory = await Deno.makeTempDir();
  const path = join(directory, "config", "ed25519.pem");
  await assertRejects(() => loadSigningKey(path), TypeError, "there is no key");
  const first = await loadSigningKey(path, { create: true });
  const second = await loadSigningKey(path, { create: true });
  assertEquals(second.publicKey.keyid, first.publicKey.keyid);
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600); // not null on POSIX
  await Deno.chmod(path, 0o640);
  await assertRejects(() => loadSigningKey(path), TypeError, "its mode is 0640, expected 0600");
  await Deno.remove(directory, { recursive: true });
});

Deno.test("signingKeyPath() follows BUPO_KEY, then XDG_CONFIG_HOME, then HOME", () => {
  const path = (variables: Record<string, string>, algorithm?: KeyAlgorithm) =>
    signingKeyPath((name) => variables[name], algorithm);
  assertEquals(path({ HOME: "/h" }), "/h/.config/bupo-bench/ed25519.pem");
  assertEquals(path({ HOME: "/h" }, "p256"), "/h/.config/bupo-bench/p256.pem");
  assertEquals(path({ HOME: "/h", XDG_CONFIG_HOME: "/x" }), "/x/bupo-bench/ed25519.pem");
  assertEquals(path({ HOME: "/h", XDG_CONFIG_HOME: "/x", BUPO_KEY: "/k.pem" }), "/k.pem");
  assertThrows(() => path({}), TypeError, "BUPO_KEY");
});

/** A public key on P-384, made by openssl: sound, and of a kind that signs nothing here. */
const otherCurve = `-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE66MzQmQQVgGEHWG9kjxK59Cjqd8sz/om
PfI+FKDInb+nTlpfDeAOzcVId39o0MEhJxhq8Rm5uun388kyqjfjh1gWqqSP3b9V
G/l3DmHr3R/95ZzlxCH6H6yFe9t0AkBc
-----END PUBLIC KEY-----
`;

Deno.test("loadPublishedKeys() reads the public keys of a folder and leaves others out by name", async () => {
  const directory = await Deno.makeTempDir();
  const key = await parsePublicKey(publicPem, "rfc8410");
  assert(/^[A-Za-z0-9_-]+\.pem$/.test(publicKeyFile(key)));
  await Deno.writeTextFile(join(directory, publicKeyFile(key)), publicPem);
  await Deno.writeTextFile(join(directory, "README.md"), "no key");
  assertEquals([...(await loadPublishedKeys(directory)).keys()], [fingerprint]);
  assertEquals((await loadPublishedKeys(join(directory, "none"))).size, 0);
  const bad: readonly (readonly [string, string, string])[] = [
    ["0-junk.pem", "junk", "no PEM block"],
    ["1-large.pem", "x".repeat(2 ** 20 + 1), "more than any list of keys"],
    ["2-p384.pem", otherCurve, "expected an Ed25519 or P-256 public key"],
    ["3-private.pem", privatePem, "it holds a private key"],
  ];
  for (const [name, text] of bad) await Deno.writeTextFile(join(directory, name), text);
  const said: string[] = [];
  assertEquals([...(await loadPublishedKeys(directory, (line) => said.push(line))).keys()], [fingerprint]);
  assertEquals(said.length, bad.length, said.join("\n"));
  for (const [index, [name, , reason]] of bad.entries()) {
    assertStringIncludes(said[index] ?? "", join(directory, name));
    assertStringIncludes(said[index] ?? "", reason);
    assert(!said[index]?.includes("INTuct"), "a private key is never shown");
  }
  await Deno.remove(directory, { recursive: true });
});

Deno.test("a P-256 key signs in DER, and verify() takes no other spelling", async () => {
  const { publicKey, sign } = await parseSigningKey(await generateKeyPem({ algorithm: "p256" }), "fresh");
  const bytes = new Uint8Array([1, 2, 3]);
  // r and s have leading zeros or top bits set in some of these, so that both forms of a DER integer occur.
  for (let i = 0; i < 32; i++) {
    const der = await sign(bytes);
    assertEquals([der[0], der[1]], [0x30, der.length - 2]);
    assertEquals(await publicKey.verify(der, bytes), true);
    assertEquals(await publicKey.verify(der, new Uint8Array([1, 2, 4])), false);
    assertEquals(await publicKey.verify(new Uint8Array([...der, 0]), bytes), false);
    assertEquals(await publicKey.verify(der.subarray(0, 20), bytes), false);
    assertEquals(await publicKey.verify(new Uint8Array(0), bytes), false);
  }
});

Deno.test("signatureFromDer() reads what signatureToDer() writes, whatever the leading bytes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40 }), fc.uint8Array({ minLength: 64, maxLength: 64 }), (n, s) => {
      const signature = new Uint8Array(s);
      signature.fill(0, 0, Math.min(n, 31));
      assertEquals(signatureFromDer(signatureToDer(signature)), signature);
    }),
  );
});

for (const algorithm of keyAlgorithms) {
  Deno.test(`an encrypted ${algorithm} key opens with its passphrase alone, and errors never show it`, async () => {
    const passphrase = "correct horse";
    const pem = await generateKeyPem({ algorithm, passphrase });
    assert(pem.startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    assertEquals((await parseSigningKey(pem, "x", passphrase)).publicKey.algorithm, algorithm);
    await assertRejects(() => parseSigningKey(pem, "x"), PassphraseError, "BUPO_KEY_PASSPHRASE");
    for (const wrong of ["", "correct hors", "correct horse "]) {
      const error = await assertRejects(() => parseSigningKey(pem, "x", wrong), Error);
      assert(!error.message.includes("horse") && !(error.stack ?? "").includes("correct hors"));
    }
  });
}

Deno.test("createKeyFile() writes over nothing", async () => {
  const directory = await Deno.makeTempDir();
  const path = join(directory, "folder", "key.pem");
  await createKeyFile(path, { algorithm: "p256" });
  const text = await Deno.readTextFile(path);
  await assertRejects(() => createKeyFile(path), TypeError, "never written over");
  assertEquals(await Deno.readTextFile(path), text);
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600); // not null on POSIX
  assertEquals((await Deno.stat(join(directory, "folder"))).mode! & 0o777, 0o700); // likewise
  await Deno.remove(directory, { recursive: true });
});

Deno.test("parseTrustedKeys() reads PEM blocks and OpenSSH lines of both kinds, with their owners", async () => {
  const keys = [];
  for (const algorithm of keyAlgorithms) {
    keys.push((await parseSigningKey(await generateKeyPem({ algorithm }), "fresh")).publicKey);
  }
  const ids = keys.map(({ keyid }) => keyid);
  const blocks = await parseTrustedKeys(keys.map(publicKeyPem).join("\n"), "keys");
  assertEquals([...blocks.values()].map(({ key, owner }) => [key.keyid, owner]), ids.map((id) => [id, null]));
  const lines = `# two labs\n\n${
    keys.map((key, i) => `lab-${i} ${sshPublicKey(key, "a comment")}`).join("\n")
  }`;
  const owned = await parseTrustedKeys(lines, "keys");
  assertEquals([...owned].map(([id, { owner }]) => [id, owner]), ids.map((id, i) => [id, `lab-${i}`]));
  assertEquals([...(await parseTrustedKeys(sshPublicKey(keys[0]!), "keys")).keys()], [ids[0]]); // there are two
});

Deno.test("parseTrustedKeys() refuses what it does not understand rather than ignoring it", async () => {
  const line = sshPublicKey(await parsePublicKey(publicPem, "rfc8410"));
  const wrong: readonly (readonly [string, string])[] = [
    ["", "there is no key in it"],
    ["# nothing", "there is no key in it"],
    [privatePem, 'found "PRIVATE KEY"'],
    [`${line}\nssh-rsa AAAAB3NzaC1yc2E=`, "line 2 is no key"],
    [line.replace("AAAAC3", "AAAAC4"), "line 1 is no key"],
    [`${line}\nlab`, "line 2 is no key"],
    [`${line}\n\nlab somebody ${line}`, 'line 3 has "somebody" between owner and key'],
    [`lab\u202e ${line}`, "line 1 has an owner that cannot be shown"],
    [`lab,other ${line}`, "line 1 has several owners"],
  ];
  for (const [text, message] of wrong) {
    await assertRejects(() => parseTrustedKeys(text, "keys"), SyntaxError, message);
  }
});

/** What OpenSSH's lists may say of a key besides whose it is (sshd(8), ssh-keygen(1), known_hosts). */
const conditions = [
  "@revoked",
  "@cert-authority",
  "cert-authority",
  "restrict",
  "RESTRICT",
  "no-pty",
  "pty,no-touch-required",
  "verify-required",
  "!alice",
  "alice,!bob",
  "*@example.org",
  "bo?",
  'expiry-time="20200101"',
  "expiry-time=20200101",
  'from="10.0.0.1,!10.0.0.2"',
  'from="10.0.0.1 10.0.0.2"',
  'command="echo \\"hi\\" there"',
  'namespaces="git,file"',
  'valid-before="20300101"',
  'valid-after="20300101"',
  'restrict,from="10.0.0.1"',
];

for (const condition of conditions) {
  Deno.test(`a list of trusted keys with ${condition} is refused by line, wherever it stands`, async () => {
    const line = sshPublicKey(await parsePublicKey(publicPem, "rfc8410"));
    for (const text of [`${condition} ${line}`, `lab ${condition} ${line}`, `${condition} lab ${line}`]) {
      for (const before of ["", "# ours\n"]) {
        const error = await assertRejects(() => parseTrustedKeys(`${before}${text}`, "keys"), SyntaxError);
        assertStringIncludes(error.message, `Cannot trust keys: line ${before === "" ? 1 : 2} has `);
        assertStringIncludes(error.message, "which is not implemented here; expected");
      }
    }
  });
}

Deno.test("loadSigningKey() refuses a key inside this source tree, also by a link", async () => {
  const folder = await Deno.makeTempDir(),
    inside = await Deno.makeTempDir({ dir: Deno.cwd(), suffix: ".tmp" });
  try {
    const path = join(inside, "key.pem"), detour = join(folder, "detour.pem");
    await Deno.writeTextFile(path, await generateKeyPem(), { mode: 0o600 });
    await Deno.symlink(path, detour);
    await Deno.symlink(inside, join(folder, "link"));
    for (const place of [path, detour, join(folder, "link", "key.pem"), join(folder, "link", "new.pem")]) {
      await assertRejects(() => loadSigningKey(place, { create: true }), TypeError, "inside the repository");
    }
    assertEquals([...Deno.readDirSync(inside)].length, 1, "none was made");
    const outside = join(folder, "key.pem");
    await Deno.rename(path, outside);
    await Deno.symlink(outside, path);
    assertEquals((await loadSigningKey(path)).publicKey.algorithm, "ed25519");
  } finally {
    for (const directory of [folder, inside]) await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a P-256 point off the curve is no key", async () => {
  const { spki } = (await parseSigningKey(await generateKeyPem({ algorithm: "p256" }), "fresh")).publicKey;
  const wrong = spki.slice();
  wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 1;
  const pem = `-----BEGIN PUBLIC KEY-----\n${wrong.toBase64()}\n-----END PUBLIC KEY-----\n`;
  await assertRejects(() => parsePublicKey(pem, "x.pem"), SyntaxError, "Ed25519 or P-256");
});

Deno.test("minisignPublicKey() has minisign's layout and takes Ed25519 alone", async () => {
  const key = await parsePublicKey(publicPem, "rfc8410");
  const [comment, line] = (await minisignPublicKey(key)).split("\n");
  const bytes = Uint8Array.fromBase64(line ?? "");
  assertEquals([bytes.length, new TextDecoder().decode(bytes.subarray(0, 2))], [42, "Ed"]);
  assertEquals(bytes.subarray(10), key.raw);
  assert(comment?.endsWith(bytes.slice(2, 10).reverse().toHex().toUpperCase()));
  const { publicKey } = await parseSigningKey(await generateKeyPem({ algorithm: "p256" }), "fresh");
  await assertRejects(() => minisignPublicKey(publicKey), TypeError, "P-256");
});

Deno.test("runs that start together on a machine without a key make one and share it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (let round = 0; round < 5; round++) {
      const path = join(folder, `${round}`, "key.pem");
      const keys = await Promise.all(Array.from({ length: 8 }, () => loadSigningKey(path, { create: true })));
      assertEquals(new Set(keys.map(({ publicKey }) => publicKey.keyid)).size, 1);
    }
    // A file that another process has made and not yet written is waited for.
    const path = join(folder, "late.pem");
    await Deno.writeTextFile(path, "", { mode: 0o600 });
    const waiting = loadSigningKey(path);
    await Deno.writeTextFile(path, await Deno.readTextFile(join(folder, "0", "key.pem")));
    assertEquals((await waiting).publicKey.keyid, (await loadSigningKey(path)).publicKey.keyid);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
