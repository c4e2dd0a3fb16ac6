/**
 * An interval on a scale, as it stands in a cell of a table.
 *
 * @module
 */

import type { Ranged } from "../../../compare/mod.ts";
import { short } from "../../shared/mod.ts";
import { svg } from "../dom.ts";

/** What several interval bars have in common. */
export interface Scale {
  /** The left end. */
  readonly min: number;
  /** The right end. */
  readonly max: number;
  /** Where faint lines go. */
  readonly marks: readonly [number, ...number[]];
  /** A shaded range. */
  readonly band?: readonly [number, number];
}

/** Where a value stands; what is beyond an end stands at the end. */
function placeOn({ min, max }: Scale, width: number): (value: number) => number {
  return (value) => 5 + (Math.min(max, Math.max(min, value)) - min) / (max - min || 1) * (width - 10);
}

/** An interval on a scale: a line with a dot, over faint marks. */
export function intervalBar(
  { value, low, high }: Ranged,
  scale: Scale,
  width: number,
  kind = "",
): SVGElement {
  const x = placeOn(scale, width), { marks, band } = scale;
  return svg(
    "svg",
    {
      class: `bar ${kind}`,
      viewBox: `0 0 ${width} 20`,
      width,
      height: 20,
      "aria-hidden": "true",
      focusable: "false",
    },
    band
      ? svg("rect", { class: "margin", x: x(band[0]), y: 0, width: x(band[1]) - x(band[0]), height: 20 })
      : null,
    marks.map((mark) =>
      svg("line", { class: mark === 0 ? "zero" : "grid", x1: x(mark), x2: x(mark), y1: 0, y2: 20 })
    ),
    svg("line", { class: "interval", x1: x(low), x2: x(high), y1: 10, y2: 10 }),
    svg("circle", { class: "value", cx: x(value), cy: 10, r: 3.6 }),
  );
}

/** How the first, middle and last mark stand to their places. */
const anchors = ["start", "middle", "end"] as const;

/** Three marks of the scale of interval bars, to stand over them. */
export function intervalScale(scale: Scale, width: number): SVGElement {
  const x = placeOn(scale, width), { marks } = scale, [first] = marks;
  const middle = marks.length % 2 === 1 ? marks[(marks.length - 1) / 2] : undefined;
  const shown = [first, middle, marks.at(-1) ?? first];
  return svg(
    "svg",
    {
      class: "scale",
      viewBox: `0 0 ${width} 12`,
      width,
      height: 12,
      "aria-hidden": "true",
      focusable: "false",
    },
    shown.map((mark, i) =>
      mark === undefined
        ? null // The outer marks stand inside the drawing, so that nothing of them is cut off.
        : svg(
          "text",
          { x: i === 0 ? 0 : i === 2 ? width : x(mark), y: 10, "text-anchor": anchors[i] ?? "middle" },
          short(100 * mark),
        )
    ),
  );
}
