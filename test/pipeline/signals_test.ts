import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { FileLock } from "../../src/lock.ts";
import { exists, finish, Lab, type Outcome, tiny } from "./lab.ts";

const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Waits until a condition holds, while a process runs. */
async function until(child: Deno.ChildProcess, condition: () => Promise<boolean>): Promise<void> {
  let over = false;
  child.status.then(() => over = true);
  while (!over && !await condition()) await new Promise((wake) => setTimeout(wake, 10));
  assert(!over, "the process ended too early");
}

/** Has a run begun to train: does somebody hold the lock of a training? */
async function trains(lab: Lab, store: string): Promise<boolean> {
  if (!await exists(lab.path(store, "locks"))) return false;
  for await (const { name } of Deno.readDir(lab.path(store, "locks"))) {
    if (!name.startsWith("training")) continue;
    using lock = await FileLock.tryTake(lab.path(store, "locks", name));
    if (!lock) return true;
  }
  return false;
}

Deno.test("SIGINT, SIGTERM and SIGHUP finish the step, save it and say how to go on", async (t) => {
  await using lab = await Lab.open();
  // No state but the one that a signal asks for.
  const profile = await lab.profile({
    ...tiny,
    methods: ["bupo"],
    training: { ...tiny.training, checkpointEvery: 100 },
  });
  const whole = await finish(await lab.reproduce(profile, "whole", "whole"));
  assertEquals(whole.code, 0, whole.stderr);
  for (const [signal, expected] of Object.entries(exitCodes)) {
    await t.step(signal, async () => {
      const child = await lab.reproduce(profile, signal, signal, "--workers", "1"), output = finish(child);
      await until(child, () => trains(lab, signal));
      child.kill(signal as Deno.Signal);
      const { code, stderr } = await output;
      assertEquals(code, expected, stderr);
      const step = Number(/train BuPO seed 1: stopped at step (\d) of 3\b/.exec(stderr)?.[1]);
      assertStringIncludes(stderr, "the same command goes on from there");
      assertEquals((await lab.records(signal, "training")).length, 1);
      assert(!await exists(lab.path("results", signal, "manifest.intoto.json")));
      const again = await finish(await lab.reproduce(profile, signal, signal));
      assertEquals(again.code, 0, again.stderr);
      assertStringIncludes(again.stderr, `train BuPO seed 1 goes on from step ${step} of 3`);
      assertEquals(await lab.digests(signal), await lab.digests("whole"));
    });
  }
});

Deno.test("a second signal leaves at once", async () => {
  await using lab = await Lab.open();
  // A step that takes longer than the test waits for.
  const training = { ...tiny.training, promptsPerStep: 60, groupSize: 64 };
  const profile = await lab.profile({ ...tiny, methods: ["grpo"], training });
  const child = await lab.reproduce(profile, "store", "out"), output = finish(child);
  await until(child, () => trains(lab, "store"));
  child.kill("SIGTERM");
  await new Promise((wake) => setTimeout(wake, 700));
  child.kill("SIGINT");
  const { code, stderr } = await output;
  assertEquals(code, 143, stderr);
  assertStringIncludes(stderr, "once more leaves at once");
  assert(!stderr.includes("goes on from there"), stderr);
  assertEquals(await lab.records("store", "training"), []);
});

Deno.test("an evaluation that is stopped goes on with the responses that are missing", async () => {
  await using lab = await Lab.open();
  const profile = await lab.profile({ ...tiny, evaluation: { ...tiny.evaluation, problems: 60 } });
  const evaluate = (store: string): Promise<Deno.ChildProcess> =>
    lab.start(["evaluate", "--profile", profile, "--store", lab.path(store), "--json"]);
  const whole = await finish(await evaluate("whole"));
  const child = await evaluate("stopped"), output = finish(child);
  const journals = lab.path("stopped", "journals");
  await until(child, async () => {
    if (!await exists(journals)) return false;
    const [journal] = await Array.fromAsync(Deno.readDir(journals));
    return journal !== undefined &&
      (await Deno.readTextFile(`${journals}/${journal.name}`)).split("\n").length > 20;
  });
  child.kill("SIGINT");
  const { code, stderr } = await output;
  assertEquals(code, 130, stderr);
  assertMatch(stderr, /^evaluate Base: stopped at response \d+ of 120 of mini-(aime|math)$/m);
  const again = await finish(await evaluate("stopped"));
  const [, kept = "0"] = /^evaluate Base goes on from (\d+) of 120 responses$/m.exec(again.stderr) ?? [];
  assert(Number(kept) >= 20, again.stderr);
  assertEquals(again.stdout, whole.stdout);
  assertEquals(await Array.fromAsync(Deno.readDir(journals)), []);
});

/** Starts a command through a program of Node that starts the real one, as npm's does, and ends that program. */
async function endStarter(lab: Lab, signal: Deno.Signal, args: readonly string[]): Promise<Outcome> {
  const starter = lab.path("deno");
  await Deno.writeTextFile(
    starter,
    `require("child_process").spawnSync(${
      JSON.stringify(Deno.execPath())
    }, process.argv.slice(2), { stdio: "inherit" });`,
  );
  const child = new Deno.Command("node", {
    ...lab.options,
    args: [starter, ...await lab.arguments(args)],
  }).spawn();
  const output = finish(child); // whole only when the real process has closed its ends of the pipes
  await until(child, () => trains(lab, "store"));
  child.kill(signal);
  return await output;
}

const linux = Deno.build.os === "linux";

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  Deno.test({
    name: `where a program of npm's started Deno, its end by ${signal} saves and ends the run${
      linux ? "" : " (ignored: not on Linux)"
    }`,
    ignore: !linux,
    fn: async () => {
      await using lab = await Lab.open();
      const profile = await lab.profile({
        ...tiny,
        methods: ["grpo"],
        training: { ...tiny.training, steps: 40, checkpointEvery: 100 },
      });
      const folders = ["--store", lab.path("store"), "--out", lab.path("results", "out")];
      const { stderr } = await endStarter(lab, signal, ["reproduce", "--profile", profile, ...folders]);
      assertStringIncludes(stderr, "Stopping (the process that was started has gone)");
      assertMatch(stderr, /train GRPO seed 1: stopped at step \d+ of 40\b/);
      assertEquals((await lab.records("store", "training")).length, 1);
      assert(!await trains(lab, "store"), "the real process trains on");
    },
  });
}
