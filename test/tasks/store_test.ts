import { assertEquals, assertStringIncludes } from "@std/assert";
import { sourceTree } from "../../src/pipeline/mod.ts";
import { Store } from "../../src/store.ts";
import { command } from "../../tasks/store.ts";
import { Lab } from "../pipeline/lab.ts";

Deno.test("store lists, checks and prunes records", async () => {
  await using lab = await Lab.open();
  const directory = lab.path("store"),
    store = new Store(directory),
    { digest, commit } = await sourceTree(".");
  const made = { sources: { digest, commit, dirty: false } };
  const training = (sources: string, step: number) => ({
    stage: "train",
    sources,
    method: "grpo",
    seed: 1,
    step,
  });
  for (const step of [1, 2, 3]) await store.put("training", training(digest, step), { made: [made] });
  await store.put("training", training("other", 2), { made: [made] });
  await store.put("evaluation", {
    stage: "evaluate",
    sources: digest,
    suite: "0".repeat(64),
    checkpoint: null,
  }, { made, suite: "mini-math" });
  const run = (...args: string[]) => lab.run("store", ...args, "--store", directory);
  const records = async (): Promise<string[]> => {
    const { stdout } = await run("list", "--json");
    return JSON.parse(stdout).records.map(({ of, current }: { of: string; current: boolean }) =>
      `${of} ${current}`
    ).sort();
  };
  assertEquals(await records(), [
    "base on mini-math true",
    "grpo seed 1 step 1 true",
    "grpo seed 1 step 2 false",
    "grpo seed 1 step 2 true",
    "grpo seed 1 step 3 true",
  ]);
  assertStringIncludes((await run()).stdout, "made by other sources");

  assertEquals((await run("check")).code, 0);
  const path = await store.path("training", training(digest, 1));
  await Deno.writeTextFile(path, (await Deno.readTextFile(path)).replace('"grpo"', '"bupo"'));
  const damaged = await run("check");
  assertEquals(damaged.code, 1);
  assertStringIncludes(damaged.stdout, `${path}: its content does not match its SHA-256`);

  assertStringIncludes(
    (await run("prune", "--earlier-states", "--dry-run")).stdout,
    "Would remove 2 records",
  );
  assertEquals((await records()).length, 5);
  // The damaged one goes too; the last state of each run stays.
  await run("prune", "--earlier-states");
  assertEquals(await records(), [
    "base on mini-math true",
    "grpo seed 1 step 2 false",
    "grpo seed 1 step 3 true",
  ]);
  await run("prune", "--other-sources");
  assertEquals(await records(), ["base on mini-math true", "grpo seed 1 step 3 true"]);
  await run("prune", "--older-than", "0");
  assertEquals((await run()).code, 2);
});

Deno.test("store refuses what it cannot do", async () => {
  await using lab = await Lab.open();
  const refusals: readonly (readonly [readonly string[], string])[] = [
    [["lst"], 'Cannot do "lst": expected list, check, prune'],
    [["check", "--dry-run"], "Cannot use --dry-run with check"],
    [["list", "--older-than", "3"], "Cannot use --older-than with list"],
    [["list"], `Cannot find a record in "${lab.path("none")}"`],
  ];
  for (const [args, message] of refusals) {
    const { code, stderr } = await lab.run("store", ...args, "--store", lab.path("none"));
    assertEquals(code, 2);
    assertStringIncludes(stderr, message);
  }
  assertStringIncludes(command.help, "Usage: deno task store");
});
