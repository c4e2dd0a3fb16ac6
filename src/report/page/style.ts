/**
 * The page's style: its parts as one.
 *
 * @module
 */

import figures from "./figures.css" with { type: "text" };
import layout from "./layout.css" with { type: "text" };
import narrow from "./narrow.css" with { type: "text" };
import tables from "./tables.css" with { type: "text" };
import theme from "./theme.css" with { type: "text" };

/** The style. */
export const pageStyle: string = [theme, layout, tables, figures, narrow].join("");
