import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { generateKeyPem } from "../../src/result/mod.ts";
import { command as attestCommand } from "../../tasks/attest.ts";
import { UsageError } from "../../tasks/command.ts";
import { command as verifyCommand } from "../../tasks/verify.ts";
import { withSigned } from "./fixture.ts";

Deno.test("verify returns 0 for a sound directory, 1 for a changed one", async () => {
  await withSigned(async (directory) => {
    assertEquals(await verifyCommand.run([directory]), 0);
    await Deno.writeTextFile(join(directory, "metrics.jsonl"), "{} \n");
    assertEquals(await verifyCommand.run([directory, "--json"]), 1);
  });
});

Deno.test("attest signs again with another key, which verify then finds beside the directory", async () => {
  await withSigned(async (directory) => {
    const path = join(directory, "..", "other.pem");
    await Deno.writeTextFile(path, await generateKeyPem(), { mode: 0o600 });
    await Deno.writeTextFile(join(directory, "metrics.jsonl"), "{} \n");
    assertEquals(await attestCommand.run([directory, "--key", path]), 0);
    assertEquals(await verifyCommand.run([directory]), 0);
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
