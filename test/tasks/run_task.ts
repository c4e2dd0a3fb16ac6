import { fileURLToPath } from "node:url";
import { taskPermissions } from "./task_permissions.ts";

const main = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** How a command ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs Deno in a process of its own, which has no terminal. */
export async function runDeno(
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    ...(cwd === undefined ? {} : { cwd }),
    env: { BUPO_TRACE: "0", NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** Runs a command of the command line as its task does, but for where it may write. */
export async function runTask(
  args: readonly string[],
  { folder, ...options }: Parameters<typeof runDeno>[1] & { readonly folder?: string } = {},
): Promise<Outcome> {
  return await runDeno(["run", ...taskPermissions(args[0] ?? "", folder), main, ...args], options);
}
