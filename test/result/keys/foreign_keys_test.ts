/** Other people's programs read our keys; those that are not on this machine are skipped and counted. */
import { assertEquals } from "@std/assert";
import { generateKeyPem, type KeyAlgorithm, sshPublicKey } from "../../../src/result/mod.ts";
import { newKey } from "../fixture.ts";
import { run, succeeds } from "../program.ts";

const both: readonly KeyAlgorithm[] = ["ed25519", "p256"];

const hasSsh = await run("ssh-keygen", ["-?"]) !== undefined;

for (const algorithm of both) {
  Deno.test({
    name: `ssh-keygen prints the key id of our ${algorithm} keys${hasSsh ? "" : " (ignored: no ssh-keygen)"}`,
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

const hasOpenssl = await succeeds("openssl", ["version"]);

for (const algorithm of both) {
  Deno.test({
    name: `openssl opens our encrypted ${algorithm} keys with their passphrase alone${
      hasOpenssl ? "" : " (ignored: no openssl)"
    }`,
    ignore: !hasOpenssl,
    fn: async () => {
      const pem = await generateKeyPem({ algorithm, passphrase: "correct horse" });
      const opens = (word: string) => succeeds("openssl", ["pkey", "-noout", "-passin", `pass:${word}`], pem);
      assertEquals([await opens("correct horse"), await opens("wrong")], [true, false]);
    },
  });
}
