import { assert, assertEquals, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { ownModule, ownModuleSchema, readModule, scriptOf, withDigests } from "../../src/module/mod.ts";

/** A folder with files, for as long as something is done there. */
async function inFolder(
  files: Readonly<Record<string, string>>,
  act: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.mkdir(join(folder, name, ".."), { recursive: true });
      await Deno.writeTextFile(join(folder, name), text);
    }
    await act(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What a module's script gives a realm. */
function exportsOf(script: string): { default?: unknown; scope?: unknown } {
  const realm: { $own?: { default?: unknown; scope?: unknown } } = {};
  new Function("globalThis", script)(realm);
  return realm.$own ?? {};
}

const own = {
  "a.ts":
    'import type { Reward } from "https://nowhere.example/types.ts";\nimport { half } from "./lib/half.ts";\nimport table from "./table.json" with { type: "json" };\nconst reward: Reward = () => half(table.value);\nexport default reward;\nexport const scope = "batch";\n',
  "lib/half.ts": "export const half = (x: number): number => x / 2;\n",
  "table.json": '{ "value": 3 }\n',
};

Deno.test("readModule() makes one script of a module and all that it imports; types may come from anywhere", async () => {
  await inFolder(own, async (folder) => {
    const module = await readModule("./a.ts", folder), exports = exportsOf(scriptOf(module));
    assertEquals((exports.default as () => number)(), 1.5);
    assertEquals(exports.scope, "batch");
    assertEquals(module.file, "./a.ts");
    assertEquals(ownModuleSchema.parse(module), module);
    // The same from another folder: no path of this machine is in it, not even where it was named by one.
    await inFolder(own, async (other) => {
      assertEquals(await readModule("./a.ts", other), module);
      const absolute = await readModule(join(other, "a.ts"), folder);
      assertEquals({ ...absolute, file: "./a.ts" }, module);
      assertEquals(absolute.file, "a.ts");
      // Its digest covers what it imports.
      await Deno.writeTextFile(
        join(other, "lib/half.ts"),
        "export const half = (x: number): number => x / 3;\n",
      );
      assertNotEquals((await readModule("./a.ts", other)).sha256, module.sha256);
    });
  });
});

Deno.test("a module that cannot be read is named in one line", async () => {
  const faults: Readonly<Record<string, readonly [string, string]>> = {
    "node.ts": ['import fs from "node:fs"; export default () => fs', 'it imports "node:fs"'],
    "remote.ts": ['import x from "https://example.com/x.ts"; export default x', 'it imports "https:'],
    "package.ts": ['import { z } from "zod"; export default z', 'it imports "zod"'],
    "absolute.ts": ['import x from "/etc/x.ts"; export default x', 'it imports "/etc/x.ts"'],
    "lost.ts": ['import x from "./none.ts"; export default x', 'there is no file "none.ts"'],
    "text.ts": ['import x from "./x.txt"; export default x', '"x.txt" is no module'],
    "syntax.ts": ["export default () => {\n  return 1 +;\n}", "syntax.ts:2: Unexpected"],
    "await.ts": ["export default await 1", "Top-level await"],
  };
  const files = Object.fromEntries(Object.entries(faults).map(([name, [text]]) => [name, text]));
  await inFolder({ ...files, "x.txt": "" }, async (folder) => {
    for (const [name, [, message]] of Object.entries(faults)) {
      const error = await assertRejects(() => readModule(`./${name}`, folder), SyntaxError);
      assert(error.message.startsWith(`Cannot read ./${name}: `), error.message);
      assertStringIncludes(error.message, message);
      assert(!error.message.includes("\n"), error.message);
    }
    await assertRejects(
      () => readModule("./none.ts", folder),
      SyntaxError,
      'Cannot read ./none.ts: there is no file "none.ts"',
    );
  });
});

Deno.test("a module is bounded, its digest is that of its text, and keys hold the digest alone", () => {
  const module = ownModule("./a.ts", "one\ntwo\n");
  assertEquals(module.source, ["one", "two"]);
  const long = "x\n".repeat(700);
  let message = "";
  try {
    ownModule("./long.ts", long);
  } catch (error) {
    message = (error as Error).message;
  }
  assertStringIncludes(message, "Cannot use ./long.ts: with what it imports it has 700 lines");
  const forged = ownModuleSchema.safeParse({ ...module, source: ["one", "three"] });
  assertStringIncludes(forged.error?.issues[0]?.message ?? "", "digest of its source");
  const unread = ownModuleSchema.safeParse("./a.ts");
  assertEquals(unread.success, false);
  assertEquals(withDigests({ a: [{ module, weight: 2 }], b: null }), {
    a: [{ module: module.sha256, weight: 2 }],
    b: null,
  });
});
