/**
 * Hugging Face's Math-Verify as a second opinion, where `python3` has it.
 *
 * @module
 */

/** A gold answer and what was boxed. */
export type BoxedPair = readonly [gold: string, boxed: string];

/** Reads pairs as JSON, one a line, and answers each with true or false. */
const SCRIPT = `
import json, logging, sys
try:
    from math_verify import parse, verify
except ImportError:
    sys.exit(3)
logging.disable(logging.CRITICAL)
for line in sys.stdin:
    gold, boxed = json.loads(line)
    try:
        right = verify(parse("$" + gold + "$"), parse("\\\\boxed{" + boxed + "}"))
    except Exception:
        right = False
    print("true" if right else "false", flush=True)
`;

/** The script's exit code where the package is missing. */
const MISSING = 3;

/**
 * What Math-Verify says to pairs, in their order; a text that says why it could not be asked.
 *
 * @throws {Error} If it ends before all pairs are graded.
 */
export async function mathVerify(pairs: readonly BoxedPair[]): Promise<readonly boolean[] | string> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command("python3", {
      args: ["-c", SCRIPT],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "there is no python3";
    throw error;
  }
  const input = new Blob(pairs.map((pair) => `${JSON.stringify(pair)}\n`)).stream();
  // Where the package is missing the process ends before it has read everything.
  const [output] = await Promise.all([child.output(), input.pipeTo(child.stdin).catch(() => undefined)]);
  if (output.code === MISSING) return "python3 has no package math_verify";
  const lines = new TextDecoder().decode(output.stdout).trim().split("\n").filter((line) => line !== "");
  if (output.code !== 0 || lines.length !== pairs.length) {
    throw new Error(
      `Cannot use Math-Verify: it graded ${lines.length} of ${pairs.length} pairs and ended with code ${output.code}`,
    );
  }
  return lines.map((line) => line === "true");
}
