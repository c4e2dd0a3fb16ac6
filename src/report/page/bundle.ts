/**
 * The page's script: its modules, bundled into one.
 *
 * It is bundled by esbuild as WebAssembly, inside this process: that needs to read files and nothing else, brings no
 * program of its own to run, and gives the same bytes on every machine, as the lock file pins it. `deno bundle` would
 * need the permission to run Deno, fetch a program for the machine when it is first called, and change with Deno.
 *
 * @module
 */

import type { Plugin } from "esbuild-wasm/esm/browser.js";

/** The folder of the sources: modules are named by their paths in it, so that no path of this machine is in the page. */
const SOURCES = new URL("../../", import.meta.url);

/** The module with which the script begins. */
const ENTRY = "./report/page/script/main.ts";

/** The packages that the script uses; others that a module of `src` names are for modules that the page does without. */
const PACKAGES: readonly string[] = ["canonicalize"];

/**
 * Gives esbuild, which sees no disk as WebAssembly, the modules that it asks for. Only what the script calls is kept: no
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

async function bundle(): Promise<string> {
  const { build, initialize, stop } = await import("esbuild-wasm/esm/browser.js");
  const program = await Deno.readFile(new URL(import.meta.resolve("esbuild-wasm/esbuild.wasm")));
  await initialize({ wasmModule: await WebAssembly.compile(program), worker: false });
  try {
    const { outputFiles: [script] } = await build({
      entryPoints: [ENTRY],
      bundle: true,
      plugins: [sources],
      write: false,
      logLevel: "silent",
      format: "esm",
      target: "esnext",
      charset: "utf8",
      // Whoever wants to know how the page checks signatures reads its source: names and lines stay.
      minify: false,
    });
    return script?.text ?? "";
  } finally {
    await stop();
  }
}

let bundled: Promise<string> | undefined;

/** The script; bundled once a process. */
export function pageScript(): Promise<string> {
  bundled ??= bundle();
  return bundled;
}
