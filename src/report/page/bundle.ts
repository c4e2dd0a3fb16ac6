/**
 * The page's script: its modules, bundled into one.
 *
 * @module
 */

import { bundleScript, type Plugin } from "../../module/mod.ts";

/** The folder of the sources: modules are named by their paths in it, so that no path of this machine is in the page. */
const SOURCES = new URL("../../", import.meta.url);

/** The module with which the script begins. */
const ENTRY = "./report/page/script/main.ts";

/** The packages that the script uses; others that a module of `src` names are for modules that the page does without. */
const PACKAGES: readonly string[] = ["canonicalize"];

/**
 * Gives esbuild the modules that it asks for. Only what the script calls is kept: no
 * module besides the first does anything but define names.
 */
const sources: Plugin = {
  name: "sources",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\.?\// }, ({ path, importer }) => {
      const { href } = new URL(path, new URL(importer, SOURCES));
      return { path: href.slice(SOURCES.href.length), namespace: "src", sideEffects: path === ENTRY };
    });
    onResolve({ filter: /^[^.]/ }, ({ path }) => {
      return PACKAGES.includes(path)
        ? { path, namespace: "package", sideEffects: false }
        : { path, external: true, sideEffects: false };
    });
    onLoad({ filter: /./, namespace: "package" }, async ({ path }) => {
      return { contents: await Deno.readTextFile(new URL(import.meta.resolve(path))), loader: "js" };
    });
    onLoad({ filter: /./, namespace: "src" }, async ({ path }) => {
      const contents = await Deno.readTextFile(new URL(path, SOURCES));
      return { contents, loader: path.endsWith(".json") ? "json" : "ts" };
    });
  },
};

let bundled: Promise<string> | undefined;

/** The script; bundled once a process. */
export function pageScript(): Promise<string> {
  bundled ??= bundleScript({ entry: ENTRY, modules: sources, format: "esm" });
  return bundled;
}
