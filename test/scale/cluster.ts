/**
 * A Slurm of a test's own: munge, a controller and nodes, all on this machine, in a folder that goes with it.
 *
 * @module
 */

import { join } from "node:path";

const programs = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel", "ps"];

/** Why there can be no cluster here; `undefined` if there can. */
export async function noCluster(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "Slurm runs on Linux";
  for (const program of programs) {
    const found = await new Deno.Command("which", { args: [program], stdout: "null", stderr: "null" })
      .output()
      .catch(() => undefined);
    if (!found?.success) return `no ${program}: apt-get install slurm-wlm munge`;
  }
  return Deno.uid() === 0 ? undefined : "its daemons want root";
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((wake) => setTimeout(wake, milliseconds));
}

/** Ports that nobody listens on. */
function freePorts(count: number): number[] {
  const listeners = Array.from({ length: count }, () => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  const ports = listeners.map(({ addr }) => (addr as Deno.NetAddr).port);
  for (const listener of listeners) listener.close();
  return ports;
}

/** A process, the one that started it, and its command line with its environment. */
interface Process {
  readonly id: number;
  readonly parent: number;
  readonly words: string;
}

/** All processes of this machine. Those that Slurm starts leave the daemon that did, but keep what names it. */
async function processes(): Promise<Process[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["axeww", "-o", "pid=,ppid=,args="] }).output();
  return new TextDecoder().decode(stdout).trim().split("\n").map((line) => {
    const [, id = 0, parent = 0, words = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return { id: Number(id), parent: Number(parent), words };
  });
}

/** Ends a process, if it is still there: by a shell, as Deno ends others only with leave to run anything. */
async function end(id: number): Promise<void> {
  await new Deno.Command("/bin/sh", { args: ["-c", `kill -KILL ${id} 2>/dev/null`] }).output();
}

/** A job's task as the controller shows it. */
export type ShownTask = Readonly<Record<string, string>>;

/** A running cluster. */
export class Cluster implements AsyncDisposable {
  /** What its commands need to find it. */
  readonly env: Readonly<Record<string, string>>;
  readonly #directory: string;
  readonly #daemons: Deno.ChildProcess[] = [];
  readonly #nodes = new Map<string, Deno.ChildProcess>();

  private constructor(directory: string) {
    this.#directory = directory;
    this.env = { SLURM_CONF: join(directory, "slurm.conf") };
  }

  /**
   * Starts a cluster.
   *
   * @param directory A folder that is there.
   * @param settings Further lines of the configuration.
   */
  static async start(
    directory: string,
    nodes: readonly string[],
    settings: readonly string[],
  ): Promise<Cluster> {
    const cluster = new Cluster(directory);
    try {
      await cluster.#start(nodes, settings);
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #start(nodes: readonly string[], settings: readonly string[]): Promise<void> {
    const at = (name: string): string => join(this.#directory, name), socket = at("munge.socket");
    await Deno.chmod(this.#directory, 0o755);
    await Deno.writeFile(at("munge.key"), crypto.getRandomValues(new Uint8Array(1024)), { mode: 0o600 });
    const files = ["key", "pid", "log", "seed"].map((name) => `--${name}-file=${at(`munge.${name}`)}`);
    this.#spawn("munged", ["--foreground", "--force", `--socket=${socket}`, ...files]);
    const [controller, ...ports] = freePorts(nodes.length + 1), host = Deno.hostname();
    await Deno.writeTextFile(
      at("slurm.conf"),
      [
        "ClusterName=test",
        `SlurmctldHost=${host}(127.0.0.1)`,
        "SlurmUser=root",
        "SlurmdUser=root",
        "AuthType=auth/munge",
        `AuthInfo=socket=${socket}`,
        "CryptoType=crypto/munge",
        "MpiDefault=none",
        "ProctrackType=proctrack/linuxproc",
        "TaskPlugin=task/none",
        "ReturnToService=2",
        `SlurmctldPidFile=${at("slurmctld.pid")}`,
        `SlurmdPidFile=${at("slurmd-%n.pid")}`,
        `SlurmctldPort=${controller}`,
        `StateSaveLocation=${at("state")}`,
        `SlurmdSpoolDir=${at("spool-%n")}`,
        "SchedulerType=sched/backfill",
        "SchedulerParameters=bf_interval=2,sched_interval=2,batch_sched_delay=1",
        "SelectType=select/cons_tres",
        "SelectTypeParameters=CR_Core_Memory",
        "JobRequeue=1",
        "KillWait=5",
        "SlurmctldTimeout=30",
        "MinJobAge=3600",
        ...settings,
        ...nodes.map((node, i) =>
          `NodeName=${node} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${
            ports[i]
          } CPUs=1 RealMemory=8000 State=UNKNOWN`
        ),
        "PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP",
        "",
      ].join("\n"),
    );
    await Deno.mkdir(at("state"));
    await this.until("munge answers", () => Deno.stat(socket).then(() => true, () => false));
    this.#spawn("slurmctld", ["-D", "-f", at("slurm.conf")]);
    await this.until(
      "the controller answers",
      async () => (await this.ask("scontrol", "ping")).includes("is UP"),
    );
    for (const node of nodes) this.startNode(node);
    await this.until("the nodes are idle", async () => {
      const shown = await this.ask("scontrol", "show", "nodes");
      return shown.match(/State=IDLE(?!\*)/g)?.length === nodes.length;
    });
  }

  #spawn(program: string, args: readonly string[]): Deno.ChildProcess {
    const child = new Deno.Command(program, {
      args: [...args],
      env: { ...this.env },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.#daemons.push(child);
    return child;
  }

  /** Starts a node's daemon. */
  startNode(node: string): void {
    this.#nodes.set(
      node,
      this.#spawn("slurmd", ["-D", "-f", join(this.#directory, "slurm.conf"), "-N", node]),
    );
  }

  /** What the nodes of this cluster compute, or one of them: the tasks, and Slurm's processes that look after them. */
  async #computed(node?: string): Promise<{ readonly tasks: number[]; readonly keepers: number[] }> {
    const all = await processes(), marks = [`SLURM_CONF=${this.env["SLURM_CONF"]}`, "SLURM_JOB_ID="];
    if (node !== undefined) marks.push(`SLURMD_NODENAME=${node}`);
    const tasks = all.filter(({ words }) => marks.every((mark) => ` ${words} `.includes(` ${mark}`)));
    const keepers = all.filter(({ id, words }) =>
      words.startsWith("slurmstepd") && tasks.some(({ parent }) => parent === id)
    );
    return { tasks: tasks.map(({ id }) => id), keepers: keepers.map(({ id }) => id) };
  }

  /** Ends a node as a loss of power does: its daemon and everything that it runs. */
  async killNode(node: string): Promise<void> {
    const daemon = this.#nodes.get(node);
    if (!daemon) throw new RangeError(`Cannot end the node "${node}": there is none of that name`);
    const { tasks, keepers } = await this.#computed(node);
    for (const id of [daemon.pid, ...keepers, ...tasks]) await end(id);
    await daemon.status;
  }

  /** Ends what a node computes, and nothing of Slurm's. */
  async killTask(node: string): Promise<void> {
    const { tasks } = await this.#computed(node);
    if (tasks.length === 0) throw new RangeError(`Cannot end a task of "${node}": it runs none`);
    for (const id of tasks) await end(id);
  }

  /** Runs one of Slurm's programs; what it says, also where it fails. */
  async ask(program: string, ...args: string[]): Promise<string> {
    const { stdout, stderr } = await new Deno.Command(program, { args, env: { ...this.env } }).output();
    return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  }

  /** A job's tasks, by their index. */
  async tasks(job: string): Promise<ReadonlyMap<string, ShownTask>> {
    const text = await this.ask("scontrol", "--oneliner", "show", "job", job);
    return new Map(
      text.trim().split("\n").map((line) => {
        const fields = Object.fromEntries(
          [...line.matchAll(/(\w+)=(\S*)/g)].map(([, name = "", value = ""]) => [name, value]),
        );
        return [fields["ArrayTaskId"] ?? "", fields];
      }),
    );
  }

  /** Waits until something is so. */
  async until(what: string, condition: () => Promise<boolean>, seconds = 300): Promise<void> {
    for (const from = Date.now(); Date.now() - from < 1000 * seconds; await pause(200)) {
      if (await condition()) return;
    }
    throw new Error(`Waited ${seconds} s and still not: ${what}`);
  }

  /** Ends everything that it started. */
  async [Symbol.asyncDispose](): Promise<void> {
    // The daemons first, so that they start nothing more.
    for (const { pid } of this.#daemons) await end(pid);
    const { tasks, keepers } = await this.#computed();
    for (const id of [...keepers, ...tasks]) await end(id);
    await Promise.all(this.#daemons.map(({ status }) => status));
  }
}
