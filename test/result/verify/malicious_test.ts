import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { join } from "node:path";
import { attest, verify } from "../../../src/result/mod.ts";
import { MANIFEST_FILES } from "../../../src/result/statement/manifest_files.ts";
import { writeDocument } from "../../../src/result/record/schema.ts";
import { facts, forge, forgeRecord, keysOf, newKey, readPayload, withSigned } from "../fixture.ts";
import { attacks, changeEnvelope } from "./attacks.ts";

for (const { name, check, says, work } of attacks) {
  Deno.test(`verify() refuses ${name}`, async () => {
    await withSigned(async (directory, key) => {
      await work(directory, key);
      const { ok, problems, judgement } = await verify(directory, keysOf(key));
      assertEquals([ok, judgement.claims[check].state], [false, "false"], JSON.stringify(problems));
      const found = problems.filter((problem) => problem.check === check);
      assert(found.some(({ problem }) => problem.includes(says)), JSON.stringify(found).slice(0, 1000));
      assert(found.every(({ problem }) => problem.length < 1100 && !problem.includes("\n")));
      assertEquals(Reflect.get({}, "polluted"), undefined);
    });
  });
}

Deno.test("verify() refuses a signature under the keyid of another trusted key", async () => {
  await withSigned(async (directory, key) => {
    const other = await newKey();
    await changeEnvelope(directory, ({ signatures }) => signatures[0].keyid = other.publicKey.keyid);
    const { problems } = await verify(directory, keysOf(key, other));
    assertStringIncludes(problems[0]?.problem ?? "", "does not hold");
  });
});

Deno.test("a record with very many runs is refused in bearable time", async () => {
  await withSigned(async (directory, key) => {
    const record = JSON.parse(await Deno.readTextFile(join(directory, "results.json")));
    const [base] = record.runs;
    for (
      const [runs, message] of [[60_000, "runs: "], [64, "runs[63].method: expected each method"]] as const
    ) {
      record.runs = Array.from({ length: runs }, (_, i) => ({ ...base, seed: Math.min(i, runs - 2) }));
      await forgeRecord(directory, key, writeDocument(record));
      const { problems } = await verify(directory, keysOf(key));
      assertStringIncludes(problems[0]?.problem ?? "", message);
    }
  });
});

Deno.test("verify() throws on no bytes whatever, signed or not", async () => {
  await withSigned(async (directory, key) => {
    const original = await Promise.all(MANIFEST_FILES.map((name) => Deno.readFile(join(directory, name))));
    const statement = writeDocument(await readPayload(directory));
    const pieces = fc.oneof(
      fc.json({ maxDepth: 4 }),
      fc.string({ unit: "binary" }),
      fc.constantFrom("{", "[", '"', "\\"),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.nat(MANIFEST_FILES.length),
        fc.nat(statement.length),
        pieces,
        async (file, at, piece) => {
          const name = MANIFEST_FILES[file];
          if (name === undefined) {
            // A forger with the key: the statement with a piece put into it.
            await forge(directory, key, statement.slice(0, at) + piece + statement.slice(at + piece.length));
          } else await Deno.writeTextFile(join(directory, name), piece);
          const { ok, problems } = await verify(directory, keysOf(key));
          if (name !== undefined || piece !== statement.slice(at, at + piece.length)) {
            assertEquals([ok, problems.length > 0], [false, true]);
          }
          for (const [i, bytes] of original.entries()) {
            await Deno.writeFile(join(directory, MANIFEST_FILES[i] ?? ""), bytes);
          }
        },
      ),
      { numRuns: 200, seed: 1 },
    );
  });
});

Deno.test("markup in a file's name is only a name", async () => {
  await withSigned(async (directory, key) => {
    await Deno.writeTextFile(join(directory, "<img src=x onerror=alert(1)>"), "");
    await attest(directory, { ...facts, key });
    assertEquals((await verify(directory, keysOf(key))).problems, []);
  });
});

/** Runs a command of the command line without any permission but reading. */
async function run(...args: string[]): Promise<{ code: number; out: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--allow-read", "--allow-env=BUPO_TRACE", "main.ts", ...args],
  }).output();
  return { code, out: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

Deno.test("what verify prints cannot steer a terminal, as text or as JSON", async () => {
  await withSigned(async (directory) => {
    await Deno.writeTextFile(join(directory, "\u001b]0;owned\u0007\u202e"), "");
    await changeEnvelope(directory, ({ signatures }) => signatures[0].keyid = "\u001b[2J\u009b31m\u202e");
    for (const flags of [[], ["--json"]]) {
      const { code, out } = await run("verify", directory, ...flags);
      assertEquals(code, 1);
      assertMatch(out, /owned/);
      assertEquals(/(?!\n)[\p{Cc}\p{Cf}]/u.test(out), false, JSON.stringify(out));
      if (flags.length > 0) assertEquals(JSON.parse(out).ok, false);
    }
  });
});
