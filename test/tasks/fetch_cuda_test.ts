import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../tasks/shared/command.ts";
import { type Build, cudaBuild, fetchBuild } from "../../tasks/shared/fetch_cuda.ts";

const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

/** Packs a folder as npm does. */
async function pack(folder: string, files: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const packed = join(folder, "packed");
  for (const [name, text] of Object.entries(files)) {
    await Deno.mkdir(join(packed, "package", name, ".."), { recursive: true });
    await Deno.writeTextFile(join(packed, "package", name), text);
  }
  const args = ["-czf", join(folder, "packed.tgz"), "-C", packed, "package"];
  assertEquals((await new Deno.Command("tar", { args }).output()).code, 0);
  return await Deno.readFile(join(folder, "packed.tgz"));
}

/** Serves a package as an npm registry does; npm is told by its variable. */
async function withRegistry(test: (folder: string, build: Build) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir(), library = "the library's bytes";
  const archive = await pack(folder, {
    "package.json": JSON.stringify({ name: "built", version: "1.2.3" }),
    "Plugins/x64/library.so": library,
    "Plugins/x64/other.so": "not wanted",
  });
  const integrity = `sha512-${createHash("sha512").update(archive).digest("base64")}`;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname, origin } = new URL(request.url);
    if (pathname.endsWith(".tgz")) return new Response(archive.slice());
    if (pathname !== "/built") return new Response("{}", { status: 404 });
    const dist = { tarball: `${origin}/built/-/built-1.2.3.tgz`, integrity };
    const versions = { "1.2.3": { name: "built", version: "1.2.3", dist } };
    return Response.json({ name: "built", "dist-tags": { latest: "1.2.3" }, versions });
  });
  const variables = {
    npm_config_registry: `http://127.0.0.1:${server.addr.port}/`,
    npm_config_cache: join(folder, "cache"),
  };
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  try {
    await test(folder, {
      name: "build",
      needs: "nothing",
      packages: [{
        name: "built@1.2.3",
        folder: "package/Plugins/x64",
        files: { "library.so": sha256(library) },
      }],
    });
  } finally {
    for (const [name, value] of before) {
      value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
    }
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
}

const hasNpm = await new Deno.Command("npm", { args: ["--version"] }).output().then(
  ({ success }) => success,
  () => false,
);
const name = (what: string): string => hasNpm ? what : `${what} (ignored: no npm)`;

Deno.test({
  name: name("a build is fetched with npm, checked, and fetched once"),
  ignore: !hasNpm,
  fn: () =>
    withRegistry(async (folder, build) => {
      const said: string[] = [], target = join(folder, "builds");
      const fetched = await fetchBuild(build, target, (line) => said.push(line));
      assertEquals(fetched, join(target, "build"));
      assertEquals(Array.from(Deno.readDirSync(fetched), (entry) => entry.name), ["library.so"]);
      assertEquals(said, ["packing built@1.2.3 …"]);
      await fetchBuild(build, target, (line) => said.push(line));
      assertMatch(said[1] ?? "", /is there, with the right digests$/);
      // What was changed since is fetched again.
      await Deno.writeTextFile(join(fetched, "library.so"), "another");
      await fetchBuild(build, target, (line) => said.push(line));
      assertEquals(await Deno.readTextFile(join(fetched, "library.so")), "the library's bytes");
    }),
});

Deno.test({
  name: name("a file with another digest is refused, and a package that is not there; nothing is kept"),
  ignore: !hasNpm,
  fn: () =>
    withRegistry(async (folder, build) => {
      const [one] = build.packages, target = join(folder, "builds");
      if (!one) throw new TypeError("the build has a package");
      const wrong = { ...build, packages: [{ ...one, files: { "library.so": sha256("another") } }] };
      await assertRejects(
        () => fetchBuild(wrong, target, () => {}),
        UsageError,
        "Cannot use library.so of built",
      );
      const absent = { ...build, packages: [{ ...one, name: "absent@1.0.0" }] };
      await assertRejects(
        () => fetchBuild(absent, target, () => {}),
        UsageError,
        "Cannot fetch absent@1.0.0",
      );
      const lacking = { ...build, packages: [{ ...one, files: { "none.so": sha256("") } }] };
      await assertRejects(
        () => fetchBuild(lacking, target, () => {}),
        UsageError,
        "Cannot unpack built@1.2.3",
      );
      assertEquals(existsSync(target) ? Array.from(Deno.readDirSync(target)) : [], []);
    }),
});

Deno.test("the build with CUDA names whole digests and one version of each package", () => {
  for (const { name, files } of cudaBuild.packages) {
    assertMatch(name, /^[a-z0-9.-]+@\d+\.\d+\.\d+$/);
    for (const digest of Object.values(files)) assertMatch(digest, /^[0-9a-f]{64}$/);
  }
});
