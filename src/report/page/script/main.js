/** Puts the page together and keeps it in step with what is chosen. */

import { verifyResult } from "./check.js";
import { board, listed, resultsOf, samplesOf, state, visibleRows } from "./data.js";
import { button, download, el } from "./dom.js";
import { openFlips } from "./flips.js";
import {
  differences,
  excludedSection,
  historySection,
  passSection,
  readingSection,
  sourcesSection,
  trainingSection,
} from "./sections.js";
import { csv, methodTable } from "./table.js";

const outcomes = new Map(board.results.map((result) => [result.name, verifyResult(result)]));

/** The badge of a result: what the browser found out about its signature. */
function badge(name) {
  const element = el("span", { class: "badge", "data-result": name }, "checking …");
  outcomes.get(name).then(({ state, text }) => {
    element.className = `badge ${state}`;
    element.textContent = `${{ ok: "✓", failed: "✗", unknown: "–" }[state]} ${text}`;
  });
  return element;
}

/** The choice of colours: the system's, light or dark. */
function themeSwitch() {
  const themes = ["auto", "light", "dark"];
  let theme = "auto";
  try {
    theme = themes.find((one) => one === localStorage.getItem("theme")) ?? "auto";
  } catch { /* a browser without storage for local files */ }
  const apply = () => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    control.textContent = `Colours: ${theme}`;
    try {
      localStorage.setItem("theme", theme);
    } catch { /* the same */ }
  };
  const control = button("", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    apply();
  }, { id: "theme" });
  apply();
  return control;
}

/** A labelled control. */
function field(label, control) {
  return el("label", { class: "field" }, el("span", {}, label), control);
}

/** A choice among values. */
function choice(id, values, chosen, onchange) {
  const select = el("select", { id, onchange: (event) => onchange(event.target.value) });
  for (const [value, text] of values) {
    select.append(el("option", { value, selected: value === chosen }, text));
  }
  return select;
}

const tableSlot = el("div", {}),
  figuresSlot = el("div", {}),
  count = el("p", { class: "hidden", role: "status" });

/** Draws the table anew; the heading that was used keeps the focus. */
function drawTable(focus) {
  tableSlot.replaceChildren(methodTable(badge, drawTable));
  if (focus) tableSlot.querySelector(`[data-sort="${CSS.escape(focus)}"]`)?.focus();
  const rows = visibleRows(), results = resultsOf(rows);
  count.textContent = `${rows.length} methods in ${results.length} results`;
  if (!results.some(({ name }) => name === state.result) && results[0]) {
    state.result = results[0].name;
    drawFigures();
  }
}

/** Draws what belongs to one result. */
function drawFigures() {
  const result = board.results.find(({ name }) => name === state.result);
  if (!result) return;
  const suites = result.suites.map(({ name }) => name);
  const seeds = Math.max(
    ...board.rows.filter((row) => row.result === result.name).map((row) => row.seeds.length),
  );
  document.getElementById("headline").textContent = result.headline;
  document.getElementById("basis").textContent = [
    `Profile ${result.profile.name}: avg@${samplesOf(result)}, mean of ${listed(suites)}`,
    `${result.suites.reduce((sum, { problems }) => sum + problems, 0)} problems, ${
      samplesOf(result)
    } samples each`,
    seeds > 0 ? `${seeds} training seed${seeds === 1 ? "" : "s"}` : "nothing trained",
    `${100 * board.settings.confidence} % intervals`,
  ].join(" · ");
  const picker = board.results.length < 2 ? null : el(
    "div",
    { class: "picker" },
    field(
      "Below:",
      choice(
        "result",
        board.results.map(({ name, profile }) => [name, `${name} (${profile.name})`]),
        state.result,
        (name) => {
          state.result = name;
          drawFigures();
          document.getElementById("result").focus();
        },
      ),
    ),
  );
  figuresSlot.replaceChildren(
    ...[picker, differences(result, openFlips), passSection(result), trainingSection(result)].filter(Boolean),
  );
}

/** The controls over the table. */
function toolbar() {
  const metrics = [["average", "avg@k"], ["pass", "pass@k"]].map(([value, text]) =>
    el(
      "label",
      { class: "segment" },
      el("input", {
        type: "radio",
        name: "metric",
        value,
        checked: value === state.metric,
        onchange: () => {
          state.metric = value;
          drawTable();
        },
      }),
      el("span", {}, text),
    )
  );
  const profiles = [...new Set(board.results.map(({ profile }) => profile.name))];
  const older = board.results.some(({ newest }) => !newest);
  return el(
    "div",
    { class: "toolbar" },
    el("fieldset", { class: "segments" }, el("legend", { class: "hidden" }, "Metric"), metrics),
    field(
      "Filter",
      el("input", {
        type: "search",
        id: "filter",
        placeholder: "method, model, commit  ( / )",
        oninput: (event) => {
          state.text = event.target.value;
          drawTable();
        },
      }),
    ),
    profiles.length < 2 ? null : field(
      "Profile",
      choice("profile", [["", "all"], ...profiles.map((name) => [name, name])], state.profile, (name) => {
        state.profile = name;
        drawTable();
      }),
    ),
    older
      ? el(
        "label",
        { class: "field check" },
        el("input", {
          type: "checkbox",
          id: "older",
          onchange: (event) => {
            state.older = event.target.checked;
            drawTable();
          },
        }),
        el("span", {}, "older results"),
      )
      : null,
    el(
      "span",
      { class: "downloads" },
      button("JSON", () => download("leaderboard.json", "application/json", JSON.stringify(board) + "\n"), {
        id: "json",
        "aria-label": "Download JSON",
      }),
      button("CSV", () => download("leaderboard.csv", "text/csv", csv()), {
        id: "csv",
        "aria-label": "Download CSV",
      }),
    ),
  );
}

/** How many signatures hold, for the head of the page. */
async function signatureSummary(element) {
  const states = (await Promise.all(outcomes.values())).map(({ state }) => state);
  const holding = states.filter((state) => state === "ok").length;
  const worst = states.includes("failed") ? "failed" : states.includes("unknown") ? "unknown" : "ok";
  element.className = `badge ${worst}`;
  element.textContent = worst === "unknown" && holding === 0
    ? "– signatures cannot be checked in this browser"
    : `${
      worst === "ok" ? "✓" : worst === "failed" ? "✗" : "–"
    } ${holding} of ${states.length} signatures hold`;
}

const summary = el("span", { class: "badge", id: "signatures" }, "checking …");
document.getElementById("tools").append(board.results.length > 0 ? summary : "", themeSwitch());
document.getElementById("content").append(...[
  el(
    "section",
    { id: "methods", "aria-label": "Methods" },
    board.results.length > 0 ? [toolbar(), count, tableSlot] : [],
  ),
  figuresSlot,
  historySection(),
  board.results.length > 0 ? sourcesSection(board.results, outcomes, badge) : null,
  excludedSection(),
  readingSection(),
].filter(Boolean));
if (board.results.length > 0) {
  drawTable();
  drawFigures();
  signatureSummary(summary);
}
document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "");
  if (
    event.key !== "/" || typing || event.ctrlKey || event.metaKey || document.getElementById("dialog").open
  ) return;
  event.preventDefault();
  document.getElementById("filter")?.focus();
});
