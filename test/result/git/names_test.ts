/** Names that mean two things, and histories that are not what the commits say. */
import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { findResults, GitRepository, resultHistory, ResultSourceError } from "../../../src/result/mod.ts";
import { type Repository, shifted, smallRecord, withRepository } from "../history_fixture.ts";

/** Two signed results, one commit each. */
async function withTwo(
  work: (repository: Repository, first: string, second: string) => Promise<void>,
): Promise<void> {
  await withRepository(async (repository) => {
    const record = await smallRecord(6);
    await repository.write(record);
    const first = await repository.commit("first");
    await repository.write(shifted(record, "bupo", -2));
    await work(repository, first, await repository.commit("second"));
  });
}

Deno.test("a revision that is a branch, a tag or the beginning of a hash at once is refused", async () => {
  await withTwo(async (repository, first, second) => {
    const directory = repository.root, short = first.slice(0, 7);
    const commitOf = async (name: string) => (await findResults(name, { directory }))[0]?.commit;
    assertEquals(await commitOf(short), first);
    await repository.git("tag", short, second);
    await repository.git("tag", "both", second);
    await repository.git("branch", "both", first);
    await repository.git("config", "core.warnAmbiguousRefs", "false");
    for (const name of [short, `${short}~0`, "both", "both^{commit}", `both..${second}`]) {
      await assertRejects(() => findResults(name, { directory }), ResultSourceError, "Cannot tell what");
    }
    await assertRejects(
      () => Array.fromAsync(resultHistory("embedded", { directory }, "both")),
      ResultSourceError,
      "more than one branch, tag or commit",
    );
    assertEquals(await commitOf(first), first);
    assertEquals(await commitOf(`refs/tags/${short}`), second);
    assertEquals(await commitOf("refs/heads/both"), first);
    await repository.git("update-ref", "refs/heads/HEAD", first);
    await assertRejects(() => findResults("HEAD", { directory }), ResultSourceError, 'what "HEAD" is');
  });
});

Deno.test("neither grafts nor replaced objects change what a revision names", async () => {
  await withTwo(async (repository, first, second) => {
    const directory = repository.root;
    await repository.git("checkout", "-q", "--orphan", "evil");
    await repository.write(shifted(await smallRecord(6), "bupo", 3));
    const evil = await repository.commit("evil");
    await repository.git("checkout", "-q", "main");
    await Deno.mkdir(join(directory, ".git/info"), { recursive: true });
    await Deno.writeTextFile(join(directory, ".git/info/grafts"), `${second} ${evil}\n`);
    // Git itself obeys, or this test would show nothing.
    assertEquals(await repository.git("rev-parse", "HEAD~1"), evil);
    const [found] = await findResults("HEAD~1", { directory });
    assertEquals(found?.commit, first);
    const commits = await Array.fromAsync(resultHistory("embedded", { directory }), ({ commit }) => commit);
    assertEquals(commits, [second, first]);
    await Deno.remove(join(directory, ".git/info/grafts"));
    await repository.git("replace", second, evil);
    const git = await GitRepository.open(directory);
    assertEquals(await git.resolve("HEAD~1"), first);
  });
});
