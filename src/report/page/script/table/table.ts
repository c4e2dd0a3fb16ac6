/**
 * The table of methods: one body a result, sorted inside it.
 *
 * @module
 */

import type { LeaderboardResult, LeaderboardRow } from "../../../leaderboard/mod.ts";
import { parameters, samplesOf } from "../../shared/mod.ts";
import { badge } from "../check/mod.ts";
import { board } from "../data.ts";
import { button, el } from "../dom.ts";
import { resultsOf, state, visibleRows } from "../state.ts";
import { type Column, columnsOf, type Heading } from "./columns.ts";

/** A result's rows in the chosen order. */
function sorted(rows: readonly LeaderboardRow[], columns: readonly Column[]): LeaderboardRow[] {
  const { column, descending } = state.sort;
  const key: (row: LeaderboardRow) => number | string = columns.find(({ id }) => id === column)?.sort ??
    ((row) => row.label.toLowerCase());
  const order = (a: LeaderboardRow, b: LeaderboardRow): number =>
    key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
  return rows.toSorted((a, b) => descending ? order(b, a) : order(a, b));
}

/** Bars that reach through all rows of a tie group. */
function tieCell(row: LeaderboardRow, rows: readonly LeaderboardRow[]): HTMLElement {
  const shown = state.metric === "average" ? row.mean.groups : "";
  const letters = [...new Set(rows.flatMap((one) => [...one.mean.groups]))].sort();
  const place = rows.indexOf(row);
  const bars = state.metric !== "average" ? [] : letters.map((letter) => {
    if (!shown.includes(letter)) return el("span", { class: "tie none" });
    const above = rows[place - 1]?.mean.groups.includes(letter);
    const below = rows[place + 1]?.mean.groups.includes(letter);
    return el("span", {
      class: `tie${above ? "" : " first"}${below ? "" : " last"}`,
      title: `tie group ${letter}`,
    });
  });
  return el(
    "td",
    { class: "ties" },
    el("span", { class: "tie-bars", "aria-hidden": "true" }, bars),
    el("span", { class: "hidden" }, shown === "" ? "–" : [...shown].join(" ")),
  );
}

/** The heading of a result's rows. */
function resultHeading(result: LeaderboardResult, columns: readonly Column[]): HTMLElement {
  const { name, model, suites, commit, dirty, date, profile } = result;
  const facts = [
    model.name,
    parameters(model.parameters),
    `${suites.reduce((sum, { problems }) => sum + problems, 0)} problems × ${samplesOf(result)} samples`,
    commit === null ? "" : `commit ${commit.slice(0, 10)}${dirty === true ? " (changed)" : ""}`,
    date.slice(0, 10),
  ].filter((fact) => fact !== "");
  return el(
    "tr",
    { class: "result" },
    el(
      "th",
      { scope: "rowgroup", colspan: columns.length + 2 },
      el(
        "span",
        { class: "result-line" },
        el("span", {}, el("b", {}, profile.name), el("span", { class: "facts" }, facts.join(" · "))),
        badge(name),
      ),
    ),
  );
}

/** A heading that sorts. */
function sortHeading({ id, title, scale, plain }: Heading, redraw: (focus: string) => void): HTMLElement {
  const { column, descending } = state.sort, active = column === id;
  const turn = (): void => {
    state.sort = { column: id, descending: active ? !descending : id !== "method" };
    redraw(id);
  };
  const arrow = active ? (descending ? "↓" : "↑") : "";
  return el(
    "th",
    {
      scope: "col",
      class: plain ? "plain" : null,
      "aria-sort": active ? (descending ? "descending" : "ascending") : null,
    },
    button([title, el("span", { class: "arrow", "aria-hidden": "true" }, arrow)], turn, {
      class: "sort",
      "data-sort": id,
    }),
    scale?.cloneNode(true),
  );
}

/** How many seeds a method was trained with. */
function seedsText({ seeds: { length } }: LeaderboardRow): string {
  return length === 0 ? "untrained" : `${length} seed${length === 1 ? "" : "s"}`;
}

/** A method's row among those of its result. */
function methodRow(
  row: LeaderboardRow,
  rows: readonly LeaderboardRow[],
  columns: readonly Column[],
): HTMLElement {
  return el(
    "tr",
    { "data-method": row.method },
    tieCell(row, rows),
    el("th", { scope: "row" }, row.label, el("span", { class: "seeds" }, seedsText(row))),
    columns.map(({ cell }) => cell(row)),
  );
}

/** The table of the rows that pass the filters. */
export function methodTable(redraw: (focus: string) => void): HTMLElement {
  const rows = visibleRows();
  if (rows.length === 0) return el("p", { class: "empty", role: "status" }, "No method passes the filters.");
  const results = resultsOf(rows), columns = columnsOf(results, rows);
  const name = state.metric === "average" ? "avg" : "pass";
  const ties = el(
    "abbr",
    { title: "Methods on one line were not told apart: none was called better" },
    "Groups",
  );
  return el(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of methods" },
    el(
      "table",
      { class: "methods" },
      el("caption", { class: "hidden" }, `${name}@k in %, ${100 * board.settings.confidence} % intervals`),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          el("th", { scope: "col", class: "ties" }, ties),
          sortHeading({ id: "method", title: "Method" }, redraw),
          columns.map((column) => sortHeading(column, redraw)),
        ),
      ),
      results.map((result) => {
        const own = sorted(rows.filter((row) => row.result === result.name), columns);
        return el(
          "tbody",
          {},
          resultHeading(result, columns),
          own.map((row) => methodRow(row, own, columns)),
        );
      }),
    ),
  );
}
