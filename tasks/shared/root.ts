/**
 * Where this program's own files lie: profiles, definitions of suites, the embedded model.
 *
 * @module
 */

import { relative } from "node:path";
import { projectRoot } from "../../src/result/mod.ts";

/** That folder, wherever a command is called: `.` where it is the working folder, so that paths are printed short. */
export const ROOT: string = relative(Deno.cwd(), projectRoot) === ""
  ? "."
  : projectRoot.replace(/[\\/]+$/, "");

/** How commands are called from here: as tasks of a checkout, or as the program that was installed. */
export const CALL: string = ROOT === "." ? "deno task" : "bupo-bench";
