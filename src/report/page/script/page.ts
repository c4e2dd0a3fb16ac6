/**
 * Puts the page together and keeps it in step with what is chosen.
 *
 * @module
 */

import { statementOf } from "../../leaderboard/mod.ts";
import { basisOf, PAPER } from "../shared/mod.ts";
import { signatureSummary } from "./check/mod.ts";
import { themeSwitch, toolbar } from "./controls.ts";
import { board, figures, resultNamed } from "./data.ts";
import { byId, el, flattened, theDialog } from "./dom.ts";
import { namedPlace, nameThePlace } from "./link.ts";
import {
  chosenPair,
  excludedSection,
  historySection,
  openProblem,
  readingSection,
  resultSections,
  sourcesSection,
} from "./sections/mod.ts";
import { resultsOf, state, visibleRows } from "./state.ts";
import { methodTables } from "./table/mod.ts";

/** What is drawn anew when something else is chosen. */
const tableSlot = el("div"), figuresSlot = el("div"), count = el("p", { class: "hidden", role: "status" });

/** Draws the tables anew; the heading that was used keeps the focus. */
function drawTable(focus?: string): void {
  tableSlot.replaceChildren(...flattened([methodTables(drawTable)]));
  if (focus !== undefined) {
    tableSlot.querySelector<HTMLElement>(`[data-sort="${CSS.escape(focus)}"]`)?.focus();
  }
  const rows = visibleRows(), results = resultsOf(rows), [first] = results;
  count.textContent = `${rows.length} methods in ${results.length} results`;
  if (first && !results.some(({ name }) => name === state.result)) {
    state.result = first.name;
    drawFigures();
  }
}

/** Draws what belongs to one result. */
function drawFigures(): void {
  const result = resultNamed(state.result);
  if (!result) return;
  const choose = (name: string): void => {
    state.result = name;
    nameThePlace({ result: name });
    drawFigures();
    byId("result").focus();
  };
  figuresSlot.replaceChildren(...flattened([resultSections(result, choose)]));
}

/** Goes to the place that the address names. */
function follow(): void {
  const place = namedPlace(), result = place && resultNamed(place.result);
  if (!place || !result) return;
  state.result = result.name;
  if (!result.first && !state.all) {
    state.all = true;
    const box = document.getElementById("all");
    if (box instanceof HTMLInputElement) box.checked = true;
    drawTable();
  }
  chosenPair.value = place.pair ?? "";
  drawFigures();
  document.getElementById(place.pair === undefined ? "the-result" : "differences")?.scrollIntoView();
  const { suite, problem } = place;
  if (suite !== undefined && problem !== undefined) void openProblem(result.name, suite, problem);
}

/** Links to what the page is about. */
function links(): HTMLElement {
  return el(
    "nav",
    { "aria-label": "Links" },
    el("a", { href: PAPER }, "Paper"),
    figures.beside ? el("a", { href: "../README.md" }, "Repository") : null,
  );
}

/** Builds the page. */
export function start(): void {
  const some = board.results.length > 0, { text, results, others } = statementOf(board);
  byId("headline").textContent = text;
  byId("basis").textContent = basisOf(results, board, others).join(" · ");
  byId("tools").append(...flattened([links(), some ? signatureSummary() : null, themeSwitch()]));
  byId("content").append(...flattened([
    el(
      "section",
      { id: "methods", "aria-label": "Methods" },
      some ? [toolbar(() => drawTable()), count, tableSlot] : null,
    ),
    figuresSlot,
    historySection(),
    sourcesSection(),
    excludedSection(),
    readingSection(),
  ]));
  if (some) {
    drawTable();
    drawFigures();
    follow();
    addEventListener("hashchange", follow);
  }
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || theDialog().open) return;
    event.preventDefault();
    document.getElementById("filter")?.focus();
  });
}
