/**
 * The programs of a cluster, run from here.
 *
 * @module
 */

/** A cluster cannot be asked, or refused. */
export class ClusterError extends Error {
  /** The class's name. */
  override readonly name = "ClusterError";
}

/**
 * Runs a program to its end.
 *
 * @param input What it reads.
 * @returns What it wrote to standard output.
 * @throws {ClusterError} If it is not there, or ends with another exit code than 0: with what it said.
 */
export type RunProgram = (program: string, args: readonly string[], input?: string) => Promise<string>;

/** What a job must not inherit of who submits it: the key stays where the result is signed. */
const HELD_BACK = { BUPO_KEY: "", BUPO_KEY_PASSPHRASE: "" };

/** Runs a program of this machine: a {@linkcode RunProgram}. */
export async function runProgram(program: string, args: readonly string[], input = ""): Promise<string> {
  // Slurm writes every index of an array, and not the first 64 characters of them.
  const env = { ...HELD_BACK, SLURM_BITSTR_LEN: "0" };
  const pipes = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, { args: [...args], env, ...pipes }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new ClusterError(
      `Cannot run ${program}: it is not installed here; run this where the site's users submit`,
    );
  }
  const writer = child.stdin.getWriter();
  // A program that does not read its input closes it.
  const written = writer.write(new TextEncoder().encode(input)).then(() => writer.close()).catch(() => {});
  const { code, stdout, stderr } = await child.output();
  await written;
  if (code !== 0) {
    const said = new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "";
    throw new ClusterError(
      `Cannot use ${program}: ${said.replace(/^\w+: (?:error|fatal): /, "") || `exit code ${code}`}`,
    );
  }
  return new TextDecoder().decode(stdout);
}
