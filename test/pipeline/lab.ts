/**
 * A folder in which tests run the command line in processes of their own: always the real Deno, because one that npm
 * starts would outlive its kill.
 *
 * @module
 */

import { join } from "node:path";
import { sha256 } from "../../src/canonical_json.ts";
import { listFiles } from "../../src/result/statement/subjects.ts";
import { taskPermissions } from "../tasks/task_permissions.ts";

/** What a process left. */
export interface Outcome {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Parts of a profile that differ from the smoke profile's. */
export interface Changes {
  readonly [field: string]: unknown;
  readonly training?: Readonly<Record<string, unknown>>;
  readonly evaluation?: Readonly<Record<string, unknown>>;
}

/** Two suites, more prompts and two updates a step: enough responses that some step has rewards to tell apart. */
export const tiny: Changes = {
  name: "tiny",
  seeds: [1],
  maxResponseTokens: 40,
  rolloutBatch: 32,
  training: {
    suites: ["mini-aime", "mini-math"],
    problems: 60,
    updatesPerStep: 2,
    steps: 3,
    promptsPerStep: 4,
    groupSize: 6,
    internalSteps: 2,
    checkpointEvery: 1,
  },
  evaluation: { suites: ["mini-aime", "mini-math"], problems: 4, samples: 2 },
};

/** Is there such a file or folder? */
export async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** Waits for a process's end and reads what it said. */
export async function finish(child: Deno.ChildProcess): Promise<Outcome> {
  const { code, signal, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, signal, stdout: text(stdout), stderr: text(stderr) };
}

/** A folder of a test's own, with stores, results and a key. */
export class Lab implements AsyncDisposable {
  /** The folder. */
  readonly directory: string;
  /** Where the sources lie that run; default this checkout. */
  root = ".";

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async open(): Promise<Lab> {
    return new Lab(await Deno.makeTempDir());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.directory, { recursive: true });
  }

  path(...parts: string[]): string {
    return join(this.directory, ...parts);
  }

  /** Writes the smoke profile with changes, and returns its path. */
  async profile(changes: Changes, name = String(changes["name"] ?? "changed")): Promise<string> {
    const smoke = JSON.parse(await Deno.readTextFile("benchmarks/profiles/smoke.json")),
      path = this.path(`${name}.json`);
    const { $schema: _, ...rest } = smoke;
    await Deno.writeTextFile(
      path,
      JSON.stringify({
        ...rest,
        ...changes,
        name,
        training: { ...smoke.training, ...changes.training },
        evaluation: { ...smoke.evaluation, ...changes.evaluation },
      }),
    );
    return path;
  }

  /** The arguments of Deno for a command with the permissions of its task, but that it writes here only. */
  async arguments(args: readonly string[], permissions?: readonly string[]): Promise<string[]> {
    const allowed = permissions ?? await taskPermissions(args[0] ?? "", this.directory);
    return ["run", "--quiet", ...allowed, "main.ts", ...args];
  }

  /** What a process is started with: its coverage is not collected, as one that is killed leaves half a file of it. */
  get options(): Deno.CommandOptions & { readonly env: Record<string, string> } {
    const { DENO_COVERAGE_DIR: _, ...inherited } = Deno.env.toObject();
    const env = { ...inherited, XDG_CONFIG_HOME: this.path("config"), NO_COLOR: "1" };
    return { cwd: this.root, clearEnv: true, env, stdin: "null", stdout: "piped", stderr: "piped" };
  }

  /** Starts a command; on one core if it is confined and the machine can. */
  async start(args: readonly string[], confined = false): Promise<Deno.ChildProcess> {
    const words = [Deno.execPath(), ...await this.arguments(args)];
    const oneCore = confined && Deno.build.os === "linux" && await exists("/usr/bin/taskset");
    const [program = "", ...rest] = oneCore ? ["taskset", "-c", "0", ...words] : words;
    return new Deno.Command(program, { ...this.options, args: rest }).spawn();
  }

  /** Runs a command to its end. */
  async run(...args: string[]): Promise<Outcome> {
    return await finish(await this.start(args));
  }

  /** Reproduces a profile, with a store and results in folders of the lab. */
  async reproduce(
    profile: string,
    store: string,
    out: string,
    ...flags: string[]
  ): Promise<Deno.ChildProcess> {
    const folders = ["--store", this.path(store), "--out", this.path("results", out)];
    return await this.start(
      ["reproduce", "--profile", profile, ...folders, ...flags],
      flags.includes("--workers"),
    );
  }

  /** The SHA-256 of every output but the signed manifests, which hold times. */
  async digests(out: string): Promise<Record<string, string>> {
    const folder = this.path("results", out), { files } = await listFiles(folder);
    const content = files.filter((name) => !/^(manifest|provenance)\./.test(name));
    const entries = content.map(async (
      name,
    ) => [name, await sha256(await Deno.readFile(join(folder, name)))]);
    return Object.fromEntries(await Promise.all(entries));
  }

  /** The records of a kind in a store, by path. */
  async records(store: string, kind: string): Promise<string[]> {
    const folder = this.path(store, kind);
    if (!await exists(folder)) return [];
    const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    return names.filter((name) => /^[0-9a-f]{64}$/.test(name)).sort().map((name) => join(folder, name));
  }

  /** The payload of a signed statement of a result. */
  async statement(
    out: string,
    kind: "manifest" | "provenance",
  ): Promise<Record<string, never> & { predicate: never }> {
    const envelope = JSON.parse(await Deno.readTextFile(this.path("results", out, `${kind}.intoto.json`)));
    return JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(envelope.payload)));
  }
}

/** Changes a byte of a file; returns what changes it back. */
export async function flipByte(path: string, share = 0.5): Promise<() => Promise<void>> {
  const bytes = await Deno.readFile(path),
    changed = bytes.slice(),
    at = Math.floor(share * (bytes.length - 1));
  changed[at] = (changed[at] ?? 0) ^ 1;
  await Deno.writeFile(path, changed);
  return () => Deno.writeFile(path, bytes);
}
