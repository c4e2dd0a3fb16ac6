/**
 * The page's style: its parts as one.
 *
 * @module
 */

import figures from "./style/figures.css" with { type: "text" };
import layout from "./style/layout.css" with { type: "text" };
import narrow from "./style/narrow.css" with { type: "text" };
import tables from "./style/tables.css" with { type: "text" };
import theme from "./style/theme.css" with { type: "text" };

/** The style. */
export const pageStyle: string = [theme, layout, tables, figures, narrow].join("");
