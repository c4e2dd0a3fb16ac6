/**
 * The table of methods: one body a result, sorted inside it.
 *
 * @module
 */

import type { LeaderboardResult, LeaderboardRow } from "../../../leaderboard/mod.ts";
import { counted } from "../../shared/mod.ts";
import { board } from "../data.ts";
import { button, type Child, el, scrolled, withRoles } from "../dom.ts";
import { resultsOf, state, visibleRows } from "../state.ts";
import { type Column, columnsOf, type Heading } from "./columns.ts";
import { resultHeading } from "./heading.ts";

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
      title: `group ${letter}: not told apart`,
    });
  });
  return el(
    "td",
    { class: "ties" },
    el("span", { class: "tie-bars", "aria-hidden": "true" }, bars),
    el("span", { class: "hidden" }, shown === "" ? "–" : [...shown].join(" ")),
  );
}

/** A heading that sorts. */
function sortHeading(
  { id, title, notes = [], scale, plain }: Heading,
  redraw: (focus: string) => void,
): HTMLElement {
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
    notes.map((note) => el("span", { class: "under" }, note)),
    scale?.cloneNode(true),
  );
}

/** How many seeds a method was trained with. */
function seedsText({ seeds: { length } }: LeaderboardRow): string {
  return length === 0 ? "untrained" : counted(length, "seed");
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

/** The table of some results of the same suites. */
function methodTable(
  results: readonly LeaderboardResult[],
  rows: readonly LeaderboardRow[],
  redraw: (focus: string) => void,
): HTMLElement {
  const columns = columnsOf(results, rows), name = state.metric === "average" ? "avg" : "pass";
  const ties = el("abbr", { title: "Methods on one line: none was told apart from another" }, "Ties");
  const suites = results[0]?.suites.map(({ name }) => name).join(", ") ?? "";
  return scrolled(
    `Methods on ${suites}`,
    withRoles(el(
      "table",
      { class: "methods" },
      el(
        "caption",
        { class: "hidden" },
        `${name}@k in %, ${100 * board.settings.confidence} % intervals, on ${suites}`,
      ),
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
          resultHeading(result, columns.length + 2),
          own.map((row) => methodRow(row, own, columns)),
        );
      }),
    )),
  );
}

/**
 * The tables of the rows that pass the filters: one for all results of the same suites, so that no table has a column
 * that is empty for most of its rows.
 */
export function methodTables(redraw: (focus: string) => void): Child {
  const rows = visibleRows();
  if (rows.length === 0) return el("p", { class: "empty", role: "status" }, "No method passes the filters.");
  const groups = Map.groupBy(resultsOf(rows), ({ suites }) => JSON.stringify(suites.map(({ name }) => name)));
  return [...groups.values()].map((results) => {
    const names = new Set(results.map(({ name }) => name));
    return methodTable(results, rows.filter((row) => names.has(row.result)), redraw);
  });
}
