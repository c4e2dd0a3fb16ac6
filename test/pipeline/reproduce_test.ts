import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { listFiles } from "../../src/result/statement/subjects.ts";
import { readRecord, type RecordFile } from "../../src/store.ts";
import type { SuiteOverlap } from "../../src/suite/mod.ts";
import { exists, finish, flipByte, Lab, tiny } from "./lab.ts";

Deno.test("reproduce gives the same bytes whatever the batch, the cores, the kills and the damage", async (t) => {
  await using lab = await Lab.open();
  const profile = await lab.profile(tiny), { directory } = lab;
  const reproduce = (...words: [store: string, out: string, ...flags: string[]]) =>
    lab.reproduce(profile, ...words);
  const start = (args: readonly string[]) => lab.start(args);
  let expected: Record<string, string> = {};
  let manifest = "";
  await t.step("it trains, evaluates, signs and prints the table", async () => {
    const { code, stdout, stderr } = await finish(await reproduce("store", "first"));
    assertEquals(code, 0, stderr);
    for (const text of ["Base", "GRPO", "BuPO", "mini-aime", "Signed manifest: "]) {
      assertStringIncludes(stdout, text);
    }
    assert(!`${stdout}${stderr}`.includes("\x1b"), "no colour in a pipe");
    expected = await lab.digests("first");
    assertEquals(Object.keys(expected), [
      "artifacts.json",
      "metrics/bupo-1.jsonl",
      "metrics/grpo-1.jsonl",
      "overlap.json",
      "probe/bupo-1.jsonl",
      "probe/grpo-1.jsonl",
      "results.json",
      "samples.jsonl.gz",
    ]);
    const overlap = JSON.parse(await Deno.readTextFile(join(directory, "results/first/overlap.json")));
    for (const list of [overlap.training, overlap.pretraining]) {
      const found = list.map((
        { suite, problems, meaning }: SuiteOverlap,
      ) => [suite, problems, meaning.length]);
      assertEquals(found, [["mini-aime", 4, 0], ["mini-math", 4, 0]]);
    }
    const { runs } = JSON.parse(await Deno.readTextFile(join(directory, "results/first/results.json")));
    assertEquals(runs.map((run: { method: string }) => run.method), ["base", "grpo", "bupo"]);
    // The digests of results.json cover the trained weights: they are in it, and the methods differ.
    assertMatch(runs[1].checkpoint, /^[0-9a-f]{64}$/);
    assert(runs[1].checkpoint !== runs[2].checkpoint);
    const metrics = (await Deno.readTextFile(join(directory, "results/first/metrics/grpo-1.jsonl"))).trim()
      .split("\n");
    assertEquals(metrics.length, 3);
    assert(metrics.some((line) => JSON.parse(line).updateNorm > 0), "no step changed the policy");
    manifest = await Deno.readTextFile(join(directory, "results/first/manifest.intoto.json"));
  });

  await t.step("one core, one worker and another rollout batch give the same", async () => {
    const child = await reproduce(
      "other",
      "second",
      "--workers",
      "1",
      "--rollout-batch",
      "3",
      "--quiet",
      "--json",
    );
    const { code, stdout, stderr } = await finish(child);
    assertEquals([code, stderr], [0, ""]);
    const { record, seconds, manifest } = JSON.parse(stdout);
    assertEquals([record.profile.name, Object.keys(seconds)], ["tiny", ["grpo-1", "bupo-1"]]);
    assert(await exists(manifest));
    assertEquals(await lab.digests("second"), expected);
  });

  await t.step("--from runs what a manifest says was run, and finds the same bytes", async () => {
    const manifest = join(directory, "results/first/manifest.sigstore.json");
    const folders = ["--store", join(directory, "store"), "--out", join(directory, "results/remade")];
    const { code, stdout, stderr } = await finish(await start(["reproduce", "--from", manifest, ...folders]));
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "are byte-equal");
    assertStringIncludes(stdout, "Computed 5 of 5 trainings and evaluations, at ");
    assertEquals(await lab.digests("remade"), expected);
  });

  await t.step("a second run takes all records over and keeps the manifest", async () => {
    assertEquals((await finish(await reproduce("store", "first", "--quiet"))).code, 0);
    assertEquals(await lab.digests("first"), expected);
    assertEquals(await Deno.readTextFile(join(directory, "results/first/manifest.intoto.json")), manifest);
  });

  await t.step("train and evaluate tell what is in the records", async () => {
    const common = ["--profile", profile, "--store", join(directory, "store"), "--quiet"];
    const { runs } = JSON.parse(await Deno.readTextFile(join(directory, "results/first/results.json")));
    const trained = await finish(await start(["train", ...common, "--json"]));
    assertEquals([trained.code, trained.stderr], [0, ""]);
    const checkpoints = JSON.parse(trained.stdout).map(({ checkpoint }: { checkpoint: string }) =>
      checkpoint
    );
    assertEquals(checkpoints, [runs[1].checkpoint, runs[2].checkpoint]);
    const evaluated = await finish(
      await start(["evaluate", ...common, "--method", "bupo", "--seed", "1", "--json"]),
    );
    assertEquals([evaluated.code, evaluated.stderr], [0, ""]);
    for (const { suite, average } of JSON.parse(evaluated.stdout).suites) {
      const correct: number[] = runs[2].suites[suite].correct;
      assertEquals(average, correct.reduce((a, b) => a + b, 0) / (2 * correct.length));
    }
  });

  await t.step("damaged records are told and made anew, from the state before them", async () => {
    const last = await Promise.all((await lab.records("store", "training")).map(async (path) => {
      const { key } = await readRecord(path) as RecordFile;
      return { path, step: (key as { step: number }).step };
    }));
    // The last step and the one before it are kept of each of the two runs.
    assertEquals(last.map(({ step }) => step).sort(), [2, 2, 3, 3]);
    const checkpoint = last.find(({ step }) => step === 3)?.path ?? "";
    const [evaluation = ""] = await lab.records("store", "evaluation");
    await flipByte(checkpoint);
    await flipByte(evaluation, 1);
    const { code, stderr } = await finish(await reproduce("store", "fourth"));
    assertEquals(code, 0, stderr);
    for (const path of [checkpoint, evaluation]) {
      assertStringIncludes(
        stderr,
        `warning: The record ${path} is made anew: its content does not match its SHA-256`,
      );
    }
    assertMatch(stderr, /^train (GRPO|BuPO) seed 1 goes on from step 2 of 3$/m);
    assertEquals(await lab.digests("fourth"), expected);
  });

  await t.step("verify accepts it, and names each file in which a byte is flipped", async () => {
    const folder = join(directory, "results", "first"),
      verify = async () => finish(await start(["verify", folder]));
    const sound = await verify();
    assertEquals([sound.code, sound.stderr], [0, ""]);
    const { files } = await listFiles(folder);
    assertEquals(files.length, 12);
    for (const file of files) {
      const restore = await flipByte(join(folder, file));
      const { code, stdout, stderr } = await verify();
      assertEquals([code, stderr], [1, ""], file);
      assertStringIncludes(stdout, `  ${file}: `);
      await restore();
    }
    assertEquals((await verify()).code, 0);
  });
});
