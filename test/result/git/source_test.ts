import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import {
  findResults,
  type FoundResult,
  resultHistory,
  ResultSourceError,
  writeRecord,
} from "../../../src/result/mod.ts";
import { embeddedRecord, type Repository, withRepository, withThreeResults } from "../history_fixture.ts";
import { sampleRecord } from "../fixture.ts";

/** The one result of an argument. */
async function findOne({ root }: Repository, argument: string, profile?: string): Promise<FoundResult> {
  const found = await findResults(argument, { directory: root, profile });
  assertEquals(found.length, 1);
  return found[0] as FoundResult; // there is one
}

/** Correct samples of the last run. */
function lastCounts({ record }: FoundResult): number {
  const suites = Object.values(record.runs.at(-1)?.suites ?? {});
  return suites.flatMap(({ correct }) => correct).reduce((sum, count) => sum + count, 0);
}

/** What is said of an argument, and of which kind it is. */
async function refusal(
  argument: string,
  directory: string,
  profile?: string,
): Promise<readonly [kind: string, message: string]> {
  const error = await assertRejects(
    () => findResults(argument, { directory, profile }),
    ResultSourceError,
  );
  assertEquals(error.message.includes("\n"), false);
  return [error.kind, error.message];
}

Deno.test("findResults() reads commits, tags and ranges, and leaves a dirty work tree alone", async () => {
  await withThreeResults(async (repository) => {
    await Deno.writeTextFile(join(repository.folder(), "results.json"), "changed, not committed");
    await Deno.writeTextFile(join(repository.root, "untracked"), "");
    const before = await repository.git("status", "--porcelain", "--ignored");
    const head = await repository.git("rev-parse", "HEAD");
    for (const name of ["HEAD", "main", "worse", head, head.slice(0, 9), "heads/main", "same~0^{commit}"]) {
      const found = await findOne(repository, name);
      assertEquals(found.name, name);
      assertEquals(found.signature.state, "verified");
    }
    const counts = await Promise.all(
      ["first", "same", "worse"].map((name) => findOne(repository, name).then(lastCounts)),
    );
    assertEquals(counts[0], counts[1]);
    assert((counts[2] ?? 0) < (counts[1] ?? 0));
    for (
      const [range, ends] of [
        ["first..worse", ["first", "worse"]],
        ["first..", ["first", "HEAD"]],
        ["..same", ["HEAD", "same"]],
      ] as const
    ) {
      const found = await findResults(range, { directory: repository.root });
      assertEquals(found.map(({ name }) => name), [...ends]);
    }
    assertEquals(await repository.git("status", "--porcelain", "--ignored"), before);
    assertEquals(await repository.git("stash", "list"), "");
  });
});

Deno.test("findResults() says what a name that names nothing may have meant", async () => {
  await withThreeResults(async ({ root }) => {
    assertEquals(await refusal("wurse", root), [
      "missing",
      'Cannot find "wurse": there is no such path or revision; did you mean "worse"?',
    ]);
    assertEquals(
      (await refusal("first...worse", root))[1],
      'Cannot read the range "first...worse": expected A..B',
    );
    assertStringIncludes((await refusal("first..zzzzzz", root))[1], 'Cannot find "zzzzzz"');
    assertStringIncludes((await refusal("empty", root))[1], 'Cannot find results in "empty" (');
    assertStringIncludes(
      (await refusal("first", root, "embeded"))[1],
      'it has embedded; did you mean "embedded"?',
    );
    for (const name of ["", "a\0b", "HEAD:results", "first:results/embedded/results.json", "none.."]) {
      assertEquals((await refusal(name, root))[0], "missing", name);
    }
  });
});

Deno.test("a revision that looks like an option is only a name", async () => {
  await withThreeResults(async ({ root }) => {
    const target = join(root, "written");
    for (const name of [`--output=${target}`, "--help", "-p", "--all"]) {
      assertEquals((await refusal(name, root))[0], "missing", name);
    }
    const listed = () =>
      Array.fromAsync(resultHistory("embedded", { directory: root }, `--output=${target}`));
    await assertRejects(listed, ResultSourceError, "no such path or revision");
    await assertRejects(() => Deno.stat(target), Deno.errors.NotFound);
  });
});

Deno.test("findResults() chooses the profile, or says between which", async () => {
  await withRepository(async (repository) => {
    const record = await embeddedRecord();
    for (const profile of ["large", "small"]) await repository.write(record, { profile, signed: false });
    await repository.commit("two");
    assertStringIncludes(
      (await refusal("HEAD", repository.root))[1],
      "name one with --profile: large, small",
    );
    assertEquals((await findOne(repository, "HEAD", "small")).folder, "results/small");
    await repository.write(record, { signed: false });
    await repository.commit("three");
    assertEquals((await findOne(repository, "HEAD")).folder, "results/embedded");
    await Deno.remove(repository.folder(), { recursive: true });
    await Deno.remove(repository.folder("small"), { recursive: true });
    await repository.commit("one");
    assertEquals((await findOne(repository, "HEAD")).folder, "results/large");
  });
});

Deno.test("findResults() says so where there is no repository, and finds what is on disk there", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const [kind, message] = await refusal("HEAD", directory);
    assertEquals(kind, "missing");
    assertStringIncludes(message, 'Cannot find "HEAD": there is no such path, and not a git repository');
    const folder = join(directory, "my results", "run 1");
    await writeRecord(folder, sampleRecord());
    for (const path of [folder, join(folder, "results.json")]) {
      const [found] = await findResults(path, { directory });
      assertEquals([found?.commit, found?.signature.state], [null, "unsigned"]);
    }
    assertStringIncludes((await refusal("/dev/zero", directory))[1], "neither a file nor a folder");
    const copy = join(directory, "a copy.json");
    await Deno.copyFile(join(folder, "results.json"), copy);
    assertEquals((await findResults(copy, { directory }))[0]?.record, sampleRecord());
    assertEquals(
      (await refusal(directory, directory))[1],
      `Cannot use the folder "${directory}": it has no results.json`,
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("findResults() reads the results of a project inside a larger repository", async () => {
  await withRepository(async (repository) => {
    await repository.write(await embeddedRecord());
    const inner = join(repository.root, "inner project");
    await Deno.mkdir(inner);
    await Deno.rename(join(repository.root, "results"), join(inner, "results"));
    await repository.commit("inner");
    const [found] = await findResults("HEAD", { directory: inner });
    assertEquals([found?.folder, found?.signature.state], ["inner project/results/embedded", "verified"]);
    const [entry] = await Array.fromAsync(resultHistory("embedded", { directory: inner }));
    assert(entry && !("refused" in entry.result));
    assertStringIncludes((await refusal("HEAD", repository.root))[1], "there are none");
  });
});

Deno.test("a shallow clone says that it ends where it was cut off", async () => {
  await withThreeResults(async (repository) => {
    const first = await repository.git("rev-parse", "first");
    const clone = join(repository.root, "..", "a clone");
    await repository.git("clone", "-q", "--depth", "1", "--no-tags", `file://${repository.root}`, clone);
    const [found] = await findResults("HEAD", { directory: clone });
    assertEquals(found?.signature.state, "verified");
    assertStringIncludes((await refusal(first, clone))[1], "in this shallow clone; git fetch --unshallow");
    const history = await Array.fromAsync(resultHistory("embedded", { directory: clone }));
    assertEquals(history.map(({ subject }) => subject), ["worse"]);
  });
});

Deno.test("a record of 100 MB is refused unread, on disk and in a commit", async () => {
  await withRepository(async (repository) => {
    await repository.write(sampleRecord(), { signed: false });
    await Deno.truncate(join(repository.folder(), "results.json"), 100_000_000);
    const said = "it has 100000000 bytes, expected at most 67108864";
    for (const argument of [repository.folder(), join(repository.folder(), "results.json")]) {
      const [kind, message] = await refusal(argument, repository.root);
      assertEquals(kind, "unusable");
      assertStringIncludes(message, said);
    }
    await repository.commit("large");
    assertStringIncludes((await refusal("HEAD", repository.root))[1], said);
  });
});

Deno.test("records of another shape are refused with the place, and stay in the history", async () => {
  await withThreeResults(async (repository) => {
    const path = join(repository.folder(), "results.json");
    for (
      const [text, said] of [
        ['{"schema":"bupo-bench/results/v0"}\n', 'schema: expected "bupo-bench/results/v1"'],
        ["not JSON", "results.json: "],
        ["", "results.json: "],
      ] as const
    ) {
      await Deno.writeTextFile(path, text);
      await repository.commit("other");
      const [kind, message] = await refusal("HEAD", repository.root);
      assertEquals(kind, "unusable");
      assertStringIncludes(message, 'Cannot use the result "HEAD": Cannot read results.json');
      assertStringIncludes(message, said);
    }
    const history = await Array.fromAsync(resultHistory("embedded", { directory: repository.root }));
    assertEquals(history.map(({ result }) => "refused" in result), [true, true, true, false, false]);
    assertEquals(history.map(({ subject }) => subject).slice(3), ["worse", "first"]);
    const range = await Array.fromAsync(
      resultHistory("embedded", { directory: repository.root }, "first..worse"),
    );
    assertEquals(range.map(({ subject }) => subject), ["worse"]);
    await assertRejects(
      () => Array.fromAsync(resultHistory("embedded", { directory: repository.root }, "firs")),
      ResultSourceError,
      'did you mean "first"?',
    );
  });
});

Deno.test("the repository's own configuration makes git run nothing", async () => {
  await withThreeResults(async (repository) => {
    const mark = join(repository.root, "ran"), script = join(repository.root, "script");
    await Deno.writeTextFile(script, `#!/bin/sh\ntouch '${mark}'\n`, { mode: 0o755 });
    for (const name of ["gpg.program", "core.pager", "diff.external", "core.fsmonitor", "core.sshCommand"]) {
      await repository.git("config", name, script);
    }
    await repository.git("config", "log.showSignature", "true");
    await repository.git("config", "pager.log", "true");
    const signed = await repository.git("cat-file", "commit", "HEAD");
    const forged = signed.replace(
      "\n\n",
      "\ngpgsig -----BEGIN PGP SIGNATURE-----\n  x\n -----END PGP SIGNATURE-----\n\n",
    );
    const path = join(repository.root, "..", "commit");
    await Deno.writeTextFile(path, forged + "\n");
    const commit = await repository.git("hash-object", "-t", "commit", "-w", path);
    await repository.git("update-ref", "refs/heads/main", commit);
    const options = { directory: repository.root };
    assertEquals((await findResults("HEAD~1..HEAD", options)).length, 2);
    assertEquals((await Array.fromAsync(resultHistory("embedded", options))).length, 2);
    await assertRejects(() => Deno.stat(mark), Deno.errors.NotFound);
  });
});

Deno.test("a damaged repository is an error in one line", async () => {
  await withThreeResults(async (repository) => {
    const object = await repository.git("rev-parse", "HEAD:results/embedded/results.json");
    await Deno.remove(join(repository.root, ".git", "objects", object.slice(0, 2), object.slice(2)));
    const [kind, message] = await refusal("HEAD", repository.root);
    assertEquals(kind, "unusable");
    assertStringIncludes(message, "Cannot read results/embedded/results.json from the history: ");
  });
});
