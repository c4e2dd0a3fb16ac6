import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { LIBRARY_VARIABLE, ProviderError } from "../../src/runtime/mod.ts";
import { buildName, libraryPlace } from "../../src/runtime/library_place.ts";
import { type Outcome, runTask } from "../tasks/run_task.ts";

const supported = Deno.build.os === "linux";
const name = (what: string): string =>
  supported ? what : `${what} (ignored: the library is found as on Linux)`;

/** The package's library, from which folders of a user are made. */
function packageLibrary(): string {
  const folder = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  return join(
    folder,
    "bin/napi-v6/linux",
    Deno.build.arch === "aarch64" ? "arm64" : "x64",
    "libonnxruntime.so.1",
  );
}

/** Runs a test with an empty folder. */
async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const devices = (...args: readonly string[]): Promise<Outcome> => runTask(["devices", ...args]);

Deno.test({
  name: name("devices computes with the library of a folder that the user names, and names its build"),
  ignore: !supported,
  fn: () =>
    withFolder(async (folder) => {
      // A copy: a link would be the same library to the loader.
      await Deno.copyFile(packageLibrary(), join(folder, "libonnxruntime.so"));
      const flag = await devices("--provider", "cpu", "--onnxruntime", folder);
      assertEquals([flag.stderr, flag.code], ["", 0]);
      assertMatch(flag.stdout, /^ONNX Runtime \d+\.\d+\.\d+\+sha256\.[0-9a-f]{16}\n {2}cpu {5}ready/);
      const variable = await runTask(["devices", "--provider", "cpu"], {
        env: { [LIBRARY_VARIABLE]: folder },
      });
      assertEquals(variable.stdout.split("\n")[0], flag.stdout.split("\n")[0]);
      const cuda = await devices("--provider", "cuda", "--onnxruntime", folder);
      assertEquals(cuda.code, 2);
      assertStringIncludes(cuda.stderr, "libonnxruntime_providers_cuda.so is not beside ONNX Runtime");
      // Something that is there and is no library.
      await Deno.writeTextFile(join(folder, "libonnxruntime_providers_cuda.so"), "no library");
      const broken = await devices("--provider", "cuda", "--onnxruntime", folder);
      assertEquals(broken.code, 2);
      assertMatch(broken.stderr, /^error: Cannot compute with "cuda": its library does not load \(.*cuDNN 9/);
    }),
});

Deno.test({
  name: name("a folder without a library that can be used is one line"),
  ignore: !supported,
  fn: () =>
    withFolder(async (folder) => {
      const refused = async (text: string): Promise<void> => {
        const { code, stdout, stderr } = await devices("--onnxruntime", folder);
        assertEquals([code, stdout], [2, ""]);
        assertStringIncludes(stderr, text);
        assertEquals(stderr.trim().split("\n").length, 1, stderr);
      };
      await refused("expected a folder with libonnxruntime.so.1 or libonnxruntime.so");
      await Deno.writeTextFile(join(folder, "libonnxruntime.so"), "no library");
      await refused("it does not load (");
    }),
});

Deno.test({
  name: name("builds are told apart by their bytes, the package's by the lock file"),
  ignore: !supported,
  fn: () =>
    withFolder(async (folder) => {
      const file = join(folder, "libonnxruntime.so"), provider = "libonnxruntime_providers_cuda.so";
      await Deno.writeTextFile(file, "one");
      const place = libraryPlace(folder), first = buildName(place, [provider]);
      assertEquals(place, { folder, file, own: true });
      await Deno.writeTextFile(join(folder, provider), "one");
      const second = buildName(place, [provider]);
      await Deno.writeTextFile(join(folder, provider), "two");
      assertEquals(new Set([first, second, buildName(place, [provider])]).size, 3);
      assertEquals(buildName(libraryPlace(""), [provider]), "");
      assertThrows(() => libraryPlace(join(folder, "none")), ProviderError, "expected a folder with");
    }),
});
