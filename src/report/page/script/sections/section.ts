/**
 * A section of the page.
 *
 * @module
 */

import { type Child, el, flattened } from "../dom.ts";

/** The mark of a part that the check does not cover. */
export function notCovered(): HTMLElement {
  return el(
    "a",
    { class: "uncovered", href: "#uncovered", title: "No signature in this page vouches for it" },
    "not covered by the check",
  );
}

/** A section with its heading; nothing where it has no content. */
export function section(
  id: string,
  title: Child,
  note: Child,
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

/** A part that is built when it is first opened. */
export function unfolding(id: string, title: Child, build: () => Promise<Child>): HTMLElement {
  const slot = el("div", { class: "unfolded" });
  let built = false;
  const element: HTMLDetailsElement = el(
    "details",
    {
      id,
      class: "unfold",
      ontoggle: () => {
        if (built || !element.open) return;
        built = true;
        void build().then((content) => slot.replaceChildren(...flattened([content])));
      },
    },
    el("summary", {}, title),
    slot,
  );
  return element;
}

/** Figures beside each other; nothing where there are none. */
export function gallery(figures: readonly HTMLElement[]): Child {
  return figures.length === 0 ? null : el("div", { class: "figures" }, figures);
}
