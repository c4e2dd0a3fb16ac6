/** Signing keys that cannot be used are found out before anything is computed or signed. */
import { assertEquals, assertMatch } from "@std/assert";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { generateKeyPem } from "../../src/result/mod.ts";
import { withSigned } from "../result/fixture.ts";
import { runTask } from "./run_task.ts";

/** The names of all that lies in a folder. */
const namesIn = (folder: string): string[] => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("a key that is missing, unreadable, damaged or inside the repository is refused before work starts", async () => {
  const inside = await Deno.makeTempDir({ dir: Deno.cwd(), suffix: ".tmp" });
  try {
    await withSigned(async (directory) => {
      const folder = join(directory, ".."), pem = await generateKeyPem();
      const [missing, open, damaged, own, link] = ["none", "open", "damaged", "own", "link"].map((name) => {
        return join(name === "own" ? inside : folder, `${name}.pem`);
      }) as [string, string, string, string, string];
      await Deno.writeTextFile(open, pem, { mode: 0o644 });
      await Deno.writeTextFile(damaged, pem.replace("PRIVATE", "STRANGE"), { mode: 0o600 });
      await Deno.writeTextFile(own, pem, { mode: 0o600 });
      await Deno.symlink(own, link);
      const store = join(folder, "store"), out = join(folder, "results", "smoke");
      const commands: readonly (readonly string[])[] = [
        ["attest", directory],
        ["keys", "show"],
        ["keys", "export"],
        ["reproduce", "--profile", "smoke", "--quiet", "--store", store, "--out", out],
      ];
      const keys: readonly (readonly [string, RegExp])[] = [
        [missing, /there is no key at|Cannot find a key at/],
        [open, /its mode is 0644, expected 0600/],
        [damaged, /expected a PEM block "PRIVATE KEY"/],
        [own, /is inside the repository/],
        [link, /is inside the repository/],
      ];
      const before = namesIn(folder),
        bytes = await Deno.readTextFile(join(directory, "manifest.intoto.json"));
      for (const args of commands) {
        for (const [key, reason] of keys) {
          const { code, stdout, stderr } = await runTask(args, { folder, env: { BUPO_KEY: key } });
          const said = `${args.join(" ")}: ${key}: ${stderr}`;
          assertEquals([code === 0, stdout], [false, ""], said);
          assertMatch(stderr, reason, said);
          assertMatch(stderr, /^error: .+\n$/, said);
          assertEquals(namesIn(folder), before, said);
        }
      }
      assertEquals(await Deno.readTextFile(join(directory, "manifest.intoto.json")), bytes);
    });
  } finally {
    await Deno.remove(inside, { recursive: true });
  }
});

Deno.test("a profile whose record no reader would take is refused before training", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const key = join(folder, "key.pem"),
      own = join(folder, `${"ü".repeat(60)}.jsonl`),
      store = join(folder, "store");
    await Deno.writeTextFile(key, await generateKeyPem(), { mode: 0o600 });
    await Deno.writeTextFile(own, '{"problem":"1+2","answer":"3"}\n');
    const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
      [["--samples", "5000"], 2, /Cannot use what the flags say: evaluation\.samples: .*4096, found 5000/],
      [["--suite", own], 1, /suites\[0\]\.name: expected a name of at most 100 bytes/],
    ];
    for (const [flags, expected, reason] of cases) {
      const args = [
        "reproduce",
        "--profile",
        "smoke",
        "--quiet",
        "--store",
        store,
        "--out",
        join(folder, "out"),
      ];
      const { code, stdout, stderr } = await runTask([...args, ...flags], { folder, env: { BUPO_KEY: key } });
      assertEquals([code, stdout], [expected, ""], stderr);
      assertMatch(stderr, reason);
      assertEquals(
        existsSync(join(folder, "out")) ? namesIn(join(folder, "out")) : [],
        [],
        "nothing is written",
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
