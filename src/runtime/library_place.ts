/**
 * Where ONNX Runtime's library lies: in the npm package that comes along, or in a folder that the user names, such as a
 * build with other execution providers.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ProviderError } from "./runtime.ts";

/** The environment variable that names a folder with another library. */
export const LIBRARY_VARIABLE = "BUPO_ONNXRUNTIME";

/** A library of ONNX Runtime. */
export interface LibraryPlace {
  /** Its folder; the libraries of providers lie beside it. */
  readonly folder: string;
  /** The file. */
  readonly file: string;
  /** Whether the user named the folder. */
  readonly own: boolean;
}

/** The file names of the library by operating system, the usual one first. */
const files: Readonly<Record<string, readonly string[]>> = {
  linux: ["libonnxruntime.so.1", "libonnxruntime.so"],
  darwin: ["libonnxruntime.1.dylib", "libonnxruntime.dylib"],
  windows: ["onnxruntime.dll"],
};
const platforms: Readonly<Record<string, string>> = { linux: "linux", darwin: "darwin", windows: "win32" };
const architectures: Readonly<Record<string, string>> = { x86_64: "x64", aarch64: "arm64" };

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/** Where the package keeps its libraries for this machine. */
function packageFolder(): string {
  const folder = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  const { os, arch } = Deno.build;
  return join(folder, "bin/napi-v6", platforms[os] ?? os, architectures[arch] ?? arch);
}

/**
 * The library that is used.
 *
 * @throws {ProviderError} If the folder that was named has none.
 */
export function libraryPlace(named: string | undefined = Deno.env.get(LIBRARY_VARIABLE)): LibraryPlace {
  const names = files[Deno.build.os] ?? [];
  if (named === undefined || named === "") {
    const folder = packageFolder();
    return { folder, file: join(folder, names[0] ?? ""), own: false };
  }
  const file = names.map((name) => join(named, name)).find(isFile);
  if (file === undefined) {
    throw new ProviderError(
      `Cannot use the ONNX Runtime of ${named}: expected a folder with ${
        names.join(" or ")
      }; name another by --onnxruntime or ${LIBRARY_VARIABLE}`,
    );
  }
  return { folder: named, file, own: true };
}

/** How many hexadecimal digits of a digest name a build. */
const DIGITS = 16;

/**
 * What tells builds of one version apart, for records' keys and the environment: of the package's library nothing, as the
 * lock file holds its digest; of a user's own a digest of the files that compute.
 *
 * @param providers Files of providers' libraries, relative to the folder; those that are not there do not count.
 */
export function buildName({ folder, file, own }: LibraryPlace, providers: readonly string[]): string {
  if (!own) return "";
  const hash = createHash("sha256").update(readFileSync(file));
  for (const name of providers) {
    const path = join(folder, name);
    if (isFile(path)) hash.update(name).update(readFileSync(path));
  }
  return `+sha256.${hash.digest("hex").slice(0, DIGITS)}`;
}
