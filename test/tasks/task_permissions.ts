/** What of `deno.json` says how commands are started. */
export interface TaskConfig {
  /** The tasks, by name. */
  readonly tasks: Readonly<Record<string, { readonly description?: string; readonly command: string }>>;
  /** The sets of permissions, by name. */
  readonly permissions: Readonly<Record<string, Readonly<Record<string, true | readonly string[]>>>>;
}

/** Reads the project's `deno.json`. */
export function readTaskConfig(): TaskConfig {
  return JSON.parse(Deno.readTextFileSync(new URL("../../deno.json", import.meta.url)));
}

/**
 * The flags that a task of `deno.json` gives to `deno run`, its set of permissions among them, so that what a command
 * needs beyond them is noticed.
 *
 * @param folder Where it may write instead, if it may write.
 */
export function taskPermissions(task: string, folder?: string): string[] {
  const { tasks, permissions } = readTaskConfig();
  const found = /^deno run (.+?) \S+\.ts\b/.exec(tasks[task]?.command ?? "")?.[1];
  if (found === undefined) {
    throw new TypeError(`Cannot read the task "${task}": expected "deno run FLAGS FILE"`);
  }
  const flags = found.replaceAll("$HOME", Deno.env.get("HOME") ?? "").split(" ");
  const isWrite = (flag: string): boolean => flag.startsWith("--allow-write");
  const set = flags.find((flag) => flag.startsWith("-P="))?.slice(3) ?? "";
  const mayWrite = flags.some(isWrite) || permissions[set]?.write !== undefined;
  if (folder === undefined || !mayWrite) return flags;
  return [...flags.filter((flag) => !isWrite(flag)), `--allow-write=${folder}`];
}
