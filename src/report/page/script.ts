/**
 * The page's script: its modules as one, in the order in which they need each other.
 *
 * @module
 */

import chart from "./script/chart.js" with { type: "text" };
import check from "./script/check.js" with { type: "text" };
import data from "./script/data.js" with { type: "text" };
import dom from "./script/dom.js" with { type: "text" };
import flips from "./script/flips.js" with { type: "text" };
import main from "./script/main.js" with { type: "text" };
import sections from "./script/sections.js" with { type: "text" };
import table from "./script/table.js" with { type: "text" };

/** A module without its imports and exports: in the page all of them share one scope. */
function inlined(module: string): string {
  return module
    .replace(/^\/\*\*[\s\S]*?\*\/\n/gm, "")
    .replace(/^import\s[^;]*;\n/gm, "")
    .replace(/^export\s+(?=(async\s+)?(function|const|class)\b)/gm, "");
}

/** The script. */
export const pageScript: string = [dom, data, chart, check, table, sections, flips, main].map(inlined).join(
  "",
);
