/**
 * Reads a module of one's own with all that it imports.
 *
 * @module
 */

import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { BundleError, bundleScript, type Plugin } from "./bundle.ts";
import { isModuleFile, type OwnModule, ownModule } from "./own_module.ts";

/** The script's first module: it gives the exports that are asked for to the realm that it runs in. */
const start = (file: string): string =>
  `import * as own from ${
    JSON.stringify(file)
  };\nglobalThis.$own = { default: own.default, scope: own.scope };\n`;

/** Gives the bundler local files alone; their paths are relative to the module's folder, so that none of this machine's is kept. */
function localFiles(folder: string): Plugin {
  return {
    name: "local files",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /./ }, ({ path, importer, kind }) => {
        if (kind === "entry-point") return { path, namespace: "start" };
        if (!/^\.\.?\//.test(path)) {
          return {
            errors: [{
              text:
                `it imports "${path}"; expected files beside it ("./…"), so that its digest covers all that runs (types may come from anywhere: import type)`,
            }],
          };
        }
        const file = resolve(folder, dirname(importer), path);
        return { path: relative(folder, file).replaceAll("\\", "/"), namespace: "own" };
      });
      onLoad({ filter: /./, namespace: "start" }, ({ path }) => ({ contents: start(path), loader: "js" }));
      onLoad({ filter: /./, namespace: "own" }, async ({ path }) => {
        const loader = path.endsWith(".json") ? "json" : /\.m?ts$/.test(path) ? "ts" : "js";
        if (loader === "js" && !isModuleFile(path)) {
          return { errors: [{ text: `"${path}" is no module; expected .ts, .js, .mjs or .json` }] };
        }
        try {
          return { contents: await Deno.readTextFile(join(folder, path)), loader };
        } catch (error) {
          if (!(error instanceof Deno.errors.NotFound)) throw error;
          return { errors: [{ text: `there is no file "${path}"` }] };
        }
      });
    },
  };
}

/**
 * Reads a module of one's own: bundled into one script, with its digest.
 *
 * @param file Its path as it was named.
 * @param folder What that path is relative to.
 * @throws {SyntaxError} If it cannot be read, or imports what is no file beside it.
 * @throws {RangeError} If it is longer than a signed result can hold.
 */
export async function readModule(file: string, folder: string): Promise<OwnModule> {
  const path = resolve(folder, file), home = dirname(path), name = relative(home, path);
  try {
    // Where it lies on this machine is nobody else's business.
    const named = isAbsolute(file) ? basename(file) : file;
    const options = { entry: `./${name}`, modules: localFiles(home), format: "iife" } as const;
    return ownModule(named, await bundleScript(options));
  } catch (error) {
    if (error instanceof BundleError) {
      // The first module is none of the user's.
      throw new SyntaxError(`Cannot read ${file}: ${error.message.replace(`./${name}:1: `, "")}`);
    }
    throw error;
  }
}
