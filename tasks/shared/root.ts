/**
 * Where this program's own files lie: profiles, definitions of suites, the embedded model.
 *
 * @module
 */

import { relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = new URL("../..", import.meta.url);
// Called from a registry there are no files; main.ts says so.
const projectRoot = here.protocol === "file:" ? fileURLToPath(here) : here.href;

/** That folder, wherever a command is called: `.` where it is the working folder, so that paths are printed short. */
export const ROOT: string = relative(Deno.cwd(), projectRoot) === ""
  ? "."
  : projectRoot.replace(/[\\/]+$/, "");

/** How commands are called from here: as tasks of a checkout, or as the program that was installed. */
export const CALL: string = ROOT === "." ? "deno task" : "bupo-bench";

/** A text that names commands, as they are called here; data is never changed by it. */
export function asCalled(text: string): string {
  return text.replaceAll("deno task ", `${CALL} `);
}
