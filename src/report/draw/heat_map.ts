/**
 * Heat maps: divergences over layers, and one completion token by token.
 *
 * @module
 */

import { svgText } from "../page/mod.ts";
import { short } from "./written.ts";
import { element, label, type Panel, tip } from "./svg.ts";

/** Stops of a scale from dark blue to yellow that those with any colour vision read alike (after Cividis). */
const stops: readonly (readonly [number, number, number])[] = [
  [0, 34, 78],
  [53, 69, 108],
  [102, 105, 112],
  [148, 142, 119],
  [200, 184, 102],
  [254, 232, 56],
];

/** The colour of a share from 0 to 1, and whether text on it is dark. */
export function heat(share: number): { readonly fill: string; readonly dark: boolean } {
  const place = Math.min(1, Math.max(0, Number.isNaN(share) ? 0 : share)) * (stops.length - 1);
  const from = stops[Math.floor(place)] ?? [0, 0, 0], to = stops[Math.ceil(place)] ?? from, part = place % 1;
  const fill = from.map((value, i) => Math.round(value + part * ((to[i] ?? value) - value)));
  return { fill: `#${fill.map((value) => value.toString(16).padStart(2, "0")).join("")}`, dark: place > 2.6 };
}

/** A row of a map. */
export interface MapRow {
  /** Its name. */
  readonly name: string;
  /** A number a column; null for none. */
  readonly values: readonly (number | null)[];
}

/** How numbers become colours. */
export interface HeatScale {
  /** The number of the darkest colour. */
  readonly low: number;
  /** The number of the lightest colour. */
  readonly high: number;
  /** Equal steps of colour for equal factors; values below `low` are as dark as it. */
  readonly logarithmic: boolean;
  /** The unit. */
  readonly unit: string;
}

function shareOf(value: number, { low, high, logarithmic }: HeatScale): number {
  const at = (x: number): number => logarithmic ? Math.log(Math.max(x, low)) : x;
  return high > low ? (at(value) - at(low)) / (at(high) - at(low)) : 0;
}

/** The scale as a strip with its ends. */
export function scaleStrip(x: number, y: number, scale: HeatScale): string {
  const steps = 24, width = 5;
  const cells = Array.from({ length: steps }, (_, i) => {
    return element("rect", {
      x: x + i * width,
      y,
      width: width + 0.3,
      height: 10,
      fill: heat(i / (steps - 1)).fill,
    });
  });
  return cells.join("") + label("tick", x - 5, y + 9, short(scale.low), "end") +
    label("tick", x + steps * width + 5, y + 9, `${short(scale.high)} ${scale.unit}`);
}

/** Columns of a map: their names, and what is said of a cell. */
export interface HeatMap {
  /** Above it. */
  readonly title: string;
  /** The rows from top to bottom. */
  readonly rows: readonly MapRow[];
  /** The columns' names. */
  readonly columns: readonly string[];
  /** What the columns are. */
  readonly axis: string;
  /** How numbers become colours. */
  readonly scale: HeatScale;
  /** What is said where a cell is pointed at, before its number. */
  readonly say: (row: number, column: number) => string;
}

/** A number as a cell has room for it: five characters. */
function cellText(value: number): string {
  const text = short(value);
  return text.length <= 5 ? text : short(Number(value.toPrecision(Math.abs(value) < 0.01 ? 1 : 2)));
}

/** The room that a title takes, in pixels. */
function titleWidth(title: string): number {
  return 8 * title.length;
}

/** A map with numbers in its cells where they have room. */
export function heatMap({ title, rows, columns, axis, scale, say }: HeatMap): Panel {
  const names = Math.max(60, 16 + 7.4 * Math.max(...rows.map(({ name }) => name.length)));
  const cell = columns.length <= 16 ? 44 : columns.length <= 24 ? 32 : 18, height = 24, top = 52;
  const every = cell >= 32 ? 1 : 4, width = names + cell * columns.length + 10;
  const body = rows.map(({ name, values }, row) => {
    const y = top + row * height;
    const cells = values.map((value, column) => {
      if (value === null) return "";
      const { fill, dark } = heat(shareOf(value, scale)), x = names + column * cell;
      const text = cell < 32 ? "" : label(
        dark ? "cell dark" : "cell light",
        x + cell / 2,
        y + height / 2 + 4,
        cellText(value),
        "middle",
      );
      return element(
        "g",
        { class: "point" },
        element("rect", { x, y, width: cell - 1, height: height - 1, fill }),
        text,
        tip(`${say(row, column)}: ${short(value)} ${scale.unit}`),
      );
    });
    return label("legend", names - 8, y + height / 2 + 4, name, "end") + cells.join("");
  });
  const bottom = top + rows.length * height;
  const marks = columns.map((name, column) =>
    column % every === 0 || column === columns.length - 1 && every === 1
      ? label("tick", names + (column + 0.5) * cell, bottom + 15, name, "middle")
      : ""
  );
  return {
    width: Math.max(width, 380, titleWidth(title)),
    height: bottom + 40,
    description: `${title}. ${
      rows.map(({ name, values }) =>
        `${name}: ${values.map((value) => value === null ? "–" : short(value)).join(", ")}`
      )
        .join(". ")
    }.`,
    body: [
      label("head", 0, 14, title),
      scaleStrip(names + 30, 26, scale),
      ...body,
      ...marks,
      label("tick", names + cell * columns.length / 2, bottom + 31, axis, "middle"),
    ].join(""),
  };
}

/** A token under its column. */
export interface TokenColumn {
  /** Its text. */
  readonly text: string;
}

/** Tokens in one strip; longer completions go on in the next. */
const STRIP = 44;

/** Sizes of a token's cell, and of the room for texts. */
const CELL = { width: 17, height: 13, texts: 94, names: 34 } as const;

/** The longest text of a token that is shown. */
const LONGEST = 11;

/** A token as it can be read: spaces and line ends are seen. */
export function visibleToken(text: string): string {
  const shown = text.replace(/\n/g, "⏎").replace(/\t/g, "⇥").replace(
    /^ +| +$/g,
    (spaces) => "␣".repeat(spaces.length),
  );
  const characters = [...(shown === "" ? "∅" : shown)];
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join("")}…` : characters.join("");
}

/** A completion: layers from the bottom up, its tokens from left to right, with their texts. */
export function tokenMap(
  title: string,
  tokens: readonly TokenColumn[],
  rows: readonly (readonly number[])[],
  scale: HeatScale,
  say: (layer: number, token: number) => string,
): Panel {
  const strips = Array.from({ length: Math.ceil(tokens.length / STRIP) }, (_, i) => i * STRIP);
  const stripHeight = rows.length * CELL.height + CELL.texts, top = 44, last = rows.length - 1;
  const every = rows.length <= 12 ? 1 : 4;
  const body = strips.map((start, strip) => {
    const y = top + strip * stripHeight, columns = tokens.slice(start, start + STRIP);
    const names = rows.map((_, layer) =>
      layer % every === 0 || layer === last
        ? label(
          "tick",
          CELL.names - 5,
          y + (last - layer) * CELL.height + 10,
          layer === 0 ? "emb" : String(layer),
          "end",
        )
        : ""
    );
    const cells = rows.map((values, layer) =>
      columns.map((_, i) => {
        const value = values[start + i] ?? NaN;
        return element(
          "rect",
          {
            class: "point",
            x: CELL.names + i * CELL.width,
            y: y + (last - layer) * CELL.height,
            width: CELL.width - 0.6,
            height: CELL.height - 0.6,
            fill: heat(shareOf(value, scale)).fill,
          },
          tip(say(layer, start + i)),
        );
      }).join("")
    );
    const texts = columns.map(({ text }, i) => {
      const x = CELL.names + (i + 0.5) * CELL.width + 4, at = y + rows.length * CELL.height + 6;
      const transform = `translate(${x.toFixed(1)} ${at.toFixed(1)}) rotate(-90)`;
      return element(
        "text",
        { class: "token", transform, "text-anchor": "end" },
        svgText(visibleToken(text)),
      );
    });
    return [...names, ...cells, ...texts].join("");
  });
  const width = CELL.names + Math.min(STRIP, tokens.length) * CELL.width + 10;
  return {
    width: Math.max(380, width, titleWidth(title)),
    height: top + strips.length * stripHeight + 4,
    description: `${title}: ${tokens.length} tokens, ${rows.length} rows of layers.`,
    body: label("head", 0, 14, title) + scaleStrip(CELL.names + 24, 22, scale) + body.join(""),
  };
}
