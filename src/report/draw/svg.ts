/**
 * Pieces of SVG.
 *
 * @module
 */

import { type SvgElement, svgElement, svgText } from "../page/mod.ts";

/** An element. */
export const element: SvgElement = svgElement(2);

/** A line of text; `kind` are its classes. */
export function label(kind: string, x: number, y: number, text: string, anchor = "start"): string {
  return element("text", { class: kind, x, y, "text-anchor": anchor }, svgText(text));
}

/** What is shown where something is pointed at. */
export function tip(text: string): string {
  return element("title", {}, svgText(text));
}

/** A part of a figure. */
export interface Panel {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** What it shows, for those who do not see it. */
  readonly description: string;
  /** Markup. */
  readonly body: string;
}

/** A figure: panels, and what stands below them. */
export interface Figure {
  /** The name of its file, without an ending. */
  readonly name: string;
  /** What it shows. */
  readonly title: string;
  /** Units, what the marks mean, and n. */
  readonly caption: string;
  /** The panels. */
  readonly panels: readonly Panel[];
}
