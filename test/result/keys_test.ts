import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import {
  generateKeyPem,
  loadSigningKey,
  loadTrustedKeys,
  parsePublicKey,
  parseSigningKey,
  publicKeyFile,
  publicKeyPem,
  signingKeyPath,
} from "../../src/result/mod.ts";

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
  const path = (variables: Record<string, string>) => signingKeyPath((name) => variables[name]);
  assertEquals(path({ HOME: "/h" }), "/h/.config/bupo-bench/ed25519.pem");
  assertEquals(path({ HOME: "/h", XDG_CONFIG_HOME: "/x" }), "/x/bupo-bench/ed25519.pem");
  assertEquals(path({ HOME: "/h", XDG_CONFIG_HOME: "/x", BUPO_KEY: "/k.pem" }), "/k.pem");
  assertThrows(() => path({}), TypeError, "BUPO_KEY");
});

Deno.test("loadTrustedKeys() reads the public keys of a folder and refuses a private one", async () => {
  const directory = await Deno.makeTempDir();
  const key = await parsePublicKey(publicPem, "rfc8410");
  assert(/^[A-Za-z0-9_-]+\.pem$/.test(publicKeyFile(key)));
  await Deno.writeTextFile(join(directory, publicKeyFile(key)), publicPem);
  await Deno.writeTextFile(join(directory, "README.md"), "no key");
  assertEquals([...(await loadTrustedKeys(directory)).keys()], [fingerprint]);
  assertEquals((await loadTrustedKeys(join(directory, "none"))).size, 0);
  await Deno.writeTextFile(join(directory, "other.pem"), privatePem);
  await assertRejects(() => loadTrustedKeys(directory), SyntaxError, "other.pem");
  await Deno.remove(directory, { recursive: true });
});
