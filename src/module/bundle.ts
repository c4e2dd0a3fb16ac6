/**
 * Modules bundled into one script.
 *
 * They are bundled by esbuild as WebAssembly, inside this process: that needs to read files and nothing else, brings no
 * program of its own to run, and gives the same bytes on every machine, as the lock file pins it. `deno bundle` would
 * need the permission to run Deno, fetch a program for the machine when it is first called, and change with Deno.
 *
 * @module
 */

import type { BuildOptions, BuildResult, Plugin } from "esbuild-wasm/esm/browser.js";

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

/** esbuild, as far as it is used here. */
interface Bundler {
  build(options: BuildOptions & { write: false }): Promise<BuildResult<{ write: false }>>;
  stop(): Promise<void>;
}

/** It runs once a process: it is started for the first of several, and stopped after the last. */
const shared = { users: 0, bundler: undefined as Promise<Bundler> | undefined, stopped: Promise.resolve() };

async function start(stopped: Promise<void>): Promise<Bundler> {
  await stopped;
  const { build, initialize, stop } = await import("esbuild-wasm/esm/browser.js");
  const program = await Deno.readFile(new URL(import.meta.resolve("esbuild-wasm/esbuild.wasm")));
  await initialize({ wasmModule: await WebAssembly.compile(program), worker: false });
  return { build, stop };
}

async function release(): Promise<void> {
  const { bundler } = shared;
  if (--shared.users > 0 || !bundler) return;
  shared.bundler = undefined;
  await (shared.stopped = bundler.then(({ stop }) => stop(), () => undefined));
}

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

/**
 * The script that modules make.
 *
 * @throws {BundleError} If one of them cannot be read: where, and why.
 */
export async function bundleScript({ entry, modules, ...output }: BundleOptions): Promise<string> {
  shared.users++;
  try {
    const { build } = await (shared.bundler ??= start(shared.stopped));
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
    await release();
  }
}
