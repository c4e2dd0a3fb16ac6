import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { EVENT_FILE, tensorboardEvents } from "../../src/report/mod.ts";
import { type Outcome, runTask } from "./run_task.ts";

/** A store with the logs of a profile's runs. */
class Logs implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<Logs> {
    const logs = new Logs(await Deno.makeTempDir());
    await Deno.mkdir(logs.path("store/runs/smoke"), { recursive: true });
    return logs;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Writes the log of a run with a number of steps. */
  async write(run: string, steps: number): Promise<void> {
    const lines = Array.from(
      { length: steps },
      (_, i) => JSON.stringify({ step: i + 1, rewardMean: i / 4 }) + "\n",
    );
    await Deno.writeTextFile(this.path(`store/runs/smoke/${run}.jsonl`), lines.join(""));
  }

  /** Runs the command on the store. */
  async run(...args: string[]): Promise<Outcome> {
    const words = ["metrics", "--profile", "smoke", "--store", this.path("store"), ...args];
    return await runTask(words, { folder: this.folder });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

Deno.test("metrics prints a line a run, the newest log of each, and no completions", async () => {
  await using logs = await Logs.open();
  await logs.write("grpo-1.00000000", 1);
  await Deno.utime(logs.path("store/runs/smoke/grpo-1.00000000.jsonl"), 1, 1);
  await logs.write("grpo-1.11111111", 2);
  await logs.write("bupo-1.22222222", 1);
  await Deno.writeTextFile(logs.path("store/runs/smoke/grpo-1.11111111.completions.jsonl"), "{}\n");
  const { code, stdout, stderr } = await logs.run();
  assertEquals(code, 0, stderr);
  assertEquals(stdout.split("\n").map((line) => line.replace(/ {2}\S+$/, "")), [
    "BuPO seed 1: 1 step, reward 0 → 0",
    "GRPO seed 1: 2 steps, reward 0 → 0.25",
    "",
  ]);
  const json = JSON.parse((await logs.run("--json")).stdout);
  assertEquals(
    json.map(({ method, steps, finished }: Record<string, unknown>) => [method, steps, finished]),
    [
      ["bupo", 1, false],
      ["grpo", 2, true],
    ],
  );
});

Deno.test("metrics adds to event files what a run has since, and follows until all runs have ended", async () => {
  await using logs = await Logs.open();
  await logs.write("grpo-1.11111111", 1);
  const target = logs.path("board"), file = join(target, "smoke/grpo-1", EVENT_FILE);
  assertStringIncludes((await logs.run("--tensorboard", target)).stdout, `tensorboard --logdir ${target}`);
  const first = await Deno.readFile(file), { ino } = await Deno.stat(file);
  assert(first.length > 0);
  const log = logs.path("store/runs/smoke/grpo-1.11111111.jsonl");
  await Deno.writeTextFile(log, '{"step":2,"rewardMean":0.25}\n{"st', { append: true });
  // BuPO's run ends the profile while it is followed.
  const following = logs.run("--tensorboard", target, "--mlflow", logs.path("mlruns"), "--follow");
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await logs.write("bupo-1.22222222", 2);
  const { code, stderr } = await following;
  assertEquals(code, 0, stderr);
  const whole = await Deno.readFile(file);
  assertEquals(whole.subarray(0, first.length), first);
  // The file itself grew, for who has it open.
  assertEquals((await Deno.stat(file)).ino, ino);
  const steps = [{ step: 1, rewardMean: 0 }, { step: 2, rewardMean: 0.25 }];
  const started = new DataView(whole.buffer).getFloat64(12 + 1, true);
  assertEquals(whole, tensorboardEvents(steps, started));
  const [experiment] = await Array.fromAsync(Deno.readDir(logs.path("mlruns")));
  const entries = await Array.fromAsync(Deno.readDir(logs.path(`mlruns/${experiment?.name}`)));
  assertEquals(entries.length, 3);
});

Deno.test("metrics draws a result's folder, and says what it was not given", async () => {
  await using logs = await Logs.open();
  const out = logs.path("curves.svg");
  const { code, stdout, stderr } = await runTask(["metrics", "results/embedded", "--svg", out], {
    folder: logs.folder,
  });
  assertEquals([code, stdout], [0, `Wrote ${out}\n`], stderr);
  assertStringIncludes(await Deno.readTextFile(out), "Training: embedded");
  const refused = async (args: readonly string[], message: string): Promise<void> => {
    const outcome = await runTask(["metrics", ...args], { folder: logs.folder });
    assertEquals(outcome.code, 2);
    assertStringIncludes(outcome.stderr, message);
  };
  await refused(["docs"], "Cannot read docs: expected the folder of a result");
  await refused(["--profile", "smoke", "--store", logs.path("none")], "Cannot find a run of smoke");
  await refused(["results/embedded", "--profile", "smoke"], "it has its own runs");
  await refused(
    ["results/embedded", "--follow"],
    "say what is to be written, --svg, --tensorboard, --mlflow",
  );
});
