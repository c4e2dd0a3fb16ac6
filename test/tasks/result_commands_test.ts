import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "node:path";
import { generateKeyPem, publicKeyPem, sshPublicKey } from "../../src/result/mod.ts";
import { command as attestCommand } from "../../tasks/attest.ts";
import { UsageError } from "../../tasks/shared/command.ts";
import { command as keysCommand } from "../../tasks/keys.ts";
import { command as recheckCommand } from "../../tasks/recheck.ts";
import { command as verifyCommand } from "../../tasks/verify.ts";
import { facts, newKey, readPayload, withSigned } from "../result/fixture.ts";
import { runTask } from "./run_task.ts";

Deno.test("verify returns 0 for a sound directory, 1 for a changed one", async () => {
  await withSigned(async (directory) => {
    assertEquals(await verifyCommand.run([directory]), 0);
    await Deno.writeTextFile(join(directory, "metrics/grpo-1.jsonl"), "{} \n");
    assertEquals(await verifyCommand.run([directory, "--json"]), 1);
  });
});

Deno.test("attest signs again with another key, which verify then finds beside the directory", async () => {
  await withSigned(async (directory) => {
    const path = join(directory, "..", "other.pem");
    await Deno.writeTextFile(path, await generateKeyPem(), { mode: 0o600 });
    assertEquals(await attestCommand.run([directory, "--key", path, "--replace"]), 0);
    assertEquals(await verifyCommand.run([directory]), 0);
    // The run's own facts are said again; only the time of signing is new.
    const { predicate } = await readPayload(directory, "provenance");
    assertEquals(predicate.runDetails.metadata, facts.metadata);
    assertEquals(predicate.buildDefinition.internalParameters.environment, facts.environment);
    const { signedOn, ...more } = predicate.buildDefinition.internalParameters.signing;
    assertEquals(more, {});
    assert(Math.abs(Date.parse(signedOn) - Date.now()) < 600_000, signedOn);
    await Deno.remove(join(directory, "manifest.intoto.json"));
    assertEquals(await verifyCommand.run([directory]), 1);
  });
});

Deno.test("verify and attest say what is missing on their command line", async () => {
  await withSigned(async (directory) => {
    await assertRejects(() => verifyCommand.run([]), UsageError, "name a directory");
    await assertRejects(() => verifyCommand.run([join(directory, "none")]), UsageError, "no such directory");
    await assertRejects(
      () => verifyCommand.run([directory, "--keys", directory]),
      UsageError,
      "no public key",
    );
    await assertRejects(() => attestCommand.run([join(directory, "none")]), UsageError, "results.json");
  });
});

Deno.test("verify returns 0 for a key in the trusted list, 1 for another", async () => {
  await withSigned(async (directory, { publicKey }) => {
    const list = join(directory, "..", "trusted");
    const stranger = (await newKey()).publicKey;
    const lists: readonly (readonly [string, number])[] = [
      [publicKeyPem(publicKey), 0],
      [`# ours\nlab ${sshPublicKey(stranger)}\nlab ${sshPublicKey(publicKey)}\n`, 0],
      [publicKeyPem(stranger), 1],
    ];
    for (const [text, code] of lists) {
      await Deno.writeTextFile(list, text);
      assertEquals(await verifyCommand.run([directory, "--trusted-keys", list]), code, text);
    }
    await Deno.writeTextFile(list, "no key");
    await assertRejects(() => verifyCommand.run([directory, "--trusted-keys", list]), UsageError, "line 1");
  });
});

/** Runs a command on the keys of a folder, in a process of its own. */
async function run(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ code: number; out: string }> {
  const { code, stdout, stderr } = await runTask(args, { folder, env });
  return { code, out: stdout + stderr };
}

Deno.test("keys makes, shows and exports keys, and never says a secret", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "keys", "mine.pem");
  const env = { BUPO_KEY: path, BUPO_KEY_PASSPHRASE: "correct horse" };
  const made = await run(folder, ["keys", "generate", "--encrypt"], env);
  assertEquals(made.code, 0, made.out);
  const id = /SHA256:\S{43}/.exec(made.out)?.[0];
  assertEquals(made.out, `${path}: ed25519 ${id}\n`);
  assertEquals(await run(folder, ["keys", "show"], env), { code: 0, out: `ed25519 ${id}\n` });
  const pem = await Deno.readTextFile(path);
  const again = await run(folder, ["keys", "generate", "--encrypt"], env);
  assertEquals([again.code, await Deno.readTextFile(path)], [1, pem]);
  assertMatch(again.out, /^error: .*never written over\n$/);
  const locked = await run(folder, ["keys", "show"], { BUPO_KEY: path });
  assertEquals(locked.code, 1);
  assertMatch(locked.out, /^error: .*it is encrypted; set BUPO_KEY_PASSPHRASE/);
  const wrong = await run(folder, ["keys", "export"], { ...env, BUPO_KEY_PASSPHRASE: "wrong horse" });
  assertEquals([wrong.code, /horse/.test(wrong.out)], [1, false]);
  const forms = {
    pem: /^-----BEGIN PUBLIC KEY-----/,
    ssh: /^ssh-ed25519 AAAA/,
    minisign: /^untrusted comment: /,
  };
  for (const [form, pattern] of Object.entries(forms)) {
    const { code, out } = await run(folder, ["keys", "export", "--format", form], env);
    assertEquals(code, 0, out);
    assertMatch(out, pattern);
  }
  const published = join(folder, "public.pem");
  await run(folder, ["keys", "export", "--out", published], env);
  assertEquals((await run(folder, ["keys", "show", "--key", published], {})).out, `ed25519 ${id}\n`);
  await Deno.chmod(path, 0o644);
  assertMatch((await run(folder, ["keys", "show"], env)).out, /its mode is 0644, expected 0600/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("keys generate refuses the repository, also by a detour", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.symlink(Deno.cwd(), join(folder, "link"));
  for (const path of ["key.pem", "results/new/key.pem", join(folder, "link", "x", "key.pem")]) {
    await assertRejects(
      () => keysCommand.run(["generate", "--key", path]),
      UsageError,
      "inside the repository",
    );
  }
  assertEquals(
    await keysCommand.run(["generate", "--key", join(folder, "key.pem"), "--algorithm", "p256"]),
    0,
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("attest --checkpoint signs a model directory with a P-256 key", async () => {
  const folder = await Deno.makeTempDir();
  const key = join(folder, "p256.pem"), model = join(folder, "model");
  await Deno.mkdir(model);
  await Deno.writeTextFile(join(model, "config.json"), "{}");
  await assertRejects(() => attestCommand.run(["--checkpoint", model, "--key", key]), TypeError, "no key");
  await keysCommand.run(["generate", "--key", key, "--algorithm", "p256"]);
  assertEquals(await attestCommand.run(["--checkpoint", model, "--key", key]), 0);
  assert((await Deno.stat(join(model, "model.sig"))).isFile);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("recheck returns 1 where a count differs", async () => {
  const folder = await Deno.makeTempDir();
  for (const name of ["results.json", "samples.jsonl.gz"]) {
    await Deno.copyFile(`results/embedded/${name}`, join(folder, name));
  }
  assertEquals(await recheckCommand.run([folder, "--quiet", "--workers", "1"]), 0);
  const path = join(folder, "results.json"), text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, text.replace('"correct":[0,0,8,', '"correct":[0,1,8,'));
  assertEquals(await recheckCommand.run([folder, "--json", "--workers", "1"]), 1);
  await Deno.remove(folder, { recursive: true });
});
