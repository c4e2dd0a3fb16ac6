/** The method table: one body a result, sorted inside it, with interval bars and tie groups. */

import { intervalBar, intervalScale, niceTicks } from "./chart.js";
import { board, parameters, percent, resultsOf, samplesOf, state, visibleRows } from "./data.js";
import { button, el } from "./dom.js";

/** Widths of the interval bars, in pixels. */
const MEAN_WIDTH = 220, SUITE_WIDTH = 150;

/** The columns: how a row is sorted and shown. */
function columnsOf(results, scale) {
  const suites = [...new Set(results.flatMap((result) => result.suites.map(({ name }) => name)))];
  const score = (row, of) => (of === null ? row.mean : row.suites[of])?.[state.metric];
  const scored = (id, of, title) => ({
    id,
    title,
    scale: intervalScale(scale, of === null ? MEAN_WIDTH : SUITE_WIDTH),
    sort: (row) => score(row, of)?.value ?? -1,
    cell: (row) => {
      const shown = score(row, of);
      if (!shown) return el("td", { class: "score" }, "–");
      const kind = row.method === "bupo" ? "focus" : row.method === "base" ? "base" : "";
      return el(
        "td",
        { class: of === null ? "score mean" : "score" },
        el("span", { class: "number" }, percent(shown.value)),
        el("span", { class: "range" }, `[${percent(shown.low)}, ${percent(shown.high)}]`),
        intervalBar(shown, { ...scale, kind }, of === null ? MEAN_WIDTH : SUITE_WIDTH),
      );
    },
  });
  const plain = (id, title, sort, text) => ({
    id,
    title,
    sort,
    plain: true,
    cell: (row) => el("td", { class: "plain" }, text(row)),
  });
  return [
    scored("mean", null, suites.length > 1 ? "Mean of the suites" : "Mean"),
    ...(suites.length > 1 ? suites.map((suite) => scored(`suite ${suite}`, suite, suite)) : []),
    plain("tokens", "Tokens", (row) => row.tokens, (row) => row.tokens.toFixed(1)),
    plain("truncated", "Cut off", (row) => row.truncated, (row) => `${percent(row.truncated)} %`),
    plain("unparsed", "No answer", (row) => row.unparsed, (row) => `${percent(row.unparsed)} %`),
  ];
}

/** One scale for all intervals that are shown. */
function commonScale(rows) {
  const shown = rows.flatMap((row) => [row.mean, ...Object.values(row.suites)]).map((score) =>
    score[state.metric]
  );
  const ticks = niceTicks(
    Math.min(...shown.map(({ low }) => low)),
    Math.max(...shown.map(({ high }) => high)),
    6,
  );
  return { min: ticks[0], max: ticks.at(-1), marks: ticks };
}

/** A result's rows in the chosen order. */
function sorted(rows, columns) {
  const { column, descending } = state.sort;
  const key = columns.find(({ id }) => id === column)?.sort ?? ((row) => row.label.toLowerCase());
  const order = (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
  return rows.toSorted((a, b) => descending ? order(b, a) : order(a, b));
}

/** Bars that reach through all rows of a tie group. */
function tieCell(row, rows) {
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
  const said = shown === "" ? "–" : shown.split("").join(" ");
  return el(
    "td",
    { class: "ties" },
    el("span", { class: "tie-bars", "aria-hidden": "true" }, bars),
    el("span", { class: "hidden" }, said),
  );
}

/** The heading of a result's rows. */
function resultHeading(result, columns, badge) {
  const facts = [
    result.model.name,
    parameters(result.model.parameters),
    `${result.suites.reduce((sum, { problems }) => sum + problems, 0)} problems × ${
      samplesOf(result)
    } samples`,
    result.commit === null
      ? null
      : `commit ${result.commit.slice(0, 10)}${result.dirty === true ? " (changed)" : ""}`,
    result.date.slice(0, 10),
  ].filter((fact) => fact !== null && fact !== "");
  return el(
    "tr",
    { class: "result" },
    el(
      "th",
      { scope: "rowgroup", colspan: columns.length + 2 },
      el(
        "span",
        { class: "result-line" },
        el("span", {}, el("b", {}, result.profile.name), el("span", { class: "facts" }, facts.join(" · "))),
        badge(result.name),
      ),
    ),
  );
}

/** A heading that sorts. */
function sortHeading({ id, title, scale, plain }, redraw) {
  const { column, descending } = state.sort, active = column === id;
  const turn = () => {
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

/** The table of the rows that pass the filters. */
export function methodTable(badge, redraw) {
  const rows = visibleRows();
  if (rows.length === 0) return el("p", { class: "empty", role: "status" }, "No method passes the filters.");
  const results = resultsOf(rows), columns = columnsOf(results, commonScale(rows));
  const name = state.metric === "average" ? "avg" : "pass";
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
          el(
            "th",
            { scope: "col", class: "ties" },
            el("abbr", { title: "Methods on one line are tied: none was called better" }, "Ties"),
          ),
          sortHeading({ id: "method", title: "Method" }, redraw),
          columns.map((column) => sortHeading(column, redraw)),
        ),
      ),
      results.map((result) => {
        const own = sorted(rows.filter((row) => row.result === result.name), columns);
        return el(
          "tbody",
          {},
          resultHeading(result, columns, badge),
          own.map((row) =>
            el(
              "tr",
              { "data-method": row.method },
              tieCell(row, own),
              el(
                "th",
                { scope: "row" },
                row.label,
                el(
                  "span",
                  { class: "seeds" },
                  row.seeds.length === 0
                    ? "untrained"
                    : `${row.seeds.length} seed${row.seeds.length === 1 ? "" : "s"}`,
                ),
              ),
              columns.map(({ cell }) => cell(row)),
            )
          ),
        );
      }),
    ),
  );
}

/** A text for a cell of CSV; what a spreadsheet could take for a formula gets an apostrophe. */
function csvText(text) {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** All rows as CSV, one line a method and suite; the mean's suite is empty. */
export function csv() {
  const head =
    "result,profile,model,method,seeds,suite,avg,avg_low,avg_high,pass,pass_low,pass_high,groups,commit,date,manifest,key";
  const lines = board.rows.flatMap((row) => {
    const result = board.results.find(({ name }) => name === row.result);
    return [["", row.mean], ...Object.entries(row.suites)].map(([suite, { average, pass, groups }]) =>
      [
        ...[row.result, result.profile.name, result.model.name, row.method, row.seeds.join(" "), suite].map(
          csvText,
        ),
        ...[average, pass].flatMap(({ value, low, high }) => [value, low, high]),
        ...[groups, result.commit ?? "", result.date, row.manifest, row.key].map(csvText),
      ].join(",")
    );
  });
  return [head, ...lines].join("\r\n") + "\r\n";
}
