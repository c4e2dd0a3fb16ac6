/** Processes of their own that download: killed, two at a time, without room, with few permissions. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { HUB_VARIABLES } from "../../src/hub/options.ts";
import {
  blobs,
  bytesSent,
  DIGEST,
  digestOf,
  filesBelow,
  type Fixture,
  SIZE,
  startFixture,
  WEIGHTS,
} from "./hub_fixture.ts";

const environment = `--allow-env=BUPO_TRACE,${HUB_VARIABLES.join()}`;
const offline = [environment, "--allow-read", "--allow-write"];
const usual = [...offline, "--allow-net=127.0.0.1"];

/** `main.ts download` against the fixture's mirror and cache. */
function download(
  { mirror, cache }: Fixture,
  args: readonly string[],
  permissions: readonly string[] = usual,
  program: readonly string[] = ["main.ts"],
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      ...permissions,
      ...program,
      "download",
      ...args,
    ],
    env: {
      HF_ENDPOINT: mirror.url,
      HF_HOME: cache,
      HF_HUB_CACHE: cache,
      HF_TOKEN: "hf_secret",
      HF_HUB_OFFLINE: "0",
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function finish(child: Deno.ChildProcess): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await child.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

const repository = ["--repository", "org/tiny"];
const slow = { match: /lfs/, times: 1, fault: { kind: "slow", bytes: 1_000, milliseconds: 30 } } as const;

Deno.test("deno task download prints a table, then JSON, and downloads once", async () => {
  await using fixture = await startFixture();
  const first = await finish(download(fixture, repository));
  assertEquals([first.code, first.stderr], [0, ""]);
  const [title = "", head, rule, ...lines] = first.stdout.trimEnd().split("\n");
  assertMatch(title, /^model org\/tiny at main \(commit [0-9a-f]{40}\)$/);
  assertEquals(head, "file                    size  state");
  assertMatch(rule ?? "", /^─{40}$/);
  const folder = /in (.*)$/.exec(lines.at(-1) ?? "")?.[1] ?? "";
  assertEquals(lines, [
    "config.json             22 B  downloaded",
    "model.safetensors    50.0 kB  downloaded",
    "tokenizer.json           2 B  downloaded",
    `3 files, 50.0 kB, in ${folder}`,
  ]);
  assertEquals(await filesBelow(folder), ["config.json", WEIGHTS, "tokenizer.json"]);
  const sent = bytesSent(fixture.mirror);
  const again = await finish(
    download(fixture, [...repository, "--json", "--offline"], offline),
  );
  assertEquals([again.code, again.stderr], [0, ""]);
  const [outcome, ...others] = JSON.parse(again.stdout);
  assertEquals(others, []);
  assertEquals(outcome.repository, { type: "model", id: "org/tiny", revision: "main" });
  assertEquals([outcome.folder, outcome.commit], [folder, title.slice(-41, -1)]);
  assertEquals(
    outcome.files.map((
      file: Record<string, unknown>,
    ) => [file["path"], file["size"], file["state"], file["sha256"]]),
    [["config.json", 22, "cached", undefined], [WEIGHTS, SIZE, "cached", DIGEST], [
      "tokenizer.json",
      2,
      "cached",
      undefined,
    ]],
  );
  assertEquals(bytesSent(fixture.mirror), sent);
});

Deno.test("a process that may write to the cache alone makes hard links", async () => {
  await using fixture = await startFixture();
  const permissions = [
    environment,
    "--allow-net=127.0.0.1",
    `--allow-read=.,${fixture.cache}`,
    `--allow-write=${fixture.cache}`,
  ];
  const { code, stderr } = await finish(
    download(fixture, [...repository, "--include", "c*", "--quiet"], permissions),
  );
  assertEquals([code, stderr], [0, ""]);
  const [path = ""] = (await filesBelow(fixture.cache)).filter((file) => file.endsWith("config.json"));
  const info = await Deno.lstat(join(fixture.cache, path));
  assertEquals([info.isFile, info.nlink], [true, 2]);
  const sent = bytesSent(fixture.mirror);
  const path2 = await fixture.hub().file({ type: "model", id: "org/tiny", revision: "main" }, "config.json");
  assertEquals([path2, bytesSent(fixture.mirror)], [join(fixture.cache, path), sent]);
});

Deno.test("a process that is killed loses nothing: the next one goes on where it was", async () => {
  await using fixture = await startFixture({ faults: [slow] });
  const incomplete = join(fixture.cache, "models--org--tiny", "blobs", `${DIGEST}.incomplete`);
  // It kills itself: "deno" may be a program that only starts the real one, and killing that one would not stop it.
  const script = join(fixture.cache, "kill.ts"), main = new URL("../../main.ts", import.meta.url).href;
  await Deno.writeTextFile(
    script,
    `import { main } from ${JSON.stringify(main)};
     const [path = "", ...args] = Deno.args;
     setInterval(() => {
       try {
         if (Deno.statSync(path).size >= 20000) Deno.kill(Deno.pid, "SIGKILL");
       } catch { /* not there yet */ }
     }, 5);
     await main(args);`,
  );
  const killed = download(fixture, repository, ["-A", "--config=deno.json"], [script, incomplete]);
  assert((await killed.output()).code !== 0);
  const kept = (await Deno.stat(incomplete)).size;
  assert(kept >= 20_000 && kept < SIZE, `${kept}`);
  assert(!(await blobs(fixture.cache)).includes(DIGEST));
  const { code, stdout, stderr } = await finish(download(fixture, repository));
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, "model.safetensors    50.0 kB  downloaded");
  const last = fixture.mirror.requests.findLast(({ origin }) => origin === "content");
  assertEquals([last?.range, last?.sent], [`bytes=${kept}-`, SIZE - kept]);
  const path = await fixture.hub({ offline: true, recheck: true }).file(
    { type: "model", id: "org/tiny", revision: "main" },
    WEIGHTS,
  );
  assertEquals(await digestOf(path), DIGEST);
});

Deno.test("what is cached is used by a process that may write nothing", async () => {
  await using fixture = await startFixture();
  assertEquals((await finish(download(fixture, repository))).code, 0);
  const folder = join(fixture.cache, "models--org--tiny");
  await Deno.remove(join(folder, ".bupo-bench"), { recursive: true }); // as another tool would have left it
  const { code, stdout, stderr } = await finish(
    download(fixture, [...repository, "--offline"], [environment, "--allow-read"]),
  );
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, "model.safetensors    50.0 kB  cached");
  assertEquals((await filesBelow(folder)).filter((file) => file.startsWith(".")), []);
});

Deno.test("two processes at once download each file once and both have it", async () => {
  await using fixture = await startFixture({ faults: [slow] });
  const outcomes = await Promise.all([repository, repository].map((args) => finish(download(fixture, args))));
  assertEquals(outcomes.map(({ code }) => code), [0, 0]);
  assertEquals(bytesSent(fixture.mirror), SIZE + 24);
  const states = outcomes.map(({ stdout }) => /safetensors +50.0 kB +(\w+)/.exec(stdout)?.[1]);
  assertEquals(states.sort(), ["cached", "downloaded"]);
  assertEquals((await blobs(fixture.cache)).length, 3);
});

const full = Deno.build.os === "linux";

Deno.test({
  name: full ? "a full disk is one line" : "a full disk is one line (ignored: needs /dev/full)",
  ignore: !full,
  async fn() {
    await using fixture = await startFixture();
    const folder = join(fixture.cache, "models--org--tiny", "blobs");
    await Deno.mkdir(folder, { recursive: true });
    await Deno.symlink("/dev/full", join(folder, `${DIGEST}.incomplete`));
    // Deno lets only a process with every permission write to devices.
    const { code, stdout, stderr } = await finish(
      download(fixture, [...repository, "--include", WEIGHTS], ["--allow-all"]),
    );
    assertEquals([code, stdout], [1, ""]);
    assertEquals(
      stderr,
      `error: Cannot download model org/tiny at main: the disk of ${fixture.cache} is full; make room or set HF_HOME to another disk, then run it again\n`,
    );
    assert(!(await blobs(fixture.cache)).includes(DIGEST));
  },
});
