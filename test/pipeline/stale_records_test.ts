import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { finish, Lab } from "./lab.ts";

/** The seed of the smoke profile. */
const seed: number = JSON.parse(await Deno.readTextFile("benchmarks/profiles/smoke.json")).seeds[0];

/** What a checkout needs to run. */
const PARTS = ["main.ts", "deno.json", "deno.lock", "links", "src", "tasks", "benchmarks"];

async function git(root: string, ...args: string[]): Promise<string> {
  const identity = [
    "-c",
    "user.name=test",
    "-c",
    "user.email=test@example.org",
    "-c",
    "commit.gpgsign=false",
  ];
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args: ["-C", root, ...identity, ...args],
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

async function copy(from: string, to: string): Promise<void> {
  if (!(await Deno.stat(from)).isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) await copy(`${from}/${name}`, `${to}/${name}`);
}

/** A checkout of these sources with a history of its own. */
async function checkout(lab: Lab): Promise<string> {
  const root = lab.path("checkout");
  await Deno.mkdir(root);
  for (const part of PARTS) await copy(part, `${root}/${part}`);
  await git(root, "init", "--quiet");
  return root;
}

async function commit(root: string, message: string): Promise<string> {
  await git(root, "add", "--all");
  await git(root, "commit", "--quiet", "--message", message);
  return await git(root, "rev-parse", "HEAD");
}

Deno.test("records of another commit's code are never taken for this one's", async (t) => {
  await using lab = await Lab.open();
  const root = lab.root = await checkout(lab), first = await commit(root, "right");
  const run = async (out: string, ...flags: string[]) => {
    const outcome = await finish(await lab.reproduce("smoke", "store", out, ...flags));
    assertEquals(outcome.code, 0, outcome.stderr);
    return outcome;
  };
  /** What the provenance says: the signed commit, and what made the records. */
  const provenance = async (out: string) => {
    const { buildDefinition } = (await lab.statement(out, "provenance")).predicate as {
      buildDefinition: {
        internalParameters: {
          makers: { commit: string; dirty: boolean; sources: string; records: string[] }[];
        };
        resolvedDependencies: { digest: Record<string, string>; annotations: { dirty: boolean } }[];
      };
    };
    const source = buildDefinition.resolvedDependencies.find(({ digest }) => digest["gitCommit"]);
    return {
      commit: source?.digest["gitCommit"],
      dirty: source?.annotations.dirty,
      makers: buildDefinition.internalParameters.makers,
    };
  };

  await run("good");
  const good = await provenance("good");
  assertEquals([good.commit, good.dirty, good.makers.length], [first, false, 1]);
  assertEquals([good.makers[0]?.commit, good.makers[0]?.dirty], [first, false]);
  assertEquals(good.makers[0]?.records.toSorted(), [
    "evaluate base on mini-math",
    `evaluate bupo-${seed} on mini-math`,
    `evaluate grpo-${seed} on mini-math`,
    `train bupo-${seed}`,
    `train grpo-${seed}`,
  ]);

  await t.step("with a page of the report changed, they are", async () => {
    await Deno.writeTextFile(
      `${root}/src/report/table/width.ts`,
      "\n// Nothing that a record depends on.\n",
      { append: true },
    );
    await commit(root, "elsewhere");
    assertStringIncludes((await run("same")).stderr, "already trained");
    assertEquals((await provenance("same")).makers, good.makers);
  });

  const file = `${root}/src/rl/advantage/advantage.ts`, text = await Deno.readTextFile(file);
  const turned = text.replace("/ (deviation + epsilon)", "/ -(deviation + epsilon)");
  assert(turned !== text, "the sign was not turned");
  await Deno.writeTextFile(file, turned);
  const second = await commit(root, "wrong");

  await t.step("with the sign of the advantage turned, everything is computed anew", async () => {
    const { stderr } = await run("wrong");
    assert(!/already (trained|evaluated)/.test(stderr), stderr);
    const wrong = await provenance("wrong");
    assertEquals([wrong.commit, wrong.makers.map((maker) => maker.commit)], [second, [second]]);
    const [before, after] = [await lab.digests("good"), await lab.digests("wrong")];
    assert(before["results.json"] !== after["results.json"]);
    assert(before[`metrics/grpo-${seed}.jsonl`] !== after[`metrics/grpo-${seed}.jsonl`]);
  });

  await t.step("reproduce --from says that it differs, and from which step on", async () => {
    const manifest = lab.path("results", "good", "manifest.sigstore.json");
    const from = ["reproduce", "--from", manifest, "--store", lab.path("store")];
    const { code, stdout, stderr } = await lab.run(...from);
    assertEquals(code, 1, stderr);
    assertStringIncludes(stdout, `grpo-${seed} differs from step 1 on`);
    assertStringIncludes(
      stdout,
      "Computed 5 of 5 trainings and evaluations, at commit " + second.slice(0, 12),
    );
    assertStringIncludes(stdout, "the signed result names commit " + first.slice(0, 12));
    assertMatch(stdout, / are different\n$/);
    // The same check, started again, goes on where it was.
    assertStringIncludes(
      (await lab.run(...from)).stdout,
      "Computed 0 of 5 trainings and evaluations, 5 taken from an earlier start",
    );
  });

  await t.step("--accept-records takes them over, and the provenance says so", async () => {
    const { stdout, stderr } = await run("accepted", "--accept-records", first.slice(0, 10));
    // What this commit made itself stands nearer.
    assert(stderr.includes("already trained"), stderr);
    assertEquals((await provenance("accepted")).makers.map(({ commit }) => commit), [second]);
    await Deno.remove(lab.path("store", "training"), { recursive: true });
    await Deno.remove(lab.path("store", "evaluation"), { recursive: true });
    await git(root, "checkout", "--quiet", first);
    await run("made");
    await git(root, "checkout", "--quiet", second);
    const taken = await run("taken", "--accept-records", first);
    assertStringIncludes(taken.stdout, `Taken over, as --accept-records ${first.slice(0, 12)} said: `);
    const { commit, makers } = await provenance("taken");
    assertEquals([commit, makers.map((maker) => maker.commit)], [second, [first]]);
    assert(!stdout.includes("Taken over"), stdout);
    const none = await finish(await lab.reproduce("smoke", "store", "none", "--accept-records", "nothing"));
    assertEquals([none.code, none.stderr.split(":").slice(0, 2).join(":")], [
      2,
      "error: Cannot accept records",
    ]);
  });
});
