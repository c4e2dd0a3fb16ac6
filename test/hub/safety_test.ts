import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import { join, win32 } from "node:path";
import { Hub } from "../../src/hub/hub.ts";
import { HubError } from "../../src/hub/error.ts";
import { hubOptionsFromEnvironment } from "../../src/hub/options.ts";
import { checkPath, type HubRepository } from "../../src/hub/repository.ts";
import { bytesOf, filesBelow, refusal, startFixture, tiny, tinyModel, WEIGHTS } from "./hub_fixture.ts";

const hostilePaths = [
  "../evil",
  "a/../../evil",
  "..",
  "/etc/evil",
  "//host/evil",
  "a//b",
  "./a",
  "..\\evil",
  "C:\\evil",
  "C:evil",
  "a/C:/evil",
  "a\0b",
  "a\nb",
  "%2e%2e/evil",
  "%2E%2E%2Fevil",
  "%252e%252e%252fevil",
  "a%2f..%2f..%2fevil",
  "a%5c..%5cevil",
  "a%00",
  "%2e%2e/%zz/%ff",
  "",
  "x".repeat(2_000),
];

Deno.test("hostile paths are refused, from the caller before anything is asked", async () => {
  await using fixture = await startFixture();
  for (const path of hostilePaths) {
    assertMatch(await refusal(() => fixture.hub().file(tiny(), path)), /^Cannot download .*is refused, it /);
  }
  assertEquals(fixture.mirror.requests, []);
});

Deno.test("hostile paths are refused, from the server before anything is downloaded", async () => {
  for (const path of hostilePaths) {
    const files = { "config.json": "{}", [path]: "evil" };
    await using fixture = await startFixture({ models: { "org/tiny": { files } } });
    const message = await refusal(() => fixture.hub().snapshot(tiny(), () => true));
    assertMatch(message, /^Cannot list the files of model org\/tiny at main: the path ".*" is refused, it /);
    assert(fixture.mirror.requests.every(({ line }) => !line.includes("resolve")));
    assertEquals((await filesBelow(fixture.cache)).filter((file) => !/refs/.test(file)), []);
  }
});

Deno.test("odd but honest paths are taken", async () => {
  const files = {
    "a b.txt": "1",
    "100%.txt": "2",
    "ü/ñ.txt": "3",
    "a..b/.c": "4",
    "q?#&.txt": "5",
    "%20.txt": "6",
  };
  await using fixture = await startFixture({ models: { "org/tiny": { files } } });
  const folder = await fixture.hub().snapshot(tiny(), () => true);
  for (const [path, text] of Object.entries(files)) {
    assertEquals(await Deno.readTextFile(join(folder, path)), text);
  }
});

Deno.test("a path that is taken stays below its folder, on Windows too and whatever is decoded", () => {
  const piece = fc.constantFrom(".", "..", "/", "\\", "%2e", "%2f", "%25", "%5C", "a", "C:", "\0", "b");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const path = pieces.join("");
      try {
        checkPath(path, "test");
      } catch {
        return;
      }
      for (let text = path, i = 0; i < 5; i++) {
        assert(join("/cache", text).startsWith("/cache/"), path);
        assert(win32.join("D:\\cache", text).startsWith("D:\\cache\\"), path);
        text = text.replace(/%[0-7][0-9a-f]/gi, decodeURIComponent);
      }
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("hostile repositories and revisions are refused before anything is asked", async () => {
  await using fixture = await startFixture();
  const ids = [
    "../x",
    "a/../b",
    "/a",
    "a/b/c",
    "a\\b",
    "a/b\0",
    "a/..",
    ".",
    "a/.b",
    "a--b/c",
    "a/%2e%2e",
    "a b",
    "",
    "a/b?c",
  ];
  for (const id of ids) {
    const message = await refusal(() => fixture.hub().list({ type: "model", id, revision: "main" }));
    assertMatch(message, /^Cannot use the model ".*": expected "organisation\/name" /);
  }
  for (
    const revision of [
      "../main",
      "a/../b",
      "/main",
      "a//b",
      "a b",
      "",
      "main\n",
      "a\\b",
      "x%2fy",
      "a.lock",
      "a?b",
    ]
  ) {
    assertMatch(
      await refusal(() => fixture.hub().list(tiny(revision))),
      /is no branch, tag or commit|is refused/,
    );
  }
  assertEquals(fixture.mirror.requests, []);
  for (const id of ["gpt2", "Qwen/Qwen3-0.6B", "HuggingFaceH4/aime_2024", "_a/b_"]) {
    assertMatch(
      await refusal(() => fixture.hub().list({ type: "model", id, revision: "main" })),
      /there is none/,
    );
  }
});

Deno.test("a redirect may not climb, leave the web, or carry a password", async () => {
  const targets = [
    "file:///etc/passwd",
    "ftp://127.0.0.1/x",
    "http://user:pass@127.0.0.1/x",
    "/a/../../x",
    "/%2e%2e/x",
    "/a%2f..%2fx",
    "/a%252f..%252fx",
    "/a\\..\\x",
    "http://127.0.0.1:1/../x",
  ];
  for (const location of targets) {
    await using fixture = await startFixture({
      faults: [{ match: /resolve/, fault: { kind: "status", status: 302, headers: { location } } }],
    });
    assertMatch(
      await refusal(() => fixture.hub().file(tiny(), "config.json")),
      /redirects to ".*", which is refused$/,
    );
    assertEquals(fixture.mirror.requests.filter(({ line }) => !/api|resolve/.test(line)), []);
  }
});

Deno.test("a repository that moved is followed at the endpoint, with the token", async () => {
  const location = "/api/models/org/tiny/revision/main";
  await using fixture = await startFixture({
    faults: [{
      match: /models\/old\/name\/rev/,
      fault: { kind: "status", status: 307, headers: { location } },
    }],
  });
  const old: HubRepository = { type: "model", id: "old/name", revision: "main" };
  await refusal(() => fixture.hub({ token: "hf_secret" }).list(old)); // its files have not moved here
  assertEquals(fixture.mirror.requests[1]?.line, `GET ${location}`);
  assertEquals(fixture.mirror.requests[1]?.authorization, "Bearer hf_secret");
});

Deno.test("the token goes to the endpoint alone and is never shown", async () => {
  await using other = await startFixture({ models: {} });
  const location = `${other.mirror.url}/elsewhere`;
  await using fixture = await startFixture({
    faults: [{ match: /resolve.*README/, fault: { kind: "status", status: 302, headers: { location } } }],
  });
  const token = "hf_secret";
  const hub = fixture.hub({ token });
  await hub.file(tiny(), WEIGHTS);
  const message = await refusal(() => hub.file(tiny(), "README.md"));
  const { requests } = fixture.mirror;
  assertEquals(
    requests.map(({ origin, authorization }) => [origin, authorization ?? ""]),
    requests.map(({ origin }) => [origin, origin === "hub" ? "Bearer hf_secret" : ""]),
  );
  assert(requests.some(({ origin }) => origin === "content"));
  assertEquals(other.mirror.requests.map(({ authorization }) => authorization), [undefined]);
  const shown = [message, Deno.inspect(hub), JSON.stringify(hub), JSON.stringify(fixture.news)].join("\n");
  assert(!shown.includes("secret"), shown);
});

Deno.test("a list of files that goes on elsewhere is asked for at the endpoint", async () => {
  const commit = "c".repeat(40);
  const tree = `/api/models/org/tiny/tree/${commit}`;
  await using fixture = await startFixture({
    models: { "org/tiny": { commit, files: { "a.txt": "a", "b.txt": "b" } } },
    pageSize: 1,
    faults: [{
      match: /tree\/[^?]*\?recursive=true&expand=false$/,
      fault: {
        kind: "status",
        status: 200,
        headers: { link: `<https://hub.invalid${tree}?cursor=1>; rel="next"` },
        body: "[]",
      },
    }],
  });
  const files = await fixture.hub({ token: "hf_secret" }).list(tiny());
  assertEquals(files.map(({ path }) => path), ["b.txt"]);
  assertEquals(fixture.mirror.requests.at(-1)?.line, `GET ${tree}?cursor=1`);
});

Deno.test("a symbolic link in the cache is not followed out of it by a new file", async () => {
  await using fixture = await startFixture({
    models: { "org/tiny": { files: { ...tinyModel, "a/b.bin": bytesOf(9) } } },
  });
  const hub = fixture.hub();
  const config = await hub.file(tiny(), "config.json");
  const outside = await Deno.makeTempFile();
  await Deno.remove(config);
  await Deno.symlink(outside, config);
  await hub.file(tiny(), "config.json");
  assertEquals(await Deno.readTextFile(outside), "");
  assertEquals(await Deno.readTextFile(config), tinyModel["config.json"]);
  await Deno.remove(outside);
});

Deno.test("hubOptionsFromEnvironment() finds cache, token and endpoint as Hugging Face's tools do", async () => {
  const home = await Deno.makeTempDir();
  const options = (variables: Record<string, string>): ReturnType<typeof hubOptionsFromEnvironment> =>
    hubOptionsFromEnvironment((name) => ({ HOME: home, ...variables })[name]);
  const huggingface = join(home, ".cache", "huggingface");
  const usual = { endpoint: "https://huggingface.co", cache: join(huggingface, "hub"), offline: false };
  assertEquals(options({}), usual);
  await Deno.mkdir(huggingface, { recursive: true });
  await Deno.writeTextFile(join(huggingface, "token"), "hf_stored\n");
  assertEquals(options({}), { ...usual, token: "hf_stored" });
  assertEquals(options({ HF_TOKEN: "hf_given" }).token, "hf_given");
  assertEquals(options({ XDG_CACHE_HOME: "/x" }).cache, join("/x", "huggingface", "hub"));
  assertEquals(options({ HF_HOME: "~/hf" }), { ...usual, cache: join(home, "hf", "hub") });
  assertEquals(options({ HF_HOME: "/hf", HF_HUB_CACHE: "/cache" }).cache, "/cache");
  assertEquals(options({ HF_TOKEN_PATH: join(huggingface, "token"), HF_HOME: "/hf" }).token, "hf_stored");
  assertEquals(
    options({ HF_ENDPOINT: "http://mirror.local:8080/hf/" }).endpoint,
    "http://mirror.local:8080/hf",
  );
  assertEquals(
    ["1", "true", "ON", "0", "no", ""].map((value) => options({ HF_HUB_OFFLINE: value }).offline),
    [
      true,
      true,
      true,
      false,
      false,
      false,
    ],
  );
  const refused = (variables: Record<string, string>, line: string): void => {
    const error = assertThrows(() => options(variables), HubError);
    assertEquals(error.message, line);
  };
  refused(
    { HF_ENDPOINT: "huggingface" },
    'Cannot use the endpoint "huggingface": expected one like "https://huggingface.co" in HF_ENDPOINT',
  );
  refused(
    { HF_ENDPOINT: "https://me:secret@hub.local" },
    'Cannot use the endpoint at hub.local: expected one like "https://huggingface.co" in HF_ENDPOINT, with no user, query or fragment',
  );
  refused(
    { HF_TOKEN: "hf_a b" },
    "Cannot use the token of HF_TOKEN: it holds a space or a character that no token has",
  );
  refused({ HOME: "" }, "Cannot find the cache of the Hub: set HF_HOME to a folder");
  assertThrows(() => new Hub({}), HubError, "Cannot use the Hub without a cache");
  await Deno.remove(home, { recursive: true });
});
