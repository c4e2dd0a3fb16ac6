/** What was changed after it was signed is not signed again as if nothing had happened. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "node:path";
import { findResults, generateKeyPem, publicKeyPem } from "../../src/result/mod.ts";
import { writeDocument } from "../../src/result/record/schema.ts";
import { command as attestCommand } from "../../tasks/attest.ts";
import { UsageError } from "../../tasks/shared/command.ts";
import { facts, forge, newKey, readPayload, withSigned } from "../result/fixture.ts";
import { runTask } from "./run_task.ts";

/** A key's file beside a directory. */
async function keyFile(directory: string): Promise<string> {
  const path = join(directory, "..", "other.pem");
  await Deno.writeTextFile(path, await generateKeyPem(), { mode: 0o600 });
  return path;
}

/** What can be wrong with a signed directory, and the file that is named. */
const edits: Readonly<Record<string, readonly [string, (directory: string) => Promise<unknown>]>> = {
  "a better count": ["results.json", async (directory) => {
    const path = join(directory, "results.json"), text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.replace('"correct":[0,1,2]', '"correct":[1,1,2]'));
  }],
  "other metrics": ["metrics/grpo-1.jsonl", (directory) => {
    return Deno.writeTextFile(join(directory, "metrics/grpo-1.jsonl"), "{} \n");
  }],
  "another file": ["extra.txt", (directory) => Deno.writeTextFile(join(directory, "extra.txt"), "")],
  "a missing file": ["metrics/grpo-1.jsonl", (directory) => {
    return Deno.remove(join(directory, "metrics/grpo-1.jsonl"));
  }],
  "a missing statement": ["provenance.intoto.json", (directory) => {
    return Deno.remove(join(directory, "provenance.intoto.json"));
  }],
  "a statement by an unknown key": ["manifest.intoto.json", async (directory) => {
    await forge(directory, await newKey(), writeDocument(await readPayload(directory)));
  }],
};

for (const [name, [file, edit]] of Object.entries(edits)) {
  Deno.test(`attest refuses ${name}, and with --after-edit records it instead of the old run's facts`, async () => {
    await withSigned(async (directory) => {
      const key = await keyFile(directory);
      await edit(directory);
      const before = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
      const manifest = join(directory, "manifest.intoto.json"), text = await Deno.readTextFile(manifest);
      const error = await assertRejects(() => attestCommand.run([directory, "--key", key]), TypeError);
      assertMatch(error.message, /its statements do not hold: .*--after-edit "why"$/);
      assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name).sort(), before);
      assertEquals(await Deno.readTextFile(manifest), text);
      const why = "one count was read wrongly";
      assertEquals(await attestCommand.run([directory, "--key", key, "--after-edit", why]), 0);
      const { predicate } = await readPayload(directory, "provenance");
      const { signing, environment, makers } = predicate.buildDefinition.internalParameters;
      assertEquals([signing.afterEdit.why, signing.afterEdit.files.includes(file)], [why, true]);
      // Neither the old run's times nor its machine: nobody knows that it made these files.
      assertEquals([environment.cpu === facts.environment.cpu, makers], [false, undefined]);
      const { startedOn, finishedOn } = predicate.runDetails.metadata;
      assertEquals([startedOn, signing.signedOn >= finishedOn], [finishedOn, true]);
      assert(Date.now() - Date.parse(startedOn) < 600_000, startedOn);
      const shown = await runTask(["verify", directory]);
      assertEquals(shown.code, 0, shown.stdout);
      assertMatch(shown.stdout, /^signed after an edit: "one count was read wrongly" \(.+\)$/m);
      const [found] = await findResults(directory);
      assertEquals(found?.signature.state === "verified" && found.signature.facts.afterEdit?.why, why);
      const listed = await runTask(["results", join(directory, "..")]);
      assertMatch(listed.stdout, /signed after an edit: "one count was read wrongly"/);
      // Whoever signs again does not wash it off.
      const third = await keyFile(directory);
      assertEquals(await attestCommand.run([directory, "--key", third, "--replace"]), 0);
      const again = await readPayload(directory, "provenance");
      assertEquals(
        again.predicate.buildDefinition.internalParameters.signing.afterEdit,
        signing.afterEdit,
      );
    });
  });
}

Deno.test("attest takes --after-edit only where something was edited, and a reason in one line", async () => {
  await withSigned(async (directory) => {
    const key = await keyFile(directory), args = [directory, "--key", key, "--after-edit"];
    await assertRejects(() => attestCommand.run([...args, "x"]), UsageError, "its statements hold");
    await Deno.writeTextFile(join(directory, "extra.txt"), "");
    await assertRejects(() => attestCommand.run([...args, " \n"]), TypeError, "afterEdit.why");
    await assertRejects(() => attestCommand.run([...args, "a\u202eb"]), TypeError, "afterEdit.why");
    for await (const { name } of Deno.readDir(directory)) {
      if (/^(manifest|provenance)\./.test(name)) await Deno.remove(join(directory, name));
    }
    await assertRejects(() => attestCommand.run([...args, "x"]), UsageError, "it was not signed before");
  });
});

Deno.test("verify refuses a time of signing that is none, or before the end of the run, and hidden reasons", async () => {
  const wrong: readonly (readonly [unknown, string])[] = [
    [{ signedOn: "2025-12-31T00:00:00Z" }, "signing.signedOn: expected no time before the end of the run"],
    [{ signedOn: "2026-02-30T00:00:00Z" }, 'signedOn is "2026-02-30T00:00:00Z", which is no time'],
    [{ signedOn: "2099-01-01T00:00:00Z" }, "signedOn is 2099-01-01T00:00:00Z, which is still to come"],
    [{ signedOn: "soon" }, "signing.signedOn: expected a time such as"],
    [{ signedOn: "2026-02-01T00:00:00Z", afterEdit: { why: "", files: ["a"] } }, "afterEdit.why"],
    [{ signedOn: "2026-02-01T00:00:00Z", afterEdit: { why: "a\nb", files: ["a"] } }, "afterEdit.why"],
    [{ signedOn: "2026-02-01T00:00:00Z", afterEdit: { why: "a", files: [] } }, "afterEdit.files"],
  ];
  for (const [signing, message] of wrong) {
    await withSigned(async (directory, key) => {
      await Deno.writeTextFile(join(directory, "..", "keys", "key.pem"), publicKeyPem(key.publicKey));
      const statement = await readPayload(directory, "provenance");
      statement.predicate.buildDefinition.internalParameters.signing = signing;
      await forge(directory, key, writeDocument(statement), "provenance");
      const { code, stdout } = await runTask(["verify", directory]);
      assertEquals(code, 1);
      assert(stdout.includes(message), stdout);
    });
  }
});

Deno.test("with SOURCE_DATE_EPOCH the same signing gives the same bytes", async () => {
  await withSigned(async (directory) => {
    const key = await keyFile(directory), folder = join(directory, "..");
    const sign = async (epoch: string) => {
      const env = { BUPO_KEY: key, SOURCE_DATE_EPOCH: epoch };
      const { code, stderr } = await runTask(["attest", directory, "--replace"], { folder, env });
      return { code, stderr, text: await Deno.readTextFile(join(directory, "provenance.sigstore.json")) };
    };
    const first = await sign("1780000000");
    assertEquals([first.code, (await sign("1780000000")).text], [0, first.text]);
    assertEquals(
      (await readPayload(directory, "provenance")).predicate.buildDefinition.internalParameters.signing,
      { signedOn: "2026-05-28T20:26:40Z" },
    );
    const early = await sign("1700000000");
    assertEquals([early.code, early.text], [1, first.text]);
    assertMatch(early.stderr, /SOURCE_DATE_EPOCH says 2023-11-14T22:13:20Z, expected no earlier time/);
  });
});
