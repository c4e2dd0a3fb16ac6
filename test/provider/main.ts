/**
 * The command line on a machine whose Vulkan driver has to be found first.
 *
 * @module
 */

import { main } from "../../main.ts";
import { findDriver } from "./driver.ts";

findDriver();
Deno.exit(await main(Deno.args));
