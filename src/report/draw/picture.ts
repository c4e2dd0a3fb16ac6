/**
 * A figure as a picture of its own: an SVG file that needs nothing besides itself.
 *
 * @module
 */

import { svgText } from "../page/mod.ts";
import { figureStyle } from "./figure_style.ts";
import { element, type Figure, label, type Panel } from "./svg.ts";

/** The space around, and between panels, in pixels. */
const MARGIN = 20, GAP = 24;

/** The widest row of panels, and the longest line of a caption in characters. */
const WIDEST = 1220, LONGEST = 6.1;

/** Rows of panels that fit. */
function rowsOf(panels: readonly Panel[]): Panel[][] {
  const rows: Panel[][] = [];
  let filled = Infinity;
  for (const panel of panels) {
    if (filled + GAP + panel.width > WIDEST) {
      rows.push([]);
      filled = -GAP;
    }
    rows.at(-1)?.push(panel);
    filled += GAP + panel.width;
  }
  return rows;
}

/** A text in lines. */
function wrapped(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

/** A panel as an SVG element of its own, for the page. */
export function panelSvg({ width, height, description, body }: Panel): string {
  return element(
    "svg",
    {
      class: "figure",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      "aria-label": description,
    },
    body,
  );
}

/** A figure as an SVG file; `about` says of what. */
export function renderFigure({ title, caption, panels }: Figure, about: string): string {
  const rows = rowsOf(panels);
  const width = 2 * MARGIN + Math.max(
    560,
    ...rows.map((row) => {
      return row.reduce((sum, panel) => sum + panel.width + GAP, -GAP);
    }),
  );
  let y = 64;
  const placed = rows.flatMap((row) => {
    let x = MARGIN;
    const top = y;
    y += Math.max(...row.map(({ height }) => height)) + GAP;
    return row.map((panel) => {
      const transform = `translate(${x} ${top})`;
      x += panel.width + GAP;
      return element("g", { transform }, panel.body);
    });
  });
  const lines = wrapped(caption, Math.floor((width - 2 * MARGIN) / LONGEST));
  const below = lines.map((line, i) => label("caption", MARGIN, y + 8 + 17 * i, line));
  const height = y + 17 * lines.length + MARGIN;
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      class: "figure",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      "aria-labelledby": "title description",
    },
    "\n",
    element("title", { id: "title" }, svgText(`${title}: ${about}`)),
    element("desc", { id: "description" }, svgText(panels.map(({ description }) => description).join(" "))),
    element("style", {}, figureStyle),
    element("rect", { class: "paper", width, height, rx: 6 }),
    label("head", MARGIN, 28, `${title}: ${about}`),
    ...placed.map((markup) => `\n${markup}`),
    ...below,
    "\n",
  ) + "\n";
}
