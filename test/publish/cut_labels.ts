/**
 * Finds what is cut off, beyond its box, or on something else in a page.
 *
 * @module
 */

import type { Page } from "playwright-core";

/** A rectangle on the screen. */
interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Every text in the page's drawings and tables with the box that it must stay in; what sticks out is returned. */
export function cutLabels(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    interface Node {
      readonly textContent: string | null;
      readonly scrollWidth: number;
      readonly clientWidth: number;
      closest(selector: string): Node | null;
      querySelectorAll(selector: string): ArrayLike<Node>;
      getBoundingClientRect(): Box & { readonly width: number };
    }
    const global = globalThis as unknown as {
      document: Node & { documentElement: Node };
      getComputedStyle(node: Node): { overflowX: string; textOverflow: string; visibility: string };
    };
    const all = (selector: string, inside: Node = global.document): Node[] =>
      Array.from(inside.querySelectorAll(selector)).filter((node) => node.getBoundingClientRect().width > 0);
    const cut: string[] = [], slack = 1.5;
    for (const text of all("svg text")) {
      const own = text.getBoundingClientRect(), frame = text.closest("svg")?.getBoundingClientRect();
      if (!frame) continue;
      if (
        own.left < frame.left - slack || own.right > frame.right + slack || own.top < frame.top - slack ||
        own.bottom > frame.bottom + slack
      ) cut.push(`in a drawing: ${text.textContent}`);
    }
    // Tables: the text of a cell stays in its cell, and where a table does not scroll, in the screen.
    for (
      const part of all(
        "td .number, td .range, td .verdict, th button, th .under, .badge, .caution, .facts, h1, h2",
      )
    ) {
      const head = part.closest("thead");
      if (head && head.getBoundingClientRect().width < 3) continue; // narrow screens name values in their rows
      const own = part.getBoundingClientRect(), cell = part.closest("td, th");
      const frame = cell?.getBoundingClientRect();
      if (frame && (own.right > frame.right + slack || own.left < frame.left - slack)) {
        cut.push(`in a cell: ${part.textContent}`);
      }
      const region = part.closest(".scroll"), width = global.document.documentElement.clientWidth;
      const scrolls = region !== null && region.scrollWidth > region.clientWidth + 1;
      if (!scrolls && (own.right > width + slack || own.left < -slack)) {
        cut.push(`beyond the screen: ${part.textContent}`);
      }
    }
    for (const part of all("body *")) {
      const style = global.getComputedStyle(part);
      const hides = style.overflowX === "hidden" &&
        !part.closest(".hidden, .methods thead, .pairs thead, caption");
      if ((hides || style.textOverflow === "ellipsis") && part.scrollWidth > part.clientWidth + 1) {
        cut.push(`hidden: ${part.textContent?.slice(0, 40)}`);
      }
    }
    for (const drawing of all("figure > svg")) {
      const labels = all(".label", drawing);
      for (const [i, a] of labels.entries()) {
        for (const b of labels.slice(i + 1)) {
          const [one, two] = [a.getBoundingClientRect(), b.getBoundingClientRect()];
          const apart = one.bottom <= two.top + 3 || two.bottom <= one.top + 3 || one.right <= two.left ||
            two.right <= one.left;
          if (!apart) cut.push(`on each other: ${a.textContent}, ${b.textContent}`);
        }
      }
    }
    return cut;
  });
}
