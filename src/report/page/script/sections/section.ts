/**
 * A section of the page.
 *
 * @module
 */

import { type Child, el, flattened } from "../dom.ts";

/** A section with its heading; nothing where it has no content. */
export function section(
  id: string,
  title: string,
  note: string | null,
  content: Child,
): HTMLElement | null {
  const parts = flattened([content]);
  if (parts.length === 0) return null;
  return el(
    "section",
    { id, "aria-labelledby": `${id}-title` },
    el("h2", { id: `${id}-title` }, title),
    note === null ? null : el("p", { class: "note" }, note),
    parts,
  );
}

/** Figures beside each other; nothing where there are none. */
export function gallery(figures: readonly HTMLElement[]): Child {
  return figures.length === 0 ? null : el("div", { class: "figures" }, figures);
}
