/**
 * Pieces of SVG.
 *
 * @module
 */

import { markup } from "./html.ts";

/** Writes an element; its content is markup, its attributes are text. */
export type SvgElement = (
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...content: readonly string[]
) => string;

/** Elements whose numbers have so many decimals at most. */
export function svgElement(digits: number): SvgElement {
  return (name, attributes, ...content) => {
    const written = Object.entries(attributes).map(([attribute, value]) =>
      markup` ${attribute}="${typeof value === "number" ? String(Number(value.toFixed(digits))) : value}"`
    );
    return `<${name}${written.join("")}>${content.join("")}</${name}>`;
  };
}

/** Text as XML can hold it, cut where it has no room. */
export function svgText(text: string, most = Infinity): string {
  const clean = text.toWellFormed().replace(/[\p{Cc}\ufffe\uffff]/gu, " ");
  return markup`${clean.length > most ? `${clean.slice(0, most - 1).toWellFormed()}…` : clean}`;
}
