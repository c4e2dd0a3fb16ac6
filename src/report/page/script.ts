/**
 * The page's script: its modules as one, in the order in which they need each other.
 *
 * @module
 */

import chart from "./chart.js" with { type: "text" };
import check from "./check.js" with { type: "text" };
import data from "./data.js" with { type: "text" };
import dom from "./dom.js" with { type: "text" };
import flips from "./flips.js" with { type: "text" };
import main from "./main.js" with { type: "text" };
import sections from "./sections.js" with { type: "text" };
import table from "./table.js" with { type: "text" };

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
