/**
 * The controls of the page: colours, the metric, filters, downloads.
 *
 * @module
 */

import { board } from "./data.ts";
import { button, type Child, download, el } from "./dom.ts";
import { state } from "./state.ts";
import { csv, isShown } from "./table/mod.ts";

const themes = ["auto", "light", "dark"] as const;

/** The choice of colours: the system's, light or dark. */
export function themeSwitch(): HTMLElement {
  let theme: (typeof themes)[number] = "auto";
  try {
    theme = themes.find((one) => one === localStorage.getItem("theme")) ?? "auto";
  } catch { /* a browser without storage for local files */ }
  const apply = (): void => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    control.textContent = `Colours: ${theme}`;
    try {
      localStorage.setItem("theme", theme);
    } catch { /* the same */ }
  };
  const control = button("", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length] ?? "auto";
    apply();
  }, { id: "theme" });
  apply();
  return control;
}

/** A labelled control. */
export function field(label: string, control: Child): HTMLElement {
  return el("label", { class: "field" }, el("span", {}, label), control);
}

/** A choice among values. */
export function choice(
  id: string,
  values: readonly (readonly [value: string, text: string])[],
  chosen: string,
  onchange: (value: string) => void,
): HTMLSelectElement {
  const select: HTMLSelectElement = el(
    "select",
    { id, onchange: () => onchange(select.value) },
    values.map(([value, text]) => el("option", { value, selected: value === chosen }, text)),
  );
  return select;
}

/** The choice of the metric. */
function metricChoice(redraw: () => void): HTMLElement {
  const metrics = [["average", "avg@k"], ["pass", "pass@k"]] as const;
  return el(
    "fieldset",
    { class: "segments" },
    el("legend", { class: "hidden" }, "Metric"),
    metrics.map(([value, text]) => {
      const onchange = (): void => {
        state.metric = value;
        redraw();
      };
      const checked = value === state.metric;
      return el(
        "label",
        { class: "segment" },
        el("input", { type: "radio", name: "metric", value, checked, onchange }),
        el("span", {}, text),
      );
    }),
  );
}

/** The filter by text. */
function textFilter(redraw: () => void): HTMLElement {
  const input: HTMLInputElement = el("input", {
    type: "search",
    id: "filter",
    placeholder: "result, model, commit  ( / )",
    oninput: () => {
      state.text = input.value;
      redraw();
    },
  });
  return field("Filter", input);
}

/** The filter by profile, where there is more than one. */
function profileFilter(redraw: () => void): Child {
  const profiles = [...new Set(board.results.map(({ profile }) => profile.name))];
  if (profiles.length < 2) return null;
  const values = [["", "all"], ...profiles.map((name) => [name, name] as const)] as const;
  return field(
    "Profile",
    choice("profile", values, state.profile, (name) => {
      state.profile = name;
      redraw();
    }),
  );
}

/** The choice whether all results are shown, where there are more than the first of each profile and model. */
function allChoice(redraw: () => void): Child {
  if (board.results.every(({ first }) => first)) return null;
  const input: HTMLInputElement = el("input", {
    type: "checkbox",
    id: "all",
    onchange: () => {
      state.all = input.checked;
      redraw();
    },
  });
  return el("label", { class: "field check" }, input, el("span", {}, `all ${board.results.length} results`));
}

/** The choice of columns. */
function columnChoice(redraw: () => void): Child {
  const suites = [...new Set(board.results.flatMap((result) => result.suites.map(({ name }) => name)))];
  const groups = [
    ...(suites.length > 1 ? suites.map((suite) => [`suite ${suite}`, suite] as const) : []),
    ["completions", "Tokens, cut off, no answer"] as const,
  ];
  return el(
    "details",
    { class: "columns" },
    el("summary", {}, "Columns"),
    el(
      "div",
      { class: "menu" },
      groups.map(([id, text]) => {
        const input: HTMLInputElement = el("input", {
          type: "checkbox",
          "data-column": id,
          checked: isShown(id),
          onchange: () => {
            state.columns.set(id, input.checked);
            redraw();
          },
        });
        return el("label", { class: "field check" }, input, el("span", {}, text));
      }),
    ),
  );
}

/** The controls over the table. */
export function toolbar(redraw: () => void): HTMLElement {
  const saveJson = (): void => download("leaderboard.json", "application/json", JSON.stringify(board) + "\n");
  const saveCsv = (): void => download("leaderboard.csv", "text/csv", csv());
  return el(
    "div",
    { class: "toolbar" },
    metricChoice(redraw),
    textFilter(redraw),
    profileFilter(redraw),
    allChoice(redraw),
    columnChoice(redraw),
    el(
      "span",
      { class: "downloads" },
      button("JSON", saveJson, { id: "json", "aria-label": "Download JSON" }),
      button("CSV", saveCsv, { id: "csv", "aria-label": "Download CSV" }),
    ),
  );
}
