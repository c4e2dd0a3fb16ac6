import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { modelDigest } from "../../src/model/mod.ts";
import { type JobContext, parseProfile, recordedProfile } from "../../src/pipeline/mod.ts";
import { writeRecord } from "../../src/result/mod.ts";
import { resultTarget } from "../../tasks/shared/replace.ts";
import { copyDirectory } from "./copy_directory.ts";
import { type Outcome, runTask } from "./run_task.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const smoke = JSON.parse(await Deno.readTextFile(join(root, "benchmarks/profiles/smoke.json")));
const committed = join(root, "results/embedded");

/** A folder with a copy of the committed result, and profiles of one's own. */
async function withCopy(
  test: (directory: string, run: (...args: readonly string[]) => Promise<Outcome>) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await copyDirectory(committed, join(directory, "results/embedded"));
    await copyDirectory(join(root, "results/keys"), join(directory, "results/keys"));
    const profile = { ...smoke, $schema: undefined, name: "embedded", seeds: [5] };
    await Deno.writeTextFile(join(directory, "mine.json"), JSON.stringify(profile));
    const env = { XDG_CONFIG_HOME: join(directory, "config"), BUPO_KEY: join(directory, "key.pem") };
    const run = (...args: readonly string[]): Promise<Outcome> =>
      runTask(args, { cwd: root, folder: directory, env });
    assertEquals((await run("keys", "generate", "--key", join(directory, "key.pem"))).code, 0);
    await test(directory, run);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("a signed result of another profile or key is not written over, and nothing runs", async () => {
  await withCopy(async (directory, run) => {
    const out = join(directory, "results/embedded"), store = join(directory, "store");
    const before = await Deno.readTextFile(join(out, "results.json"));
    const flags = ["--profile", join(directory, "mine.json"), "--store", store, "--out", out, "--quiet"];
    const refused = await run("reproduce", ...flags);
    assertEquals([refused.code, refused.stdout], [1, ""], refused.stderr);
    assertMatch(
      refused.stderr,
      /^error: Cannot write to .+embedded: a signed result of another profile.* and key lies there; .+--replace\n$/,
    );
    assertEquals(await Deno.readTextFile(join(out, "results.json")), before);
    await Deno.stat(store).then(() => assert(false, "the store was made"), () => {});

    const signed = await run("attest", out, "--key", join(directory, "key.pem"));
    assertEquals(signed.code, 1, signed.stderr);
    assertMatch(signed.stderr, /^error: Cannot sign .+embedded: SHA256:.+ has signed it; .+--replace\n$/);
    const again = await run("attest", out, "--key", join(directory, "key.pem"), "--replace");
    assertEquals(again.code, 0, again.stderr);
    assertEquals((await run("attest", out, "--key", join(directory, "key.pem"))).code, 0);
  });
});

Deno.test("where no folder is named, a result that another key signed is left alone, and a folder beside it is taken", async () => {
  const directory = await Deno.makeTempDir(), usual = join(directory, "smoke");
  try {
    const profile = parseProfile(JSON.stringify({ ...smoke, $schema: undefined }), "smoke.json");
    const files = { model: join(root, "benchmarks/model"), datasets: {} },
      context = { profile, files } as JobContext;
    const record = JSON.parse(await Deno.readTextFile(join(committed, "results.json")));
    const base = { ...record.base, digest: await modelDigest(files.model) };
    await copyDirectory(committed, usual);
    const write = (changes: object): Promise<void> =>
      writeRecord(usual, { ...record, profile: recordedProfile(profile), base, ...changes });
    await write({});
    const bundle = await Deno.readTextFile(join(usual, "manifest.sigstore.json"));
    const signer = /"keyid":"([^"]+)"/.exec(bundle)?.[1] ?? "";
    const target = (keyid: string, out?: string): Promise<string> => resultTarget(context, keyid, out, usual);
    assertEquals(await target(signer), usual);
    assertMatch(await target("SHA256:mine"), new RegExp(`^${usual}-[0-9a-f]{8}$`));
    await assertRejects(
      () => target("SHA256:mine", usual),
      RangeError,
      "a signed result of another key lies there",
    );
    await write({ base: { ...base, digest: "0".repeat(64) } });
    await assertRejects(() => target(signer), RangeError, "a signed result of another model lies there");
    await write({ profile: { ...recordedProfile(profile), seeds: [99] } });
    await assertRejects(() => target(signer), RangeError, "a signed result of another profile lies there");
    assertEquals(await target(signer, join(directory, "new")), join(directory, "new"));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("--replace writes over it, and the same profile, model and key need no flag", async () => {
  await withCopy(async (directory, run) => {
    const out = join(directory, "results/embedded"), store = join(directory, "store");
    const flags = ["--profile", join(directory, "mine.json"), "--store", store, "--out", out, "--quiet"];
    const replaced = await run("reproduce", ...flags, "--replace");
    assertEquals(replaced.code, 0, replaced.stderr);
    assertEquals(JSON.parse(await Deno.readTextFile(join(out, "results.json"))).profile.seeds, [5]);
    const same = await run("reproduce", ...flags);
    assertEquals(same.code, 0, same.stderr);
  });
});

Deno.test("export and pretrain write over no model that they did not write", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const base = join(directory, "base");
    await copyDirectory(join(root, "benchmarks/model"), base);
    await Deno.remove(join(base, "pretraining_record.json"));
    const before = await Deno.readFile(join(base, "model.safetensors"));
    const run = (...args: readonly string[]): Promise<Outcome> =>
      runTask(args, { cwd: root, folder: directory });
    const profile = ["--store", join(directory, "store"), "--profile", "smoke"];
    const exported = await run("export", "--method", "grpo", "--seed", "5", "--out", base, ...profile);
    assertEquals(exported.code, 1, exported.stderr);
    assertMatch(
      exported.stderr,
      /^error: Cannot export to .+base: .+ of another model lies there, .+ --replace\n$/,
    );
    const pretrained = await run("pretrain", "--out", base, "--steps", "1", "--quiet");
    assertEquals(pretrained.code, 2, pretrained.stderr);
    assertMatch(pretrained.stderr, /another model lies there; .+--replace/);
    assertEquals(await Deno.readFile(join(base, "model.safetensors")), before);
    const own = await run(
      "export",
      "--method",
      "grpo",
      "--seed",
      "5",
      "--out",
      "benchmarks/model",
      ...profile,
    );
    assertEquals(own.code, 1, own.stderr);
    assertMatch(
      own.stderr,
      /^error: Cannot export to benchmarks\/model: it is the folder of the base model; .+\n$/,
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
