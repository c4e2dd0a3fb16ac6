/**
 * The permissions of a task in deno.json, so that what its command needs beyond them is noticed.
 *
 * @param folder Where it may write instead, if it may write.
 */
export async function taskPermissions(task: string, folder?: string): Promise<string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  const command: string = tasks[task].command;
  const flags = command.split(" ").filter((word) => /^--(allow-|no-prompt)/.test(word));
  return flags.map((flag) =>
    folder !== undefined && flag.startsWith("--allow-write") ? `--allow-write=${folder}` : flag
  );
}
