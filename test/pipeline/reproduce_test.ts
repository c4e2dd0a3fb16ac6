import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { sha256 } from "../../src/canonical_json.ts";
import { listFiles } from "../../src/result/statement/subjects.ts";
import { taskPermissions } from "../tasks/task_permissions.ts";

const directory = await Deno.makeTempDir();
const profile = join(directory, "tiny.json");

/** The smoke profile with two suites, more prompts and two updates a step. */
async function writeProfile(): Promise<void> {
  const smoke = JSON.parse(await Deno.readTextFile("benchmarks/profiles/smoke.json"));
  const { training, evaluation } = smoke, suites = ["mini-aime", "mini-math"];
  await Deno.writeTextFile(
    profile,
    JSON.stringify({
      ...smoke,
      $schema: undefined,
      name: "tiny",
      seeds: [1],
      maxResponseTokens: 40,
      rolloutBatch: 32,
      // Enough responses that some step has rewards to tell apart.
      training: {
        ...training,
        suites,
        problems: 60,
        updatesPerStep: 2,
        steps: 3,
        promptsPerStep: 4,
        groupSize: 6,
        internalSteps: 2,
        checkpointEvery: 1,
      },
      evaluation: { ...evaluation, suites, problems: 4, samples: 2 },
    }),
  );
}

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line in a process of its own; one core if it is confined and the machine can. */
async function start(args: readonly string[], confined = false): Promise<Deno.ChildProcess> {
  // By name, as deno.json allows it.
  const command = ["deno", "run", ...await taskPermissions(args[0] ?? "", directory), "main.ts", ...args];
  const oneCore = confined && Deno.build.os === "linux" && await exists("/usr/bin/taskset");
  const [program = "", ...rest] = oneCore ? ["taskset", "-c", "0", ...command] : command;
  // A killed process leaves half a coverage file, on which the report of the whole test run would fail.
  const env = { XDG_CONFIG_HOME: join(directory, "config"), DENO_COVERAGE_DIR: join(directory, "coverage") };
  return new Deno.Command(program, { args: rest, env, stdout: "piped", stderr: "piped" }).spawn();
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function finish(child: Deno.ChildProcess): Promise<Outcome> {
  const { code, stdout, stderr } = await child.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** Reproduces the tiny profile into a folder of the test's. */
async function reproduce(store: string, out: string, ...flags: string[]): Promise<Deno.ChildProcess> {
  const folders = ["--store", join(directory, store), "--out", join(directory, "results", out)];
  return await start(["reproduce", "--profile", profile, ...folders, ...flags], flags.includes("--workers"));
}

/** The SHA-256 of every output but the signed manifests, which hold times. */
async function digests(out: string): Promise<Record<string, string>> {
  const folder = join(directory, "results", out), { files } = await listFiles(folder);
  const content = files.filter((name) => !/^(manifest|provenance)\./.test(name));
  const entries = content.map(async (name) => [name, await sha256(await Deno.readFile(join(folder, name)))]);
  return Object.fromEntries(await Promise.all(entries));
}

/** The files of a kind of records, with their paths. */
async function records(store: string, kind: string): Promise<string[]> {
  const folder = join(directory, store, kind);
  if (!await exists(folder)) return [];
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  return names.filter((name) => /^[0-9a-f]{64}$/.test(name)).sort().map((name) => join(folder, name));
}

async function flipByte(path: string, share = 0.5): Promise<() => Promise<void>> {
  const bytes = await Deno.readFile(path),
    changed = bytes.slice(),
    at = Math.floor(share * (bytes.length - 1));
  changed[at] = (changed[at] as number) ^ 1;
  await Deno.writeFile(path, changed);
  return () => Deno.writeFile(path, bytes);
}

Deno.test("reproduce gives the same bytes whatever the batch, the cores, the kills and the damage", async (t) => {
  await writeProfile();
  let expected: Record<string, string> = {};
  let manifest = "";
  await t.step("it trains, evaluates, signs and prints the table", async () => {
    const { code, stdout, stderr } = await finish(await reproduce("store", "first"));
    assertEquals(code, 0, stderr);
    for (const text of ["Base", "GRPO", "BuPO", "mini-aime", "Signed manifest: "]) {
      assertStringIncludes(stdout, text);
    }
    assert(!`${stdout}${stderr}`.includes("\x1b"), "no colour in a pipe");
    expected = await digests("first");
    assertEquals(Object.keys(expected), [
      "artifacts.json",
      "metrics/bupo-1.jsonl",
      "metrics/grpo-1.jsonl",
      "overlap.json",
      "results.json",
      "samples.jsonl.gz",
    ]);
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
    assertEquals(await digests("second"), expected);
  });

  await t.step("--from runs what a manifest says was run, and finds the same bytes", async () => {
    const manifest = join(directory, "results/first/manifest.sigstore.json");
    const folders = ["--store", join(directory, "again"), "--out", join(directory, "results/remade")];
    const { code, stdout, stderr } = await finish(await start(["reproduce", "--from", manifest, ...folders]));
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "are byte-equal");
    assertEquals(await digests("remade"), expected);
  });

  await t.step("a second run takes all records over and keeps the manifest", async () => {
    assertEquals((await finish(await reproduce("store", "first", "--quiet"))).code, 0);
    assertEquals(await digests("first"), expected);
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

  await t.step("killed at a random moment it continues where it was", async () => {
    const child = await reproduce("killed", "third", "--workers", "1");
    let over = false;
    child.status.then(() => over = true);
    while (!over && (await records("killed", "training-state")).length === 0) {
      await new Promise((wake) => setTimeout(wake, 5));
    }
    assert(!over, "the run ended before it saved a state");
    const delay = 300 * Math.random();
    await new Promise((wake) => setTimeout(wake, delay));
    child.kill("SIGKILL");
    await finish(child);
    const states = await records("killed", "training-state");
    const saved = await Promise.all(states.map(secondsOf));
    const { code, stdout, stderr } = await finish(await reproduce("killed", "third", "--quiet", "--json"));
    assertEquals([code, stderr], [0, ""], `killed after ${delay} ms`);
    // Durations differ from run to run, so those of the saved steps are there only if the run went on from them.
    const { seconds }: { seconds: Record<string, unknown[]> } = JSON.parse(stdout);
    for (const own of saved) {
      const kept = Object.values(seconds).some((all) =>
        JSON.stringify(all.slice(0, own.length)) === JSON.stringify(own)
      );
      assert(kept, `the run began anew, killed after ${delay} ms`);
    }
    assertEquals(await digests("third"), expected, `killed after ${delay} ms`);
  });

  await t.step("damaged records are told and made anew", async () => {
    const [checkpoint = ""] = await records("killed", "checkpoint");
    const [evaluation = ""] = await records("killed", "evaluation");
    await flipByte(checkpoint);
    await flipByte(evaluation, 1);
    const { code, stderr } = await finish(await reproduce("killed", "fourth"));
    assertEquals(code, 0, stderr);
    for (const path of [checkpoint, evaluation]) {
      assertStringIncludes(
        stderr,
        `warning: The record ${path} is made anew: its content does not match its SHA-256`,
      );
    }
    assertEquals(await digests("fourth"), expected);
  });

  await t.step("verify accepts it, and names each file in which a byte is flipped", async () => {
    const folder = join(directory, "results", "first"),
      verify = async () => finish(await start(["verify", folder]));
    const sound = await verify();
    assertEquals([sound.code, sound.stderr], [0, ""]);
    const { files } = await listFiles(folder);
    assertEquals(files.length, 10);
    for (const file of files) {
      const restore = await flipByte(join(folder, file));
      const { code, stdout, stderr } = await verify();
      assertEquals([code, stderr], [1, ""], file);
      assertStringIncludes(stdout, `  ${file}: `);
      await restore();
    }
    assertEquals((await verify()).code, 0);
  });
  await Deno.remove(directory, { recursive: true });
});

/** The durations in a training state: its second line is `{"attachments":…,"key":…,"value":…}`. */
async function secondsOf(path: string): Promise<unknown[]> {
  const bytes = await Deno.readFile(path), start = bytes.indexOf(10) + 1;
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(start, bytes.indexOf(10, start))));
  return head.value.seconds;
}
