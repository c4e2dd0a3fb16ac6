/**
 * Modules for tests, from their text.
 *
 * @module
 */

import { join } from "node:path";
import { type OwnModule, readModule } from "../../src/module/mod.ts";

/** Reads modules that are written into a folder of their own for as long as that takes. */
export async function modulesOf<K extends string>(
  texts: Readonly<Record<K, string>>,
): Promise<Record<K, OwnModule>> {
  const folder = await Deno.makeTempDir();
  try {
    const names = Object.keys(texts) as K[];
    const read = names.map(async (name): Promise<[K, OwnModule]> => {
      await Deno.writeTextFile(join(folder, `${name}.ts`), texts[name]);
      return [name, await readModule(`./${name}.ts`, folder)];
    });
    return Object.fromEntries(await Promise.all(read)) as Record<K, OwnModule>;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
