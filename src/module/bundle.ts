/**
 * Modules bundled into one script.
 *
 * They are bundled by esbuild as WebAssembly, inside this process: that needs to read files and nothing else, brings no
 * program of its own to run, and gives the same bytes on every machine, as the lock file pins it. `deno bundle` would
 * need the permission to run Deno, fetch a program for the machine when it is first called, and change with Deno.
 *
 * @module
 */

import type { BuildOptions, Plugin } from "esbuild-wasm/esm/browser.js";

export type { Plugin };

/** What is bundled. */
export interface BundleOptions extends Pick<BuildOptions, "format"> {
  /** The module to begin with. */
  readonly entry: string;
  /** Where modules come from: esbuild sees no disk as WebAssembly. */
  readonly modules: Plugin;
}

/** A module cannot be bundled. */
export class BundleError extends SyntaxError {
  /** The class's name. */
  override readonly name = "BundleError";
}

/** esbuild runs once a process at a time. */
let running: Promise<unknown> = Promise.resolve();

/** What esbuild found first. */
function firstFault(error: unknown): string {
  const { errors = [] } = error as { errors?: readonly { text: string; location: Place | null }[] };
  const [first] = errors;
  if (!first) return error instanceof Error ? error.message : String(error);
  const { text, location } = first;
  return location ? `${location.file.replace(/^\w+:/, "")}:${location.line}: ${text}` : text;
}

/** Where a fault stands. */
interface Place {
  readonly file: string;
  readonly line: number;
}

async function bundle({ entry, modules, ...output }: BundleOptions): Promise<string> {
  const { build, initialize, stop } = await import("esbuild-wasm/esm/browser.js");
  const program = await Deno.readFile(new URL(import.meta.resolve("esbuild-wasm/esbuild.wasm")));
  await initialize({ wasmModule: await WebAssembly.compile(program), worker: false });
  try {
    const { outputFiles: [script] } = await build({
      ...output,
      entryPoints: [entry],
      bundle: true,
      plugins: [modules],
      write: false,
      logLevel: "silent",
      target: "esnext",
      charset: "utf8",
      // Whoever wants to know what runs reads it: names and lines stay.
      minify: false,
    });
    return script?.text ?? "";
  } catch (error) {
    throw new BundleError(firstFault(error), { cause: error });
  } finally {
    await stop();
  }
}

/**
 * The script that modules make.
 *
 * @throws {BundleError} If one of them cannot be read: where, and why.
 */
export function bundleScript(options: BundleOptions): Promise<string> {
  const script = running.then(() => bundle(options));
  running = script.catch(() => undefined);
  return script;
}
