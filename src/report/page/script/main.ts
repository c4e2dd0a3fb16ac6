/**
 * Where the script begins: on the page it builds the page, in a worker it computes.
 *
 * @module
 */

import { serve } from "./recompute.ts";

if (typeof document === "undefined") serve();
else (await import("./page.ts")).start();
