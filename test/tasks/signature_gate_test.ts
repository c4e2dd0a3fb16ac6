/** What `compare` demands of signatures: one that is lacking or taken away passes no more than a false one. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { loadPublishedKeys, sshPublicKey } from "../../src/result/mod.ts";
import { newKey } from "../result/fixture.ts";
import { type Repository, shifted, smallRecord, withRepository } from "../result/history_fixture.ts";
import { type Outcome, runTask } from "./run_task.ts";

async function run({ root }: Repository, ...args: readonly string[]): Promise<Outcome> {
  return await runTask(args, { cwd: root, folder: root });
}

/** Removes the signature files of a result's folder. */
async function strip(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (/^(manifest|provenance)\./.test(name)) await Deno.remove(join(folder, name));
  }
}

/** `honest`: signed; `stripped`: BuPO better and no signature any more; `new`: another profile, never signed. */
async function withStripped(work: (repository: Repository) => Promise<void>): Promise<void> {
  await withRepository(async (repository) => {
    const record = await smallRecord(10);
    await repository.write(record);
    await repository.commit("honest");
    await repository.git("tag", "honest");
    await repository.write(shifted(record, "bupo", 3), { signed: false });
    await repository.commit("stripped");
    await repository.git("tag", "stripped");
    await repository.write({ ...record, profile: { ...record.profile, name: "other" } }, {
      profile: "other",
      signed: false,
    });
    await repository.commit("new");
    await repository.git("tag", "new");
    await work(repository);
  });
}

Deno.test("a signature that was taken away is named as such, in commits and on disk, and is not compared", async () => {
  await withStripped(async (repository) => {
    const commit = (await repository.git("rev-parse", "honest")).slice(0, 12);
    const gone = `signature REMOVED: commit ${commit} had one`;
    for (
      const [name, flags] of [["stripped", []], ["new", ["--profile", "embedded"]], [
        "results/embedded",
        [],
      ]] as const
    ) {
      const refused = await run(repository, "compare", "honest", name, ...flags);
      assertEquals([refused.code, refused.stdout], [3, ""], name);
      assertStringIncludes(
        refused.stderr,
        `error: Cannot trust the result "${name}": its signature was removed: commit ${commit} had one`,
      );
      const shown = await run(repository, "compare", "honest", name, "--allow-unverified", ...flags);
      assertEquals(shown.code, 0, shown.stderr);
      assertStringIncludes(shown.stdout, gone);
    }
    const listed = await run(repository, "results", "--json");
    const states = JSON.parse(listed.stdout).results.map((
      { result, signature }: { result: string; signature: string },
    ) => [result, signature]);
    assertEquals(states, [["results/embedded", gone], ["results/other", "unsigned"]]);
    const history = await run(repository, "results", "--history", "--json");
    const signatures = JSON.parse(history.stdout).commits.map((
      { result }: { result: { signature: string } },
    ) => result.signature);
    assertEquals(signatures.map((text: string) => text.replace(/;.*/s, "")), [
      gone,
      `verified by ${repository.keyid}`,
    ]);
    // Also where the files are removed and nothing is committed.
    await repository.git("checkout", "-q", "honest", "--", "results/embedded");
    await strip(repository.folder());
    assertStringIncludes((await run(repository, "results")).stdout, gone);
  });
});

Deno.test("a side branch that had a signature counts as an ancestor", async () => {
  await withRepository(async (repository) => {
    const record = await smallRecord(10);
    await repository.commit("nothing yet");
    await repository.git("checkout", "-q", "-b", "side");
    await repository.write(record);
    await repository.commit("signed");
    await strip(repository.folder());
    await repository.commit("stripped");
    await repository.git("checkout", "-q", "main");
    await repository.write(record, { signed: false });
    await repository.commit("unsigned");
    await repository.git("merge", "-q", "-s", "ours", "-m", "merge", "side");
    assertMatch((await run(repository, "results")).stdout, /signature REMOVED/);
  });
});

Deno.test("--require refuses what is not signed, or not by a trusted key, with exit code 3; --fail-on does so unasked", async () => {
  await withStripped(async (repository) => {
    const [key] = (await loadPublishedKeys(join(repository.root, "results", "keys"))).values();
    const trusted = join(repository.root, "trusted"), strangers = join(repository.root, "strangers");
    await Deno.writeTextFile(trusted, `lab ${key ? sshPublicKey(key) : ""}\n`);
    await Deno.writeTextFile(strangers, `${sshPublicKey((await newKey()).publicKey)}\n`);
    await Deno.copyFile(
      join(repository.root, "results/other/results.json"),
      join(repository.root, "other.json"),
    );
    const gate = "--fail-on regress";
    const cases: readonly (readonly [number, string, string])[] = [
      [0, "", "honest ./other.json"],
      [
        3,
        'Cannot trust the result "./other.json": it is unsigned, and --require verified holds',
        `honest ./other.json ${gate}`,
      ],
      [0, "", `honest ./other.json ${gate} --allow-unverified`],
      [3, "it is unsigned, and --require verified holds", "honest ./other.json --require verified"],
      [0, "", "honest --require verified"],
      [0, "", `honest --require trusted --trusted-keys ${trusted}`],
      [0, "", `honest --trusted-keys ${trusted}`],
      [3, "which is none of the trusted keys", `honest --require trusted --trusted-keys ${strangers}`],
      [3, "it is unsigned, and --require trusted holds", `./other.json --trusted-keys ${trusted}`],
      [2, "name the keys you trust", "honest --require trusted"],
      [2, "name the keys you trust", `honest --require verified --trusted-keys ${trusted}`],
      [2, "expected verified, trusted", "honest --require signed"],
      [2, 'Cannot use "--allow-unverified" with', "honest --require verified --allow-unverified"],
      [2, "there is no list of keys", "honest --trusted-keys none"],
      [2, "results/embedded/results.json: line 1", "honest --trusted-keys results/embedded/results.json"],
    ];
    for (const [expected, said, words] of cases) {
      const { code, stderr } = await run(
        repository,
        "compare",
        ...words.replaceAll(repository.root, ".").split(" "),
      );
      assertEquals(code, expected, `${words}: ${stderr}`);
      assertStringIncludes(stderr, said);
      if (said === "") assertEquals(stderr, "", words);
    }
  });
});
