/**
 * Makes elements. Text is always a text node: nothing that comes from a record is ever parsed as HTML.
 *
 * @module
 */

const SVG = "http://www.w3.org/2000/svg";

/** What can stand in an element; `null` and `undefined` are left out. */
export type Child = Node | string | null | undefined | readonly Child[];

/** What an element is given: listeners are named `on…`; `null`, `undefined` and `false` are left out. */
export type Attributes = Readonly<
  Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>
>;

/** All nodes and texts among children, however deep. */
export function flattened(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child) => {
    if (child === null || child === undefined) return [];
    return typeof child === "string" || child instanceof Node ? [child] : flattened(child);
  });
}

/** Sets attributes and listeners, and appends children. */
function furnish<T extends Element>(element: T, attributes: Attributes, children: readonly Child[]): T {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...flattened(children));
  return element;
}

/** An HTML element. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  return furnish(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] {
  return furnish(document.createElementNS(SVG, tag), attributes, children);
}

/** An element that the page is built with. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page lacks #${id}`);
  return element;
}

/** The dialog that the page is built with. */
export function theDialog(): HTMLDialogElement {
  const dialog = document.querySelector("dialog");
  if (!dialog) throw new Error("the page lacks its dialog");
  return dialog;
}

/** Offers bytes or a text as a file. */
export function download(name: string, type: string, content: BlobPart): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = el("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A button. */
export function button(text: Child, onclick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  return el("button", { type: "button", onclick, ...attributes }, text);
}

/** A table: headings, and rows of cells of which the first is the row's heading. */
export function dataTable(
  caption: string,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): HTMLTableElement {
  return el(
    "table",
    { class: "data" },
    el("caption", {}, caption),
    el("thead", {}, el("tr", {}, headings.map((heading) => el("th", { scope: "col" }, heading)))),
    el(
      "tbody",
      {},
      rows.map(([first, ...cells]) =>
        el("tr", {}, el("th", { scope: "row" }, first), cells.map((cell) => el("td", {}, cell)))
      ),
    ),
  );
}

/**
 * Names the parts of a table for readers that do not see it: narrow screens show its rows as blocks, and browsers then
 * forget that they are a table.
 */
export function withRoles(table: HTMLTableElement): HTMLTableElement {
  const roles = {
    tr: "row",
    thead: "rowgroup",
    tbody: "rowgroup",
    td: "cell",
    "th[scope=col]": "columnheader",
  };
  table.setAttribute("role", "table");
  for (const [selector, role] of Object.entries({ ...roles, "th[scope^=row]": "rowheader" })) {
    for (const part of table.querySelectorAll(selector)) part.setAttribute("role", role);
  }
  return table;
}

/** Something wide in a region that scrolls, with a hint where it does. */
export function scrolled(label: string, content: HTMLElement): HTMLElement {
  const region = el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label }, content);
  const hint = el("p", { class: "hint", hidden: true }, "More to the right: scroll sideways →");
  new ResizeObserver(() => hint.hidden = region.scrollWidth <= region.clientWidth + 1).observe(region);
  return el("div", { class: "scrolled" }, region, hint);
}
