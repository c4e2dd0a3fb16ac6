/** Other people's programs, run where they are there. */

/** Runs a program; `undefined` if it is not there or may not be run. */
export async function run(
  command: string,
  args: readonly string[],
  input = "",
): Promise<Deno.CommandOutput | undefined> {
  if ((await Deno.permissions.query({ name: "run", command })).state !== "granted") return undefined;
  try {
    const child = new Deno.Command(command, {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input)).catch(() => {}); // it may not read all of it
    await writer.close().catch(() => {});
    return await child.output();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Does a program accept? */
export async function succeeds(command: string, args: readonly string[], input?: string): Promise<boolean> {
  return (await run(command, args, input))?.success ?? false;
}
