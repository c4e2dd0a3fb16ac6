/** Other people's programs check detached signatures; those that are not on this machine are skipped and counted. */
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import {
  attest,
  minisignPublicKey,
  type PublicKey,
  SSH_NAMESPACE,
  sshPublicKey,
} from "../../../src/result/mod.ts";
import { facts, newKey, withSigned } from "../fixture.ts";
import { run, succeeds } from "../program.ts";

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
    hasMinisign ? "" : " (ignored: no minisign)"
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
    hasSsh ? "" : " (ignored: no ssh-keygen)"
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
