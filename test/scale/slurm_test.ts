/** A table made by a cluster that loses a task and a node is the table that one machine makes. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readRecord } from "../../src/store.ts";
import { finish, Lab, type Outcome, tiny } from "../pipeline/lab.ts";
import { Cluster, noCluster, type ShownTask } from "./cluster.ts";

const reason = await noCluster();

/** Names that nothing else has, so that they are found wherever they enter. */
const [FIRST, SECOND] = ["quietharbour", "loudmeadow"];

interface Shown {
  readonly stages: readonly {
    readonly policy: string;
    readonly kind: string;
    readonly state: string;
    readonly note: string;
  }[];
}

Deno.test({
  name: `a cluster that loses a task and a node ends with the results.json of one machine${
    reason === undefined ? "" : ` (ignored: ${reason})`
  }`,
  ignore: reason !== undefined,
  async fn(t) {
    await using lab = await Lab.open();
    await Deno.mkdir(lab.path("cluster"));
    // A node that does not answer is dead after some seconds; three tasks an array.
    await using cluster = await Cluster.start(lab.path("cluster"), [FIRST, SECOND], [
      "SlurmdTimeout=6",
      "MaxArraySize=3",
    ]);
    const training = { ...tiny.training, suites: ["mini-math"], steps: 10 };
    const evaluation = { suites: ["mini-math"], problems: 3, samples: 2 };
    const profile = await lab.profile({ ...tiny, seeds: [1, 2], training, evaluation });
    const common = ["--profile", profile, "--provider", "cpu", "--store", lab.path("shared")];
    const run = async (name: string, ...args: string[]): Promise<Outcome> => {
      const words = await lab.arguments([name, ...common]),
        options = { ...lab.options, args: [...words, ...args] };
      const env = { ...options.env, ...cluster.env, BUPO_KEY_PASSPHRASE: "not for the nodes" };
      return await finish(new Deno.Command(Deno.execPath(), { ...options, env }).spawn());
    };
    const jobs = async (): Promise<Shown & { readonly code: number }> => {
      const { code, stdout, stderr } = await run("jobs", "--json");
      assert(stdout.startsWith("{"), stderr);
      return { ...JSON.parse(stdout), code };
    };
    /** The runs of which a step is saved. */
    const saved = async (): Promise<Set<string>> => {
      const records = (await lab.records("shared", "training")).map((path) =>
        readRecord(path, false).catch(() => "")
      );
      return new Set((await Promise.all(records)).flatMap((record) => {
        if (typeof record === "string") return [];
        const { method, seed } = record.key as { method: string; seed: number };
        return [`${method}-${seed}`];
      }));
    };
    /** The jobs of arrays, in the order in which they were sent. */
    let arrays: string[] = [];
    const outputOf = (index: string): string =>
      lab.path("shared/slurm/logs", `bupo-train-tiny-${arrays[0]}_${index}.out`);
    const whole = finish(await lab.reproduce(profile, "alone", "alone", "--workers", "1"));

    /** What the tasks of the first array train. */
    const runs = ["grpo-1", "bupo-1", "grpo-2"];
    /** The tasks of the first array that run on a node. */
    const runningOn = async (node: string): Promise<string[]> =>
      [...(await cluster.tasks(arrays[0] ?? "")).values()].filter(({ JobState, NodeList }) =>
        JobState === "RUNNING" && NodeList === node
      ).map(({ ArrayTaskId = "" }) => ArrayTaskId);
    const task = async (array: string | undefined, index: string): Promise<ShownTask> =>
      (await cluster.tasks(array ?? "")).get(index) ?? {};

    await t.step("submit sends everything once, in arrays that the site takes", async () => {
      const dry = await run("submit", "--engine", "slurm", "--dry-run");
      assertEquals(dry.code, 0, dry.stderr);
      assertEquals(dry.stdout.match(/^#SBATCH --array=\S+$/gm), [
        ...["#SBATCH --array=0-2", "#SBATCH --array=0-2", "#SBATCH --array=0", "#SBATCH --array=0"],
        "#SBATCH --array=0",
      ]);
      assertStringIncludes(dry.stdout, "--dependency=aftercorr:JOB1, whose answer is JOB2");
      const sent = await run("submit", "--engine", "slurm", "--json", "--", "--partition=main", "--mem=600M");
      assertEquals(sent.code, 0, sent.stderr);
      const { train, evaluate, jobs } = JSON.parse(sent.stdout);
      assertEquals([train.length, evaluate, jobs.length], [4, ["base"], 5]);
      arrays = jobs;
      const again = await run("submit", "--engine", "slurm");
      assertStringIncludes(
        again.stderr,
        "5 on their way; sent: 0 trainings with their evaluations, 0 evaluations",
      );
      assertMatch(await cluster.ask("scontrol", "show", "job", arrays[0] ?? ""), /MinMemoryNode=600M/);
    });

    await t.step("a killed training fails, and takes its evaluation along and no other", async () => {
      let killed = "";
      await cluster.until("a training on the first node saves", async () => {
        const [index] = await runningOn(FIRST);
        if (index === undefined || !(await saved()).has(runs[Number(index)] ?? "")) return false;
        killed = index;
        await cluster.killTask(FIRST);
        return true;
      });
      await cluster.until(
        "it has failed",
        async () => (await task(arrays[0], killed))["JobState"] === "FAILED",
      );
      await cluster.until("its evaluation is cancelled", async () => {
        return (await task(arrays[1], killed))["JobState"] === "CANCELLED";
      });
      const states = [...(await cluster.tasks(arrays[1] ?? "")).values()].map(({ JobState }) => JobState);
      assertEquals(states.filter((state) => state === "CANCELLED").length, 1);
    });

    await t.step("a node that dies has its task started again on another", async () => {
      let lost = "";
      await cluster.until("the second node trains", async () => {
        [lost = ""] = await runningOn(SECOND);
        return lost !== "";
      });
      await cluster.killNode(SECOND);
      await cluster.until("its task waits again", async () => {
        const { JobState, Restarts } = await task(arrays[0], lost);
        return JobState === "PENDING" && Restarts === "1";
      });
      // Slurm would wait two minutes more.
      await cluster.ask("scontrol", "update", `jobid=${arrays[0]}_${lost}`, "StartTime=now");
    });

    await t.step(
      "a task that is told that its time is over saves, and says so by its exit code",
      async () => {
        let told = "";
        await cluster.until("a training on the first node saves", async () => {
          [told = ""] = await runningOn(FIRST);
          if (told === "" || !(await saved()).has(runs[Number(told)] ?? "")) return false;
          // Heard once the command itself runs, which a task that goes on has to come to again.
          const output = await Deno.readTextFile(outputOf(told)).catch(() => "");
          if (
            (await task(arrays[0], told))["Restarts"] !== "0" && !output.includes("goes on from step")
          ) return false;
          await cluster.ask("scancel", "--batch", "--signal=TERM", `${arrays[0]}_${told}`);
          return true;
        });
        await cluster.until(
          "it has ended",
          async () => (await task(arrays[0], told))["JobState"] === "FAILED",
        );
        assertEquals((await task(arrays[0], told))["ExitCode"], "143:0");
        assertMatch(
          await Deno.readTextFile(outputOf(told)),
          /Stopping \(SIGTERM\)[\s\S]*: stopped at step \d+ of 10\nAll of it is saved/,
        );
      },
    );

    await t.step("jobs names what failed, and submit sends that again and nothing else", async () => {
      cluster.startNode(SECOND);
      const { code, stages } = await jobs();
      const failed = stages.filter(({ state, kind }) => state === "failed" && kind === "train");
      assertEquals([code, failed.length], [1, 2], JSON.stringify(stages));
      const { stdout } = await run("jobs");
      assertEquals(
        stdout.match(/^train (GRPO|BuPO) seed [12]: see \S+bupo-train-tiny-\d+_\d\.out$/gm)?.length,
        2,
        stdout,
      );
      const sent = await run("submit", "--engine", "slurm", "--json", "--", "--mem=600M");
      assertEquals(sent.code, 0, sent.stderr);
      const { train, jobs: numbers } = JSON.parse(sent.stdout);
      assertEquals([train.length, numbers.length], [2, 2]);
      await cluster.until(
        "nothing is left to run",
        async () => (await cluster.ask("squeue", "--noheader")) === "",
      );
      const last = await jobs();
      assertEquals([last.code, last.stages.filter(({ state }) => state !== "done")], [0, []]);
      const idle = await run("submit", "--engine", "slurm");
      assertStringIncludes(idle.stderr, "5 of 5 policies have every record, 0 on their way");
      assertStringIncludes(idle.stderr, "to collect and sign: deno task reproduce");
    });

    await t.step("reproduce collects and signs, and the result is that of one machine", async () => {
      const collected = await finish(await lab.reproduce(profile, "shared", "together", "--workers", "1"));
      assertEquals(collected.code, 0, collected.stderr);
      assertEquals(collected.stderr.match(/already trained/g)?.length, 4, collected.stderr);
      const alone = await whole;
      assertEquals(alone.code, 0, alone.stderr);
      assertEquals(await lab.digests("together"), await lab.digests("alone"));
    });

    await t.step("nothing that is signed names a job or a host", async () => {
      const signed = JSON.stringify([
        await lab.statement("together", "provenance"),
        await lab.statement("together", "manifest"),
      ]);
      for (const name of [FIRST, SECOND, "bupo-train", "bupo-evaluate", lab.directory]) {
        assert(!signed.toLowerCase().includes(name), name);
      }
    });
  },
});
