/**
 * The installed command: starts what its first argument names as the task of that name does, with the same permissions,
 * from the folder where it is called. It needs nothing but leave to read its own files and to start Deno.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** What of `deno.json` says how commands are started. */
interface TaskConfig {
  readonly tasks: Readonly<Record<string, { readonly command: string }>>;
  readonly permissions: Readonly<Record<string, { readonly write?: true | readonly string[] }>>;
}

/** A task that is a command: its flags, and what it calls. */
const COMMAND = /^deno run (.+) main\.ts (\S+)$/;

/**
 * The arguments of Deno that start a command.
 *
 * @param root This program's folder.
 * @param home The user's own folder.
 */
export function startArguments(
  { tasks, permissions }: TaskConfig,
  args: readonly string[],
  root: string,
  home: string,
): string[] {
  const [name = ""] = args, task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
  const [, written = "-q -P=results --no-prompt"] = COMMAND.exec(task?.command ?? "") ?? [];
  const flags = written.replaceAll("$HOME", home).split(" ");
  const set = flags.find((flag) => flag.startsWith("-P="))?.slice(3) ?? "";
  const write = Object.hasOwn(permissions, set) ? permissions[set]?.write : undefined;
  // A set's paths are relative to its file; what is written lies where the command is called.
  const here = Array.isArray(write) ? [`--allow-write=${write.join(",")}`] : [];
  return ["run", "--config", join(root, "deno.json"), ...flags, ...here, join(root, "main.ts"), ...args];
}

/** Starts the command and ends as it does. */
async function start(): Promise<number> {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const config: TaskConfig = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  const args = startArguments(config, Deno.args, root, Deno.env.get("HOME") ?? "");
  const child = new Deno.Command(Deno.execPath(), { args, stdin: "inherit" }).spawn();
  // A terminal tells both; the command decides when it has ended.
  Deno.addSignalListener("SIGINT", () => {});
  if (Deno.build.os !== "windows") {
    for (const signal of ["SIGTERM", "SIGHUP"] as const) {
      Deno.addSignalListener(signal, () => child.kill(signal));
    }
  }
  return (await child.status).code;
}

if (import.meta.main) Deno.exit(await start());
