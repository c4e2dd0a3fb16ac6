/** Signing keys that cannot be used are found out before anything is computed or signed. */
import { assertEquals, assertMatch } from "@std/assert";
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
