/**
 * The headline result as a picture: the methods' avg@k with their intervals, as SVG for the README.
 *
 * @module
 */

import type { Ranged } from "../compare/mod.ts";
import {
  type Leaderboard,
  type LeaderboardResult,
  type LeaderboardRow,
  statementOf,
} from "../leaderboard/mod.ts";
import { pictureStyle } from "./picture_style.ts";
import { svgElement, svgText } from "./svg.ts";
import {
  basisOf,
  families,
  familyOf,
  familyTitles,
  inFamilies,
  MOST_DRAWN,
  niceTicks,
  percent,
  samplesOf,
  short,
} from "./shared/mod.ts";

/** The picture's width, and the space around what is drawn, in pixels. */
const WIDTH = 820, MARGIN = 24;

/** Heights: what stands above the panels; a panel's title, a row of it, and its axis with the space below. */
const HEAD = 108, TITLE = 26, ROW = 28, AXIS = 42;

/** Widths: the methods' names at least, a character of them, a panel's values, the space between panels. */
const NAMES = 64, CHARACTER = 7.6, VALUES = 44, GAP = 24;

/** The most characters of a method's name. */
const LONGEST_NAME = 26;

/** With more methods they stand by kind, each under its heading. */
const MOST_UNGROUPED = 8;

/** The most characters of the headline, and of a line below it, that have room even in a wide font. */
const LONGEST_HEAD = 83, LONGEST_LINE = 96;

/** The most panels beside each other. */
const MOST_BESIDE = 3;

/** A mean or a suite: a score a method. */
interface Panel {
  readonly title: string;
  readonly scores: readonly (Ranged | undefined)[];
}

/** The scale of all panels. */
interface Scale {
  /** Where a share stands in a panel, in pixels. */
  readonly x: (share: number) => number;
  /** The shares that are marked. */
  readonly ticks: readonly number[];
}

const element = svgElement(1);

/** A line of text; `kind` are its classes. */
function line(kind: string, x: number, y: number, text: string, anchor = "start"): string {
  return element("text", { class: kind, x, y, "text-anchor": anchor }, text);
}

/** The mean over the suites, and each suite; a single suite stands for itself. */
function panelsOf({ suites }: LeaderboardResult, rows: readonly LeaderboardRow[]): Panel[] {
  const each = suites.map(({ name }): Panel => {
    return { title: name, scores: rows.map((row) => row.suites[name]?.average) };
  });
  const mean: Panel = { title: "Mean of the suites", scores: rows.map((row) => row.mean.average) };
  return each.length === 1 ? each : [mean, ...each];
}

/** One scale for all scores, so that panels can be compared. */
function scaleOf(panels: readonly Panel[], width: number): Scale {
  const shown = panels.flatMap(({ scores }) => scores.filter((score) => score !== undefined));
  const ticks = niceTicks(
    Math.min(...shown.map(({ low }) => low)),
    Math.max(...shown.map(({ high }) => high)),
  );
  const [min] = ticks, max = ticks.at(-1) ?? min;
  return { x: (share) => (share - min) / (max - min) * (width - VALUES), ticks };
}

/** A method's row in all panels, or the heading of a kind of methods. */
type Line = { readonly row: LeaderboardRow; readonly at: number } | { readonly heading: string };

/** The methods that are drawn, the best first; of many those outside of grids first, and by kind. */
function drawnRows(
  all: readonly LeaderboardRow[],
): { readonly rows: readonly LeaderboardRow[]; readonly lines: readonly Line[] } {
  const kept = new Set(inFamilies(all.map(({ method }) => method)).slice(0, MOST_DRAWN));
  const rows = all.filter(({ method }) => kept.has(method));
  const lineOf = (row: LeaderboardRow): Line => ({ row, at: rows.indexOf(row) });
  if (rows.length <= MOST_UNGROUPED) return { rows, lines: rows.map(lineOf) };
  const lines = families.flatMap((family): Line[] => {
    const own = rows.filter(({ method }) => familyOf(method) === family);
    return own.length === 0 ? [] : [{ heading: familyTitles[family] }, ...own.map(lineOf)];
  });
  return { rows, lines };
}

/** A panel: title, marks, and every method's interval with its value. */
function drawPanel(
  { title, scores }: Panel,
  lines: readonly Line[],
  { x, ticks }: Scale,
  width: number,
): string {
  const bottom = TITLE + ROW * lines.length;
  const marks = ticks.map((tick) => {
    const x1 = x(tick);
    return element("line", { class: "grid", x1, x2: x1, y1: TITLE, y2: bottom }) +
      line("soft small", x1, bottom + 16, short(100 * tick), "middle");
  });
  const intervals = lines.map((one, index) => {
    if ("heading" in one) return "";
    const { row: { method }, at } = one, score = scores[at], y = TITLE + ROW * (index + 0.5);
    if (!score) return line("soft", width, y + 4.5, "–", "end");
    return element(
      "g",
      { class: method === "base" || method === "bupo" ? method : "other" },
      element("line", { class: "interval", x1: x(score.low), x2: x(score.high), y1: y, y2: y }),
      element("circle", { cx: x(score.value), cy: y, r: 5 }),
      line("strong number", width, y + 4.5, percent(score.value), "end"),
    );
  });
  const named = line("ink strong", 0, 14, svgText(title, Math.floor(width / CHARACTER)));
  return [named, ...marks, ...intervals].join("");
}

/** All numbers in words, for those who do not see the picture. */
function described({ title, scores }: Panel, rows: readonly LeaderboardRow[]): string {
  const numbers = rows.map(({ label }, index) => {
    const score = scores[index];
    return `${label} ${
      score ? `${percent(score.value)} [${percent(score.low)}, ${percent(score.high)}]` : "none"
    }`;
  });
  return `${title}: ${numbers.join(", ")}.`;
}

/** A picture of a given height with what stands in it. */
function frame(height: number, title: string, description: string, content: readonly string[]): string {
  const box = { class: "paper", x: 0.5, y: 0.5, width: WIDTH - 1, height: height - 1, rx: 8 };
  // A sentence that is too long for the line stands whole in the title; its first clause is drawn.
  const [clause = title] = title.length > LONGEST_HEAD ? title.split(/[;.] /) : [title];
  const parts = [
    element("title", { id: "title" }, svgText(title)),
    element("desc", { id: "description" }, svgText(description)),
    element("style", {}, pictureStyle),
    element("rect", box),
    line("ink head", MARGIN, 36, svgText(clause === title ? title : `${clause}.`, LONGEST_HEAD)),
    ...content,
  ];
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${WIDTH} ${height}`,
      width: WIDTH,
      height,
      role: "img",
      "aria-labelledby": "title description",
    },
    `\n${parts.join("\n")}\n`,
  ) + "\n";
}

/**
 * The picture of the first result that counts: a row a method, a panel for the mean over the suites and one for each
 * suite, with intervals. It follows the reader's choice of light or dark and needs nothing besides itself; the same
 * leaderboard gives the same bytes.
 */
export function renderPicture(leaderboard: Leaderboard): string {
  const { text, results: [result] } = statementOf(leaderboard);
  if (!result) return frame(64, text, "There is nothing to draw.", []);
  const { rows, lines } = drawnRows(leaderboard.rows.filter((row) => row.result === result.name));
  const longest = Math.max(...rows.map(({ label }) => Math.min(LONGEST_NAME, label.length)));
  const names = Math.max(NAMES, CHARACTER * longest + 12);
  const panels = panelsOf(result, rows), beside = Math.min(MOST_BESIDE, panels.length);
  const left = MARGIN + names, width = (WIDTH - MARGIN - left - GAP * (beside - 1)) / beside;
  const scale = scaleOf(panels, width), height = TITLE + ROW * lines.length + AXIS;
  const drawn = panels.map((panel, index) => {
    const place = index % beside, top = HEAD + height * Math.floor(index / beside);
    const named = place > 0 ? [] : lines.map((one, i) => {
      const y = TITLE + ROW * (i + 0.5) + 4.5;
      return "heading" in one
        ? line("soft small", -names, y, svgText(one.heading))
        : line("ink strong", -names, y, svgText(one.row.label, LONGEST_NAME));
    });
    const transform = `translate(${Number((left + (width + GAP) * place).toFixed(1))} ${top})`;
    return element("g", { transform }, ...named, drawPanel(panel, lines, scale, width));
  });
  const [first, ...others] = basisOf([result], leaderboard);
  const metric = `avg@${samplesOf(result)} in %, with ${100 * leaderboard.settings.confidence} % intervals`;
  return frame(
    HEAD + height * Math.ceil(panels.length / beside),
    result.headline,
    [`${metric}.`, ...panels.map((panel) => described(panel, rows))].join(" "),
    [
      line("soft", MARGIN, 58, svgText(`In %. ${first}`, LONGEST_LINE)),
      line("soft", MARGIN, 76, svgText(others.join(" · "), LONGEST_LINE)),
      ...drawn,
    ],
  );
}
